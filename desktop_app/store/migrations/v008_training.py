"""Private data sets with their opening budget, and the training runs made on them."""

from __future__ import annotations

import sqlite3

VERSION = 8

_STATEMENTS = (
    """
    CREATE TABLE data_sets (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        identity TEXT NOT NULL UNIQUE,
        header BLOB NOT NULL,
        table_schema BLOB NOT NULL,
        capacity INTEGER NOT NULL,
        opened INTEGER NOT NULL DEFAULT 0 CHECK (opened >= 0 AND opened <= capacity),
        created_at INTEGER NOT NULL
    ) STRICT
    """,
    # What has been shown cannot be taken back.
    """
    CREATE TRIGGER data_sets_opened BEFORE UPDATE OF opened, capacity, identity ON data_sets
    WHEN NEW.opened < OLD.opened OR NEW.capacity <> OLD.capacity OR NEW.identity <> OLD.identity
    BEGIN SELECT RAISE(ABORT, 'opening budget'); END
    """,
    """
    CREATE TABLE training_runs (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        data_sets TEXT NOT NULL,
        statement BLOB NOT NULL,
        losses TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        certificate BLOB
    ) STRICT
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
