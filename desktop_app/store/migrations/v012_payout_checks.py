"""The same rules for payouts, written so that SQLite checks them quickly."""

from __future__ import annotations

import sqlite3

VERSION = 12

# For each row, SQLite builds a table in memory of the values of an IN with more than two. It cannot change a
# CHECK: the table is made anew, with the rows and their numbers as they were.
_STATEMENTS = (
    """
    CREATE TABLE payouts_new (
        id INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        token TEXT NOT NULL COLLATE NOCASE,
        tx_hash TEXT NOT NULL COLLATE NOCASE,
        ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
        log_index INTEGER NOT NULL,
        block_number INTEGER NOT NULL,
        block_hash TEXT NOT NULL COLLATE NOCASE,
        block_time INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (
            kind = 'payment' OR kind = 'push' OR kind = 'push_failed' OR kind = 'claim' OR kind = 'forward'
        ),
        party TEXT NOT NULL COLLATE NOCASE,
        currency TEXT NOT NULL COLLATE NOCASE,
        amount TEXT NOT NULL,
        memo TEXT NOT NULL,
        recipient TEXT NOT NULL COLLATE NOCASE,
        state TEXT NOT NULL CHECK (state = 'seen' OR state = 'safe' OR state = 'final'),
        orphaned INTEGER NOT NULL DEFAULT 0 CHECK (orphaned IN (0, 1)),
        first_seen_at INTEGER NOT NULL,
        UNIQUE (tx_hash, chain_id, token, ordinal)
    ) STRICT
    """,
    "INSERT INTO payouts_new SELECT * FROM payouts",
    "DROP TABLE payouts",
    "ALTER TABLE payouts_new RENAME TO payouts",
    "CREATE INDEX payouts_newest ON payouts (block_time, block_number, log_index)",
    "CREATE INDEX payouts_token ON payouts (token, block_time, block_number, log_index)",
    "CREATE INDEX payouts_open ON payouts (chain_id, block_number) WHERE state <> 'final'",
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
