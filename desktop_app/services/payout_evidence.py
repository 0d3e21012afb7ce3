"""What shows that an answer about events is complete: header chain, log blooms, whole receipts.

The bloom filter is that of the Ethereum yellow paper, section 4.3.1: three bits of 2048 for the address of
the log and for each of its topics.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from desktop_app.chain.wire import Json, bad_answer, data, items, mapping, quantity
from desktop_app.core.clock import LAST_TIME

_SATURATED = 1536
"""With more than three quarters of the bits set, a bloom says "perhaps" to nearly everything."""


class Header(NamedTuple):
    """`time` in seconds UTC; `bloom` as one 2048-bit number; `transactions` are hashes."""

    number: int
    hash: str
    parent: str
    time: int
    bloom: int
    transactions: Sequence[str]


def read_header(answer: Json) -> Header:
    """Raises UnavailableError("chain.bad_answer")."""
    block = mapping(answer, "block")
    try:
        transactions = items(block["transactions"], "block.transactions")
        header = Header(
            int(block["number"], 16),
            block["hash"].lower(),
            block["parentHash"].lower(),
            int(block["timestamp"], 16),
            int(block["logsBloom"], 16),
            transactions,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise bad_answer("block") from None
    if len(header.hash) != 66 or len(header.parent) != 66 or not 0 <= header.number < 2**63:
        raise bad_answer("block.hash")
    if header.bloom.bit_length() > 2048 or not 0 <= header.time <= LAST_TIME:
        raise bad_answer("block.logsBloom")
    return header


@lru_cache(maxsize=65536)
def bloom_bits(value: str) -> int:
    """The bits that an address or topic (0x-prefixed lower-case hex) sets."""
    from eth_hash.auto import keccak

    digest = keccak(bytes.fromhex(value[2:]))
    bits = 0
    for place in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[place : place + 2], "big") & 2047)
    return bits


def says_nothing(header: Header) -> bool:
    """Whether a block's bloom cannot show that an event is missing: full to the brim, or perhaps not kept."""
    return bool(header.transactions) and (not header.bloom or header.bloom.bit_count() > _SATURATED)


def unexplained(
    header: Header,
    tokens: Iterable[str],
    topics: Iterable[str],
    found_tokens: Collection[str],
    found_topics: Collection[str],
) -> bool:
    """Whether the block's bloom suggests an event of ours beyond those found.

    True means "look closer": a bloom has false alarms, never false comfort. A saturated bloom says nothing.
    """
    bloom = header.bloom
    if not bloom or bloom.bit_count() > _SATURATED:
        return False
    kinds = [topic for topic in topics if bloom & bloom_bits(topic) == bloom_bits(topic)]
    if not kinds:
        return False
    present = [token for token in tokens if bloom & bloom_bits(token) == bloom_bits(token)]
    if not present:
        return False
    return any(token not in found_tokens for token in present) or any(
        kind not in found_topics for kind in kinds
    )


def contradicts(header: Header, found: Iterable[str]) -> bool:
    """Whether the block's bloom rules out an address or topic that was found in it.

    Networks without log blooms (ZKsync Era) have all zeros there: no contradiction.
    """
    if not header.bloom:
        return False
    needed = 0
    for value in found:
        needed |= bloom_bits(value)
    return header.bloom & needed != needed


def logs_of_receipts(header: Header, receipts: Sequence[Json]) -> list[Json]:
    """All logs of a block, after showing that none is missing.

    Every transaction of the block has its receipt, the log numbers have no gap, and together the logs give
    the very bloom of the header. Raises UnavailableError("chain.bad_answer").
    """
    logs: list[Json] = []
    bloom = 0
    if len(receipts) != len(header.transactions):
        raise bad_answer("receipts.count")
    for expected, answer in zip(header.transactions, receipts, strict=True):
        receipt = mapping(answer, "receipt")
        if _text(receipt, "transactionHash") != str(expected).lower():
            raise bad_answer("receipt.transactionHash")
        if _text(receipt, "blockHash") != header.hash:
            raise bad_answer("receipt.blockHash")
        for log in items(receipt.get("logs"), "receipt.logs"):
            entry = mapping(log, "log")
            if quantity(entry.get("logIndex"), "log.logIndex") != len(logs):
                raise bad_answer("log.logIndex")
            if header.bloom:
                bloom |= bloom_bits("0x" + data(entry.get("address"), 20).hex())
                for topic in items(entry.get("topics"), "log.topics"):
                    bloom |= bloom_bits("0x" + data(topic, 32).hex())
            logs.append(log)
    if bloom != header.bloom:
        raise bad_answer("receipts.bloom")
    return logs


def _text(receipt: Json, name: str) -> str:
    value = receipt.get(name)
    if not isinstance(value, str):
        raise bad_answer(f"receipt.{name}")
    return value.lower()
