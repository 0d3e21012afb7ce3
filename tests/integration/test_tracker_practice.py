"""The tracker on the practice network with the real contracts: same code path as any other network."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.royalty_world import CHAIN_ID, PRACTICE, KeySigner, RoyaltyWorld, as_facts

from desktop_app.chain.practice import PracticeNode
from desktop_app.core.clock import SystemClock
from desktop_app.services.payouts import PayoutFilter, PayoutService, PayoutUpdate, TrackerState
from desktop_app.store.database import Database

ETHER = 10**18


class Watched:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        clock = SystemClock()
        self.node = PracticeNode(folder / "practice.db", clock)
        signer = KeySigner((7).to_bytes(32, "big"))
        if int(self.node.call("eth_getBalance", [signer.address, "latest"]), 16) < ETHER:
            self.node.faucet(signer.address, 1_000 * ETHER)
        self.world = RoyaltyWorld(self.node, signer, folder)
        self.tokens: list[tuple[str, int]] = []
        self.announced: Counter[tuple[str, str, int]] = Counter()
        self.open()

    def open(self) -> None:
        self.database = Database(self.folder / "colophon.db", self.folder / "backups", SystemClock())
        self.service = PayoutService(
            self.database, lambda _: [self.node], lambda _: self.tokens, SystemClock(), poll_seconds=0.02
        )
        self.service.subscribe(self._hear)

    def _hear(self, update: PayoutUpdate) -> None:
        self.announced.update((one.tx_hash, one.token, one.ordinal) for one in update.new)

    def close(self) -> None:
        self.service.close()
        self.database.close()

    def check(self) -> None:
        stored = as_facts(self.service.list(PayoutFilter(chain_id=CHAIN_ID), limit=10_000))
        assert stored == self.world.facts(*(token for token, _ in self.tokens))
        assert set(self.announced.values()) == {1}
        assert len(self.announced) == len(stored)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.close()
    watched.world.close()
    watched.node.close()


def test_payments_pushes_and_claims_of_two_tokens_arrive_to_the_unit(watched: Watched) -> None:
    world = watched.world
    first, second = world.make_token(), world.make_token()
    watched.tokens.append(first)
    watched.service.watch(PRACTICE)
    for units in (1, 3, 10**18 + 7):
        world.pay(first[0], units, b"memo".ljust(32, b"\0"))
        world.pay(second[0], units)
    world.claim(first[0])
    head = world.sender.chain.block_number()
    limit = time.monotonic() + 20
    while watched.service.status(CHAIN_ID).block < head:
        assert time.monotonic() < limit, watched.service.status(CHAIN_ID)
        time.sleep(0.01)
    watched.service.stop()
    watched.check()
    watched.tokens.append(second)
    assert watched.service.sync_once(PRACTICE).state is TrackerState.OK
    watched.check()
    kinds = {row.kind for row in watched.service.list()}
    assert kinds == {"payment", "push", "claim"}
    assert {row.state for row in watched.service.list()} == {"final"}
    assert watched.service.status(CHAIN_ID).single_source
    sums = {(t.token, t.kind): t.units for t in watched.service.totals()}
    assert sums[first[0], "payment"] == 1 + 3 + 10**18 + 7


def test_a_restart_of_app_and_network_repeats_nothing(watched: Watched) -> None:
    world = watched.world
    watched.tokens.append(world.make_token())
    for round_ in range(3):
        world.pay(watched.tokens[0][0], 1_000 + round_)
        watched.service.sync_once(PRACTICE)
        watched.close()
        watched.node.close()
        watched.node = PracticeNode(watched.folder / "practice.db", SystemClock())
        world.rpc = world.sender.chain.rpc = watched.node
        watched.open()
        watched.service.sync_once(PRACTICE)
    watched.check()


def test_a_reset_practice_network_begins_anew(watched: Watched) -> None:
    world = watched.world
    watched.tokens.append(world.make_token())
    world.pay(watched.tokens[0][0], 55)
    watched.service.sync_once(PRACTICE)
    assert watched.service.count() > 0
    watched.node.reset()
    watched.tokens.clear()
    watched.service.forget(CHAIN_ID)
    status = watched.service.sync_once(PRACTICE)
    assert (status.state, watched.service.count()) == (TrackerState.OK, 0)
