"""Which backups were made, so that the app can remind of the next one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop_app.store.database import Database


@dataclass(frozen=True)
class BackupRecord:
    """`wallet` is the address of its first account; counts are those at the time of the backup."""

    wallet: str
    created_at: int
    path: Path
    accounts: int
    registrations: int
    sale_secrets: int = 0


class BackupRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: BackupRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO backups (wallet, created_at, path, accounts, registrations, sale_secrets)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    record.wallet, record.created_at, os.fsencode(record.path), record.accounts,
                    record.registrations, record.sale_secrets,
                ),
            )  # fmt: skip

    def newest(self, wallet: str) -> BackupRecord | None:
        """The last backup of a wallet."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM backups WHERE wallet = ? ORDER BY seq DESC LIMIT 1", (wallet,)
            ).fetchone()
        if row is None:
            return None
        return BackupRecord(
            row["wallet"],
            row["created_at"],
            Path(os.fsdecode(row["path"])),
            row["accounts"],
            row["registrations"],
            row["sale_secrets"],
        )

    def registrations(self, but_on: int = 0) -> int:
        """How many record salts there are to be kept: without its salt nobody can open a record again.

        Those on the network with the chain id `but_on` are not counted.
        """
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM registrations WHERE status <> 'failed' AND chain_id <> ?", (but_on,)
            ).fetchone()
        return int(row[0])

    def sale_secrets(self) -> int:
        """How many finished locked files there are: without its secret nobody can be given the key of one."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM sale_packages WHERE plain_root IS NOT NULL"
            ).fetchone()
        return int(row[0])

    def move_certificates(self, places: Mapping[bytes, Path]) -> None:
        """Note where certificate files are now, by SHA-256."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE certificates SET path = ? WHERE sha256 = ?",
                [(os.fsencode(path), digest) for digest, path in places.items()],
            )
