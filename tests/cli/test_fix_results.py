"""``check --fix`` and ``results``, from the command line."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pytest
from cli_support import files_in

from cqp_forms.answers import Answer, Verdict
from cqp_forms.errors import ExitCode


def test_fix_moves_the_answers_and_names_what_is_left(run, make, tmp_path: Path) -> None:
    path = make()
    book = openpyxl.load_workbook(path)
    for row in range(3, 9):
        book["Candidat"].cell(row, 1).value = None
    book.save(path)
    done = run("check", path, "--fix", "-o", "neuve")
    assert (done.code, done.out.strip()) == (ExitCode.DONE, "neuve.xlsx")
    assert run("diff", path, "neuve.xlsx").code != ExitCode.DONE, "the damaged one lacks a name"
    assert run("check", "neuve.xlsx").code == ExitCode.DONE
    book["C1"]["C5"] = "peut-être"
    book.save(path)
    done = run("check", path, "--fix", "-o", "autre.xlsx", "--json")
    assert done.code == ExitCode.DIFFERENCE
    assert [one["place"] for one in done.json["unplaced"]] == ["feuille C1, cellule C5"]
    assert run("check", path, "--fix", "-o", "autre.xlsx").code == ExitCode.OUTPUT


@pytest.mark.parametrize("options", [["--fix"], ["-o", "n.xlsx"], ["--fix", "-o", "n.xlsx", "b"]])
def test_fix_takes_one_fiche_and_a_target(run, make, tmp_path: Path, options: list[str]) -> None:
    path = make()
    before = files_in(tmp_path)
    (tmp_path / "b").write_bytes(b"")
    assert run("check", path, *options).code == ExitCode.USAGE
    assert files_in(tmp_path) == sorted([*before, "b"])


def test_results_are_what_is_to_be_copied(run, make, tmp_path: Path) -> None:
    path = make(c2__1__1=Answer(Verdict.NA, "pas de suivi ici"), c3__resultat=None)
    done = run("results", path)
    assert (done.code, done.out.strip()) == (ExitCode.DONE, "resultats.xlsx")
    rows = list(openpyxl.load_workbook("resultats.xlsx").active.iter_rows(values_only=True))[-6:]
    assert [row[3] for row in rows][:3] == ["MAÎTRISÉE", "MAÎTRISÉE", "pas encore de résultat"]
    assert rows[1][4].startswith("1.1 ") and rows[1][4].endswith("pas de suivi ici")
    assert run("results", path, "-o", "r.docx").code == ExitCode.DONE
    said = [one.text for one in docx.Document("r.docx").paragraphs]
    assert sum("MAÎTRISÉE" in one for one in said) == 5
    assert sum("pas de suivi ici" in one for one in said) == 1
    before = files_in(tmp_path)
    assert run("results", path).code == ExitCode.OUTPUT
    assert run("results", path, "-o", "r.pdf").code == ExitCode.USAGE
    assert files_in(tmp_path) == before


def test_results_of_a_fiche_with_errors_are_not_written(run, make, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(path := make())
    book["C1"]["C5"] = "peut-être"
    book.save(path)
    before = files_in(tmp_path)
    done = run("results", path)
    assert done.code == ExitCode.ANSWERS
    assert "C1, cellule C5" in done.err
    assert files_in(tmp_path) == before


def test_a_sheet_or_lines_that_are_gone_are_told_with_their_remedy(run, make) -> None:
    path = make()
    book = openpyxl.load_workbook(path)
    del book["C3"]
    book["C1"].delete_rows(6)
    book.save(path)
    done = run("check", path)
    assert done.code == ExitCode.ANSWERS
    remedy = "cqp-forms check FICHE --fix -o FICHE-NEUVE.xlsx"
    assert "les lignes de cette feuille manquent" in done.out + done.err
    assert (done.out + done.err).count(remedy) == 2
