"""What was bought from checkout pages, with the one-time secrets, sealed under the wallet."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database


@dataclass(frozen=True)
class StoredPurchase:
    """`page` is the JSON of the checkout page, `terms` that of the order, "" until it is known to be in a
    block. `public_point` (128 bytes) is the one-time key; the order is looked for from `first_block` on."""

    id: str
    chain_id: int
    offer_id: bytes
    page: str = field(repr=False)
    buyer: str
    public_point: bytes = field(repr=False)
    sealed_secret: bytes = field(repr=False)
    package_path: Path
    first_block: int
    created_at: int
    order_id: bytes | None = None
    terms: str = field(default="", repr=False)
    block_number: int | None = None
    content_path: Path | None = None


class PurchaseRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, purchase: StoredPurchase) -> None:
        """Keep it before anything is sent: without the one-time secret the key cannot be opened."""
        values = vars(purchase) | {
            "package_path": os.fsencode(purchase.package_path),
            "content_path": None if purchase.content_path is None else os.fsencode(purchase.content_path),
        }
        places = ", ".join(f":{name}" for name in values)
        with self._database.transaction() as connection:
            connection.execute(
                f"INSERT INTO purchases ({', '.join(values)}) VALUES ({places})", values  # noqa: S608
            )  # fmt: skip

    def get(self, purchase_id: str) -> StoredPurchase:
        """Raises NotFoundError("selling.no_such_purchase")."""
        found = self._select("id = ?", purchase_id.strip().lower())
        if not found:
            raise NotFoundError("selling.no_such_purchase", reference=purchase_id[:80])
        return found[0]

    def all(self) -> list[StoredPurchase]:
        """Newest first."""
        return self._select("1")

    def set_order(self, purchase_id: str, order_id: bytes, terms: str, block_number: int) -> None:
        self._update(purchase_id, "order_id = ?, terms = ?, block_number = ?", order_id, terms, block_number)

    def set_content(self, purchase_id: str, path: Path) -> None:
        self._update(purchase_id, "content_path = ?", os.fsencode(path))

    def delete(self, purchase_id: str) -> None:
        """Forget a purchase that was never sent."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM purchases WHERE id = ?", (purchase_id,))

    def forget_chain(self, chain_id: int) -> None:
        """Drop what was bought on a chain that no longer exists (a practice network that was reset)."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM purchases WHERE chain_id = ?", (chain_id,))
            connection.execute("DELETE FROM play_counts WHERE chain_id = ?", (chain_id,))

    def _update(self, purchase_id: str, assignments: str, *values: str | bytes | int) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                f"UPDATE purchases SET {assignments} WHERE id = ?", (*values, purchase_id)  # noqa: S608
            )  # fmt: skip

    def _select(self, condition: str, *values: str) -> list[StoredPurchase]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM purchases WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
            ).fetchall()  # fmt: skip
        return [_purchase(row) for row in rows]


def _purchase(row: sqlite3.Row) -> StoredPurchase:
    values = {key: row[key] for key in row.keys() if key != "seq"}  # noqa: SIM118
    content = row["content_path"]
    values["package_path"] = Path(os.fsdecode(row["package_path"]))
    values["content_path"] = None if content is None else Path(os.fsdecode(content))
    return StoredPurchase(**values)
