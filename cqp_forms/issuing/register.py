"""The register: every version ever issued in an output folder. SQLite, append-only.

WAL is off, because it does not work on network drives; a version is one transaction, written down
to the disk (``synchronous=FULL``). Triggers in the database itself refuse to change or delete what
was issued, whatever program tries.

A register of an earlier format is read as it is; opened for writing, it is brought up to date.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any, Self

from cqp_forms.errors import OutputError
from cqp_forms.issuing import schema
from cqp_forms.issuing.issue_errors import explained, is_emptied, refuse_lost_content
from cqp_forms.issuing.schema import (
    Pending,
    PendingCopy,
    copy_of,
    copy_row,
    file_of,
    pending_copy_of,
    pending_of,
    version_of,
    version_row,
)
from cqp_forms.issuing.version import IssuedFile, SignedCopy, Version, ordered
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
            connection.row_factory = sqlite3.Row
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
        self._put("version", version_row(version))
        self.add_files(version)

    def add_files(self, version: Version) -> None:
        """Enter further files of a version that is there; only inside :meth:`writing`.

        Args:
            version: with the new files alone, each with the date that it came.
        """
        row = self._id(version)
        for one in version.files:
            self._put("file", asdict(one) | {"version": row})

    def _id(self, version: Version) -> int | None:
        found = self._all(f"SELECT id FROM version WHERE {_SAME}", **_named(version))
        return found[0]["id"] if found else None

    def signed(self, version: Version) -> tuple[SignedCopy, ...]:
        """The signed copies of a version, in the order of their return."""
        return self._signed("version = :version ORDER BY id", version=self._id(version))

    def signed_at(self, path: str) -> SignedCopy | None:
        """The signed copy of that name, ``None`` when there is none."""
        return next(iter(self._signed("path = :path", path=path)), None)

    def _signed(self, where: str, **values: object) -> tuple[SignedCopy, ...]:
        if self._steps < _SIGNED_FROM:
            return ()
        with explained(self.path):
            rows = self._all(f"SELECT * FROM signed WHERE {where}", **values)
            return tuple(copy_of(row) for row in rows)

    def enter_signed(self, version: Version, copy: SignedCopy) -> None:
        """Enter a signed copy of a version that is there; only inside :meth:`writing`."""
        self._put("signed", copy_row(copy) | {"version": self._id(version)})

    def pending(self) -> tuple[Pending, ...]:
        """What processes that were killed have left; those of a held register are its own.

        A row that is no version is left out: it cannot be completed.
        """
        return tuple(one for row in self._pending() if (one := pending_of(row)) is not None)

    def pending_copies(self) -> tuple[PendingCopy, ...]:
        """The same of signed copies."""
        return tuple(one for row in self._pending() if (one := pending_copy_of(row)) is not None)

    def _pending(self) -> list[sqlite3.Row]:
        return self._all("SELECT * FROM pending") if self._steps >= _PENDING_FROM else []

    def begin(self, one: Pending | PendingCopy) -> None:
        """Note what is about to get its names; only inside :meth:`writing`."""
        self._put("pending", {"folder": one.folder, "version": one.to_json()})

    def forget_pending(self, folder: str = "") -> None:
        """Drop the row of a folder, or all rows; only inside :meth:`writing`."""
        self._all("DELETE FROM pending WHERE folder = :folder OR :folder = ''", folder=folder)

    def versions(self, guide: str = "", key: str = "") -> tuple[Version, ...]:
        """The versions in the order of issue; of one guide, of one candidate, where given."""
        where = "(guide = :guide OR :guide = '') AND (key = :key OR :key = '')"
        return tuple(self._pages(where, guide=guide, key=key))

    def each(self) -> Iterator[Version]:
        """Every version in the order of issue, a few at a time: memory does not grow with them."""
        return self._pages("1")

    def _pages(self, where: str, **values: str) -> Iterator[Version]:
        last = 0
        while True:
            page = self._select(f"{where} AND id > {last} ORDER BY id LIMIT {_PAGE}", **values)
            yield from page.values()
            if len(page) < _PAGE:
                return
            last = max(page)

    def standing(self) -> dict[tuple[str, str], int]:
        """The number of the version that stands, by guide and key."""
        rows = self._all("SELECT guide, key, max(number) FROM version GROUP BY guide, key")
        return {(guide, key): number for guide, key, number in rows}

    def namesake(self, guide: str, identity: str, key: str) -> Version | None:
        """The version that stands of somebody of the same name and company, under another key."""
        return self._first(
            "guide = :guide AND identity = :identity AND key <> :key AND number = (SELECT "
            "max(number) FROM version AS other WHERE other.guide = version.guide AND other.key = "
            "version.key) ORDER BY id DESC",
            guide=guide, identity=identity, key=key,
        )  # fmt: skip

    def latest(self, guide: str, key: str) -> Version | None:
        """The version that stands, ``None`` when none was issued."""
        return self._first(
            "guide = :guide AND key = :key ORDER BY number DESC", guide=guide, key=key
        )

    def find(self, version: Version) -> Version | None:
        """The version of the same guide, candidate and number, ``None`` when there is none."""
        return self._first(_SAME, **_named(version))

    def of_code(self, code: str) -> Version | None:
        """The version whose pages carry that code, ``None`` when there is none."""
        return self._first("code = :code", code=code) if self._steps >= _SIGNED_FROM else None

    def owner_of(self, folder: str) -> str | None:
        """The key of the candidate whose folder this is."""
        query = "SELECT key FROM version WHERE folder = :folder COLLATE NOCASE LIMIT 1"
        found = self._all(query, folder=folder)
        return str(found[0]["key"]) if found else None

    def _first(self, where: str, **values: str) -> Version | None:
        return next(iter(self._select(f"{where} LIMIT 1", **values).values()), None)

    def _select(self, where: str, **values: str) -> dict[int, Version]:
        """Versions by their row, each with its files."""
        with explained(self.path):
            rows = self._all(f"SELECT * FROM version WHERE {where}", **values)
            return {row["id"]: version_of(row, self._files(row["id"])) for row in rows}

    def _files(self, version: int) -> tuple[IssuedFile, ...]:
        rows = self._all("SELECT * FROM file WHERE version = :version", version=version)
        return ordered(file_of(row) for row in rows)

    def _all(self, query: str, **values: object) -> list[sqlite3.Row]:
        with explained(self.path):
            return self._connection.execute(query, values).fetchall()

    def _put(self, table: str, row: dict[str, Any]) -> None:
        values = ", ".join(f":{name}" for name in row)
        self._all(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})", **row)


#: The formats of the register that notes and signed copies came with.
_PENDING_FROM, _SIGNED_FROM = 2, 3
#: The row of a version. A number may be larger than SQLite's: a text of it is not refused.
_SAME = "guide = :guide AND key = :key AND number = CAST(:number AS INTEGER)"


def _named(version: Version) -> dict[str, str]:
    return {"guide": version.guide, "key": version.key, "number": str(version.number)}
