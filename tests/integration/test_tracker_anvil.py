"""The tracker on a real node over HTTP, with reorganisations of every depth around it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.anvil import running_anvil
from integration.royalty_world import CHAIN_ID, PRACTICE, KeySigner, RoyaltyWorld, as_facts

from desktop_app.chain import sender as sender_module
from desktop_app.chain.rpc import HttpRpc
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import RefusedError
from desktop_app.services.payouts import PayoutFilter, PayoutService, PayoutUpdate, TrackerState
from desktop_app.store.database import Database

pytestmark = pytest.mark.anvil


class Watched:
    """A fresh node, a token, payments in the newest blocks, and a service that has seen them."""

    def __init__(self, url: str, key: str, folder: Path) -> None:
        self.rpc = HttpRpc(url)
        self.world = RoyaltyWorld(self.rpc, KeySigner(key), folder)
        self.token, created = self.world.make_token()
        self.database = Database(folder / "colophon.db", folder / "backups", SystemClock())
        self.endpoints: list[Any] = [self.rpc]
        self.service = PayoutService(
            self.database, lambda _: self.endpoints, lambda _: [(self.token, created)], SystemClock()
        )
        self.announced: Counter[tuple[str, int]] = Counter()
        self.service.subscribe(self._hear)

    def _hear(self, update: PayoutUpdate) -> None:
        self.announced.update((one.tx_hash, one.ordinal) for one in update.new)

    def mine(self, blocks: int) -> None:
        self.rpc.call("anvil_mine", [hex(blocks)])

    def head(self) -> int:
        return int(self.rpc.call("eth_blockNumber"), 16)

    def hashes(self, depth: int) -> list[str]:
        head = self.head()
        return [
            self.rpc.call("eth_getBlockByNumber", [hex(number), False])["hash"]
            for number in range(head - depth + 1, head + 1)
        ]

    def reorg(self, depth: int, *again: tuple[bytes, int]) -> None:
        """Replace the newest blocks; `again` are raw transactions and the new block that each goes in."""
        before = self.hashes(depth)
        self.rpc.call("anvil_reorg", [depth, [["0x" + raw.hex(), block] for raw, block in again]])
        after = self.hashes(depth)
        assert not set(before) & set(after), "a simulated reorg must change the hashes"

    def raw(self, tx_hash: str) -> bytes:
        stored = self.world.journal.get(CHAIN_ID, tx_hash)
        return bytes(stored.raw)

    def sync(self) -> None:
        assert self.service.sync_once(PRACTICE).state is TrackerState.OK

    def check(self) -> None:
        rows = self.service.list(PayoutFilter(chain_id=CHAIN_ID), limit=10_000)
        assert as_facts(rows) == self.world.facts(self.token)
        assert set(self.announced.values()) <= {1}

    def close(self) -> None:
        self.service.close()
        self.database.close()
        self.world.close()
        self.rpc.close()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(sender_module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.05)
    with running_anvil() as node:
        watched = Watched(node.url, node.keys[0], tmp_path)
        yield watched
        watched.close()


@pytest.mark.parametrize("depth", range(1, 9))
def test_a_payment_mined_again_elsewhere_is_stored_once_and_told_once(watched: Watched, depth: int) -> None:
    watched.mine(3)
    receipts = [watched.world.pay(watched.token, 1_000 + i) for i in range(depth)]
    watched.sync()
    watched.check()
    told = dict(watched.announced)
    raws = [watched.raw(receipt.tx_hash) for receipt in receipts]
    watched.reorg(depth, *((raw, depth - 1) for raw in raws))
    watched.sync()
    watched.check()
    assert dict(watched.announced) == told
    assert watched.service.count(PayoutFilter(kind="payment")) == depth
    assert watched.service.count(PayoutFilter(orphaned=True)) == 0


@pytest.mark.parametrize("depth", [1, 2, 5, 8])
def test_a_payment_that_a_reorg_dropped_is_taken_back_until_it_is_sent_again(
    watched: Watched, depth: int
) -> None:
    kept = watched.world.pay(watched.token, 77)
    lost = watched.world.pay(watched.token, 78)
    if depth > 1:
        watched.mine(depth - 1)
    watched.sync()
    raw = watched.raw(lost.tx_hash)
    watched.reorg(depth)
    watched.mine(2)
    watched.sync()
    watched.check()
    assert {row.tx_hash for row in watched.service.list(PayoutFilter(orphaned=True))} == {lost.tx_hash}
    assert {row.tx_hash for row in watched.service.list()} == {kept.tx_hash}
    told = dict(watched.announced)
    watched.rpc.call("eth_sendRawTransaction", ["0x" + raw.hex()])
    watched.mine(1)
    watched.sync()
    watched.check()
    assert watched.service.count(PayoutFilter(orphaned=True)) == 0
    assert dict(watched.announced) == told


def test_payouts_become_safe_and_final_as_the_node_says(watched: Watched) -> None:
    watched.world.pay(watched.token, 5)
    watched.sync()
    assert {row.state for row in watched.service.list()} == {"seen"}
    watched.mine(40)
    watched.sync()
    assert {row.state for row in watched.service.list()} == {"safe"}
    watched.mine(40)
    watched.sync()
    assert {row.state for row in watched.service.list()} == {"final"}
    watched.check()


def test_two_connections_confirm_each_other(watched: Watched) -> None:
    watched.endpoints.append(HttpRpc(watched.rpc._url))
    watched.world.pay(watched.token, 5)
    watched.mine(80)
    watched.sync()
    status = watched.service.status(CHAIN_ID)
    assert (status.single_source, status.problem) == (False, None)
    assert {row.state for row in watched.service.list()} == {"final"}
    watched.check()
    watched.endpoints[1].close()


def test_another_chain_behind_the_same_address_is_refused(watched: Watched) -> None:
    watched.world.pay(watched.token, 5)
    watched.sync()
    with running_anvil(chain_id=8453) as other:
        stranger = HttpRpc(other.url)
        watched.endpoints[:] = [stranger]
        with pytest.raises(RefusedError) as raised:
            watched.service.sync_once(PRACTICE)
        stranger.close()
    assert raised.value.code == "payouts.wrong_network"
    watched.endpoints[:] = [watched.rpc]
    watched.sync()
    watched.check()


def test_the_thread_sees_payments_come_and_stops_within_a_second(watched: Watched) -> None:
    watched.service.watch(PRACTICE)
    receipt = watched.world.pay(watched.token, 12)
    watched.service.wake()
    limit = time.monotonic() + 10
    while watched.service.status(CHAIN_ID).block < receipt.block_number:
        assert time.monotonic() < limit
        time.sleep(0.02)
    start = time.monotonic()
    watched.service.stop()
    assert time.monotonic() - start < 1
    watched.check()
