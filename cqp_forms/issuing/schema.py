"""The register's tables, and the steps from one format to the next.

``PRAGMA user_version`` counts the steps taken. A step, once released, never changes: a new format
is a new step at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

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
