"""The newest voucher of each licence for plays: how many are used, and the licensee's signature."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from desktop_app.store.database import Database


@dataclass(frozen=True)
class PlayCount:
    """`total` plays are used so far, as signed; `used_at` in Unix seconds."""

    chain_id: int
    licence: int
    total: int
    signature: bytes = field(repr=False)
    used_at: int


class PlayCounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, count: PlayCount) -> None:
        """Put it in the place of the last one."""
        values = (count.chain_id, count.licence, str(count.total), count.signature, count.used_at)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO play_counts (chain_id, licence, total, signature, used_at)"
                " VALUES (?, ?, ?, ?, ?)",
                values,
            )

    def find(self, chain_id: int, licence: int) -> PlayCount | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM play_counts WHERE chain_id = ? AND licence = ?", (chain_id, licence)
            ).fetchone()
        return None if row is None else _count(row)

    def on_chain(self, chain_id: int) -> list[PlayCount]:
        """By number of the licence."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM play_counts WHERE chain_id = ? ORDER BY licence", (chain_id,)
            ).fetchall()
        return [_count(row) for row in rows]


def _count(row: sqlite3.Row) -> PlayCount:
    return PlayCount(row["chain_id"], row["licence"], int(row["total"]), row["signature"], row["used_at"])
