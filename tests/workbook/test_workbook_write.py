"""Written workbooks: read back they say the same, and they guide the person who fills them in."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet
from strategies import valid_answers
from workbook_tools import complete, place

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.errors import ExitCode, OutputError
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.guide_yaml import parse_guide
from cqp_forms.workbook.opening import guide_of
from cqp_forms.workbook.patch import set_cells
from cqp_forms.workbook.read import read_fiche, read_workbook
from cqp_forms.workbook.write import (
    Existing,
    FicheWriter,
    LotExtent,
    fiche_bytes,
    lot_bytes,
    write_fiche,
    write_lot,
)

TODAY = date(2026, 11, 24)
PLAIN_GUIDE = """
id: essai
short: ESSAI
title: "Un formulaire & rien d'autre"
sections:
  - sheet: "L'essai"
    groups:
      - title: "Groupe"
        fields:
          - {id: essai.nom, label: "Nom", required: identity}
          - {id: essai.accord, kind: tick, label: "D'accord"}
          - {id: essai.signature, kind: signature, label: "Signature"}
"""


def sheet_of(content: bytes, name: str) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content))[name]


# -------------------------------------------------------------------------- round trip


@pytest.mark.slow
@settings(max_examples=12)
@given(data=st.data())
def test_reading_gives_back_what_was_written(
    data: st.DataObject, guide: Guide, tmp_path_factory: pytest.TempPathFactory
) -> None:
    answers = data.draw(valid_answers(guide))
    path = tmp_path_factory.mktemp("fiche") / "f.xlsx"
    write_fiche(path, guide, answers)
    candidate = read_fiche(path, guide)
    assert candidate.answers == answers
    assert candidate.findings == ()
    write_lot(path, guide, [answers, answers], existing=Existing.REPLACE)
    assert [one.answers for one in read_workbook(path, guide)] == [answers, answers]


HOSTILE = [
    "=1+1", "+33 6 12 34 56 78", "-12", "@moi", "00427", "1E5", "VRAI", "#REF!", "12/06/2026",
    "<b>&amp;</b>", "{{x}}", "'apostrophe", "_x0041_", "a_x000D_b", '"', "  deux  espaces",
    "=HYPERLINK(\"http://a\")", "&P", "é" * 10_000,
]  # fmt: skip


def test_hostile_texts_come_back_as_typed(guide: Guide, tmp_path: Path) -> None:
    texts = [one.id for one in guide.fields.values() if one.kind is FieldKind.TEXT]
    criteria = [one.id for one in guide.fields.values() if one.kind is FieldKind.CRITERION]
    every = [
        Answers(
            {
                texts[rank % len(texts)]: Answer(text.strip()),
                "commentaires.evaluateur_cpne": Answer(f"{text.strip()}\n\nfin"),
                criteria[rank]: Answer(Verdict.NA, text.strip()),
            }
        )
        for rank, text in enumerate(HOSTILE)
    ]
    # One fiche has a text a field and a comment a criterion; a lot has them each in its own row.
    together = Answers({key: each[key] for each in every for key in each})
    write_fiche(tmp_path / "f.xlsx", guide, together)
    assert read_fiche(tmp_path / "f.xlsx", guide).answers == together
    write_lot(tmp_path / "l.xlsx", guide, every)
    assert [one.answers for one in read_workbook(tmp_path / "l.xlsx", guide)] == every
    # No answer ever becomes a formula.
    for sheet in openpyxl.load_workbook(tmp_path / "l.xlsx"):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_control_characters_written_by_a_program_are_reported_not_lost(
    guide: Guide, tmp_path: Path
) -> None:
    write_fiche(tmp_path / "f.xlsx", guide, Answers({"candidat.nom": Answer("a\0b\x0bc")}))
    candidate = read_fiche(tmp_path / "f.xlsx", guide)
    assert candidate.answers.text("candidat.nom") == "a\0b\x0bc"
    assert "U+0000" in candidate.findings[0].message


def test_the_same_answers_give_the_same_bytes(guide: Guide) -> None:
    assert fiche_bytes(guide, complete(guide)) == fiche_bytes(guide, complete(guide))


def test_nothing_of_a_candidate_is_left_in_the_next_one_s_fiche(guide: Guide) -> None:
    writer = FicheWriter(guide)
    whole = complete(guide)
    few = Answers({key: one for key, one in whole.items() if key.startswith("candidat")})
    odd = Answers({**whole, "candidat.nom": Answer("=SOMME(A1)", comment="note")})
    for answers in (odd, few, whole, Answers({}), odd):
        assert writer.fiche(answers) == fiche_bytes(guide, answers)
    assert lot_bytes(guide, [complete(guide)]) == lot_bytes(guide, [complete(guide)])


def test_a_workbook_says_which_guide_it_was_made_for(guide: Guide, tmp_path: Path) -> None:
    write_fiche(tmp_path / "f.xlsx", guide)
    write_lot(tmp_path / "l.xlsx", guide)
    openpyxl.Workbook().save(tmp_path / "main.xlsx")
    (tmp_path / "abîmé.xlsx").write_bytes(b"PK\x03\x04")
    assert guide_of(tmp_path / "f.xlsx") == guide_of(tmp_path / "l.xlsx") == guide.id
    for name in ("main.xlsx", "abîmé.xlsx", "absent.xlsx"):
        assert guide_of(tmp_path / name) == ""


def test_reading_needs_neither_openpyxl_nor_lxml() -> None:
    """Issuing one fiche starts fast."""
    code = (
        "import sys, cqp_forms.workbook.read;"
        "sys.exit(any(name in sys.modules for name in ('openpyxl', 'lxml', 'python_calamine')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1900, 2, 28), date(9999, 12, 31)])
def test_the_first_and_last_days(day: date, guide: Guide, tmp_path: Path) -> None:
    answers = Answers({"evaluateur_cpne.date": Answer(day)})
    write_fiche(tmp_path / "f.xlsx", guide, answers)
    assert read_fiche(tmp_path / "f.xlsx", guide).answers == answers


# ------------------------------------------------------------------------------- files


def test_a_file_that_exists_is_not_replaced_by_omission(guide: Guide, tmp_path: Path) -> None:
    path = tmp_path / "sous" / "dossier" / "f.xlsx"
    write_fiche(path, guide)
    before = path.read_bytes()
    with pytest.raises(OutputError, match="existe déjà") as caught:
        write_fiche(path, guide, complete(guide))
    assert caught.value.exit_code is ExitCode.OUTPUT
    assert path.read_bytes() == before
    write_fiche(path, guide, complete(guide), existing=Existing.REPLACE)
    assert path.read_bytes() != before
    assert [one.name for one in path.parent.iterdir()] == ["f.xlsx"]


def test_what_cannot_be_written_leaves_nothing(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dossier.xlsx").mkdir()
    with pytest.raises(OutputError, match="dossier"):
        write_fiche(tmp_path / "dossier.xlsx", guide)
    (tmp_path / "fichier").write_text("")
    with pytest.raises(OutputError):
        write_fiche(tmp_path / "fichier" / "f.xlsx", guide)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disque est plein"):
        write_lot(tmp_path / "l.xlsx", guide)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["dossier.xlsx", "fichier"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o027, 0o640), (0o022, 0o644)])
def test_who_may_read_a_fiche_is_for_the_user_to_set(
    guide: Guide, tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        write_fiche(tmp_path / "f.xlsx", guide)
    finally:
        os.umask(before)
    assert (tmp_path / "f.xlsx").stat().st_mode & 0o777 == mode


def test_a_text_too_long_for_a_cell_is_refused(guide: Guide, tmp_path: Path) -> None:
    answers = Answers({"commentaires.evaluateur_cpne": Answer("a" * 32_768)})
    with pytest.raises(OutputError, match="32768 caractères"):
        write_fiche(tmp_path / "f.xlsx", guide, answers)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------- for people


def test_the_sheets_of_a_fiche(guide: Guide) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fiche_bytes(guide)))
    assert book.sheetnames == [
        "Mode d’emploi", "Candidat", "C1", "C2", "C3", "C4", "C5", "C6", "Observations",
        "Signataires", "Synthèse", "Listes",
    ]  # fmt: skip
    assert book["Listes"].sheet_state == "hidden"
    assert book.active.title == "Candidat"
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["Candidat"]
    for name in book.sheetnames[1:-2]:
        sheet = book[name]
        titles = [sheet.cell(3, n).value for n in (1, 2, 3, 5, 6)]
        assert titles == ["Champ", "Libellé", "Réponse", "Précision", "Notes (non imprimées)"]
        assert sheet.freeze_panes == "D4"
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.print_area.startswith(f"'{name}'!$B$1:")
        assert sheet.print_area[-4:-2].strip("$") < "F", "neither ids nor notes are printed"
        assert sheet.column_dimensions["A"].width < 2
        assert str(sheet.page_setup.paperSize) == sheet.PAPERSIZE_A4
    ids = [
        sheet.cell(row, 1).value
        for sheet in book.worksheets[1:-2]
        for row in range(4, sheet.max_row + 1)
        if sheet.cell(row, 1).value
    ]
    wanted = [one.id for one in guide.fields.values() if one.kind is not FieldKind.SIGNATURE]
    assert ids == wanted


def validations(sheet: Worksheet) -> dict[str, Any]:
    return {
        cell: rule
        for rule in sheet.data_validations.dataValidation
        for span in str(rule.sqref).split()
        for row in sheet[span if ":" in span else f"{span}:{span}"]
        for cell in [one.coordinate for one in row]
    }


def test_answers_are_unlocked_guided_and_everything_else_is_locked(guide: Guide) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fiche_bytes(guide)))
    lists = {
        FieldKind.CRITERION: ["OUI", "NON", "NA", "O", "N", "A"],
        FieldKind.RESULT: ["MAÎTRISÉE", "NON MAÎTRISÉE"],
        FieldKind.TICK: ["X"],
    }
    for sheet in book.worksheets[:-1]:
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert not sheet.protection.formatRows
        assert not sheet.protection.formatColumns
        rules = validations(sheet)
        for row in sheet.iter_rows():
            one = guide.fields.get(str(row[0].value))
            if one is None or sheet.title in ("Synthèse", "Mode d’emploi"):
                assert all(cell.protection.locked for cell in row)
                continue
            key, label, answer, _, comment = row[:5]
            assert all(cell.data_type != "f" for cell in row if not cell.protection.locked)
            assert label.value == one.label
            assert key.protection.locked
            assert label.protection.locked
            assert not answer.protection.locked
            assert comment.protection.locked is (one.kind is not FieldKind.CRITERION)
            rule = rules.get(answer.coordinate)
            if one.kind in lists:
                # A list in a range takes « oui » and « o » too; one in a formula does not.
                name, _, area = rule.formula1.partition("!")
                assert [cell.value for (cell,) in book[name][area]] == lists[one.kind]
            elif one.kind is FieldKind.DATE:
                assert rule.type == "date"
                assert answer.number_format == "dd/mm/yyyy"
            else:
                assert rule is None
                assert answer.number_format == "@"
            if rule is not None:
                assert rule.showErrorMessage
                assert rule.error
                assert rule.prompt
                assert len(rule.promptTitle) <= 32
                assert len(rule.prompt) <= 255
                assert len(rule.error) <= 225


def test_what_is_needed_is_red_until_answered(guide: Guide) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fiche_bytes(guide)))
    for name in ("Candidat", "C1", "Observations", "Signataires"):
        sheet = book[name]
        red = set()
        for cells, rules in sheet.conditional_formatting._cf_rules.items():
            if any(rule.formula[0].startswith("LEN(TRIM($C") for rule in rules):
                red |= {
                    one.coordinate
                    for span in cells.sqref.ranges
                    for row in sheet[
                        f"{span.coord}:{span.coord}" if ":" not in span.coord else span.coord
                    ]
                    for one in row
                }
        needed = {
            place(guide, one.id)[1]
            for one in guide.fields.values()
            if one.sheet == name
            and (one.kind in (FieldKind.CRITERION, FieldKind.RESULT) or one.requirement != "none")
        }
        assert red == needed


def test_rows_are_high_enough_for_their_texts(guide: Guide) -> None:
    comment = "Un long commentaire, avec des mots de toutes les longueurs. " * 40
    answers = Answers({"commentaires.evaluateur_cpne": Answer(comment.strip())})
    sheet = sheet_of(fiche_bytes(guide, answers), "Observations")
    row = int(place(guide, "commentaires.evaluateur_cpne")[1][1:])
    lines = len(comment) / (sheet.column_dimensions["C"].width * 1.15)
    assert sheet.row_dimensions[row].height >= min(409, lines * 15)


def test_what_the_interview_needs_stands_beside_the_criteria(guide: Guide) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fiche_bytes(guide)))
    for competence in guide.competences:
        sheet = book[competence.result.sheet]
        beside = sheet["G4"].value
        assert all(one in beside for one in (*competence.documents, *competence.questions))
        assert sheet["F2"].hyperlink.location.endswith("!G4")
        # One cell of notes a group: Tab stops there once.
        notes = [row[5] for row in sheet.iter_rows(min_row=4)]
        unlocked = [cell for cell in notes if not cell.protection.locked]
        jotted = [cell for cell in unlocked if not isinstance(cell, MergedCell)]
        assert len(jotted) == len(competence.groups) + 1


def test_a_letter_suffices_for_a_criterion(guide: Guide, tmp_path: Path) -> None:
    places = {place(guide, f"c1.1.{n}"): text for n, text in ((1, "o"), (2, "n"), (3, "A"))}
    path = tmp_path / "f.xlsx"
    path.write_bytes(set_cells(fiche_bytes(guide), places))
    answers = read_fiche(path, guide).answers
    found = [answers.value(f"c1.1.{n}") for n in (1, 2, 3)]
    assert found == [Verdict.OUI, Verdict.NON, Verdict.NA]


def test_the_lot_sheet(guide: Guide) -> None:
    sheet = sheet_of(lot_bytes(guide), "Candidats")
    ids = [cell.value for cell in sheet[3]]
    assert ids[:4] == [
        "dossier.reference", "candidat.nom", "candidat.prenom", "candidat.entreprise",
    ]  # fmt: skip
    wanted = {one.id for one in guide.fields.values() if one.kind is not FieldKind.SIGNATURE}
    wanted |= {f"{one.id}:précision" for one in guide.of_kind(FieldKind.CRITERION)}
    assert set(ids) == wanted
    assert len(ids) == len(wanted)
    assert sheet.freeze_panes == "D4"
    assert all(cell.value for cell in sheet[2])
    column = ids.index("c1.1.1")
    letters = sheet.cell(3, column + 1).column_letter
    assert any(
        rule.formula1.startswith("Listes!") and f"{letters}4:{letters}1003" in str(rule.sqref)
        for rule in sheet.data_validations.dataValidation
    )
    assert sheet.column_dimensions[letters].outlineLevel == 1


def test_a_lot_for_prepare_asks_who_people_are(guide: Guide, tmp_path: Path) -> None:
    sheet = sheet_of(lot_bytes(guide, extent=LotExtent.IDENTITY), "Candidats")
    ids = [cell.value for cell in sheet[3]]
    assert len(ids) == 15
    assert ids[:2] == ["dossier.reference", "candidat.nom"]
    assert {one.partition(".")[0] for one in ids[4:]} == {"evaluateur_cpne", "evaluateur_metier"}
    assert not any(one.outlineLevel for one in sheet.column_dimensions.values())


def test_a_guide_without_competences(tmp_path: Path) -> None:
    guide = parse_guide(PLAIN_GUIDE)
    answers = Answers({"essai.nom": Answer("Durand"), "essai.accord": Answer(True)})
    write_fiche(tmp_path / "f.xlsx", guide, answers)
    assert read_fiche(tmp_path / "f.xlsx", guide).answers == answers
    write_lot(tmp_path / "l.xlsx", guide, [answers])
    assert next(read_workbook(tmp_path / "l.xlsx", guide)).answers == answers
    assert [sheet.title for sheet in openpyxl.load_workbook(tmp_path / "f.xlsx")] == [
        "Mode d’emploi", "L'essai", "Synthèse", "Listes",
    ]  # fmt: skip
