"""The challenges that the user gave out, and which certificate answered each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from desktop_app.store.database import Database


@dataclass(frozen=True)
class Challenge:
    """`given_to` is the user's own note; `used_by` the SHA-256 of the certificate that answered it."""

    code: str
    given_to: str
    created_at: int
    used_at: int | None = None
    used_by: bytes | None = None


class ChallengeRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, challenge: Challenge) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO challenges (code, given_to, created_at) VALUES (?, ?, ?)",
                (challenge.code, challenge.given_to, challenge.created_at),
            )

    def find(self, code: str) -> Challenge | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM challenges WHERE code = ?", (code,)).fetchone()
        return None if row is None else _challenge(row)

    def newest(self, limit: int = 100) -> list[Challenge]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM challenges ORDER BY seq DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_challenge(row) for row in rows]

    def use(self, code: str, certificate: bytes, used_at: int) -> bool:
        """Note that this certificate (SHA-256) answered; False when another one did before."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE challenges SET used_at = ?, used_by = ? WHERE code = ? AND used_by IS NULL",
                (used_at, certificate, code),
            )
            row = connection.execute("SELECT used_by FROM challenges WHERE code = ?", (code,)).fetchone()
        return row is not None and row["used_by"] == certificate


def _challenge(row: sqlite3.Row) -> Challenge:
    return Challenge(**{key: row[key] for key in row.keys() if key != "seq"})  # noqa: SIM118
