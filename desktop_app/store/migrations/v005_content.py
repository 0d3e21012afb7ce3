"""What is known of works beyond their fingerprint; packages made of them; witnesses of their records."""

from __future__ import annotations

import sqlite3

VERSION = 5

# `metadata` is schema.org JSON-LD, `facts` our own JSON, `units` ISCC units parted by spaces.
_STATEMENTS = (
    """
    CREATE TABLE work_details (
        work_id TEXT PRIMARY KEY REFERENCES works (id) ON DELETE CASCADE,
        version_of TEXT,
        metadata TEXT NOT NULL,
        facts TEXT NOT NULL,
        units TEXT NOT NULL,
        looked_at INTEGER
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE packages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        work_id TEXT NOT NULL REFERENCES works (id) ON DELETE CASCADE,
        path BLOB NOT NULL,
        size INTEGER NOT NULL CHECK (size > 0),
        key_commitment BLOB NOT NULL UNIQUE CHECK (length(key_commitment) = 32),
        sealed_key BLOB NOT NULL,
        package_root BLOB CHECK (length(package_root) = 32),
        content_root BLOB CHECK (length(content_root) = 32),
        created_at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX works_title ON works (title)",
    "CREATE INDEX packages_work ON packages (work_id)",
    """
    CREATE TABLE witnesses (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        registration_id TEXT NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('opentimestamps', 'rfc3161')),
        server TEXT NOT NULL,
        proof BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        attested_at INTEGER
    ) STRICT
    """,
    "CREATE INDEX witnesses_registration ON witnesses (registration_id)",
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
