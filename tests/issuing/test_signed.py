"""Entering signed copies: killed at any step, a copy is there whole or the same command ends it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, fiche, settings
from test_crash import in_child, killer

from cqp_forms.errors import OutputError
from cqp_forms.guide import Guide
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.signed import Archivist, Receipt
from cqp_forms.issuing.version import SignedCopy

AREAS = ("signature.candidat", "signature.evaluateur_cpne")
STEPS = ["write", "flush", "lock", "record", "name", "register", "commit", "tidy"]
NAME = "OUTIL4_DUPONT_Zoe_v1_signe.pdf"


def signature(area: str) -> dict[str, str]:
    return {"kind": "certificat", "area": area, "verdict": "intacte", "signer": "Zoé"}


@pytest.fixture
def out(guide: Guide, tmp_path: Path) -> Path:
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
    return tmp_path


def enter(out: Path, content: bytes = b"signed", step: str = "", area: str = AREAS[0]) -> Receipt:
    with Register.open(out) as register:
        (version,) = register.versions()
        archivist = Archivist(out, register, LATER, "1.0.0", "u", killer(step))
        return archivist.enter(version, content, ".pdf", [signature(area)])


def copies(out: Path) -> tuple[SignedCopy, ...]:
    with Register.open(out, Access.READ) as register:
        (version,) = register.versions()
        return register.signed(version)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is forked")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_same_command_ends_it(out: Path, step: str) -> None:
    assert in_child(lambda: enter(out, step=step)) < 0
    for one in copies(out):
        assert (out / one.path).read_bytes() == b"signed"
    for path in (out / "DUPONT_Zoe").glob("*_signe*"):
        assert path.read_bytes() == b"signed"
    enter(out)
    (copy,) = copies(out)
    assert Path(copy.path).name == NAME and (out / copy.path).read_bytes() == b"signed"
    assert len(list((out / "DUPONT_Zoe").glob("*_signe*"))) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is forked")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_issue_enters_what_has_its_name(
    guide: Guide, out: Path, step: str
) -> None:
    assert in_child(lambda: enter(out, step=step)) < 0
    named = list((out / "DUPONT_Zoe").glob("*_signe*"))
    assert bool(named) is (step in ("register", "commit", "tidy"))
    with Issuer(settings(guide), out):
        pass
    found = copies(out)
    assert [out / one.path for one in found] == named
    assert [one.areas for one in found] == [{AREAS[0]}] * len(named)
    assert not (out / ".emission").exists()
    with Register.open(out, Access.READ) as register:
        assert register.pending_copies() == ()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is forked")
@pytest.mark.parametrize("change", ["altered", "elsewhere", "of_nobody"])
def test_a_note_that_is_not_of_this_program_enters_nothing(
    guide: Guide, out: Path, change: str
) -> None:
    assert in_child(lambda: enter(out, step="register")) < 0
    (path,) = (out / "DUPONT_Zoe").glob("*_signe*")
    if change == "altered":
        path.write_bytes(b"other!")
    else:
        with closing(sqlite3.connect(out / REGISTER)) as connection:
            ((before,),) = connection.execute("SELECT version FROM pending").fetchall()
            elsewhere = before.replace(f"DUPONT_Zoe/{NAME}", f"../{NAME}")
            after = elsewhere if change == "elsewhere" else _of_nobody(before)
            assert after != before
            connection.execute("UPDATE pending SET version = ?", (after,))
            connection.commit()
    with Issuer(settings(guide), out):
        pass
    assert copies(out) == () and path.exists()


def _of_nobody(said: str) -> str:
    plain = json.loads(said)
    version = json.loads(plain["version"])
    version["key"] = "personne"
    return json.dumps({**plain, "version": json.dumps(version)})


def test_what_a_process_left_goes_with_the_next_issue(guide: Guide, out: Path) -> None:
    assert in_child(lambda: enter(out, step="name")) < 0
    assert list(out.glob(".emission/*/*"))
    with Issuer(settings(guide), out):
        pass
    assert not (out / ".emission").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signed SET path = 'x'",
        "DELETE FROM signed",
        "REPLACE INTO signed SELECT * FROM signed",
        "INSERT OR REPLACE INTO signed SELECT 9, version, 'x', 1, sha256, kind, '', '[]', '', '',"
        " '' FROM signed",
        "INSERT INTO signed SELECT 9, 1, (SELECT path FROM file LIMIT 1), 1, printf('%064d', 1),"
        " 'pdf', '', '[]', '', '', '' FROM signed",
    ],
)
def test_the_database_itself_keeps_signed_copies(out: Path, statement: str) -> None:
    enter(out)
    with (
        closing(sqlite3.connect(out / REGISTER)) as connection,
        pytest.raises(sqlite3.IntegrityError),
    ):
        connection.execute(statement)
    assert len(copies(out)) == 1


def test_a_row_that_is_no_signature_is_a_damaged_register(out: Path) -> None:
    enter(out)
    with closing(sqlite3.connect(out / REGISTER)) as connection:
        connection.execute("DROP TRIGGER signed_is_kept")
        connection.execute("UPDATE signed SET signatures = '[1]'")
        connection.commit()
    with pytest.raises(OutputError):
        copies(out)


def test_a_register_that_refuses_takes_the_name_back_but_not_a_file_that_was_there(
    guide: Guide, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OutputError("non")

    monkeypatch.setattr(Register, "enter_signed", refused)
    with pytest.raises(OutputError):
        enter(out)
    assert not list(out.glob("*/*_signe*"))
    (out / "DUPONT_Zoe" / NAME).write_bytes(b"signed")
    with pytest.raises(OutputError):
        enter(out)
    assert (out / "DUPONT_Zoe" / NAME).read_bytes() == b"signed"
    monkeypatch.undo()
    with Issuer(settings(guide), out):
        pass
    assert copies(out) == ()
    enter(out)
    assert [Path(one.path).name for one in copies(out)] == [NAME]


def test_a_full_disk_leaves_nothing(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cqp_forms.issuing.storage.put_in_place", full)
    with pytest.raises(OutputError, match="disque est plein"):
        enter(out)
    assert copies(out) == () and not list(out.glob("*/*_signe*"))
