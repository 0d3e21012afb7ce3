"""The prices that networks told when the user asked them."""

from __future__ import annotations

import sqlite3

VERSION = 7

# Wei do not fit into SQLite's integers on every network, so they are text.
_STATEMENTS = (
    """
    CREATE TABLE network_prices (
        chain_id INTEGER PRIMARY KEY,
        taken_at INTEGER NOT NULL,
        source TEXT NOT NULL,
        gas_price TEXT NOT NULL,
        l1_base_fee TEXT,
        blob_base_fee TEXT,
        proof_on_chain INTEGER CHECK (proof_on_chain IN (0, 1)),
        contracts_there INTEGER CHECK (contracts_there IN (0, 1)),
        doubtful INTEGER NOT NULL CHECK (doubtful IN (0, 1))
    ) STRICT
    """,
    """
    CREATE TABLE network_action_fees (
        chain_id INTEGER NOT NULL,
        action TEXT NOT NULL,
        gas INTEGER NOT NULL,
        execution TEXT NOT NULL,
        data TEXT NOT NULL,
        operator TEXT NOT NULL,
        posted INTEGER,
        UNIQUE (chain_id, action)
    ) STRICT
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
