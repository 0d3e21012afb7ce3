"""The tracker on a real node over HTTP, with reorganisations of every depth around it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.anvil import running_anvil
from integration.royalty_world import CHAIN_ID, PRACTICE
from integration.watched_node import Watched

from desktop_app.chain import sender as sender_module
from desktop_app.chain.rpc import HttpRpc
from desktop_app.core.errors import RefusedError
from desktop_app.services.payouts import PayoutFilter

pytestmark = pytest.mark.anvil


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
