"""Where the sender keeps its transactions, and what became of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from desktop_app.chain import wire
from desktop_app.chain.connection import Chain
from desktop_app.chain.raw_transaction import decode
from desktop_app.chain.wire import Json, to_data
from desktop_app.core.amounts import Amount
from desktop_app.store.transactions import Outcome, Purpose, StoredTransaction


class TransactionJournal(Protocol):
    """`store.transactions.TransactionRepository` is one."""

    def add(self, transaction: StoredTransaction, *, anew: bool = False) -> None: ...

    def get(self, chain_id: int, tx_hash: str) -> StoredTransaction: ...

    def versions(self, chain_id: int, tx_hash: str) -> list[StoredTransaction]: ...

    def pending(self, chain_id: int, from_address: str) -> list[StoredTransaction]: ...

    def unsettled(self, chain_id: int, from_address: str) -> list[StoredTransaction]: ...

    def given_up(self, chain_id: int, from_address: str) -> list[StoredTransaction]: ...

    def next_nonce_floor(self, chain_id: int, from_address: str) -> int: ...

    def mark_sent(self, chain_id: int, tx_hash: str) -> None: ...

    def mark_mined(self, chain_id: int, tx_hash: str, outcome: Outcome) -> None: ...

    def mark_failed(self, chain_id: int, tx_hash: str, outcome: Outcome | None = None) -> None: ...

    def mark_replaced(self, chain_id: int, tx_hash: str) -> None: ...

    def mark_final(self, chain_id: int, tx_hash: str) -> None: ...

    def mark_vanished(self, chain_id: int, tx_hash: str) -> None: ...

    def untold(self, chain_id: int, limit: int) -> list[StoredTransaction]: ...

    def tell(self, chain_id: int, tx_hash: str, outcome: Outcome) -> None: ...


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction. `fee` is all that it cost; `logs` are raw, for `logs.decode_logs`."""

    tx_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    fee: Amount
    logs: tuple[Mapping[str, Json], ...]


def read_receipt(chain: Chain, tx_hash: str) -> Receipt | None:
    """The receipt of exactly this transaction, None while there is none. Raises UnavailableError."""
    answer = chain.rpc.call("eth_getTransactionReceipt", [tx_hash])
    if answer is None:
        return None
    found = wire.mapping(answer, "receipt")
    if to_data(wire.data(found.get("transactionHash"), 32, "receipt")) != tx_hash:
        raise wire.bad_answer("receipt.transactionHash")
    gas_used = wire.quantity(found.get("gasUsed"), "receipt.gasUsed")
    price = wire.quantity(found.get("effectiveGasPrice"), "receipt.effectiveGasPrice")
    # OP Stack networks charge the data on Ethereum apart from gas and say so here.
    data_fee = wire.quantity(found.get("l1Fee") or "0x0", "receipt.l1Fee")
    data_fee += _operator_fee(found, gas_used)
    return Receipt(
        tx_hash=tx_hash,
        block_number=wire.quantity(found.get("blockNumber"), "receipt.blockNumber"),
        block_hash=to_data(wire.data(found.get("blockHash"), 32, "receipt.blockHash")),
        succeeded=wire.quantity(found.get("status"), "receipt.status") == 1,
        gas_used=gas_used,
        fee=Amount(gas_used * price + data_fee, chain.network.native),
        logs=tuple(wire.items(found.get("logs"), "receipt.logs")),
    )


def _operator_fee(found: Mapping[str, Json], gas_used: int) -> int:
    """What the operator of an OP Stack network took: by Isthmus' formula, or Jovian's where the receipt has
    Jovian's field (ethereum-optimism/specs, isthmus and jovian)."""
    scalar = wire.quantity(found.get("operatorFeeScalar") or "0x0", "receipt.operatorFeeScalar")
    constant = wire.quantity(found.get("operatorFeeConstant") or "0x0", "receipt.operatorFeeConstant")
    jovian = found.get("daFootprintGasScalar") is not None
    return gas_used * scalar * 100 + constant if jovian else gas_used * scalar // 10**6 + constant


def same_effect(one: StoredTransaction, other: StoredTransaction) -> bool:
    """Whether two versions of a transaction do the same, at whatever price."""
    if one.tx_hash == other.tx_hash:
        return True
    if Purpose.CANCEL in (one.purpose, other.purpose):
        return False
    left, right = decode(one.raw), decode(other.raw)
    return (left.nonce, left.to, left.value, left.data) == (right.nonce, right.to, right.value, right.data)
