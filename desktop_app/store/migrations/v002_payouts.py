"""Payouts, and how far the tracker of each network has come."""

from __future__ import annotations

import sqlite3

VERSION = 2

# A payout's key survives a reorganisation: the same transaction mined again gives the same rows. The ordinal
# counts the events of one token within its transaction, so that following a second token later renumbers
# nothing. Only rows that may still change are in the index payouts_open, which keeps it small.
_STATEMENTS = (
    """
    CREATE TABLE payouts (
        id INTEGER PRIMARY KEY,
        chain_id INTEGER NOT NULL,
        token TEXT NOT NULL COLLATE NOCASE,
        tx_hash TEXT NOT NULL COLLATE NOCASE,
        ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
        log_index INTEGER NOT NULL,
        block_number INTEGER NOT NULL,
        block_hash TEXT NOT NULL COLLATE NOCASE,
        block_time INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('payment', 'push', 'push_failed', 'claim')),
        party TEXT NOT NULL COLLATE NOCASE,
        currency TEXT NOT NULL COLLATE NOCASE,
        amount TEXT NOT NULL,
        memo TEXT NOT NULL,
        recipient TEXT NOT NULL COLLATE NOCASE,
        state TEXT NOT NULL CHECK (state IN ('seen', 'safe', 'final')),
        orphaned INTEGER NOT NULL DEFAULT 0 CHECK (orphaned IN (0, 1)),
        first_seen_at INTEGER NOT NULL,
        UNIQUE (tx_hash, chain_id, token, ordinal)
    ) STRICT
    """,
    "CREATE INDEX payouts_newest ON payouts (block_time, block_number, log_index)",
    "CREATE INDEX payouts_token ON payouts (token, block_time, block_number, log_index)",
    "CREATE INDEX payouts_open ON payouts (chain_id, block_number) WHERE state <> 'final'",
    """
    CREATE TABLE payout_cursors (
        chain_id INTEGER PRIMARY KEY,
        number INTEGER NOT NULL,
        hash TEXT NOT NULL,
        safe_number INTEGER NOT NULL,
        final_number INTEGER NOT NULL,
        final_hash TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE payout_tokens (
        chain_id INTEGER NOT NULL,
        token TEXT NOT NULL COLLATE NOCASE,
        created_block INTEGER NOT NULL CHECK (created_block >= 0),
        synced_to INTEGER NOT NULL,
        confirmed_to INTEGER NOT NULL,
        PRIMARY KEY (chain_id, token)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE payout_headers (
        chain_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (chain_id, number)
    ) STRICT, WITHOUT ROWID
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
