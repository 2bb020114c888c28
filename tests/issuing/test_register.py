"""The register itself: append-only, and plain words when something is wrong with it."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, fiche, settings

from cqp_forms.errors import ExitCode, OutputError
from cqp_forms.guide import Guide
from cqp_forms.issuing import schema
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.naming import Role, person
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.version import IssuedFile, Version


def version(guide: Guide, key: str = "a", number: int = 1, folder: str = "") -> Version:
    answers = fiche(guide, dossier__reference=key)
    plain = Version.of(
        guide,
        person(guide, answers),
        answers.canonical_json(),
        number=number,
        issued_at=NOON if number == 1 else LATER,
        program="1.0.0",
        issuer="u",
        reason="" if number == 1 else "x",
    )
    name = folder or f"F_{key}"
    file = IssuedFile(Role.PDF, f"{name}/v{number}.pdf", 3, "0" * 64, "1" * 64, "2" * 64)
    code = f"7K2M9XW4TAB{number}" if key == "a" else ""
    return replace(plain, folder=name, files=(file,), code=code)


@pytest.fixture
def filled(guide: Guide, tmp_path: Path) -> Path:
    with Register.open(tmp_path) as register:
        for number in (1, 2):
            with register.writing():
                register.insert(version(guide, number=number))
    return tmp_path


@contextmanager
def raw(directory: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(directory / REGISTER)) as connection:
        yield connection


def refused(directory: Path, access: Access = Access.WRITE) -> OutputError:
    with pytest.raises(OutputError) as caught, Register.open(directory, access, 0.1) as register:
        register.check()
    assert caught.value.exit_code == ExitCode.OUTPUT
    assert REGISTER in caught.value.where
    assert caught.value.remedy
    return caught.value


def test_what_goes_in_comes_out(guide: Guide, filled: Path) -> None:
    with Register.open(filled, Access.READ) as register:
        assert register.versions() == (version(guide), version(guide, number=2))
        assert register.latest(guide.id, "a") == version(guide, number=2)
        assert register.latest(guide.id, "b") is None
        assert register.latest("other", "a") is None
        assert register.find(version(guide)) == version(guide)
        assert register.versions(key="b") == ()
        assert register.owner_of("f_A") == "a"
        register.check()


def test_it_is_kept_without_wal_and_in_the_current_format(filled: Path) -> None:
    with raw(filled) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    assert [path.name for path in filled.iterdir()] == [REGISTER]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE version SET reason = 'autre' WHERE number = 1",
        "UPDATE OR REPLACE version SET number = 1 WHERE number = 2",
        "DELETE FROM version WHERE number = 2",
        "REPLACE INTO version SELECT * FROM version WHERE number = 1",
        "INSERT OR REPLACE INTO version SELECT 9, guide, key, identity, candidate, folder, number,"
        " issued_at, 'autre', answers, answers_sha256, program, issuer, '' FROM version LIMIT 1",
        "INSERT OR REPLACE INTO version SELECT 9, guide, 'autre', identity, candidate, 'autre',"
        " 1, issued_at, reason, answers, answers_sha256, program, issuer, code FROM version"
        " WHERE code <> ''",
        "UPDATE file SET sha256 = path",
        "DELETE FROM file",
        "REPLACE INTO file SELECT * FROM file WHERE version = 2",
        "REPLACE INTO file SELECT 1, 'docx', 'x', 1, sha256, '', '', '' FROM file LIMIT 1",
        "INSERT INTO file SELECT 1, 'modifications', 'x', 1, sha256, '', '', '2026' FROM file",
        "INSERT INTO file SELECT 1, 'pdf', 'x', 1, sha256, '', '', '2026' FROM file LIMIT 1",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_issued(
    guide: Guide, filled: Path, statement: str
) -> None:
    with raw(filled) as connection:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
        connection.rollback()
    with Register.open(filled, Access.READ) as register:
        assert register.versions() == (version(guide), version(guide, number=2))


def test_the_database_itself_refuses_one_folder_for_two(guide: Guide, filled: Path) -> None:
    with (
        Register.open(filled) as register,
        pytest.raises(sqlite3.IntegrityError),
        register.writing(),
    ):
        register.insert(version(guide, key="b", folder="f_a"))


def test_a_transaction_is_whole_or_nothing(guide: Guide, filled: Path) -> None:
    with Register.open(filled) as register:
        with pytest.raises(RuntimeError), register.writing():
            register.insert(version(guide, key="b"))
            raise RuntimeError
        assert len(register.versions()) == 2


def test_an_older_format_is_brought_up_to_date(
    guide: Guide, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (*schema.MIGRATIONS, "CREATE TABLE note (id INTEGER PRIMARY KEY);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    with Register.open(filled, Access.READ) as register:
        assert len(register.versions()) == 2
    with raw(filled) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps) - 1,)
    with Register.open(filled) as register:
        assert len(register.versions()) == 2
    with raw(filled) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
        connection.execute("SELECT * FROM note")


def test_a_migration_that_fails_changes_nothing(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (*schema.MIGRATIONS, "CREATE TABLE note (id);\nCREATE TABLE note (id);\n")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    with pytest.raises(sqlite3.OperationalError):
        Register.open(filled)
    with raw(filled) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps) - 1,)
        assert connection.execute("SELECT * FROM sqlite_master WHERE name='note'").fetchall() == []


def test_a_later_format_is_refused(filled: Path) -> None:
    with raw(filled) as connection:
        connection.execute("PRAGMA user_version=99")
    assert "plus récente" in refused(filled).message


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with raw(tmp_path) as connection:
        connection.execute("CREATE TABLE contacts (id)")
    assert "pas un registre" in refused(tmp_path).message


def test_no_register_to_read(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="pas de registre"):
        Register.open(tmp_path, Access.READ)
    assert list(tmp_path.iterdir()) == []


def test_locked_by_another_process(guide: Guide, filled: Path) -> None:
    with raw(filled) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert "utilisé par un autre programme" in refused(filled).message
        with pytest.raises(OutputError, match="utilisé par un autre programme"):
            Issuer(settings(guide), filled, 0.1).__enter__()
        connection.rollback()
    with Register.open(filled) as register:
        assert len(register.versions()) == 2


def test_a_lock_that_is_soon_released_is_waited_for(guide: Guide, filled: Path) -> None:
    path = filled / REGISTER
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.3, connection.rollback)
    timer.start()
    with Register.open(filled, Access.WRITE, 10) as register, register.writing():
        register.insert(version(guide, number=3))
    timer.join()
    connection.close()


@pytest.mark.parametrize("keep", [1, 99, 100, 4096, 4096 * 2 + 17, -1, -2000])
def test_a_register_cut_short_is_told_and_left_alone(guide: Guide, filled: Path, keep: int) -> None:
    path = filled / REGISTER
    content = path.read_bytes()
    path.write_bytes(content[:keep])
    problem = refused(filled)
    assert "endommagé ou incomplet" in problem.message
    assert "--rebuild" in problem.remedy
    assert path.read_bytes() == content[:keep]
    with pytest.raises(OutputError):
        Issuer(settings(guide), filled).__enter__()
    assert path.read_bytes() == content[:keep]


def test_a_register_emptied_beside_issued_guides_is_told(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
    (tmp_path / REGISTER).write_bytes(b"")
    assert "vide alors que" in refused(tmp_path).message
    assert (tmp_path / REGISTER).read_bytes() == b""


def test_a_register_about_to_be_made_is_made(tmp_path: Path) -> None:
    (tmp_path / REGISTER).write_bytes(b"")
    with Register.open(tmp_path) as register:
        assert register.versions() == ()


@pytest.mark.parametrize("access", list(Access))
def test_a_transaction_cut_off_in_the_middle_is_undone_even_to_read(
    guide: Guide, filled: Path, tmp_path_factory: pytest.TempPathFactory, access: Access
) -> None:
    """Pages are in the file already, and the journal says what they were."""
    other = tmp_path_factory.mktemp("killed")
    with raw(filled) as connection:
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DROP TRIGGER version_stays")
        connection.execute("DROP TRIGGER file_stays")
        connection.execute("DELETE FROM file")
        connection.execute("DELETE FROM version")
        connection.execute("CREATE TABLE filler AS SELECT zeroblob(500000) AS z")
        for path in filled.iterdir():
            shutil.copy(path, other)
        connection.rollback()
    assert (other / f"{REGISTER}-journal").stat().st_size
    assert (other / REGISTER).read_bytes() != (filled / REGISTER).read_bytes()
    with Register.open(other, access) as register:
        assert register.versions() == (version(guide), version(guide, number=2))


def test_a_reader_cannot_write(guide: Guide, filled: Path) -> None:
    with (
        Register.open(filled, Access.READ) as register,
        pytest.raises(OutputError, match="lecture seule"),
        register.writing(),
    ):
        register.insert(version(guide, number=3))


def test_garbage_inside_is_told(filled: Path) -> None:
    path = filled / REGISTER
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert "endommagé" in refused(filled).message


def test_answers_altered_in_the_file_are_told(filled: Path) -> None:
    path = filled / REGISTER
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"c1.1.1":"OUI"', b'"c1.1.1":"NON"'))
    with (
        Register.open(filled, Access.READ) as register,
        pytest.raises(OutputError, match="endommagé"),
    ):
        register.versions()


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / REGISTER).mkdir()
    assert "ouvert" in refused(tmp_path).message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (sqlite3.SQLITE_FULL, "disque est plein"),
        (sqlite3.SQLITE_IOERR_WRITE, "lecteur réseau"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "lecture seule"),
        (sqlite3.SQLITE_CANTOPEN, "ne peut pas être ouvert"),
    ],
)
def test_what_the_system_refuses_is_explained(
    guide: Guide, filled: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    """Modes and quotas do not stop root: the refusal is simulated."""

    class Refusing:
        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def execute(self, statement: str, *values: object) -> object:
            if statement == "COMMIT":
                problem = sqlite3.OperationalError("refused")
                problem.sqlite_errorcode = code
                raise problem
            return self._connection.execute(statement, *values)

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

    with Register.open(filled) as register:
        monkeypatch.setattr(register, "_connection", Refusing(register._connection))
        with pytest.raises(OutputError, match=message), register.writing():
            register.insert(version(guide, number=3))
        monkeypatch.undo()
        assert len(register.versions()) == 2
