"""``new`` and ``check``."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from cli_support import files_in

from cqp_forms.answers import Answer, Verdict
from cqp_forms.errors import ExitCode


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
    assert "aucune ligne remplie" in done.err


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
    assert "LEFÈVRE Anne-Marie : 0 erreur, 0 avertissement" in done.err


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
    assert "2 candidats lus, 1 à corriger" in run("check", "dossier").err


@pytest.mark.parametrize("name", ["absent.xlsx", "absent"])
def test_a_source_that_does_not_exist(run, name: str) -> None:
    done = run("check", name)
    assert done.code == ExitCode.ANSWERS
    assert name in done.err
    assert "n’existe pas" in done.err
