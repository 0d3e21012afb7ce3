"""Which logs eth_getLogs gives: address and topic filters, and the bloom test of the Yellow Paper (4.4.3)."""

from __future__ import annotations

from collections.abc import Mapping

from eth_hash.auto import keccak

from desktop_app.chain import wire
from desktop_app.chain.wire import Json


def bloom_bits(value: bytes) -> int:
    """The three bits that an address or topic sets in a 2048-bit bloom filter."""
    digest = keccak(value)
    bits = 0
    for start in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[start : start + 2], "big") & 2047)
    return bits


class LogFilter:
    """`address`: one, several or None. `topics`: per position one, several or None for any."""

    def __init__(self, address: Json, topics: Json) -> None:
        self._addresses = _choices(address, 20)
        self._topics = [_choices(topic, 32) for topic in wire.items(topics or [], "topics")]
        positions = [p for p in (self._addresses, *self._topics) if p is not None]
        self._blooms = [[bloom_bits(bytes.fromhex(c[2:])) for c in position] for position in positions]

    def may_be_in(self, bloom: int) -> bool:
        """False only when the block surely holds no matching log."""
        return all(any(bloom & bits == bits for bits in position) for position in self._blooms)

    def matches(self, log: Mapping[str, Json]) -> bool:
        """Whether a log in wire form fits."""
        if self._addresses is not None and log["address"] not in self._addresses:
            return False
        found = log["topics"]
        return len(found) >= len(self._topics) and all(
            wanted is None or topic in wanted for wanted, topic in zip(self._topics, found, strict=False)
        )


def _choices(given: Json, size: int) -> frozenset[str] | None:
    """The allowed values in lower-case hex; None allows any."""
    if given is None or given == []:
        return None
    several = given if isinstance(given, list) else [given]
    return frozenset(wire.to_data(wire.data(one, size, "filter")) for one in several)
