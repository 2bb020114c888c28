"""The register: every version ever issued in an output folder. SQLite, append-only.

WAL is off, because it does not work on network drives; a version is one transaction, written down
to the disk (``synchronous=FULL``). Triggers in the database itself refuse to change or delete what
was issued, whatever program tries.

A register of an earlier format is read as it is; opened for writing, it is brought up to date.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Self

from cqp_forms.errors import OutputError
from cqp_forms.issuing import schema
from cqp_forms.issuing.issue_errors import explained, is_emptied, refuse_lost_content
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import IssuedFile, SignedCopy, Version
from cqp_forms.typography import command_line

REGISTER = "registre.sqlite"

#: How long to wait for another process to finish its own version, in seconds.
PATIENCE = 20.0

#: How many versions are read at once: between two, another process may write.
_PAGE = 200


class Access(Enum):
    """What a register is opened for; the value is SQLite's mode.

    A reader may have to undo the transaction of a process that was killed, hence « rw »; SQLite
    falls back to reading alone where the file cannot be written.
    """

    READ = "rw"
    WRITE = "rwc"


@dataclass(frozen=True, slots=True)
class Pending:
    """A version whose files are about to get their names.

    Attributes:
        folder: where they wait, relative to the staging folder, with ``/``.
        version: with the files that are to be named.
    """

    folder: str
    version: Version


@dataclass(frozen=True, slots=True)
class PendingCopy:
    """A signed copy that is about to get its name.

    Attributes:
        folder: where it waits, relative to the staging folder.
        version: which one it is a copy of.
        copy: its row to be.
    """

    folder: str
    version: Version
    copy: SignedCopy


class Register:
    """An open register; use as a context manager, in one thread.

    Every method raises :class:`OutputError` when the file is locked, damaged, read-only, full or
    written by a later program.

    Attributes:
        is_protected: whether the triggers that keep what was issued are all there, as they were
            made. Somebody who took them away may have changed what is in it.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.is_protected = True
        self._connection = connection
        self._steps = 0
        self._hold = False

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
                f"documents : {command_line('history', '--rebuild', directory)}",
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
        with self._reading():
            self._steps = version = self._pragma("user_version")
            tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            ours = self._pragma("application_id") == schema.APPLICATION_ID
            kept = schema.triggers(self._connection).items()
        if tables and not ours:
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
        if access is Access.READ and not version:
            if emptied:
                refuse_lost_content(self.path)
            raise OutputError(
                "ce registre vient d’être créé, et rien n’y est encore inscrit",
                where=str(self.path),
                remedy="Émettez un guide dans ce dossier : le registre se met à jour seul.",
            )
        self.is_protected = schema.triggers_of(version).items() <= kept
        if access is Access.WRITE and version < len(schema.MIGRATIONS):
            self._migrate(emptied)

    def _migrate(self, emptied: bool) -> None:
        with self.writing():
            # Another process may have done it while this one waited for the lock.
            done = self._pragma("user_version")
            if emptied and not done:
                refuse_lost_content(self.path)
            for step in range(done, len(schema.MIGRATIONS)):
                for statement in schema.statements(schema.MIGRATIONS[step]):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version={step + 1}")
            self._connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        self._steps = len(schema.MIGRATIONS)

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
                if self._hold:
                    # Not before the transaction: waiting for others, it would keep them waiting.
                    self._connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    @contextmanager
    def held(self) -> Iterator[None]:
        """Several transactions, and nobody else reads or writes between them.

        From the end of the first on, the file stays locked (``locking_mode``): what one transaction
        leaves for the next is seen by nobody else, unless this process is killed between the two.
        """
        self._hold = True
        try:
            yield
        finally:
            self._hold = False
            # The lock is let go at the next access. A register that fails here fails for its next
            # user too, who says so.
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA locking_mode=NORMAL").fetchone()
                self._connection.execute("SELECT 1 FROM version LIMIT 1").fetchone()

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
                f"INSERT INTO version ({_COLUMNS}) VALUES ({_VALUES})",
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
                    version.code,
                ),
            ).lastrowid
            self._insert_files(row, version.files)

    def add_files(self, version: Version) -> None:
        """Enter further files of a version that is there; only inside :meth:`writing`.

        Args:
            version: with the new files alone, each with the date that it came.
        """
        with explained(self.path):
            row = self._connection.execute(
                "SELECT id FROM version WHERE guide = ? AND key = ? AND number = ?",
                (version.guide, version.key, version.number),
            ).fetchone()
            self._insert_files(row[0], version.files)

    def _insert_files(self, row: int | None, files: Iterable[IssuedFile]) -> None:
        self._connection.executemany(
            f"INSERT INTO file (version, {_FILE_COLUMNS}, added_at) VALUES (?,?,?,?,?,?,?,?)",
            [
                (row, one.role, one.path, one.size, one.sha256, one.blank_sha256,
                 one.mapping_sha256, one.added_at)
                for one in files
            ],
        )  # fmt: skip

    def signed(self, version: Version) -> tuple[SignedCopy, ...]:
        """The signed copies of a version, in the order of their return."""
        where = (
            "version = (SELECT id FROM version WHERE guide = ? AND key = ? "
            "AND number = CAST(? AS INTEGER)) ORDER BY id"
        )
        return self._signed(where, version.guide, version.key, str(version.number))

    def signed_at(self, path: str) -> SignedCopy | None:
        """The signed copy of that name, ``None`` when there is none."""
        found = self._signed("path = ?", path)
        return found[0] if found else None

    def _signed(self, where: str, *values: str) -> tuple[SignedCopy, ...]:
        if self._steps < _SIGNED_FROM:
            return ()
        with explained(self.path):
            rows = self._connection.execute(
                f"SELECT {_SIGNED_COLUMNS} FROM signed WHERE {where}", values
            ).fetchall()
            return tuple(_signed_copy(row) for row in rows)

    def enter_signed(self, version: Version, copy: SignedCopy) -> None:
        """Enter a signed copy of a version that is there; only inside :meth:`writing`."""
        with explained(self.path):
            self._connection.execute(
                f"INSERT INTO signed (version, {_SIGNED_COLUMNS}) VALUES ((SELECT id FROM version "
                "WHERE guide = ? AND key = ? AND number = ?),?,?,?,?,?,?,?,?,?)",
                (
                    version.guide,
                    version.key,
                    version.number,
                    copy.path,
                    copy.size,
                    copy.sha256,
                    "scan" if copy.is_declared else "pdf",
                    copy.extends,
                    json.dumps(copy.signatures, ensure_ascii=False),
                    copy.entered_at,
                    copy.program,
                    copy.issuer,
                ),
            )

    def pending(self) -> tuple[Pending, ...]:
        """What processes that were killed have left; those of a held register are its own.

        A row that is no version is left out: it cannot be completed.
        """
        found = []
        for folder, version in self._pending():
            with suppress(ValueError):
                found.append(Pending(folder, Version.from_json(version)))
        return tuple(found)

    def pending_copies(self) -> tuple[PendingCopy, ...]:
        """The same of signed copies."""
        found = []
        for folder, said in self._pending():
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                plain = json.loads(said)
                copy = {**plain["copy"], "signatures": tuple(plain["copy"]["signatures"])}
                version = Version.from_json(plain["version"])
                found.append(PendingCopy(folder, version, SignedCopy(**copy)))
        return tuple(found)

    def _pending(self) -> list[tuple[str, str]]:
        if self._steps < 2:
            return []
        with explained(self.path):
            rows = self._connection.execute("SELECT folder, version FROM pending").fetchall()
        return [(str(folder), str(said)) for folder, said in rows]

    def begin(self, one: Pending | PendingCopy) -> None:
        """Note what is about to get its names; only inside :meth:`writing`."""
        said = one.version.to_json()
        if isinstance(one, PendingCopy):
            said = json.dumps({"version": said, "copy": asdict(one.copy)}, ensure_ascii=False)
        with explained(self.path):
            self._connection.execute("INSERT INTO pending VALUES (?,?)", (one.folder, said))

    def forget_pending(self, folder: str = "") -> None:
        """Drop the row of a folder, or all rows; only inside :meth:`writing`."""
        with explained(self.path):
            self._connection.execute(
                "DELETE FROM pending WHERE folder = ? OR ? = ''", (folder, folder)
            )

    def versions(self, guide: str = "", key: str = "") -> tuple[Version, ...]:
        """The versions in the order of issue; of one guide, of one candidate, where given."""
        where = "(guide = ? OR ? = '') AND (key = ? OR ? = '')"
        return tuple(self._pages(where, (guide, guide, key, key)))

    def each(self) -> Iterator[Version]:
        """Every version in the order of issue, a few at a time: memory does not grow with them."""
        return self._pages("1", ())

    def _pages(self, where: str, values: tuple[str, ...]) -> Iterator[Version]:
        last = 0
        while True:
            page = self._select(f" WHERE {where} AND id > {last} ORDER BY id LIMIT {_PAGE}", values)
            yield from (version for _, version in page)
            if len(page) < _PAGE:
                return
            last = page[-1][0]

    def standing(self) -> dict[tuple[str, str], int]:
        """The number of the version that stands, by guide and key."""
        with explained(self.path):
            rows = self._connection.execute(
                "SELECT guide, key, max(number) FROM version GROUP BY guide, key"
            ).fetchall()
        return {(guide, key): number for guide, key, number in rows}

    def namesake(self, guide: str, identity: str, key: str) -> Version | None:
        """The version that stands of somebody of the same name and company, under another key."""
        where = (
            " WHERE guide = ? AND identity = ? AND key <> ? AND number = (SELECT max(number) "
            "FROM version AS other WHERE other.guide = version.guide AND other.key = version.key) "
            "ORDER BY id DESC LIMIT 1"
        )
        found = self._select(where, (guide, identity, key))
        return found[0][1] if found else None

    def latest(self, guide: str, key: str) -> Version | None:
        """The version that stands, ``None`` when none was issued."""
        where = " WHERE guide = ? AND key = ? ORDER BY number DESC LIMIT 1"
        found = self._select(where, (guide, key))
        return found[0][1] if found else None

    def find(self, version: Version) -> Version | None:
        """The version of the same guide, candidate and number, ``None`` when there is none."""
        where = " WHERE guide = ? AND key = ? AND number = CAST(? AS INTEGER)"
        found = self._select(where, (version.guide, version.key, str(version.number)))
        return found[0][1] if found else None

    def of_code(self, code: str) -> Version | None:
        """The version whose pages carry that code, ``None`` when there is none."""
        found = self._select(" WHERE code = ?", (code,)) if self._steps >= _SIGNED_FROM else []
        return found[0][1] if found else None

    def owner_of(self, folder: str) -> str | None:
        """The key of the candidate whose folder this is."""
        return self._one("SELECT key FROM version WHERE folder = ? COLLATE NOCASE LIMIT 1", folder)

    def _one(self, query: str, value: str) -> str | None:
        with explained(self.path):
            row = self._connection.execute(query, (value,)).fetchone()
        return str(row[0]) if row else None

    def _select(self, where: str, values: tuple[str, ...]) -> list[tuple[int, Version]]:
        """Rows of the table of versions, each with its files."""
        with explained(self.path):
            columns = (
                _COLUMNS if self._steps >= _SIGNED_FROM else _COLUMNS.removesuffix("code") + "''"
            )
            rows = self._connection.execute(
                f"SELECT id, {columns} FROM version{where}", values
            ).fetchall()
            return [(row[0], _version(row, self._files(row[0]))) for row in rows]

    def _files(self, version: int) -> tuple[IssuedFile, ...]:
        added = "added_at" if self._steps >= 2 else "''"
        rows = self._connection.execute(
            f"SELECT {_FILE_COLUMNS}, {added} FROM file WHERE version = ?", (version,)
        )
        files = [IssuedFile(Role(role), *rest) for role, *rest in rows]
        return tuple(sorted(files, key=lambda one: list(Role).index(one.role)))


