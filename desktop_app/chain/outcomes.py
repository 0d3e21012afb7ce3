"""What is kept of a transaction's receipt: its block's time, and the events that move money or shares.

A node can make up every word of a receipt. What our own signature fixes (to whom, how much, the highest fee)
is never taken from it; of the rest, other nodes are asked once the block is final.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.chain.connection import Chain
from desktop_app.chain.escrow_terms import ESCROW
from desktop_app.chain.journal import Receipt, read_receipt
from desktop_app.chain.logs import CLAIMED, FORWARDED, PAYMENT, PUSH_FAILED, PUSHED, TRANSFER
from desktop_app.chain.rpc import Rpc
from desktop_app.chain.wire import to_quantity
from desktop_app.core.errors import UnavailableError
from desktop_app.store.transactions import Outcome, StoredLog, StoredTransaction

MOST_LOGS = 500
"""Events kept of one transaction: paying a hundred holders has two hundred."""
_KEPT = {TRANSFER, PAYMENT, PUSHED, PUSH_FAILED, CLAIMED, FORWARDED}
_LONGEST = 2 + 2 * 96
"""Hex digits of the data of the longest of them."""


def outcome_of(chain: Chain, receipt: Receipt) -> Outcome:
    """A receipt with the time of its block, which is None where the node has no such block just now."""
    return Outcome(
        block_number=receipt.block_number,
        gas_used=receipt.gas_used,
        fee=receipt.fee.units,
        block_hash=receipt.block_hash,
        block_time=_time_of(chain, receipt),
        logs=kept_logs(receipt),
    )


def _time_of(chain: Chain, receipt: Receipt) -> int | None:
    try:
        head = chain.head(to_quantity(receipt.block_number))
    except UnavailableError:
        return None
    same = (head.number, head.block_hash) == (receipt.block_number, receipt.block_hash)
    return head.timestamp if same else None


def kept_logs(receipt: Receipt) -> tuple[StoredLog, ...]:
    """The events that move money or shares, in their order; what has another shape is left out."""
    found: list[StoredLog] = []
    kept = _KEPT | {_refunded()}
    for log in receipt.logs:
        address, topics, data = log.get("address"), log.get("topics"), log.get("data")
        if not (isinstance(address, str) and isinstance(topics, list) and isinstance(data, str)):
            continue
        texts = tuple(topic.lower() for topic in topics if isinstance(topic, str))
        if len(texts) == len(topics) <= 4 and texts[:1] and texts[0] in kept and len(data) <= _LONGEST:
            found.append(StoredLog(address.lower(), texts, data.lower()))
        if len(found) == MOST_LOGS:
            break
    return tuple(found)


def _refunded() -> str:
    from desktop_app.chain.abi_logs import event_topic

    return event_topic(ESCROW, "Refunded")


def second_opinions(chain: Chain, nodes: Sequence[Rpc], stored: StoredTransaction) -> tuple[int, bool]:
    """How many of the nodes tell the stored outcome, and whether one tells another.

    A node that does not answer, or does not know the transaction (any more), says neither.
    """
    agree, disputed = 0, False
    for rpc in nodes:
        try:
            told = read_receipt(Chain(chain.network, rpc), stored.tx_hash)
        except UnavailableError:
            continue
        if told is None:
            continue
        if _same(told, stored):
            agree += 1
        else:
            disputed = True
    return agree, disputed


def _same(told: Receipt, stored: StoredTransaction) -> bool:
    outcome = (told.block_number, told.gas_used, told.fee.units, told.succeeded, told.block_hash.lower())
    ours = (
        stored.block_number, stored.gas_used, stored.fee, stored.status.value == "mined",
        (stored.block_hash or told.block_hash).lower(),
    )  # fmt: skip
    return outcome == ours and (stored.logs is None or kept_logs(told) == stored.logs)
