"""Prepare: a folder a candidate, and nothing that is there is written over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from generated_lots import candidates
from pypdf import PdfReader

from cqp_forms.answers import Answer, Answers
from cqp_forms.batch.prepare import Prepared, prepare_folders
from cqp_forms.cli import program
from cqp_forms.cli.session import Session, SettingsFactory
from cqp_forms.errors import ExitCode
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.request import Settings
from cqp_forms.issuing.version import parse_payload
from cqp_forms.mapping import Format
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.shown import Mark
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import Existing, write_fiche, write_lot

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return SettingsFactory(Session(ROOT), DEFAULT_GUIDE, editable=True)()


def begun(guide: Guide, *names: str, company: str = "PolyChem") -> list[Answers]:
    """Rows as a secretariat has them before the interviews: identity alone."""
    rows = []
    for number, (name, full) in enumerate(zip(names, candidates(guide, len(names)), strict=True)):
        known = {
            key: one
            for key, one in full.items()
            if key.startswith(("evaluateur_", "dossier.")) and not key.endswith(".date")
        }
        known |= {
            "candidat.nom": Answer(name),
            "candidat.prenom": Answer("Léa"),
            "candidat.entreprise": Answer(company),
            "dossier.reference": Answer(f"R{number}"),
        }
        rows.append(Answers(known))
    return rows


def prepare(guide: Guide, settings: Settings, folder: Path, rows: list[Answers]) -> list[Prepared]:
    lot = folder / "lot.xlsx"
    write_lot(lot, guide, rows, existing=Existing.REPLACE)
    return list(prepare_folders([lot], folder / "o", settings, NOW, lambda _total: None))


def without(answers: Answers, *fields: str) -> Answers:
    return Answers({key: one for key, one in answers.items() if key not in fields})


def test_a_folder_holds_a_fiche_and_both_blanks(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    rows = begun(guide, "Durand", "Nguyễn")
    found = prepare(guide, settings, tmp_path, rows)
    assert [one.made for one in found] == [
        (
            f"{folder}/fiche_{folder}.xlsx",
            f"{folder}/OUTIL4_{folder}_vierge.docx",
            f"{folder}/OUTIL4_{folder}_vierge.pdf",
        )
        for folder in ("DURAND_Lea", "NGUYEN_Lea")
    ]
    assert not any(one.problems or one.kept for one in found)
    for row, one in zip(rows, found, strict=True):
        assert read_fiche(tmp_path / "o" / one.made[0], guide).answers == row
    assert not list(tmp_path.rglob(".*"))
    assert not (tmp_path / "o" / "registre.sqlite").exists()


def test_the_blanks_show_the_identity_and_nothing_else(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    row = next(candidates(guide, 1))  # everything is known: still only the identity is stamped
    (one,) = prepare(guide, settings, tmp_path, [row])
    for blank, name in zip(settings.blanks, one.made[1:], strict=True):
        shown = blank.read((tmp_path / "o" / name).read_bytes())
        assert set(shown.ticks.values()) == {Mark.OFF}
        assert shown.texts["candidat.nom"] == shown.texts["candidat.nom@2"]
        assert shown.texts["candidat.nom"] == row.text("candidat.nom")
        assert shown.texts["evaluateur_cpne.nom"] == row.text("evaluateur_cpne.nom")
        for empty in ("evaluateur_cpne.date", "commentaires.evaluateur_metier"):
            assert shown.texts[empty] == ""
        carried = parse_payload(blank.payload((tmp_path / "o" / name).read_bytes()) or b"")
        assert carried.version.number == 0
        assert {key.split(".")[0] for key in carried.version.canonical()} == {
            "dossier", "candidat", "evaluateur_cpne", "evaluateur_metier",
        }  # fmt: skip


@pytest.mark.parametrize("kind", list(Format))
def test_a_prepared_blank_comes_back_under_its_reference(
    guide: Guide, settings: Settings, tmp_path: Path, kind: Format
) -> None:
    """The reference is not printed: the document carries it, whatever was filled in since."""
    (one,) = prepare(guide, settings, tmp_path, begun(guide, "Durand"))
    name = next(name for name in one.made if name.endswith(f".{kind}"))
    path = tmp_path / "o" / name
    if kind is Format.PDF:
        with pikepdf.open(path, allow_overwriting_input=True) as document:
            for field in document.Root.AcroForm.Fields:
                if field.get("/T") == "remarques.autre":
                    field.V = pikepdf.String("Rempli à l’écran")
                    del field.AP  # a viewer draws it again
            document.Root.AcroForm.NeedAppearances = True
            document.save(path)
    arguments = ["extract", str(path), "-o", str(tmp_path / "back.xlsx")]
    CliRunner().invoke(program, arguments, prog_name="cqp-forms")
    back = read_fiche(tmp_path / "back.xlsx", guide).answers
    assert back.text("dossier.reference") == "R0"
    assert person(guide, back).key == "r0"


def test_the_pdf_can_be_filled_by_hand_and_is_no_draft(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    (one,) = prepare(guide, settings, tmp_path, begun(guide, "Durand"))
    fields = PdfReader(tmp_path / "o" / one.made[2]).get_fields() or {}
    assert fields["c1.1.1.oui"]["/FT"] == "/Btn" and fields["c1.1.1.oui"]["/V"] == "/Off"
    assert fields["commentaires.evaluateur_metier"]["/FT"] == "/Tx"
    assert fields["candidat.nom"]["/V"] == "Durand"
    import pypdfium2

    with pypdfium2.PdfDocument(tmp_path / "o" / one.made[2]) as document:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert "BROUILLON" not in text


def test_again_a_begun_fiche_is_left_alone_and_new_ones_are_made(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    first = prepare(guide, settings, tmp_path, begun(guide, "Durand"))
    fiche = tmp_path / "o" / first[0].made[0]
    more = Answers(dict(read_fiche(fiche, guide).answers) | {"remarques.autre": Answer("vu")})
    write_fiche(fiche, guide, more, existing=Existing.REPLACE)
    by_hand = tmp_path / "o" / first[0].made[2]
    by_hand.write_bytes(b"rempli dans Acrobat")
    (tmp_path / "o" / first[0].made[1]).unlink()

    again = prepare(guide, settings, tmp_path, begun(guide, "Durand", "Martin"))
    assert again[0].kept == (first[0].made[0], first[0].made[2])
    assert again[0].made == (first[0].made[1],)  # what was thrown away comes back
    assert len(again[1].made) == 3
    assert read_fiche(fiche, guide).answers == more
    assert by_hand.read_bytes() == b"rempli dans Acrobat"


def test_namesakes_keep_their_own_folders_whatever_the_order(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    one, two, three = begun(guide, "Durand", "Durand", "Durand")
    first = prepare(guide, settings, tmp_path, [one, two])
    assert [item.made[0].partition("/")[0] for item in first] == ["DURAND_Lea", "DURAND_Lea_2"]
    again = prepare(guide, settings, tmp_path, [three, two, one])
    assert [(item.made or item.kept)[0].partition("/")[0] for item in again] == [
        "DURAND_Lea_3", "DURAND_Lea_2", "DURAND_Lea",
    ]  # fmt: skip
    assert len(again[0].made) == 3 and not again[1].made and not again[2].made


def test_a_fiche_completed_since_is_still_theirs(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    (row,) = begun(guide, "Durand")
    bare = without(row, "dossier.reference", "candidat.entreprise")
    (first,) = prepare(guide, settings, tmp_path, [bare])
    write_fiche(tmp_path / "o" / first.made[0], guide, row, existing=Existing.REPLACE)
    (again,) = prepare(guide, settings, tmp_path, [bare])
    assert again.kept == first.made and not again.made


def test_a_fiche_that_is_open_in_excel_is_kept(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    (first,) = prepare(guide, settings, tmp_path, begun(guide, "Durand"))
    (tmp_path / "o" / first.made[0]).write_bytes(b"en cours")
    (again,) = prepare(guide, settings, tmp_path, begun(guide, "Durand"))
    assert again.kept == first.made
    assert (tmp_path / "o" / first.made[0]).read_bytes() == b"en cours"


def test_what_stands_in_the_way_is_told_and_the_others_go_on(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    rows = begun(guide, "Durand", "Martin", "Petit", "Yann")
    rows[1] = without(rows[1], "candidat.nom")
    rows[3] = Answers(dict(rows[3]) | {"dossier.reference": Answer("r2")})
    found = prepare(guide, settings, tmp_path, rows)
    codes = [[problem.code for problem in one.problems] for one in found]
    assert codes == [[], ["identite-incomplete"], ["candidat-en-double"], ["candidat-en-double"]]
    assert found[1].problems[0].cell
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["DURAND_Lea"]


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, ["--project", str(ROOT), *map(str, arguments)])


def test_the_command_tells_what_it_did(guide: Guide, tmp_path: Path) -> None:
    lot = tmp_path / "lot.xlsx"
    rows = begun(guide, "Durand", "Martin")
    write_lot(lot, guide, [rows[0], without(rows[1], "candidat.nom")])
    ran = invoke("prepare", lot, "-o", tmp_path / "o", "--json")
    assert ran.exit_code == ExitCode.PARTIAL
    told = json.loads(ran.stdout)
    assert len(told["candidates"][0]["made"]) == 3
    assert told["candidates"][1]["findings"][0]["code"] == "identite-incomplete"
    assert "1 dossier préparé" in ran.stderr and "non préparé" in ran.stderr
    again = invoke("prepare", lot, "-o", tmp_path / "o")
    assert "1 fiche déjà là, conservée" in again.stderr
    assert "3 conservés" in again.stderr


def test_nobody_prepared_is_exit_3_and_nothing_written(guide: Guide, tmp_path: Path) -> None:
    lot = tmp_path / "lot.xlsx"
    write_lot(lot, guide, [])
    ran = invoke("prepare", lot, "-o", tmp_path / "o")
    assert ran.exit_code == ExitCode.ANSWERS
    assert "source-sans-candidat" in ran.stderr
    assert not (tmp_path / "o").exists()
    assert invoke("prepare", tmp_path / "absent.xlsx").exit_code == ExitCode.USAGE


def test_what_the_prepared_fiche_lacks_is_what_batch_asks_for(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    """The round: prepare, fill in, batch."""
    full = next(candidates(guide, 1))
    kept = {key for key in full if guide.fields[key].kind is FieldKind.TEXT}
    begun_row = Answers({key: one for key, one in full.items() if key in kept})
    (one,) = prepare(guide, settings, tmp_path, [begun_row])
    fiche = tmp_path / "o" / one.made[0]
    write_fiche(fiche, guide, replace(full, places={}), existing=Existing.REPLACE)
    (tmp_path / "lot.xlsx").unlink()
    ran = invoke("batch", tmp_path / "o", "-o", tmp_path / "emis", "--format", "pdf", "--jobs", "1")
    assert ran.exit_code == ExitCode.DONE, ran.stderr
    assert len(list((tmp_path / "emis").rglob("*_v1.pdf"))) == 1


def test_a_folder_given_away_is_not_given_twice(
    guide: Guide, settings: Settings, tmp_path: Path
) -> None:
    one, two = begun(guide, "Durand", "Durand")
    rows = [
        without(one, "dossier.reference", "candidat.entreprise"),
        without(two, "dossier.reference"),  # might be the same person, who is here already
    ]
    for _ in range(2):
        found = prepare(guide, settings, tmp_path, rows)
        folders = [(item.made or item.kept)[0].partition("/")[0] for item in found]
        assert folders == ["DURAND_Lea", "DURAND_Lea_2"]
