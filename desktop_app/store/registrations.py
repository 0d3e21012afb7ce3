"""The records of works on a chain, and the salts that open them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database


class RegistrationStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True)
class Registration:
    """`commitment` is the compressed point (48 bytes), `commitment_id` the contract's key (32 bytes).

    `record_salt` (32 bytes) leads, with the wallet's seed, to the blinding: without it the commitment cannot
    be opened. `proved` tells whether the contract checked the proof. `block_time` in Unix seconds.
    """

    id: str
    work_id: str
    chain_id: int
    registry: str
    registrant: str
    commitment: bytes
    commitment_id: bytes
    record_salt: bytes = field(repr=False)
    proved: bool
    tx_hash: str | None = None
    block_number: int | None = None
    block_time: int | None = None
    status: RegistrationStatus = RegistrationStatus.PENDING


class RegistrationRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, registration: Registration) -> None:
        """Store it before the transaction is sent: the salt must outlive a crash."""
        item = registration
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO registrations (id, work_id, chain_id, registry, registrant, commitment,"
                " commitment_id, record_salt, proved, tx_hash, block_number, block_time, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    item.id, item.work_id, item.chain_id, item.registry, item.registrant, item.commitment,
                    item.commitment_id, item.record_salt, int(item.proved), item.tx_hash, item.block_number,
                    item.block_time, item.status.value,
                ),
            )  # fmt: skip

    def get(self, registration_id: str) -> Registration:
        """Raises NotFoundError("store.registration_unknown")."""
        found = self._select("id = ?", registration_id)
        if not found:
            raise NotFoundError("store.registration_unknown", id=registration_id[:80])
        return found[0]

    def for_work(self, work_id: str) -> list[Registration]:
        """Newest first."""
        return self._select("work_id = ?", work_id)

    def confirmed(self, work_id: str, chain_id: int) -> Registration | None:
        """The oldest confirmed record of a work on a chain: the one that gives its date."""
        found = self._select("work_id = ? AND chain_id = ? AND status = 'confirmed'", work_id, chain_id)
        return found[-1] if found else None

    def pending(self, chain_id: int) -> list[Registration]:
        """Newest first."""
        return self._select("chain_id = ? AND status = 'pending'", chain_id)

    def by_commitment(self, chain_id: int, commitment_id: bytes) -> list[Registration]:
        """Newest first."""
        return self._select("chain_id = ? AND commitment_id = ?", chain_id, commitment_id)

    def work_of(self, chain_id: int, commitment_id: bytes) -> str:
        """The id of the work with that record, "" where it is none of ours."""
        found = self.by_commitment(chain_id, commitment_id)
        return found[0].work_id if found else ""

    def _select(self, condition: str, *values: str | bytes | int) -> list[Registration]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM registrations WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
            ).fetchall()  # fmt: skip
        return [_registration(row) for row in rows]

    def set_transaction(self, registration_id: str, tx_hash: str) -> None:
        self._update(registration_id, "tx_hash = ?", tx_hash)

    def confirm(
        self, registration_id: str, *, tx_hash: str, block_number: int, block_time: int, proved: bool
    ) -> None:
        self._update(
            registration_id,
            "status = 'confirmed', tx_hash = ?, block_number = ?, block_time = ?, proved = ?",
            tx_hash, block_number, block_time, int(proved),
        )  # fmt: skip

    def fail(self, registration_id: str) -> None:
        self._update(registration_id, "status = 'failed'")

    def _update(self, registration_id: str, assignments: str, *values: str | int) -> None:
        with self._database.transaction() as connection:
            changed = connection.execute(
                f"UPDATE registrations SET {assignments} WHERE id = ?", (*values, registration_id)  # noqa: S608
            )  # fmt: skip
            if changed.rowcount == 0:
                raise NotFoundError("store.registration_unknown", id=registration_id[:80])

    def forget_chain(self, chain_id: int) -> None:
        """Drop what was registered on a chain that no longer exists (a practice network that was reset)."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM registrations WHERE chain_id = ?", (chain_id,))


def _registration(row: sqlite3.Row) -> Registration:
    values = {key: row[key] for key in row.keys() if key not in {"seq", "proved", "status"}}  # noqa: SIM118
    return Registration(proved=bool(row["proved"]), status=RegistrationStatus(row["status"]), **values)
