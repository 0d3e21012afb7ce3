"""Challenges that were given out, each of which accepts one certificate."""

from __future__ import annotations

import sqlite3

VERSION = 3

_STATEMENTS = (
    """
    CREATE TABLE challenges (
        seq INTEGER PRIMARY KEY,
        code TEXT NOT NULL UNIQUE,
        given_to TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        used_at INTEGER,
        used_by BLOB CHECK (used_by IS NULL OR length(used_by) = 32),
        CHECK ((used_at IS NULL) = (used_by IS NULL))
    ) STRICT
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
