"""``new`` and ``check``."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from cli_support import files_in

from cqp_forms.answers import Answer, Verdict
from cqp_forms.errors import ExitCode

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_new_makes_a_fiche_that_check_finds_empty(run, tmp_path: Path) -> None:
    assert run("new").code == 0
    assert files_in(tmp_path) == ["fiche.xlsx"]
    done = run("check", "fiche.xlsx", "--json")
    assert done.code == ExitCode.ANSWERS
    ((only,),) = (done.json["sources"],)
    assert only["source"] == "fiche.xlsx"
    codes = [one["code"] for one in only["findings"]]
    assert codes.count("critere-sans-reponse") == 84
    assert codes.count("resultat-sans-reponse") == 6
    assert codes.count("commentaire-obligatoire") == 2
    assert codes.count("identite-incomplete") == 14
    for one in only["findings"]:
        assert one["sheet"]
        assert one["cell"]
        assert one["remedy"]
        assert set(one) == {"code", "severity", "sheet", "cell", "field", "message", "remedy"}
    assert files_in(tmp_path) == ["fiche.xlsx"]


def test_new_lot_makes_a_lot(run, tmp_path: Path) -> None:
    done = run("new", "--lot", "-o", "dossiers/lot")
    assert (done.code, done.out.strip()) == (0, "dossiers/lot.xlsx")
    assert files_in(tmp_path) == ["dossiers/lot.xlsx"]
    done = run("check", "dossiers/lot.xlsx")
    assert done.code == ExitCode.ANSWERS
    assert "aucun candidat" in done.err


def test_new_never_replaces_a_file(run, tmp_path: Path) -> None:
    (tmp_path / "fiche.xlsx").write_bytes(b"precious")
    done = run("new")
    assert done.code == ExitCode.OUTPUT
    assert "existe déjà" in done.err
    assert (tmp_path / "fiche.xlsx").read_bytes() == b"precious"
    assert files_in(tmp_path) == ["fiche.xlsx"]


def test_new_for_an_unknown_guide(run, tmp_path: Path) -> None:
    done = run("new", "--guide", "inconnu")
    assert done.code == ExitCode.DOCUMENT
    assert "« inconnu » est introuvable" in done.err
    assert "technico-commercial" in done.err
    assert files_in(tmp_path) == []


def test_a_sound_fiche_has_nothing_to_say(run, make) -> None:
    done = run("check", make())
    assert done.code == 0
    assert "LEFÈVRE Anne-Marie : prête" in done.err


def test_every_problem_in_one_pass_with_its_cell(run, make, tmp_path: Path) -> None:
    path = make(c1__1__2=None, c2__1__1=Verdict.NON, c3__1__1=Answer(Verdict.NA))
    done = run("check", path, "--json")
    assert done.code == ExitCode.ANSWERS
    found = {one["code"]: one for one in done.json["sources"][0]["findings"]}
    assert set(found) == {"critere-sans-reponse", "maitrise-incoherente", "na-sans-precision"}
    book = openpyxl.load_workbook(path)
    for code, field in [("critere-sans-reponse", "c1.1.2"), ("na-sans-precision", "c3.1.1")]:
        where = found[code]
        row = book[where["sheet"]][where["cell"]].row
        assert field in [cell.value for cell in book[where["sheet"]][row]]


def test_warnings_block_only_when_strict(run, make) -> None:
    path = make(apports__autre=True)
    done = run("check", path)
    assert done.code == 0
    assert "autre-sans-precision" in done.err
    assert run("check", path, "--strict").code == ExitCode.ANSWERS


def test_a_folder_with_sound_and_unreadable_fiches(run, make, tmp_path: Path) -> None:
    (tmp_path / "dossier").mkdir()
    make("dossier/a.xlsx")
    (tmp_path / "dossier/b.xlsx").write_bytes(b"not a workbook")
    done = run("check", "dossier", "--json")
    assert done.code == ExitCode.ANSWERS
    by_source = {Path(one["source"]).name: one for one in done.json["sources"]}
    assert by_source["a.xlsx"]["findings"] == []
    assert [one["code"] for one in by_source["b.xlsx"]["findings"]] == ["source-illisible"]
    assert "1 candidat lu : 1 prête ; 1 source sans candidat." in run("check", "dossier").err


@pytest.mark.parametrize("name", ["absent.xlsx", "absent"])
def test_a_source_that_does_not_exist(run, name: str) -> None:
    done = run("check", name)
    assert done.code == ExitCode.USAGE
    assert name in done.err
    assert "n’existe pas" in done.err


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("fiche", "fiche.xlsx"),
        ("session 1.2", "session 1.2.xlsx"),
        ("fiche.XLSX", "fiche.XLSX"),
    ],
)
def test_new_gives_a_name_that_excel_opens(run, tmp_path: Path, name: str, made: str) -> None:
    done = run("new", "-o", name)
    assert (done.code, done.out.strip()) == (0, made)
    assert files_in(tmp_path) == [made]


@pytest.mark.parametrize("folder", [".", "", "dossier"])
def test_new_does_not_take_a_folder_for_a_file(run, tmp_path: Path, folder: str) -> None:
    (tmp_path / "dossier").mkdir()
    done = run("new", "-o", folder)
    assert done.code == ExitCode.OUTPUT
    assert "c’est un dossier" in done.err
    assert files_in(tmp_path) == []


def test_an_answer_without_a_row_is_told_as_a_row_that_misses(run, make) -> None:
    path = make()
    book = openpyxl.load_workbook(path)
    cell = next(one for one in book["C1"]["A"] if one.value == "c1.1.2")
    cell.value = None
    book.save(path)
    done = run("check", path, "--json")
    unread, missing = done.json["sources"][0]["findings"]
    assert (unread["code"], unread["severity"]) == ("champ-inconnu", "warning")
    assert unread["cell"] == f"C{cell.row}"
    found = (missing["code"], missing["field"], missing["cell"])
    assert found == ("critere-sans-reponse", "c1.1.2", "")
    assert "la ligne « c1.1.2 » manque dans la fiche" in missing["remedy"].replace("\u00a0", " ")


def test_quiet_tells_the_errors_alone_and_of_which_fiche(run, make) -> None:
    make("a.xlsx", apports__autre=True)
    make("b.xlsx", apports__autre=True, c1__1__2=None, candidat__nom="Zola")
    done = run("-q", "check", "a.xlsx", "b.xlsx")
    assert done.code == ExitCode.ANSWERS
    assert "b.xlsx" in done.err
    assert "critere-sans-reponse" in done.err
    assert "a.xlsx" not in done.err
    assert "autre-sans-precision" not in done.err


def test_quiet_issues_without_a_word_about_warnings(run, make) -> None:
    done = run("-q", "fill", make(apports__autre=True), "--draft")
    assert (done.code, done.err) == (0, "")
    assert "_brouillon.docx" in done.out


def test_a_fiche_of_a_guide_that_is_not_at_hand(run, make, tmp_path: Path) -> None:
    make("a.xlsx")
    path = make("b.xlsx")
    book = openpyxl.load_workbook(path)
    book.custom_doc_props["cqp-forms.guide"].value = "mon-guide"
    book.save(path)
    done = run("fill", "b.xlsx")
    assert done.code == ExitCode.ANSWERS
    assert "b.xlsx : ce classeur est fait pour le guide « mon-guide », qui est" in done.err
    assert "--project" in done.err
    done = run("check", "b.xlsx", "a.xlsx", "--json")
    assert done.code == ExitCode.ANSWERS
    first, second = done.json["sources"]
    assert [one["code"] for one in first["findings"]] == ["source-illisible"]
    assert second["findings"] == []
    # Its ids mean something else: another guide is no way out.
    assert run("check", "b.xlsx", "--guide", "technico-commercial").code == ExitCode.ANSWERS
    assert files_in(tmp_path) == ["a.xlsx", "b.xlsx"]


def test_check_tells_what_will_go_on_in_the_annex(run, make) -> None:
    done = run("check", make(commentaires__evaluateur_cpne="Une phrase entière. " * 600), "--json")
    assert done.code == 0
    ((one,),) = [source["findings"] for source in done.json["sources"]]
    assert (one["code"], one["severity"]) == ("suite-en-annexe", "information")
    assert one["field"] == "commentaires.evaluateur_cpne"
    assert one["cell"]
    assert "caractères sur 11999" in one["message"]


def test_a_copy_is_no_second_fiche_that_is_ready(run, tmp_path: Path) -> None:
    """The total said two ready, of which `batch` then issued one."""
    for name in ("a.xlsx", "b.xlsx"):
        shutil.copy(EXAMPLES / "fiche-maitrisee.xlsx", tmp_path / name)
    done = run("check", ".")
    assert done.code == ExitCode.DONE
    assert "1 prête, 1 copie." in done.err
