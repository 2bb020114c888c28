"""The register's tables and their rows, and the steps from one format to the next.

``PRAGMA user_version`` counts the steps taken. A step, once released, never changes: a new format
is a new step at the end.

A row is read and written here too, as the version, file, copy or note that it stands for. One that
cannot be what this program wrote is a damaged register: ``sqlite3.DatabaseError``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import IssuedFile, SignedCopy, Version

#: « CQPF »: tells a register from another program's database (``PRAGMA application_id``).
APPLICATION_ID = 0x43515046

_V1 = """
CREATE TABLE version (
    id INTEGER PRIMARY KEY,
    guide TEXT NOT NULL,
    key TEXT NOT NULL,
    identity TEXT NOT NULL,
    candidate TEXT NOT NULL,
    folder TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    issued_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    answers TEXT NOT NULL,
    answers_sha256 TEXT NOT NULL CHECK (length(answers_sha256) = 64),
    program TEXT NOT NULL,
    issuer TEXT NOT NULL,
    UNIQUE (guide, key, number)
);
CREATE INDEX version_folder ON version (folder COLLATE NOCASE);
CREATE INDEX version_key ON version (key);

CREATE TABLE file (
    version INTEGER NOT NULL REFERENCES version (id),
    role TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE COLLATE NOCASE,
    size INTEGER NOT NULL CHECK (size > 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    blank_sha256 TEXT NOT NULL,
    mapping_sha256 TEXT NOT NULL,
    PRIMARY KEY (version, role)
) WITHOUT ROWID;

-- INSERT OR REPLACE deletes without firing the triggers on DELETE: refuse it here.
CREATE TRIGGER version_is_new BEFORE INSERT ON version
WHEN EXISTS (
    SELECT 1 FROM version
    WHERE id = NEW.id OR (guide = NEW.guide AND key = NEW.key AND number = NEW.number)
)
BEGIN SELECT raise(ABORT, 'this version is already issued'); END;

CREATE TRIGGER file_is_new BEFORE INSERT ON file
WHEN NEW.version <> (SELECT max(id) FROM version)
    OR EXISTS (
        SELECT 1 FROM file
        WHERE path = NEW.path OR (version = NEW.version AND role = NEW.role)
    )
BEGIN SELECT raise(ABORT, 'this file is already issued'); END;

CREATE TRIGGER version_folder_is_one_candidates BEFORE INSERT ON version
WHEN EXISTS (
    SELECT 1 FROM version WHERE folder = NEW.folder COLLATE NOCASE AND key <> NEW.key
)
BEGIN SELECT raise(ABORT, 'the folder is another candidate''s'); END;

CREATE TRIGGER version_is_kept BEFORE UPDATE ON version
BEGIN SELECT raise(ABORT, 'an issued version is never changed'); END;
CREATE TRIGGER version_stays BEFORE DELETE ON version
BEGIN SELECT raise(ABORT, 'an issued version is never deleted'); END;
CREATE TRIGGER file_is_kept BEFORE UPDATE ON file
BEGIN SELECT raise(ABORT, 'an issued file is never changed'); END;
CREATE TRIGGER file_stays BEFORE DELETE ON file
BEGIN SELECT raise(ABORT, 'an issued file is never deleted'); END;
"""

_V2 = """
-- What is being issued: a row is there, on the disk, before the first of a version's files gets its
-- name. Only its own process sees it, unless that process was killed (see the module « recovery »).
CREATE TABLE pending (
    folder TEXT PRIMARY KEY,
    version TEXT NOT NULL
) WITHOUT ROWID;

-- A version's other format may come later; what came with its version has no date of its own.
ALTER TABLE file ADD COLUMN added_at TEXT NOT NULL DEFAULT '';

DROP TRIGGER IF EXISTS file_is_new;
CREATE TRIGGER file_is_new BEFORE INSERT ON file
WHEN (NEW.added_at = '' AND NEW.version <> (SELECT max(id) FROM version))
    OR (NEW.added_at <> '' AND NEW.role NOT IN ('docx', 'pdf'))
    OR EXISTS (
        SELECT 1 FROM file
        WHERE path = NEW.path OR (version = NEW.version AND role = NEW.role)
    )
BEGIN SELECT raise(ABORT, 'this file is already issued'); END;

CREATE INDEX version_identity ON version (guide, identity);
"""

_V3 = """
-- The random id that a version's pages carry; versions issued before have none.
ALTER TABLE version ADD COLUMN code TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX version_code ON version (code) WHERE code <> '';
DROP TRIGGER IF EXISTS version_is_new;
CREATE TRIGGER version_is_new BEFORE INSERT ON version
WHEN EXISTS (
    SELECT 1 FROM version
    WHERE id = NEW.id OR (guide = NEW.guide AND key = NEW.key AND number = NEW.number)
        OR (NEW.code <> '' AND code = NEW.code)
)
BEGIN SELECT raise(ABORT, 'this version is already issued'); END;

-- A signed copy that came back: a row of its own under its version.
CREATE TABLE signed (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL REFERENCES version (id),
    path TEXT NOT NULL UNIQUE COLLATE NOCASE,
    size INTEGER NOT NULL CHECK (size > 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    kind TEXT NOT NULL CHECK (kind IN ('pdf', 'scan')),
    extends TEXT NOT NULL,
    signatures TEXT NOT NULL,
    entered_at TEXT NOT NULL,
    program TEXT NOT NULL,
    issuer TEXT NOT NULL,
    UNIQUE (version, sha256)
);
CREATE TRIGGER signed_is_new BEFORE INSERT ON signed
WHEN EXISTS (
    SELECT 1 FROM signed
    WHERE id = NEW.id OR path = NEW.path
        OR (version = NEW.version AND sha256 = NEW.sha256)
) OR EXISTS (SELECT 1 FROM file WHERE path = NEW.path)
BEGIN SELECT raise(ABORT, 'this copy is already entered'); END;
CREATE TRIGGER signed_is_kept BEFORE UPDATE ON signed
BEGIN SELECT raise(ABORT, 'a signed copy is never changed'); END;
CREATE TRIGGER signed_stays BEFORE DELETE ON signed
BEGIN SELECT raise(ABORT, 'a signed copy is never deleted'); END;
"""

#: Step n leads from format n to format n + 1.
MIGRATIONS: tuple[str, ...] = (_V1, _V2, _V3)


def statements(script: str) -> Iterator[str]:
    """Split a script; ``executescript`` would commit, and a step is one transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def triggers(connection: sqlite3.Connection) -> dict[str, str]:
    """The triggers of a database: its SQL by name."""
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return dict(found.fetchall())


def triggers_of(steps: int) -> dict[str, str]:
    """The triggers that a register of that many steps has."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in MIGRATIONS[:steps]:
            for statement in statements(step):
                connection.execute(statement)
        return triggers(connection)


@dataclass(frozen=True, slots=True)
class Pending:
    """A version whose files are about to get their names.

    Attributes:
        folder: where they wait, relative to the staging folder, with ``/``.
        version: with the files that are to be named.
    """

    folder: str
    version: Version

    def to_json(self) -> str:
        """The note that the register keeps of it."""
        return self.version.to_json()


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

    def to_json(self) -> str:
        """The note that the register keeps of it."""
        plain = {"version": self.version.to_json(), "copy": asdict(self.copy)}
        return json.dumps(plain, ensure_ascii=False)


def pending_of(row: sqlite3.Row) -> Pending | None:
    """What a note is of; ``None`` where it is no version: it cannot be completed."""
    with suppress(ValueError):
        return Pending(row["folder"], Version.from_json(row["version"]))
    return None


def pending_copy_of(row: sqlite3.Row) -> PendingCopy | None:
    """What a note is of; ``None`` where it is no signed copy."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        plain = json.loads(row["version"])
        copy = {**plain["copy"], "signatures": tuple(plain["copy"]["signatures"])}
        return PendingCopy(row["folder"], Version.from_json(plain["version"]), SignedCopy(**copy))
    return None


def version_row(version: Version) -> dict[str, Any]:
    """The row of a version, without its files."""
    plain = {one.name: getattr(version, one.name) for one in fields(version) if one.name != "files"}
    return plain | {
        "issued_at": version.issued_at.isoformat(),
        "answers_sha256": version.answers_sha256,
    }


def version_of(row: sqlite3.Row, files: tuple[IssuedFile, ...]) -> Version:
    """The version of a row, with its files.

    Raises:
        sqlite3.DatabaseError: no date, or answers that do not match their hash.
    """
    plain = _known(row, Version)
    try:
        plain["issued_at"] = datetime.fromisoformat(plain["issued_at"])
    except ValueError as problem:
        raise sqlite3.DatabaseError(str(problem)) from problem
    version = Version(**plain, files=files)
    if version.answers_sha256 != row["answers_sha256"]:
        raise sqlite3.DatabaseError(f"answers of row {row['id']} do not match their hash")
    return version


def file_of(row: sqlite3.Row) -> IssuedFile:
    """The file of a row."""
    return IssuedFile(**_known(row, IssuedFile) | {"role": Role(row["role"])})


def copy_row(copy: SignedCopy) -> dict[str, Any]:
    """The row of a signed copy."""
    row = asdict(copy)
    row["kind"] = "scan" if row.pop("is_declared") else "pdf"
    return row | {"signatures": json.dumps(copy.signatures, ensure_ascii=False)}


def copy_of(row: sqlite3.Row) -> SignedCopy:
    """The signed copy of a row.

    Raises:
        sqlite3.DatabaseError: its signatures are none.
    """
    plain = _known(row, SignedCopy)
    try:
        plain["signatures"] = tuple(
            {str(key): str(value) for key, value in one.items()}
            for one in json.loads(plain["signatures"])
        )
        if not all({"area", "verdict", "kind"} <= one.keys() for one in plain["signatures"]):
            raise ValueError("not a signature")
    except (ValueError, AttributeError, TypeError) as problem:
        raise sqlite3.DatabaseError(str(problem)) from problem
    return SignedCopy(**plain, is_declared=row["kind"] == "scan")


def _known(row: sqlite3.Row, made: type[Version | IssuedFile | SignedCopy]) -> dict[str, Any]:
    """What a row has of some thing's fields; an earlier format lacks the last, with defaults."""
    have = row.keys()
    return {one.name: row[one.name] for one in fields(made) if one.name in have}
