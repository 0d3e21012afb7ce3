"""The last prices that each network told, and when."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from desktop_app.store.database import Database


@dataclass(frozen=True)
class StoredFee:
    """One action's cost in wei; `posted` bytes go to Ethereum, None where that is not known."""

    action: str
    gas: int
    execution: int
    data: int
    operator: int
    posted: int | None


@dataclass(frozen=True)
class StoredPrices:
    """`source` is the host of the node that was asked; prices in wei."""

    chain_id: int
    taken_at: int
    source: str
    gas_price: int
    l1_base_fee: int | None
    blob_base_fee: int | None
    proof_on_chain: bool | None
    contracts_there: bool | None
    doubtful: bool
    fees: tuple[StoredFee, ...]


class NetworkPriceRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, prices: StoredPrices) -> None:
        """Keep them in place of what was known of that network."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM network_action_fees WHERE chain_id = ?", (prices.chain_id,))
            connection.execute(
                "INSERT OR REPLACE INTO network_prices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    prices.chain_id,
                    prices.taken_at,
                    prices.source,
                    str(prices.gas_price),
                    _text(prices.l1_base_fee),
                    _text(prices.blob_base_fee),
                    prices.proof_on_chain,
                    prices.contracts_there,
                    prices.doubtful,
                ),
            )
            connection.executemany(
                "INSERT INTO network_action_fees VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        prices.chain_id,
                        fee.action,
                        fee.gas,
                        str(fee.execution),
                        str(fee.data),
                        str(fee.operator),
                        fee.posted,
                    )
                    for fee in prices.fees
                ],
            )

    def all(self) -> dict[int, StoredPrices]:
        """By chain id."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM network_prices").fetchall()
            fees = connection.execute("SELECT * FROM network_action_fees ORDER BY rowid").fetchall()
        return {row["chain_id"]: _prices(row, fees) for row in rows}


def _prices(row: sqlite3.Row, fees: list[sqlite3.Row]) -> StoredPrices:
    return StoredPrices(
        chain_id=row["chain_id"],
        taken_at=row["taken_at"],
        source=row["source"],
        gas_price=int(row["gas_price"]),
        l1_base_fee=_number(row["l1_base_fee"]),
        blob_base_fee=_number(row["blob_base_fee"]),
        proof_on_chain=_truth(row["proof_on_chain"]),
        contracts_there=_truth(row["contracts_there"]),
        doubtful=bool(row["doubtful"]),
        fees=tuple(
            StoredFee(
                action=fee["action"],
                gas=fee["gas"],
                execution=int(fee["execution"]),
                data=int(fee["data"]),
                operator=int(fee["operator"]),
                posted=fee["posted"],
            )
            for fee in fees
            if fee["chain_id"] == row["chain_id"]
        ),
    )


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _number(value: str | None) -> int | None:
    return None if value is None else int(value)


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)
