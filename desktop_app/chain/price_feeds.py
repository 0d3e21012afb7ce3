"""Prices that Chainlink feeds told at a block (AggregatorV3Interface), read with distrust.

A feed is a proxy in front of a contract that keeps every past round. A node that no longer has the state of
an old block is asked for the round that was the newest one then: rounds never change, so the answer is the
same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from desktop_app.chain import wire
from desktop_app.chain.rpc import Rpc, RpcError
from desktop_app.chain.wire import Json, checksummed, to_quantity
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.paths import resource

DOLLAR = "USD"
# The first four bytes of keccak256 of the signatures of AggregatorV3Interface.
_DECIMALS = "0x313ce567"
_DESCRIPTION = "0x7284e416"
_LATEST = "0xfeaf968c"
_ROUND = "0x9a6fc8f5"
_MOST_DECIMALS = 36
_AT_ONCE = 50
_PHASE = 64
"""A proxy's round id is `phase << 64 | round`; a phase is one aggregator behind the proxy."""


@dataclass(frozen=True)
class PriceFeed:
    """Where the dollar price of `base` (a symbol such as ETH) is told; `stale_after` in seconds."""

    chain_id: int
    base: str
    address: str
    stale_after: int

    @property
    def pair(self) -> str:
        return f"{self.base} / {DOLLAR}"


@dataclass(frozen=True)
class Price:
    """Dollars for one whole unit of the feed's base, exact; `updated_at` in seconds UTC."""

    feed: PriceFeed
    value: Fraction
    round_id: int
    updated_at: int


@cache
def load_price_feeds() -> Mapping[tuple[int, str], PriceFeed]:
    """All known feeds by chain id and base."""
    with resource("price_feeds.toml").open("rb") as file:
        listed = tomllib.load(file)
    return {
        (int(chain), base): PriceFeed(
            int(chain), base, checksummed(facts["address"].lower()), facts["stale_after"]
        )
        for chain, feeds in listed.items()
        for base, facts in feeds.items()
    }


def prices_at(
    rpc: Rpc, feed: PriceFeed, places: Sequence[tuple[int, int]]
) -> dict[int, Price | RefusedError]:
    """What the feed told at the end of each block, by block; `places` are (block, its time in seconds UTC).

    In the place of an answer that must not be used stands its reason: "price.not_the_feed" (another pair, or
    no feed at all), "price.none_yet", "price.not_positive", "price.stale", "price.from_the_future".
    Raises UnavailableError.
    """
    try:
        decimals = _check(rpc, feed)
    except RefusedError as refused:
        return {block: refused for block, _ in places}
    found: dict[int, Price | RefusedError] = {}
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        answers = rpc.batch([_question(feed, _LATEST, to_quantity(block)) for block, _ in part])
        for (block, time), answer in zip(part, answers, strict=True):
            try:
                found[block] = _judged(feed, _told(rpc, feed, answer, block, time), decimals, block, time)
            except RefusedError as refused:
                found[block] = refused
    return found


@dataclass(frozen=True)
class _Round:
    id: int
    answer: int
    updated_at: int


def _check(rpc: Rpc, feed: PriceFeed) -> int:
    """The feed's decimals, after it has said that it is the feed that we think."""
    refused = RefusedError("price.not_the_feed", pair=feed.pair, address=feed.address)
    try:
        described = _call(rpc, feed, _DESCRIPTION, "latest")
        decimals = int.from_bytes(_call(rpc, feed, _DECIMALS, "latest"), "big")
    except RpcError as error:
        if error.revert_data is None:
            raise
        raise refused from None
    length = int.from_bytes(described[32:64], "big")
    text = described[64 : 64 + min(length, 64)].decode("utf-8", "replace")
    if "".join(text.split()).upper() != f"{feed.base}/{DOLLAR}".upper() or decimals > _MOST_DECIMALS:
        raise refused
    return decimals


def _told(rpc: Rpc, feed: PriceFeed, answer: Json | RpcError, block: int, block_time: int) -> _Round:
    """The newest round at a block, from the answer for that block or, where the node forgot it, by search."""
    if isinstance(answer, RpcError):
        if answer.revert_data is None:
            return _search(rpc, feed, block, block_time)
        raise RefusedError("price.none_yet", pair=feed.pair, block=block)
    raw = wire.data(answer, what="price")
    if not raw:
        raise RefusedError("price.none_yet", pair=feed.pair, block=block)
    return _round(raw)


def _judged(feed: PriceFeed, found: _Round, decimals: int, block: int, block_time: int) -> Price:
    if found.updated_at == 0:
        raise RefusedError("price.none_yet", pair=feed.pair, block=block)
    if found.answer <= 0:
        raise RefusedError("price.not_positive", pair=feed.pair, answer=str(found.answer))
    if found.updated_at > block_time:
        raise RefusedError("price.from_the_future", pair=feed.pair)
    if block_time - found.updated_at > feed.stale_after:
        hours = (block_time - found.updated_at) // 3600
        raise RefusedError("price.stale", pair=feed.pair, hours=hours)
    return Price(feed, Fraction(found.answer, 10**decimals), found.id, found.updated_at)


def _search(rpc: Rpc, feed: PriceFeed, block: int, block_time: int) -> _Round:
    """The newest round not younger than the block, by halving, from the newest aggregator to the first."""
    newest = _round(_call(rpc, feed, _LATEST, "latest"))
    if newest.updated_at <= block_time:
        return newest
    for phase in range(newest.id >> _PHASE, -1, -1):
        base = phase << _PHASE
        last = newest.id - base if phase == newest.id >> _PHASE else _last_round(rpc, feed, base)
        low, high = 0, last  # `low` is early enough (0: none is), every round above `high` is too late
        found: _Round | None = None
        while low < high:
            middle = (low + high + 1) // 2
            candidate = _past_round(rpc, feed, base + middle)
            if candidate is not None and 0 < candidate.updated_at <= block_time:
                low, found = middle, candidate
            else:
                high = middle - 1
        if found is not None:
            return found
    raise RefusedError("price.none_yet", pair=feed.pair, block=block)


def _last_round(rpc: Rpc, feed: PriceFeed, base: int) -> int:
    """How many rounds an earlier aggregator has."""
    step = 1
    while step < 2**40 and _past_round(rpc, feed, base + step) is not None:
        step *= 2
    low, high = step // 2, step - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _past_round(rpc, feed, base + middle) is not None else (low, middle - 1)
    return low


def _past_round(rpc: Rpc, feed: PriceFeed, number: int) -> _Round | None:
    """None where the feed has no such round: it reverts, or answers zeros."""
    try:
        answer = _call(rpc, feed, _ROUND + f"{number:064x}", "latest")
    except RpcError as refused:
        if refused.revert_data is None:
            raise
        return None
    found = _round(answer)
    return found if found.updated_at else None


def _question(feed: PriceFeed, data: str, block: str) -> tuple[str, list[Json]]:
    return "eth_call", [{"to": feed.address, "data": data}, block]


def _call(rpc: Rpc, feed: PriceFeed, data: str, block: str) -> bytes:
    return wire.data(rpc.call(*_question(feed, data, block)), what="price")


def _round(answer: bytes) -> _Round:
    if len(answer) != 160:
        raise UnavailableError("chain.bad_answer", what="price")
    return _Round(
        int.from_bytes(answer[:32], "big"),
        int.from_bytes(answer[32:64], "big", signed=True),
        int.from_bytes(answer[96:128], "big"),
    )
