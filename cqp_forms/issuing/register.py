"""The register: every version ever issued in an output folder. SQLite, append-only.

WAL is off, because it does not work on network drives; a version is one transaction, written down
to the disk (``synchronous=FULL``). Triggers in the database itself refuse to change or delete what
was issued, whatever program tries.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Self

from cqp_forms.errors import OutputError
from cqp_forms.issuing import schema
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.register_errors import explained, is_emptied, refuse_lost_content
from cqp_forms.issuing.version import IssuedFile, Version

REGISTER = "registre.sqlite"

#: How long to wait for another process to finish its own version, in seconds.
PATIENCE = 20.0


class Access(Enum):
    """What a register is opened for; the value is SQLite's mode.

    A reader may have to undo the transaction of a process that was killed, hence « rw »; SQLite
    falls back to reading alone where the file cannot be written.
    """

    READ = "rw"
    WRITE = "rwc"


class Register:
    """An open register; use as a context manager, in one thread.

    Every method raises :class:`OutputError` when the file is locked, damaged, read-only, full or
    written by a later program.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(
        cls, directory: Path, access: Access = Access.WRITE, patience: float = PATIENCE
    ) -> Register:
        """Open the register of an output folder; ``WRITE`` makes it if need be.

        Args:
            directory: must exist.
            access: reading changes nothing that is in the file, and does not make it.
            patience: seconds to wait for another process.

        Raises:
            OutputError: see the class; also when there is none to read.
        """
        path = directory / REGISTER
        if access is Access.READ and not path.is_file():
            raise OutputError(
                "il n’y a pas de registre dans ce dossier",
                where=str(directory),
                remedy="Vérifiez le dossier ; si le registre est perdu, refaites-le depuis les "
                "documents : cqp-forms history --rebuild DOSSIER.",
            )
        emptied = is_emptied(path)
        with explained(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={access.value}",
                uri=True,
                timeout=patience,
                isolation_level=None,
            )
            register = cls(path, connection)
            try:
                connection.execute("PRAGMA foreign_keys=ON")
                connection.execute("PRAGMA synchronous=FULL")
                if access is Access.READ:
                    connection.execute("PRAGMA query_only=ON")
                register._require_known_format(access, emptied)
                register._require_whole()
            except BaseException:
                connection.close()
                raise
        return register

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _require_known_format(self, access: Access, emptied: bool) -> None:
        version = self._pragma("user_version")
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and self._pragma("application_id") != schema.APPLICATION_ID:
            raise OutputError(
                "ce fichier n’est pas un registre de cqp-forms",
                where=str(self.path),
                remedy="Choisissez un autre dossier avec -o DOSSIER, ou déplacez ce fichier.",
            )
        if version > len(schema.MIGRATIONS):
            raise OutputError(
                "ce registre a été écrit par une version plus récente de cqp-forms",
                where=str(self.path),
                remedy="Mettez cqp-forms à jour : pip install --upgrade cqp-forms.",
            )
        if version < len(schema.MIGRATIONS):
            if access is Access.READ:
                if emptied:
                    refuse_lost_content(self.path)
                raise OutputError(
                    "ce registre est d’un format plus ancien, ou vient d’être créé",
                    where=str(self.path),
                    remedy="Émettez un guide dans ce dossier : le registre se met à jour seul.",
                )
            self._migrate(emptied)

    def _migrate(self, emptied: bool) -> None:
        with self.writing():
            # Another process may have done it while this one waited for the lock.
            done = self._pragma("user_version")
            if emptied and not done:
                refuse_lost_content(self.path)
            for step in range(done, len(schema.MIGRATIONS)):
                for statement in _statements(schema.MIGRATIONS[step]):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version={step + 1}")
            self._connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")

    def _require_whole(self) -> None:
        """SQLite notices missing pages by itself, but not a last page that is cut short."""
        with self._reading():
            self._connection.execute("SELECT 1 FROM version LIMIT 1").fetchone()
            if self.path.stat().st_size % self._pragma("page_size"):
                raise sqlite3.DatabaseError("cut short")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, alone to write: committed at the end, undone by any exception.

        Leaving normally means that the transaction is on the disk.
        """
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def check(self) -> None:
        """Read the whole file; the thorough check that opening does not pay for.

        Raises:
            OutputError: it is damaged.
        """
        with explained(self.path):
            verdict = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)

    def insert(self, version: Version) -> None:
        """Enter a version and its files; only inside :meth:`writing`."""
        with explained(self.path):
            row = self._connection.execute(
                f"INSERT INTO version ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    version.guide,
                    version.key,
                    version.identity,
                    version.candidate,
                    version.folder,
                    version.number,
                    version.issued_at.isoformat(),
                    version.reason,
                    version.answers,
                    version.answers_sha256,
                    version.program,
                    version.issuer,
                ),
            ).lastrowid
            self._connection.executemany(
                "INSERT INTO file VALUES (?,?,?,?,?,?,?)",
                [
                    (row, one.role, one.path, one.size, one.sha256, one.blank_sha256,
                     one.mapping_sha256)
                    for one in version.files
                ],
            )  # fmt: skip

    def versions(self, guide: str = "", key: str = "") -> tuple[Version, ...]:
        """The versions in the order of issue; of one guide, of one candidate, where given."""
        where = " WHERE (guide = ? OR ? = '') AND (key = ? OR ? = '') ORDER BY id"
        return self._select(where, (guide, guide, key, key))

    def latest(self, guide: str, key: str) -> Version | None:
        """The version that stands, ``None`` when none was issued."""
        where = " WHERE guide = ? AND key = ? ORDER BY number DESC LIMIT 1"
        found = self._select(where, (guide, key))
        return found[0] if found else None

    def find(self, version: Version) -> Version | None:
        """The version of the same guide, candidate and number, ``None`` when there is none."""
        where = " WHERE guide = ? AND key = ? AND number = CAST(? AS INTEGER)"
        found = self._select(where, (version.guide, version.key, str(version.number)))
        return found[0] if found else None

    def owner_of(self, folder: str) -> str | None:
        """The key of the candidate whose folder this is."""
        return self._one("SELECT key FROM version WHERE folder = ? COLLATE NOCASE LIMIT 1", folder)

    def _one(self, query: str, value: str) -> str | None:
        with explained(self.path):
            row = self._connection.execute(query, (value,)).fetchone()
        return str(row[0]) if row else None

    def _select(self, where: str, values: tuple[str, ...]) -> tuple[Version, ...]:
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT id, {_COLUMNS} FROM version{where}", values
            ).fetchall()
            if len(rows) > 1:
                files = self._files("")
            else:
                files = self._files(" WHERE version = ?", *(row[0] for row in rows)) if rows else {}
            return tuple(_version(row, files.get(row[0], ())) for row in rows)

    def _files(self, where: str, *values: int) -> dict[int, tuple[IssuedFile, ...]]:
        found: dict[int, list[IssuedFile]] = defaultdict(list)
        for version, role, *rest in self._connection.execute(f"SELECT * FROM file{where}", values):
            found[version].append(IssuedFile(Role(role), *rest))
        order = list(Role)
        return {
            version: tuple(sorted(files, key=lambda one: order.index(one.role)))
            for version, files in found.items()
        }


_COLUMNS = (
    "guide, key, identity, candidate, folder, number, issued_at, reason, answers, answers_sha256, "
    "program, issuer"
)


def _version(row: tuple[Any, ...], files: tuple[IssuedFile, ...]) -> Version:
    (_, guide, key, identity, candidate, folder, number, issued_at, reason, answers, sha256,
     program, issuer) = row  # fmt: skip
    try:
        moment = datetime.fromisoformat(issued_at)
    except ValueError as problem:
        raise sqlite3.DatabaseError(str(problem)) from problem
    version = Version(
        guide=guide,
        key=key,
        identity=identity,
        candidate=candidate,
        folder=folder,
        number=number,
        issued_at=moment,
        reason=reason,
        answers=answers,
        program=program,
        issuer=issuer,
        files=files,
    )
    if version.answers_sha256 != sha256:
        raise sqlite3.DatabaseError(f"answers of row {row[0]} do not match their hash")
    return version


def _statements(script: str) -> Iterator[str]:
    """Split a script; ``executescript`` would commit, and a step is one transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
