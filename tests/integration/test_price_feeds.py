"""Prices from a real feed contract on the practice chain, with archived state and without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from integration.price_feed import Feed
from integration.royalty_world import PRACTICE, KeySigner

from desktop_app.chain.connection import Chain
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.price_feeds import Price, PriceFeed, prices_at
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.sender import Sender
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import RefusedError
from desktop_app.store.database import Database
from desktop_app.store.transactions import TransactionRepository


class Forgetful:
    """A node that keeps only the newest state, as most public nodes do."""

    def __init__(self, node: PracticeNode) -> None:
        self.node = node
        self.calls = 0

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.calls += 1
        if method == "eth_call" and params[1] != "latest":
            raise RpcError(method, -32000, "missing trie node 5a1f (path ) state 0x is not available")
        return self.node.call(method, params)

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        answers: list[Any] = []
        for method, params in calls:
            try:
                answers.append(self.call(method, params))
            except RpcError as refused:
                answers.append(refused)
        return answers

    def close(self) -> None:
        pass


class World:
    def __init__(self, folder: Path) -> None:
        self.node = PracticeNode(folder / "practice.db", SystemClock())
        signer = KeySigner((9).to_bytes(32, "big"))
        self.node.faucet(signer.address, 10**21)
        self.database = Database(folder / "colophon.db", folder / "backups", SystemClock())
        chain = Chain(PRACTICE, self.node)
        self.sender = Sender(
            chain, signer, TransactionRepository(self.database), SystemClock(), patience=30
        )
        self.feed = Feed(self.sender, "ETH / USD")

    def block(self, number: int) -> tuple[int, int]:
        found = self.node.call("eth_getBlockByNumber", [hex(number), False])
        return number, int(found["timestamp"], 16)

    def now(self) -> int:
        return self.block(int(self.node.call("eth_blockNumber"), 16))[1]

    def known(self, base: str = "ETH", stale_after: int = 3600) -> PriceFeed:
        return PriceFeed(PRACTICE.chain_id, base, self.feed.address, stale_after)

    def ask(self, block: int, node: Any = None, **known: Any) -> Price | RefusedError:
        return prices_at(node or self.node, self.known(**known), [self.block(block)])[block]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("feeds"))
    yield world
    world.database.close()
    world.node.close()


def code(found: Price | RefusedError) -> str:
    assert isinstance(found, RefusedError), found
    return found.code


def test_the_price_is_that_of_the_block_and_not_todays(world: World) -> None:
    first = world.feed.tell(1 << 64 | 1, 250_012_345_678, world.now()).block_number
    second = world.feed.tell(1 << 64 | 2, 260_000_000_000, world.now()).block_number
    found = prices_at(world.node, world.known(), [world.block(first), world.block(second)])
    assert [found[first].value, found[second].value] == [Fraction(250_012_345_678, 10**8), Fraction(2600)]  # type: ignore[union-attr]
    assert found[first].round_id == 1 << 64 | 1  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", [0, -1, -(2**255)])
def test_a_price_of_nothing_or_less_is_refused(world: World, answer: int) -> None:
    block = world.feed.tell(2 << 64 | 1, answer, world.now()).block_number
    assert code(world.ask(block)) == "price.not_positive"


def test_an_old_price_and_one_from_the_future_are_refused(world: World) -> None:
    now = world.now()
    block = world.feed.tell(2 << 64 | 2, 5, now - 10_000).block_number
    assert code(world.ask(block)) == "price.stale"
    assert isinstance(world.ask(block, stale_after=20_000), Price)
    block = world.feed.tell(2 << 64 | 3, 5, now + 10_000).block_number
    assert code(world.ask(block)) == "price.from_the_future"


def test_before_the_first_round_and_before_the_contract_there_is_no_price(world: World) -> None:
    assert code(world.ask(0)) == "price.none_yet"
    fresh = Feed(world.sender, "NEW / USD")
    known = PriceFeed(PRACTICE.chain_id, "NEW", fresh.address, 3600)
    block = world.block(int(world.node.call("eth_blockNumber"), 16))
    assert code(prices_at(world.node, known, [block])[block[0]]) == "price.none_yet"


def test_a_contract_that_is_not_the_feed_is_refused(world: World) -> None:
    block = world.feed.tell(2 << 64 | 4, 5, world.now()).block_number
    assert code(world.ask(block, base="BTC")) == "price.not_the_feed"
    nobody = PriceFeed(PRACTICE.chain_id, "ETH", "0x" + "12" * 20, 3600)
    assert code(prices_at(world.node, nobody, [world.block(block)])[block]) == "price.not_the_feed"


@pytest.mark.parametrize("decimals", [0, 8, 18])
def test_decimals_are_the_feeds_own(world: World, decimals: int) -> None:
    feed = Feed(world.sender, f"D{decimals}/USD", decimals)
    block = feed.tell(1, 3 * 10**decimals, world.now()).block_number
    known = PriceFeed(PRACTICE.chain_id, f"D{decimals}", feed.address, 3600)
    found = prices_at(world.node, known, [world.block(block)])[block]
    assert isinstance(found, Price)
    assert found.value == 3


def test_a_node_without_old_state_gives_the_same_by_the_rounds(world: World) -> None:
    feed = Feed(world.sender, "OLD / USD")
    known = PriceFeed(PRACTICE.chain_id, "OLD", feed.address, 10**9)
    start = world.now() - 1_000
    ids = [1 << 64 | n for n in range(1, 6)] + [3 << 64 | n for n in range(1, 12)]
    blocks = [
        feed.tell(round_id, 100 + number, start + 10 * number).block_number
        for number, round_id in enumerate(ids)
    ]
    forgetful = Forgetful(world.node)
    for number in range(len(ids)):
        at = (blocks[number], start + 10 * number + 5)
        found = prices_at(forgetful, known, [at])[blocks[number]]
        assert isinstance(found, Price)
        assert (found.round_id, found.value * 10**8) == (ids[number], 100 + number)
    early = prices_at(forgetful, known, [(1, start - 1)])[1]
    assert code(early) == "price.none_yet"
    assert forgetful.calls < 600