_COLUMNS = (
    "guide, key, identity, candidate, folder, number, issued_at, reason, answers, answers_sha256, "
    "program, issuer, code"
)
#: The format of the register that signed copies came with.
_SIGNED_FROM = 3
_SIGNED_COLUMNS = "path, size, sha256, kind, extends, signatures, entered_at, program, issuer"
_VALUES = ",".join("?" * len(_COLUMNS.split(",")))
_FILE_COLUMNS = "role, path, size, sha256, blank_sha256, mapping_sha256"


def _version(row: tuple[Any, ...], files: tuple[IssuedFile, ...]) -> Version:
    (_, guide, key, identity, candidate, folder, number, issued_at, reason, answers, sha256,
     program, issuer, code) = row  # fmt: skip
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
        code=code,
    )
    if version.answers_sha256 != sha256:
        raise sqlite3.DatabaseError(f"answers of row {row[0]} do not match their hash")
    return version


def _signed_copy(row: tuple[Any, ...]) -> SignedCopy:
    path, size, sha256, kind, extends, signatures, *rest = row
    try:
        held = tuple(
            {str(key): str(value) for key, value in one.items()} for one in json.loads(signatures)
        )
        if not all({"area", "verdict", "kind"} <= one.keys() for one in held):
            raise ValueError("not a signature")
    except (ValueError, AttributeError, TypeError) as problem:
        raise sqlite3.DatabaseError(str(problem)) from problem
    return SignedCopy(path, size, sha256, kind == "scan", extends, held, *rest)
