"""Witnesses of records besides their own chain: timestamps of a commitment by others."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database


class WitnessKind(StrEnum):
    OPENTIMESTAMPS = "opentimestamps"
    RFC3161 = "rfc3161"


@dataclass(frozen=True)
class Witness:
    """`proof` is a .ots or .tsr file. `attested_at` in Unix seconds, None while it is only promised."""

    id: str
    registration_id: str
    kind: WitnessKind
    server: str
    proof: bytes = field(repr=False)
    created_at: int
    attested_at: int | None = None


class WitnessRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, witness: Witness) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO witnesses (id, registration_id, kind, server, proof, created_at, attested_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    witness.id, witness.registration_id, witness.kind.value, witness.server, witness.proof,
                    witness.created_at, witness.attested_at,
                ),
            )  # fmt: skip

    def get(self, witness_id: str) -> Witness:
        """Raises NotFoundError("witness.unknown")."""
        found = self._select("id = ?", witness_id.strip().lower())
        if not found:
            raise NotFoundError("witness.unknown", reference=witness_id[:80])
        return found[0]

    def for_registration(self, registration_id: str) -> list[Witness]:
        """Newest first."""
        return self._select("registration_id = ?", registration_id)

    def update(self, witness_id: str, proof: bytes, attested_at: int | None) -> None:
        """Keep a proof that has grown."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE witnesses SET proof = ?, attested_at = ? WHERE id = ?",
                (proof, attested_at, witness_id),
            )

    def _select(self, condition: str, value: str) -> list[Witness]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM witnesses WHERE {condition} ORDER BY seq DESC", (value,)  # noqa: S608
            ).fetchall()  # fmt: skip
        return [_witness(row) for row in rows]


def _witness(row: sqlite3.Row) -> Witness:
    values = {key: row[key] for key in row.keys() if key not in {"seq", "kind"}}  # noqa: SIM118
    return Witness(kind=WitnessKind(row["kind"]), **values)
