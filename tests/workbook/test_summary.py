"""The « Synthèse » sheet as LibreOffice computes it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbook_tools import changed, complete

from cqp_forms.answers import Answer, Answers, Result
from cqp_forms.formats import prepare_blank, rooms
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.mapping import Format
from cqp_forms.plan import make_plan
from cqp_forms.project import Project
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import write_fiche

TODAY = date(2026, 11, 24)


def recalculated(path: Path) -> Path:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    target = path.parent / "recalculated"
    subprocess.run(
        [
            soffice, f"-env:UserInstallation=file://{path.parent}/profile", "--headless",
            "--convert-to", "xlsx", "--outdir", str(target), str(path),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return target / path.name


@pytest.mark.slow
def test_libreoffice_computes_the_synthesis_and_gives_the_answers_back(
    guide: Guide, tmp_path: Path
) -> None:
    path = changed(
        tmp_path / "f.xlsx",
        guide,
        {
            "c1.1.1": None,
            "c1.1.2": None,
            "c2.1.1": "NON",
            "c3.1.1": "a",
            "c3.1.2": "o",
            "c4.1.1": "NA",
            "c4.1.1:précision": "Sans objet",
            "c5.resultat": None,
            "c6.1.1": "NON",
            "c6.resultat": "NON MAÎTRISÉE",
            "candidat.prenom": None,
            "evaluateur_metier.soussigne": None,
        },
    )
    saved = recalculated(path)
    sheet = openpyxl.load_workbook(saved, data_only=True)["Synthèse"]
    rows = {
        str(row[0].value): [cell.value for cell in row[1:10]]
        for row in sheet.iter_rows(min_row=7, max_row=13)
    }
    table = {key[:12].strip(): value for key, value in rows.items()}
    assert table["Compétence 1"][:7] == [20, 18, 2, 18, 0, 0, 0]
    assert table["Compétence 1"][8] == "Il manque 2 réponses"
    assert table["Compétence 2"][:7] == [12, 12, 0, 11, 1, 0, 0]
    assert table["Compétence 2"][8] == "Incohérent : MAÎTRISÉE avec 1 NON"
    assert table["Compétence 3"][8] == "NA à expliquer : 1"
    assert table["Compétence 4"][5:9] == [1, 0, "MAÎTRISÉE", "Complète"]
    assert table["Compétence 5"][8] == "Résultat à choisir"
    assert table["Compétence 6"][7:9] == ["NON MAÎTRISÉE", "Complète"]
    assert table["Total"][:7] == [84, 82, 2, 78, 2, 2, 1]
    assert "contredit" in sheet["A3"].value
    assert sheet["A4"].value == f"Candidat : {complete(guide).text('candidat.nom')}"
    listed = {row[0].value: (row[1].value, row[8].value) for row in sheet.iter_rows(15, 22)}
    assert listed["Compétence 1"][0].split() == ["1.1", "1.2"]
    assert listed["Compétence 4"][1].split() == ["1.1"]
    states = {row[0].value: row[1].value for row in sheet.iter_rows(23, 40)}
    assert states["Candidat – Prénom"] == "À remplir"
    assert states["Candidat – Nom"] == "Rempli"
    assert read_fiche(saved, guide).answers == read_fiche(path, guide).answers
    book = openpyxl.load_workbook(saved, data_only=True)
    bands = {sheet.title: [sheet[f"{one}2"].value for one in "BCD"] for sheet in book}
    who = complete(guide).text("candidat.nom")
    assert bands["C1"] == [who, "18/20", "Il manque 2 réponses"]
    assert bands["C3"] == [who, "9/9", "NA à expliquer : 1"]
    assert bands["C4"] == [who, "13/13", "Complet"]
    assert bands["Candidat"][1] == "2/3 – il manque : Prénom"
    assert beside(book["C2"], "c2.resultat") == "1 NON : la compétence ne peut pas être maîtrisée"
    assert beside(book["C4"], "c4.resultat") == "Aucun NON"
    assert beside(book["C3"], "c3.1.1") == "NA : expliquez →"
    name = complete(guide).text("evaluateur_metier.nom")
    assert beside(book["Signataires"], "evaluateur_metier.soussigne") == f"Proposé : {name}"
    assert not beside(book["Signataires"], "evaluateur_cpne.soussigne")


def beside(sheet: Worksheet, field_id: str) -> str:
    """What a fiche says beside a field's answer."""
    return next(row[3].value for row in sheet.iter_rows() if row[0].value == field_id) or ""


@pytest.mark.slow
def test_a_complete_fiche_says_so_even_with_rows_moved(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    book["C1"].move_range("A6:E6", rows=60)
    book.save(path)
    saved = recalculated(path)
    sheet = openpyxl.load_workbook(saved, data_only=True)["Synthèse"]
    assert sheet["A3"].value.startswith("Fiche complète")
    candidate = read_fiche(saved, guide)
    assert candidate.check(guide, TODAY) == ()
    assert candidate.answers.value("c1.resultat") is Result.MAITRISEE


@pytest.mark.slow
def test_what_will_go_on_in_the_annex_is_said_beforehand(
    guide: Guide, project: Project, tmp_path: Path
) -> None:
    blank = prepare_blank(guide, project.blank(guide, Format.PDF))
    known = rooms(guide, [blank.stamper])
    assert known.keys() == {one.id for one in guide.of_kind(FieldKind.LONG_TEXT)}
    words = "Il a repris le dosage, puis il a rendu compte au chef de poste. "
    long, short, broken = (
        "commentaires.evaluateur_metier", "remarques.autre", "remarques.formation"
    )  # fmt: skip
    texts = {
        long: (words * 80).strip(),
        short: words.strip(),
        broken: "\n".join(["Oui."] * 30),
    }
    fields = dict(complete(guide).by_field) | {key: Answer(one) for key, one in texts.items()}
    answers = Answers(fields)
    write_fiche(path := tmp_path / "f.xlsx", guide, answers, rooms=known)
    sheet = openpyxl.load_workbook(recalculated(path), data_only=True)["Synthèse"]
    every = [(row[0].value, row[1].value) for row in sheet.iter_rows()]
    rows = dict(every[every.index(("Textes longs", "Place sur la page")) + 1 :])
    names = {key: (guide.fields[key].title, guide.fields[key].label) for key in known}
    told = {key: next(rows[one] for one in both if one in rows) for key, both in names.items()}
    exact = blank.stamper.continued(make_plan(guide, answers))
    assert exact.keys() == {long, broken}
    for key, one in told.items():
        if key not in exact:
            assert one == "Tient sur la page"
        else:
            number = int(one.removeprefix("Environ ").split()[0])
            assert one.endswith("lettres continueront en annexe")
            if key == long:
                assert number == pytest.approx(exact[key], abs=known[key] * 0.1)
    assert read_fiche(path, guide).answers.canonical() == answers.canonical()
    # Without a guide at hand nothing is said of pages.
    write_fiche(bare := tmp_path / "g.xlsx", guide, answers)
    titles = {row[0].value for row in openpyxl.load_workbook(bare)["Synthèse"].iter_rows()}
    assert "Textes longs" not in titles
