"""The tracker against nodes that fail, over real HTTP: afterwards the database equals the chain."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from integration.fake_node import (
    FAULTS,
    FakeNode,
    Fault,
    busy_for_a_second,
    cut_short,
    html_with_502,
    serving,
    silence,
)
from unit.services.scripted_chain import (
    COIN,
    DOLLAR,
    TOKENS,
    ScriptedChain,
    ScriptedNode,
    claim,
    comparable,
    noise,
    payment,
)
from unit.services.tracker_bench import Bench

from desktop_app.chain.rpc import BusyError, HttpRpc
from desktop_app.core.errors import ColophonError, RefusedError, UnavailableError

TIMEOUT = 0.2


class World:
    """A chain, some nodes on it over HTTP, and a tracker with a database."""

    def __init__(self, folder: Path, servers: Sequence[FakeNode], chain: ScriptedChain) -> None:
        self.chain = chain
        self.servers = servers
        self.rpcs = [HttpRpc(server.url, TIMEOUT) for server in servers]
        self.bench = Bench(folder, chain, self.rpcs, dense_reach=40)  # type: ignore[arg-type]

    def fill(self, count: int) -> None:
        for _ in range(count):
            i = self.chain.head
            coin = COIN if i % 2 else DOLLAR
            paid = payment(f"p{i}", 10**18 + i, currency=coin, pushes=i % 3)
            self.chain.mine(paid, noise(f"n{i}"), claim(f"c{i}", i + 1))

    def try_often(self, rounds: int) -> list[str]:
        """The codes of what went wrong; following goes on whatever happens."""
        codes = []
        for _ in range(rounds):
            try:
                self.bench.sync()
            except ColophonError as error:
                codes.append(error.code)
            self.check_no_harm()
        return codes

    def check_no_harm(self) -> None:
        """What is stored is true, even while not everything is stored."""
        expected = set(self.chain.expected())
        assert {comparable(row) for row in self.bench.rows()} <= expected
        assert set(self.bench.announced.values()) <= {1}

    def close(self) -> None:
        self.bench.close()
        for rpc in self.rpcs:
            rpc.close()


Make = Callable[[int], World]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:

        def make(nodes: int) -> World:
            chain = ScriptedChain()
            servers = [stack.enter_context(serving(ScriptedNode(chain))) for _ in range(nodes)]
            world = World(tmp_path, servers, chain)
            stack.callback(world.close)
            return world

        yield make


def now_and_then(fault: Fault, seed: int, chance: float) -> Callable[[int], Fault | None]:
    dice = random.Random(seed)
    return lambda number: fault if dice.random() < chance else None


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)
def test_a_node_that_fails_now_and_then_loses_nothing(make: Make, fault: Fault) -> None:
    world = make(1)
    slow = fault.__name__ in ("silence", "drip")
    world.fill(60)
    world.servers[0].faults = now_and_then(fault, 1, 0.3)
    world.try_often(3 if slow else 8)
    world.fill(30)
    world.try_often(2 if slow else 5)
    world.servers[0].heal()
    world.bench.sync()
    world.bench.assert_true_to_chain()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)
def test_a_node_that_always_fails_is_replaced_by_another(make: Make, fault: Fault) -> None:
    world = make(2)
    world.fill(30)
    world.servers[0].faults = lambda number: fault
    result = world.bench.sync()
    world.bench.assert_true_to_chain()
    if fault.__name__ != "shuffled":
        assert result.note is not None, "with one node answering nothing becomes final"
        assert set(world.bench.states().values()) <= {"seen", "safe"}
    world.servers[0].heal()
    assert world.bench.sync().note is None
    world.bench.assert_true_to_chain()
    assert world.bench.states()[1] == "final"


@pytest.mark.parametrize(
    ("fault", "number"),
    [
        *((cut_short, n) for n in range(1, 9)),
        *((fault, n) for fault in (html_with_502, silence) for n in (2, 5)),
    ],
)
def test_another_node_takes_over_in_the_middle_of_a_range(make: Make, fault: Fault, number: int) -> None:
    world = make(2)
    world.fill(120)
    for server in world.servers:
        server.node.max_range = 7
    world.servers[0].faults = lambda n: fault if n >= number else None
    world.bench.sync()
    world.bench.assert_true_to_chain()


def test_all_kinds_of_trouble_together_and_reorganisations_between(make: Make) -> None:
    world = make(2)
    dice = random.Random(7)
    quick = [fault for fault in FAULTS if fault.__name__ not in ("silence", "drip")]

    def trouble(_number: int) -> Fault | None:
        return dice.choice(quick) if dice.random() < 0.25 else None

    for server in world.servers:
        server.faults = trouble
    for step in range(25):
        world.fill(dice.randrange(1, 8))
        if step % 3 == 2:
            depth = dice.randrange(1, min(11, world.chain.head - world.chain.final) + 1)
            gone = [block.txs for block in world.chain.blocks[-depth:]]
            world.chain.reorg(depth, [(), *gone])
        with suppress(ColophonError):
            world.bench.sync()
        assert set(world.bench.announced.values()) <= {1}
    for server in world.servers:
        server.heal()
    world.bench.sync()
    world.bench.assert_true_to_chain()


def test_a_busy_node_says_how_long_it_wants_to_be_left_alone(make: Make) -> None:
    world = make(1)
    world.servers[0].faults = lambda number: busy_for_a_second
    with pytest.raises(BusyError) as raised:
        world.bench.sync()
    assert raised.value.retry_after == 1


def drop_half(seed: int) -> Callable[[str, Sequence[Any], Any], Any]:
    dice = random.Random(seed)

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        return [] if method == "eth_getLogs" and dice.random() < 0.5 else answer

    return edit


def twice(method: str, params: Sequence[Any], answer: Any) -> Any:
    return [log for log in answer for _ in (0, 1)] if method == "eth_getLogs" else answer


@pytest.mark.parametrize("seed", range(4))
def test_logs_missing_against_the_bloom_are_found(make: Make, seed: int) -> None:
    world = make(1)
    world.servers[0].node.edits.append(drop_half(seed))
    for _ in range(6):
        world.fill(6)
        world.bench.sync()
        world.bench.assert_true_to_chain()


def test_logs_listed_twice_count_once(make: Make) -> None:
    world = make(1)
    world.servers[0].node.edits.append(twice)
    world.fill(50)
    world.bench.sync()
    world.bench.assert_true_to_chain()


def test_a_head_that_goes_back_and_forth_takes_nothing_away(make: Make) -> None:
    world = make(1)
    world.fill(40)
    world.bench.sync()
    for lag in (3, 0, 9, 1, 0):
        world.servers[0].node.lag = lag
        world.try_often(1)
        world.bench.assert_true_to_chain()


def test_another_network_behind_the_address_is_refused(make: Make) -> None:
    world = make(1)
    world.fill(20)
    world.bench.sync()
    world.servers[0].node.chain_id = 1
    world.fill(5)
    with pytest.raises(RefusedError, match="wrong_network"):
        world.bench.sync()
    world.servers[0].node.chain_id = 31_337
    world.bench.sync()
    world.bench.assert_true_to_chain()


def test_a_silent_node_is_given_up_in_time(make: Make) -> None:
    world = make(1)
    world.fill(5)
    world.servers[0].faults = lambda number: silence
    with pytest.raises(UnavailableError, match="timeout"):
        world.bench.sync()
    assert TOKENS[0] not in {row.token for row in world.bench.rows()}
