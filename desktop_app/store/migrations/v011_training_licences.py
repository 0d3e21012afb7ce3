"""Licences for AI training as the network last told them, so that they can be checked without it."""

from __future__ import annotations

import sqlite3

VERSION = 11

_STATEMENTS = (
    """
    CREATE TABLE training_licences (
        seq INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        contract TEXT NOT NULL,
        id INTEGER NOT NULL,
        licensee TEXT NOT NULL,
        licensor TEXT NOT NULL,
        token TEXT NOT NULL,
        version INTEGER NOT NULL,
        kind TEXT NOT NULL,
        quantity TEXT NOT NULL,
        data_root BLOB NOT NULL,
        expires_at INTEGER NOT NULL,
        read_at INTEGER NOT NULL,
        UNIQUE (chain_id, contract, id)
    ) STRICT
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
