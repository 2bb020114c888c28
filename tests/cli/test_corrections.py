"""A correction is never undone by accident; the other format, namesakes, the register itself."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli_support import files_in

from cqp_forms.answers import Result, Verdict
from cqp_forms.errors import ExitCode
from cqp_forms.typography import command_line

STEM = "LEFEVRE_Anne-Marie/OUTIL4_LEFEVRE_Anne-Marie"
REPLACED = "fiche de la version 1, remplacée par la 2 : rien à faire"


@pytest.fixture
def corrected(run, make, tmp_path: Path) -> Path:
    """A folder of fiches of which one was corrected by way of the issued DOCX; PDF alone here."""
    fiches = tmp_path / "nos fiches"
    fiches.mkdir()
    shutil.copy(make(), fiches / "fiche.xlsx")
    assert run("batch", fiches, "--jobs", 1).code == 0
    assert run("extract", f"output/{STEM}_v1.docx", "-o", "relue.xlsx").code == 0
    path = make("relue.xlsx", c1__1__1=Verdict.NON, c1__resultat=Result.NON_MAITRISEE)
    assert run("reissue", path, "--reason", "Critère mal relevé").code == 0
    return fiches


def test_a_batch_of_the_old_folder_leaves_the_correction_standing(run, corrected: Path) -> None:
    before = files_in(corrected.parent / "output")
    done = run("batch", corrected, "--jobs", 1)
    assert done.code == 0
    assert f"[fiche-remplacee] {REPLACED}" in done.err
    assert "reissue" not in done.err
    assert [one for one in files_in(corrected.parent / "output") if "rapport" not in one] == [
        one for one in before if "rapport" not in one
    ]
    told = run("batch", corrected, "--jobs", 1, "--json").json["candidates"]
    assert [one["state"] for one in told] == ["remplacee"]
    assert [(one["code"], one["severity"]) for one in told[0]["findings"]] == [
        ("fiche-remplacee", "information")
    ]
    versions = run("history", "--json").json["versions"]
    assert [(one["version"], one["stands"]) for one in versions] == [(1, False), (2, True)]


def test_the_old_fiche_is_neither_filled_nor_reissued(run, corrected: Path) -> None:
    old = corrected / "fiche.xlsx"
    done = run("fill", old)
    assert done.code == ExitCode.OUTPUT
    assert REPLACED in done.err
    assert "reissue" not in done.err
    done = run("reissue", old, "--reason", "x")
    assert done.code == ExitCode.OUTPUT
    assert REPLACED in done.err
    command = command_line("reissue", old, "--restore", "1", "--reason", "…", "-o", Path("output"))
    assert command in done.err
    assert len(run("history", "--json").json["versions"]) == 2


def test_a_replaced_version_is_restored_by_its_number(run, make, corrected: Path) -> None:
    old = corrected / "fiche.xlsx"
    done = run("reissue", old, "--restore", 2, "--reason", "Retour")
    assert done.code == ExitCode.OUTPUT
    assert "ne sont pas celles de la version 2" in done.err
    done = run("reissue", old, "--restore", 7, "--reason", "Retour")
    assert done.code == ExitCode.OUTPUT
    assert "pas de version 7" in done.err
    assert run("reissue", old, "--restore", 1, "--reason", "Retour").code == 0
    again = run("reissue", old, "--restore", 1, "--reason", "Retour")
    assert again.code == 0
    assert "déjà émis (version 3" in again.err
    assert "remplacée par la 3" in run("fill", "relue.xlsx").err


def test_the_other_format_is_added_to_the_same_version(run, make, tmp_path: Path) -> None:
    path = make()
    assert run("fill", path, "--format", "pdf").code == 0
    plain = run("fill", path)
    assert plain.code == 0
    command = command_line("fill", path, "--format", "docx", "-o", Path("output"))
    assert command in plain.err
    assert files_in(tmp_path / "output") == [f"{STEM}_v1.pdf", "registre.sqlite"]
    done = run("fill", path, "--format", "docx", "--json").json
    assert (done["state"], done["version"]) == ("added", 1)
    first = run("history", "--json").json["versions"]
    assert [one["version"] for one in first] == [1]
    files = {Path(one["path"]).suffix: one for one in first[0]["files"]}
    assert files[".pdf"]["added_at"] == ""
    assert files[".docx"]["added_at"]
    assert {one["state"] for one in files.values()} == {"intact"}
    assert run("verify", f"output/{STEM}_v1.docx", path).code == 0
    assert "déjà émis" in run("fill", path, "--format", "both").err


def test_a_namesake_is_warned_about_and_strict_refuses(run, make, tmp_path: Path) -> None:
    run("fill", make(dossier__reference="D-1"))
    other = make("autre.xlsx", dossier__reference="D-2")
    refused = run("fill", other, "--strict")
    assert refused.code == ExitCode.ANSWERS
    assert "homonyme-deja-emis" in refused.err
    assert len(run("history", "--json").json["versions"]) == 1
    batch = run("batch", other, "--strict", "--json", "--jobs", 1)
    assert batch.code == ExitCode.ANSWERS
    told = run("fill", other, "--json").json
    (finding,) = told["findings"]
    assert finding["code"] == "homonyme-deja-emis"
    assert "« D-1 »" in finding["message"].replace("\u00a0", " ")
    assert "version 1 du" in finding["message"]
    assert run("fill", other, "--json").json["state"] == "already-issued"


def test_one_person_twice_in_a_batch_under_two_keys_is_warned_about(
    run, make, tmp_path: Path
) -> None:
    fiches = tmp_path / "fiches"
    fiches.mkdir()
    shutil.copy(make(dossier__reference="D-1"), fiches / "a.xlsx")
    shutil.copy(make(dossier__reference=None), fiches / "b.xlsx")
    told = run("batch", fiches, "--jobs", 1, "--json").json["candidates"]
    assert [[found["code"] for found in one["findings"]] for one in told] == [
        [],
        ["homonyme-deja-emis"],
    ]


def test_a_register_without_its_triggers_is_told(run, make, tmp_path: Path) -> None:
    path = make()
    run("fill", path)
    with closing(sqlite3.connect(tmp_path / "output" / "registre.sqlite")) as connection:
        connection.execute("DROP TRIGGER version_is_kept")
    done = run("history")
    assert done.code == ExitCode.DIFFERENCE
    assert "protections de ce registre ont été retirées" in done.err
    assert run("history", "--json").json["protected"] is False
    assert "protections" in run("fill", path).err
