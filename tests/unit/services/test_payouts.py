"""The payout service: threads that start, tell, survive and stop."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from unit.services.scripted_chain import (
    CHAIN_ID,
    TOKENS,
    ScriptedChain,
    ScriptedNode,
    comparable,
    payment,
    refuse,
)

from desktop_app.chain.networks import Network
from desktop_app.chain.rpc import BusyError
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import CancelledError, InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payouts import (
    PayoutFilter,
    PayoutService,
    PayoutUpdate,
    TrackerState,
    TrackerStatus,
    _pause,
)
from desktop_app.store.database import Database


@dataclass(frozen=True)
class _Network:
    key: str = "scripted"
    chain_id: int = CHAIN_ID


NETWORK = cast(Network, _Network())


class World:
    def __init__(self, folder: Path) -> None:
        self.chain = ScriptedChain()
        self.nodes: list[Any] = [ScriptedNode(self.chain)]
        self.tokens = [(TOKENS[0], 1)]
        self.database = Database(folder / "colophon.db", folder / "backups", SystemClock())
        self.service = PayoutService(
            self.database, lambda _: self.nodes, lambda _: self.tokens, SystemClock(), poll_seconds=0.01
        )
        self.updates: list[PayoutUpdate] = []
        self.service.subscribe(self.updates.append)

    def mine(self, count: int = 1) -> None:
        for _ in range(count):
            self.chain.mine(payment(self.chain.head, 100 + self.chain.head))

    def wait(self, condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < limit, f"waited in vain; {self.service.status(CHAIN_ID)}"
            time.sleep(0.005)

    def up_to_date(self) -> bool:
        status = self.service.status(CHAIN_ID)
        return status.state is TrackerState.OK and status.block == self.chain.head

    def announced(self) -> Counter[tuple[str, int]]:
        return Counter((one.tx_hash, one.ordinal) for update in list(self.updates) for one in update.new)

    def assert_true_to_chain(self) -> None:
        rows = self.service.list(PayoutFilter(chain_id=CHAIN_ID), limit=1_000_000)
        assert [comparable(row) for row in reversed(rows)] == self.chain.expected()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.service.close()
    world.database.close()


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("colophon-payouts")]


def test_payouts_appear_by_themselves_while_the_network_is_watched(world: World) -> None:
    world.mine(3)
    world.service.watch(NETWORK)
    world.wait(world.up_to_date)
    for _ in range(5):
        world.mine(2)
        world.wait(world.up_to_date)
    world.service.stop()
    world.assert_true_to_chain()
    assert set(world.announced().values()) == {1}
    assert len(world.announced()) == len(world.chain.expected())
    assert world.service.status(CHAIN_ID).state is TrackerState.STOPPED


def test_listeners_are_called_on_the_trackers_thread(world: World) -> None:
    names: set[str] = set()
    world.service.subscribe(lambda update: names.add(threading.current_thread().name) if update.new else None)
    world.mine()
    world.service.watch(NETWORK)
    world.wait(lambda: bool(names))
    assert names == {"colophon-payouts-scripted"}


def test_a_failing_listener_stops_nobody(world: World) -> None:
    def fail(update: PayoutUpdate) -> None:
        raise RuntimeError("a front end's mistake")

    unsubscribe = world.service.subscribe(fail)
    world.mine(4)
    world.service.watch(NETWORK)
    world.wait(world.up_to_date)
    world.assert_true_to_chain()
    unsubscribe()
    unsubscribe()


def test_stop_takes_less_than_a_second_and_leaves_no_thread(world: World) -> None:
    world.mine(50)
    for _ in range(5):
        world.service.watch(NETWORK)
        world.service.watch(NETWORK)
        assert len(threads()) == 1
        start = time.monotonic()
        world.service.stop()
        assert time.monotonic() - start < 1.0
        assert threads() == []
    world.service.stop()


def test_stop_in_a_long_pause_is_at_once(world: World) -> None:
    world.nodes[0].edits.append(refuse("eth_chainId"))
    world.service.watch(NETWORK)
    world.wait(lambda: world.service.status(CHAIN_ID).state is TrackerState.WAITING)
    start = time.monotonic()
    world.service.stop()
    assert time.monotonic() - start < 0.5
    assert threads() == []


def test_a_silent_node_delays_stop_by_less_than_a_second_and_writes_nothing_afterwards(world: World) -> None:
    world.mine(5)
    asked, answer_now = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        answer_now.wait(10)

    world.nodes[0].before_batch = hang
    world.service.watch(NETWORK)
    assert asked.wait(5)
    start = time.monotonic()
    world.service.stop()
    assert time.monotonic() - start < 1.0
    answer_now.set()
    world.wait(lambda: threads() == [])
    assert world.service.count() == 0
    assert world.service.status(CHAIN_ID).state is TrackerState.STOPPED


def test_watching_again_after_a_hanging_stop_goes_on(world: World) -> None:
    world.mine(5)
    asked, answer_now = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        answer_now.wait(10)

    world.nodes[0].before_batch = hang
    world.service.watch(NETWORK)
    assert asked.wait(5)
    world.service.stop()
    world.service.watch(NETWORK)
    answer_now.set()
    world.wait(world.up_to_date)
    world.assert_true_to_chain()
    assert set(world.announced().values()) == {1}


def test_trouble_is_told_as_a_state_and_passes(world: World) -> None:
    world.mine(3)
    world.nodes[0].edits.append(refuse("eth_getLogs", message="internal error"))
    world.service.watch(NETWORK)
    world.wait(lambda: world.service.status(CHAIN_ID).state is TrackerState.WAITING)
    status = world.service.status(CHAIN_ID)
    assert status.problem is not None
    assert status.problem.code == "chain.node_refused"
    world.nodes[0].edits.clear()
    world.wait(world.up_to_date)
    assert world.service.status(CHAIN_ID).problem is None
    assert {update.status.state for update in world.updates} >= {
        TrackerState.STARTING, TrackerState.WAITING, TrackerState.OK,
    }  # fmt: skip


def test_what_only_the_user_can_decide_is_told_so(world: World) -> None:
    world.nodes[0].chain_id = 5
    world.service.watch(NETWORK)
    world.wait(lambda: world.service.status(CHAIN_ID).state is TrackerState.NEEDS_USER)
    problem = world.service.status(CHAIN_ID).problem
    assert problem is not None
    assert problem.code == "payouts.wrong_network"


def test_no_node_at_all_needs_the_user(world: World) -> None:
    world.nodes.clear()
    with pytest.raises(RefusedError) as raised:
        world.service.sync_once(NETWORK)
    assert raised.value.code == "payouts.no_node"


def test_our_own_mistake_is_told_and_does_not_end_the_thread(world: World) -> None:
    def burst() -> None:
        raise KeyError("a bug")

    world.mine(2)
    world.nodes[0].before_batch = burst
    world.service.watch(NETWORK)
    world.wait(lambda: world.service.status(CHAIN_ID).state is TrackerState.WAITING)
    problem = world.service.status(CHAIN_ID).problem
    assert problem is not None
    assert problem.code == "payouts.unexpected"
    world.nodes[0].before_batch = None
    world.wait(world.up_to_date)
    world.assert_true_to_chain()


def test_one_source_is_said_to_be_one(world: World) -> None:
    assert world.service.sync_once(NETWORK).single_source
    world.nodes.append(ScriptedNode(world.chain))
    assert not world.service.sync_once(NETWORK).single_source


def test_sync_once_brings_everything_in_and_reports_progress(world: World) -> None:
    world.mine(300)
    seen: list[tuple[int, int, str]] = []
    status = world.service.sync_once(
        NETWORK, Task(lambda done, total, stage: seen.append((done, total, stage)))
    )
    assert (status.state, status.block) == (TrackerState.OK, 300)
    world.assert_true_to_chain()
    assert seen[0] == (0, 300, "payouts.reading")
    assert seen[-1] == (300, 300, "payouts.reading")
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert TrackerState.CATCHING_UP in {update.status.state for update in world.updates}


def test_sync_once_raises_what_keeps_it_from_syncing(world: World) -> None:
    world.nodes[0].edits.append(refuse("eth_getLogs", message="internal error"))
    world.mine()
    with pytest.raises(UnavailableError):
        world.service.sync_once(NETWORK)
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        world.service.sync_once(NETWORK, task)


def test_sync_once_beside_a_running_thread_repeats_nothing(world: World) -> None:
    world.service.watch(NETWORK)
    for _ in range(20):
        world.mine(3)
        world.service.sync_once(NETWORK)
    world.service.stop()
    world.assert_true_to_chain()
    assert set(world.announced().values()) == {1}


def test_a_token_followed_at_run_time_is_picked_up_from_its_creation(world: World) -> None:
    world.service.watch(NETWORK)
    for i in range(30):
        world.chain.mine(payment(f"a{i}", i), payment(f"b{i}", i, TOKENS[1]))
    world.wait(world.up_to_date)
    world.service.follow(TOKENS[1].lower(), CHAIN_ID, 1)
    wanted = PayoutFilter(token=TOKENS[1])
    world.wait(lambda: world.service.count(wanted) == len(world.chain.expected([TOKENS[1]])))
    assert set(world.announced().values()) == {1}
    with pytest.raises(InvalidInputError):
        world.service.follow("0x12", CHAIN_ID, 1)


def test_forgetting_a_network_leaves_nothing_of_it(world: World) -> None:
    world.mine(20)
    world.service.sync_once(NETWORK)
    world.service.forget(CHAIN_ID)
    assert world.service.count() == 0
    assert world.service.status(CHAIN_ID) == TrackerStatus(CHAIN_ID)
    world.chain.reorg(20, [(payment("new world", 1),)], rewrite=True)
    world.service.sync_once(NETWORK)
    world.assert_true_to_chain()


def test_starting_over_reads_everything_anew(world: World) -> None:
    world.mine(30)
    world.service.sync_once(NETWORK)
    world.chain.reorg(25, [(payment("rewritten", 1),)] * 1 + [()] * 30, rewrite=True)
    with pytest.raises(RefusedError):
        world.service.sync_once(NETWORK)
    world.service.start_over(CHAIN_ID)
    world.service.sync_once(NETWORK)
    world.assert_true_to_chain()


def test_a_busy_nodes_wish_for_patience_is_respected() -> None:
    busy = TrackerStatus(1, TrackerState.WAITING, BusyError(retry_after=77, host="h", status=429))
    assert _pause(busy, 1, 2.0) == 77
    away = TrackerStatus(1, TrackerState.WAITING, UnavailableError("chain.unreachable", host="h", reason="x"))
    assert [_pause(away, failures, 2.0) for failures in (1, 2, 3, 9, 2000)] == [2, 4, 8, 30, 30]
    assert _pause(TrackerStatus(1, TrackerState.OK), 0, 2.0) == 2


def test_several_networks_are_followed_at_once_with_a_thread_each_and_never_mixed(tmp_path: Path) -> None:
    chains = {chain_id: ScriptedChain() for chain_id in (31_337, 31_338, 31_339)}
    networks = [cast(Network, _Network(f"net{chain_id}", chain_id)) for chain_id in chains]
    database = Database(tmp_path / "colophon.db", tmp_path / "backups", SystemClock())
    service = PayoutService(
        database,
        lambda network: [ScriptedNode(chains[network.chain_id], chain_id=network.chain_id)],
        lambda _: [(TOKENS[0], 1)],
        SystemClock(),
        poll_seconds=0.01,
    )
    for network in networks:
        service.watch(network)
    try:
        for chain_id, chain in chains.items():
            # The same transactions on each network, at other heights.
            for i in range(chain_id % 10):
                chain.mine(payment(f"n{i}", 7 + i))
        assert sorted(threads()) == sorted(f"colophon-payouts-{network.key}" for network in networks)
        limit = time.monotonic() + 10
        while any(service.status(chain_id).block < chain.head for chain_id, chain in chains.items()):
            assert time.monotonic() < limit
            time.sleep(0.01)
        start = time.monotonic()
        service.stop()
        assert time.monotonic() - start < 1
        assert threads() == []
        for chain_id, chain in chains.items():
            rows = service.list(PayoutFilter(chain_id=chain_id), limit=1_000)
            assert [comparable(row) for row in reversed(rows)] == chain.expected()
    finally:
        service.close()
        database.close()
