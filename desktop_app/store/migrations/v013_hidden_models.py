"""Models whose weights are committed to instead of shown, and training runs that go on where they stopped."""

from __future__ import annotations

import sqlite3

VERSION = 13

_STATEMENTS = (
    """
    CREATE TABLE hidden_models (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        run_id TEXT NOT NULL,
        identity TEXT NOT NULL UNIQUE,
        header BLOB NOT NULL,
        table_schema BLOB NOT NULL,
        capacity INTEGER NOT NULL,
        opened INTEGER NOT NULL DEFAULT 0 CHECK (opened >= 0 AND opened <= capacity),
        answered INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL
    ) STRICT
    """,
    # What has been shown cannot be taken back.
    """
    CREATE TRIGGER hidden_models_opened BEFORE UPDATE OF opened, answered, capacity, identity ON hidden_models
    WHEN NEW.opened < OLD.opened OR NEW.answered < OLD.answered OR NEW.capacity <> OLD.capacity
        OR NEW.identity <> OLD.identity
    BEGIN SELECT RAISE(ABORT, 'opening budget'); END
    """,
    # Steps that were asked for (0: as many as were made), and the pieces in which they are proved.
    "ALTER TABLE training_runs ADD COLUMN planned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE training_runs ADD COLUMN segments INTEGER NOT NULL DEFAULT 1",
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
