"""Licences for AI training as the network last told them."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.store.database import Database

_COLUMNS = (
    "chain_id", "contract", "id", "licensee", "licensor", "token", "version", "kind", "quantity", "data_root",
    "expires_at", "read_at",
)  # fmt: skip


@dataclass(frozen=True)
class StoredLicence:
    """Times are Unix seconds, `expires_at` 0: never; `quantity` in training runs; `data_root` is an identity.

    `licensor` offered the terms on which it was sold; `token` is the royalty token that the price went to.
    """

    chain_id: int
    contract: str
    id: int
    licensee: str
    licensor: str
    token: str
    version: int
    kind: str
    quantity: int
    data_root: bytes
    expires_at: int
    read_at: int


class TrainingLicenceRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, licence: StoredLicence) -> None:
        """Add it, or put it in the place of what was known of it."""
        values = vars(licence) | {"quantity": str(licence.quantity)}
        places = ", ".join(f":{name}" for name in _COLUMNS)
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO training_licences ({', '.join(_COLUMNS)}) VALUES ({places})",  # noqa: S608
                values,
            )

    def find(self, chain_id: int, contract: str, number: int) -> StoredLicence | None:
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT * FROM training_licences WHERE chain_id = ? AND contract = ? AND id = ?",
                (chain_id, contract, number),
            ).fetchone()
        if row is None:
            return None
        values = {name: row[name] for name in _COLUMNS}
        return StoredLicence(**(values | {"quantity": int(row["quantity"])}))

    def forget_chain(self, chain_id: int) -> None:
        """Drop the licences of a chain that no longer exists (a practice network that was reset)."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM training_licences WHERE chain_id = ?", (chain_id,))
