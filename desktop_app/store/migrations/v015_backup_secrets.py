"""How many secrets of sales a backup held: without them what is on sale cannot be delivered."""

from __future__ import annotations

import sqlite3

VERSION = 15

_STATEMENTS = (
    "ALTER TABLE backups ADD COLUMN sale_secrets INTEGER NOT NULL DEFAULT 0 CHECK (sale_secrets >= 0)",
)


def upgrade(connection: sqlite3.Connection) -> None:
    for statement in _STATEMENTS:
        connection.execute(statement)
