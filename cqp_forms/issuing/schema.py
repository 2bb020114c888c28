"""The register's tables, and the steps from one format to the next.

``PRAGMA user_version`` counts the steps taken. A step, once released, never changes: a new format
is a new step at the end.
"""

from __future__ import annotations

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

#: Step n leads from format n to format n + 1.
MIGRATIONS: tuple[str, ...] = (_V1,)
