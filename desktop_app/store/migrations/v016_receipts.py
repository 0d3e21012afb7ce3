"""What a receipt of a transaction says beside its fee: when its block was made, and what moved in it."""

from __future__ import annotations

import sqlite3

VERSION = 16

# `logs` are the events that move money or shares, as JSON; NULL where they were not read, as for transactions
# of before. `sources` counts the nodes that have told the same outcome; `disputed`: one has told another.
_STATEMENTS = (
    "ALTER TABLE transactions ADD COLUMN block_time INTEGER CHECK (block_time >= 0)",
    "ALTER TABLE transactions ADD COLUMN logs TEXT",
    "ALTER TABLE transactions ADD COLUMN sources INTEGER NOT NULL DEFAULT 0 CHECK (sources >= 0)",
    "ALTER TABLE transactions ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0 CHECK (disputed IN (0, 1))",
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
