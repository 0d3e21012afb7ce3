"""The certificates that were issued, and where their files are."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class Certificate:
    """Times in Unix seconds; `expires_at` None means never. `sha256` is that of the certificate file.

    `chain_id` is the network of the record that it proves, 0 where that is not known any more.
    """

    id: str
    work_id: str
    kind: str
    audience: str
    challenge: str
    issued_at: int
    expires_at: int | None
    path: Path
    sha256: bytes
    chain_id: int = 0


class CertificateRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, certificate: Certificate) -> None:
        item = certificate
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO certificates (id, work_id, kind, audience, challenge, issued_at, expires_at,"
                " path, sha256, chain_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    item.id, item.work_id, item.kind, item.audience, item.challenge, item.issued_at,
                    item.expires_at, os.fsencode(item.path), item.sha256, item.chain_id,
                ),
            )  # fmt: skip

    def get(self, certificate_id: str) -> Certificate:
        """Raises NotFoundError("store.certificate_unknown")."""
        found = self._select("WHERE id = ?", certificate_id)
        if not found:
            raise NotFoundError("store.certificate_unknown", id=certificate_id[:80])
        return found[0]

    def for_work(self, work_id: str, chain_id: int = 0) -> list[Certificate]:
        """Newest first; with a chain id, without those that are known to be of another network."""
        if not chain_id:
            return self._select("WHERE work_id = ? ORDER BY seq DESC", work_id)
        return self._select("WHERE work_id = ? AND chain_id IN (?, 0) ORDER BY seq DESC", work_id, chain_id)

    def newest(self, limit: int = 100) -> list[Certificate]:
        return self._select("ORDER BY seq DESC LIMIT ?", limit)

    def _select(self, rest: str, *values: str | int) -> list[Certificate]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT * FROM certificates {rest}", values).fetchall()  # noqa: S608
        return [_certificate(row) for row in rows]

    def delete(self, certificate_id: str) -> None:
        """Remove the entry; the file stays."""
        with self._database.transaction() as connection:
            gone = connection.execute("DELETE FROM certificates WHERE id = ?", (certificate_id,))
            if gone.rowcount == 0:
                raise NotFoundError("store.certificate_unknown", id=certificate_id[:80])


def _certificate(row: sqlite3.Row) -> Certificate:
    values = {key: row[key] for key in row.keys() if key not in {"seq", "path"}}  # noqa: SIM118
    return Certificate(path=Path(os.fsdecode(row["path"])), **values)
