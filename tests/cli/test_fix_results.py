"""``check --fix`` and ``results``, from the command line."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from cli_support import files_in

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
