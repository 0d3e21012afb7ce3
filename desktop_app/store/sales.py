"""What is on sale: locked packages, offers, and the orders on them."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.core.errors import NotFoundError
from desktop_app.store.database import Database

PLACING, PLACED, WITHDRAWN = "placing", "open", "withdrawn"
"""An offer that was signed and may be on its way; one that takes orders; one that does not any more."""
SETTLED = (3, 4)
"""Delivered and paid out, refunded: states in which an order stays."""


@dataclass(frozen=True)
class SalePackage:
    """`size` of the content in bytes. The roots (32 bytes) are None until the package is finished."""

    id: str
    work_id: str
    path: Path
    size: int
    key_commitment: bytes
    sealed_seed: bytes = field(repr=False)
    cipher_root: bytes | None
    plain_root: bytes | None
    created_at: int


@dataclass(frozen=True)
class StoredOffer:
    """`terms` is the JSON of the contract's offer, `licence` the licence's text, `addresses` where the
    package can be had. `fee_limit` is the most (coin's smallest unit) that an automatic delivery may cost."""

    chain_id: int
    offer_id: bytes
    package_id: str
    token: str
    terms: str = field(repr=False)
    licence: str = field(repr=False)
    addresses: tuple[str, ...]
    automatic: bool
    fee_limit: int
    state: str
    block_number: int | None
    created_at: int
    synced_to: int = -1


@dataclass(frozen=True)
class StoredOrder:
    """`state` is the contract's, 0 for an order whose block vanished. `sent_hash` is the newest transaction
    that was sent for it from here, `problem` (JSON of code and parameters, or "") what holds it up."""

    chain_id: int
    order_id: bytes
    offer_id: bytes
    terms: str = field(repr=False)
    block_number: int
    tx_hash: str
    state: int
    delivered_at: int = 0
    settled_block: int | None = None
    sent_hash: str = ""
    claimed_until: int = 0
    attempts: int = 0
    next_try_at: int = 0
    problem: str = ""


class SaleRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    # --- Packages ----------------------------------------------------------------------------------------

    def add_package(self, package: SalePackage) -> None:
        """Keep the seed before the first byte is encrypted: a package whose key was lost cannot be sold."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO sale_packages (id, work_id, path, size, key_commitment, sealed_seed,"
                " cipher_root, plain_root, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    package.id, package.work_id, os.fsencode(package.path), package.size,
                    package.key_commitment, package.sealed_seed, package.cipher_root, package.plain_root,
                    package.created_at,
                ),
            )  # fmt: skip

    def package(self, package_id: str) -> SalePackage:
        """Raises NotFoundError("package.unknown")."""
        found = self._packages("id = ?", package_id)
        if not found:
            raise NotFoundError("package.unknown", reference=package_id[:80])
        return found[0]

    def packages(self, work_id: str) -> list[SalePackage]:
        """Newest first."""
        return self._packages("work_id = ?", work_id)

    def finish_package(self, package_id: str, cipher_root: bytes, plain_root: bytes) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE sale_packages SET cipher_root = ?, plain_root = ? WHERE id = ?",
                (cipher_root, plain_root, package_id),
            )

    def delete_package(self, package_id: str) -> None:
        """Forget a package, its key and offers."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sale_packages WHERE id = ?", (package_id,))

    def _packages(self, condition: str, *values: str) -> list[SalePackage]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM sale_packages WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
            ).fetchall()  # fmt: skip
        return [_package(row) for row in rows]

    # --- Offers ------------------------------------------------------------------------------------------

    def add_offer(self, offer: StoredOffer) -> None:
        """Keep an offer before it is sent. One that was given up before it was open is put in its place."""
        values = vars(offer) | {
            "addresses": json.dumps(offer.addresses),
            "automatic": int(offer.automatic),
            "fee_limit": str(offer.fee_limit),
        }
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM sale_offers WHERE chain_id = ? AND offer_id = ? AND state = 'placing'",
                (offer.chain_id, offer.offer_id),
            )
            connection.execute(f"INSERT INTO sale_offers ({names}) VALUES ({places})", values)  # noqa: S608

    def offers(self, chain_id: int) -> list[StoredOffer]:
        """Newest first."""
        return self._offers("chain_id = ?", chain_id)

    def offer(self, chain_id: int, offer_id: bytes) -> StoredOffer | None:
        return next(iter(self._offers("chain_id = ? AND offer_id = ?", chain_id, offer_id)), None)

    def chains_with_offers(self) -> list[int]:
        """The networks on which something is or was on sale."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT DISTINCT chain_id FROM sale_offers ORDER BY chain_id")
            return [row[0] for row in rows]

    def set_offer_state(self, offer: StoredOffer, state: str, block_number: int | None = None) -> None:
        self._update_offer(offer, "state = ?, block_number = coalesce(?, block_number)", state, block_number)

    def set_addresses(self, offer: StoredOffer, addresses: tuple[str, ...]) -> None:
        self._update_offer(offer, "addresses = ?", json.dumps(addresses))

    def set_automatic(self, offer: StoredOffer, automatic: bool, fee_limit: int) -> None:
        self._update_offer(offer, "automatic = ?, fee_limit = ?", int(automatic), str(fee_limit))

    def set_synced(self, chain_id: int, offer_ids: list[bytes], block: int) -> None:
        """Note that the orders of these offers are known up to a block."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE sale_offers SET synced_to = ? WHERE chain_id = ? AND offer_id = ?",
                [(block, chain_id, one) for one in offer_ids],
            )

    def drop_offer(self, offer: StoredOffer) -> None:
        """Forget an offer that never came to the network."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM sale_offers WHERE chain_id = ? AND offer_id = ? AND state = 'placing'",
                (offer.chain_id, offer.offer_id),
            )

    def _update_offer(self, offer: StoredOffer, assignments: str, *values: str | int | None) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                f"UPDATE sale_offers SET {assignments} WHERE chain_id = ? AND offer_id = ?",  # noqa: S608
                (*values, offer.chain_id, offer.offer_id),
            )

    def _offers(self, condition: str, *values: int | bytes) -> list[StoredOffer]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM sale_offers WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
            ).fetchall()  # fmt: skip
        return [_offer(row) for row in rows]

    # --- Orders ------------------------------------------------------------------------------------------

    def keep_order(self, order: StoredOrder) -> bool:
        """Add an order, or note its new block; whether it was new."""
        values = (
            order.chain_id,
            order.order_id,
            order.offer_id,
            order.terms,
            order.block_number,
            order.tx_hash,
        )
        with self._database.transaction() as connection:
            added = connection.execute(
                "INSERT INTO sale_orders (chain_id, order_id, offer_id, terms, block_number, tx_hash, state)"
                " VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING",
                values,
            ).rowcount
            if not added:
                connection.execute(
                    "UPDATE sale_orders SET block_number = ?, tx_hash = ?"
                    " WHERE chain_id = ? AND order_id = ?",
                    (order.block_number, order.tx_hash, order.chain_id, order.order_id),
                )
        return bool(added)

    def orders(self, chain_id: int) -> list[StoredOrder]:
        """Newest first."""
        return self._orders("chain_id = ?", chain_id)

    def order(self, chain_id: int, order_id: bytes) -> StoredOrder | None:
        return next(iter(self._orders("chain_id = ? AND order_id = ?", chain_id, order_id)), None)

    def moving_orders(self, chain_id: int, settled_after: int) -> list[StoredOrder]:
        """Orders whose state can change: those that are not settled, or were in a block after this one."""
        return self._orders(
            "chain_id = ? AND (settled_block IS NULL OR settled_block > ?)", chain_id, settled_after
        )

    def set_order_state(self, order: StoredOrder, state: int, delivered_at: int, block: int) -> None:
        """Note what the contract says in `block`."""
        settled = None if state not in SETTLED else order.settled_block or block
        self._update_order(
            order,
            "state = ?, delivered_at = CASE WHEN ? > 0 THEN ? ELSE delivered_at END, settled_block = ?,"
            " problem = CASE WHEN ? <> state THEN '' ELSE problem END",
            state, delivered_at, delivered_at, settled, state,
        )  # fmt: skip

    def claim(self, order: StoredOrder, now: int, until: int) -> bool:
        """Take an order for oneself until a time (Unix seconds); False where another program has it."""
        with self._database.transaction() as connection:
            return bool(
                connection.execute(
                    "UPDATE sale_orders SET claimed_until = ? WHERE chain_id = ? AND order_id = ?"
                    " AND claimed_until <= ?",
                    (until, order.chain_id, order.order_id, now),
                ).rowcount
            )

    def release_claim(self, order: StoredOrder) -> None:
        self._update_order(order, "claimed_until = 0")

    def note_sent(self, order: StoredOrder, tx_hash: str) -> None:
        self._update_order(order, "sent_hash = ?, attempts = 0, next_try_at = 0, problem = ''", tx_hash)

    def note_problem(self, order: StoredOrder, problem: str, next_try_at: int) -> None:
        self._update_order(
            order,
            "problem = ?, next_try_at = ?, attempts = attempts + 1, sent_hash = ''",
            problem,
            next_try_at,
        )

    def _update_order(self, order: StoredOrder, assignments: str, *values: str | int | None) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                f"UPDATE sale_orders SET {assignments} WHERE chain_id = ? AND order_id = ?",  # noqa: S608
                (*values, order.chain_id, order.order_id),
            )

    def _orders(self, condition: str, *values: int | bytes) -> list[StoredOrder]:
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM sale_orders WHERE {condition} ORDER BY seq DESC", values  # noqa: S608
            ).fetchall()  # fmt: skip
        return [StoredOrder(**_values(row)) for row in rows]  # type: ignore[arg-type]

    def forget_chain(self, chain_id: int) -> None:
        """Drop the offers and orders of a chain that no longer exists (a practice network that was reset)."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM sale_offers WHERE chain_id = ?", (chain_id,))


def _values(row: sqlite3.Row) -> dict[str, object]:
    return {key: row[key] for key in row.keys() if key != "seq"}  # noqa: SIM118


def _package(row: sqlite3.Row) -> SalePackage:
    return SalePackage(**(_values(row) | {"path": Path(os.fsdecode(row["path"]))}))  # type: ignore[arg-type]


def _offer(row: sqlite3.Row) -> StoredOffer:
    changed = {
        "addresses": tuple(json.loads(row["addresses"])),
        "automatic": bool(row["automatic"]),
        "fee_limit": int(row["fee_limit"]),
    }
    return StoredOffer(**(_values(row) | changed))  # type: ignore[arg-type]
