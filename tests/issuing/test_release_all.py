"""Several versions released in one transaction: each on its own, or none when the disk refuses."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest
from issuing_fakes import NOON, fiche, settings

from cqp_forms.answers import Answer, Answers
from cqp_forms.errors import OutputError
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import FileCondition, file_states
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.register import Access, Register
from cqp_forms.issuing.request import AlreadyIssued, Issued, IssueRequest, make_files
from cqp_forms.issuing.staging import Staged

NAMES = ("Adam", "Benoît", "Chloé")


def people(guide: Guide) -> list[Answers]:
    return [
        Answers(
            dict(fiche(guide)) | {"candidat.nom": Answer(one), "dossier.reference": Answer(one)}
        )
        for one in NAMES
    ]


def staged(issuer: Issuer, everyone: list[Answers]) -> list[Staged]:
    found = []
    for one in everyone:
        order = issuer.request(one, NOON)
        assert isinstance(order, IssueRequest)
        found.append(make_files(issuer.settings, order, issuer.session_folder))
    return found


def registered(directory: Path) -> list[str]:
    with Register.open(directory, Access.READ) as register:
        versions = register.versions()
        for one in versions:
            assert {file.state for file in file_states(directory, one)} == {FileCondition.INTACT}
    return sorted(one.candidate.split()[0] for one in versions)


def documents(directory: Path) -> int:
    return len(list(directory.rglob("*_v1.*")))


def test_all_are_issued_and_nothing_is_left(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        done = issuer.release_all(staged(issuer, people(guide)))
        assert all(isinstance(one, Issued) for one in done)
        assert not list(issuer.session_folder.iterdir())
    assert registered(tmp_path) == sorted(NAMES)
    assert documents(tmp_path) == 6


def test_one_whose_name_is_taken_fails_alone(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        waiting = staged(issuer, people(guide))
        taken = tmp_path / waiting[1].version.files[1].path  # its second file: the first is undone
        taken.parent.mkdir()
        taken.write_bytes(b"d'un autre")
        done = issuer.release_all(waiting)
    assert [type(one) for one in done] == [Issued, OutputError, Issued]
    assert registered(tmp_path) == ["Adam", "Chloé"]
    assert [one.name for one in taken.parent.iterdir()] == [taken.name]
    assert taken.read_bytes() == b"d'un autre"


def test_one_issued_meanwhile_by_another_process_is_told(guide: Guide, tmp_path: Path) -> None:
    same, other, third = people(guide)
    with Issuer(settings(guide), tmp_path) as issuer:
        waiting = staged(issuer, [same, other, third])
        with Issuer(settings(guide), tmp_path) as rival:
            rival.issue(same, NOON)
            rival.issue(Answers(dict(other) | {"remarques.autre": Answer("autrement")}), NOON)
        done = issuer.release_all(waiting)
    assert [type(one) for one in done] == [AlreadyIssued, OutputError, Issued]
    assert registered(tmp_path) == sorted(NAMES)


def test_when_the_register_refuses_none_is_issued_and_all_can_be_again(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def refuse(self: Register, version: object) -> None:
        calls.append(version)
        if len(calls) == 3:
            raise OutputError("le disque est plein")
        insert(self, version)  # type: ignore[arg-type]

    insert = Register.insert
    with Issuer(settings(guide), tmp_path) as issuer:
        waiting = staged(issuer, people(guide))
        monkeypatch.setattr(Register, "insert", refuse)
        with pytest.raises(OutputError, match="disque est plein"):
            issuer.release_all(waiting)
        monkeypatch.undo()
        assert documents(tmp_path) == 0
        assert not list(issuer.session_folder.iterdir())
        assert all(
            isinstance(one, Issued) for one in issuer.release_all(staged(issuer, people(guide)))
        )
    assert registered(tmp_path) == sorted(NAMES)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is forked")
@pytest.mark.parametrize("kill_at", range(1, 13))
def test_killed_in_the_middle_each_is_whole_or_is_not_there(
    guide: Guide, tmp_path: Path, kill_at: int
) -> None:
    """At each step of three releases in turn: lock, six names, three entries, commit, tidy."""
    seen = 0
    counted = ("lock", "name docx", "name pdf", "register", "commit", "tidy")

    def check(step: str) -> None:
        nonlocal seen
        seen += step in counted
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        with Issuer(settings(guide, checkpoint=check), tmp_path) as issuer:
            issuer.release_all(staged(issuer, people(guide)))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    with Issuer(settings(guide), tmp_path) as issuer:
        done = [issuer.issue(one, NOON) for one in people(guide)]
    assert all(isinstance(one, Issued | AlreadyIssued) for one in done)
    assert registered(tmp_path) == sorted(NAMES)
    assert documents(tmp_path) == 6
    assert not (tmp_path / ".emission").exists()


def test_the_disk_is_waited_for_once(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments: object, **named: object) -> sqlite3.Connection:
        connection = connect(*arguments, **named)  # type: ignore[call-overload]
        connection.set_trace_callback(begun.append)
        return connection  # type: ignore[no-any-return]

    with Issuer(settings(guide), tmp_path) as issuer:
        waiting = staged(issuer, people(guide))
        monkeypatch.setattr(sqlite3, "connect", traced)
        issuer.release_all(waiting)
    inserts = [index for index, one in enumerate(begun) if one.startswith("INSERT INTO version")]
    assert len(inserts) >= 3
    assert "COMMIT" not in begun[inserts[0] : inserts[-1]]
