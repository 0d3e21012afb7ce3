"""Stuck, replaced, cancelled, dropped and reorganised transactions on a real node."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.anvil import Anvil, running_anvil
from integration.test_real_node import CHAIN_ID, SHOP, KeySigner

from desktop_app.chain import contracts
from desktop_app.chain import sender as sender_module
from desktop_app.chain.connection import Chain
from desktop_app.chain.fees import Speed, bumped
from desktop_app.chain.networks import network
from desktop_app.chain.raw_transaction import decode
from desktop_app.chain.rpc import HttpRpc
from desktop_app.chain.sender import Sender
from desktop_app.chain.simulation import balance_changes
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import RefusedError
from desktop_app.store.database import Database
from desktop_app.store.transactions import Purpose, TransactionRepository, TransactionStatus

pytestmark = pytest.mark.anvil


class World:
    """A real node that poses as a test network, and one sender with its journal."""

    def __init__(self, node: Anvil, folder: Path) -> None:
        self.rpc = HttpRpc(node.url, timeout=5.0)
        # On the practice network every block is final at once; here blocks may vanish.
        self.chain = Chain(dataclasses.replace(network("practice"), kind="test"), self.rpc)
        self.database = Database(folder / "colophon.db", folder / "backups", SystemClock())
        self.journal = TransactionRepository(self.database)
        self.signer = KeySigner(node.keys[0])
        self.sender = self.restarted()
        self.pay = contracts.send_call(SHOP, Amount(5, self.chain.network.native))

    def restarted(self) -> Sender:
        return Sender(self.chain, self.signer, self.journal, SystemClock(), patience=20.0)

    def paid(self) -> int:
        return self.chain.balance(SHOP).units

    def statuses(self) -> list[TransactionStatus]:
        return [stored.status for stored in reversed(self.journal.newest())]

    def close(self) -> None:
        self.database.close()
        self.rpc.close()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.05)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_anvil() as node:
        made = World(node, tmp_path)
        yield made
        made.close()


@pytest.fixture
def stuck(world: World) -> str:
    """A transaction that waits because nobody mines."""
    world.rpc.call("evm_setAutomine", [False])
    return world.sender.submit(world.pay)


MINED, REPLACED, SENT = TransactionStatus.MINED, TransactionStatus.REPLACED, TransactionStatus.SENT


def test_a_stuck_payment_is_sped_up_and_paid_once(world: World, stuck: str) -> None:
    faster = world.sender.replacement(stuck, Purpose.SPEED_UP)
    new = world.sender.replace(faster)
    assert world.sender.resume() == [stuck, new]
    world.rpc.call("evm_mine")
    receipt = world.sender.wait(stuck)
    assert (receipt.tx_hash, world.paid()) == (new, 5)
    assert world.statuses() == [REPLACED, MINED]
    assert world.sender.receipt(stuck) == receipt, "whoever asks for the first version learns of the second"
    assert world.sender.wait(new) == receipt


def test_a_replacement_raises_both_prices_by_at_least_a_tenth(world: World, stuck: str) -> None:
    for _ in range(3):
        world.sender.replace(world.sender.replacement(stuck, Purpose.SPEED_UP, Speed.SLOW))
    versions = [decode(stored.raw) for stored in world.journal.versions(CHAIN_ID, stuck)]
    assert len({(one.nonce, one.to, one.value, one.data) for one in versions}) == 1
    for before, after in itertools.pairwise(versions):
        assert after.max_fee >= bumped(before.max_fee) >= before.max_fee * 1.1
        assert after.priority_fee >= bumped(before.priority_fee) >= before.priority_fee * 1.1
        assert after.gas_limit >= before.gas_limit
    world.rpc.call("evm_mine")
    assert world.sender.wait(stuck).succeeded
    assert (world.paid(), world.statuses()) == (5, [REPLACED, REPLACED, REPLACED, MINED])


def test_a_cancelled_payment_never_happens(world: World, stuck: str) -> None:
    world.sender.replace(world.sender.replacement(stuck, Purpose.CANCEL))
    world.rpc.call("evm_mine")
    with pytest.raises(RefusedError, match=r"chain\.cancelled"):
        world.sender.wait(stuck)
    assert (world.paid(), world.statuses()) == (0, [REPLACED, MINED])
    assert world.sender.receipt(stuck) is None
    world.rpc.call("evm_setAutomine", [True])
    assert world.sender.send(world.pay).succeeded
    assert world.paid() == 5


def test_a_waiting_job_notices_that_its_payment_was_cancelled(world: World, stuck: str) -> None:
    caught: list[str] = []

    def wait() -> None:
        try:
            world.sender.wait(stuck)
        except RefusedError as error:
            caught.append(error.code)

    job = threading.Thread(target=wait)
    job.start()
    world.sender.replace(world.sender.replacement(stuck, Purpose.CANCEL))
    world.rpc.call("evm_mine")
    job.join(20)
    assert caught == ["chain.cancelled"]


def test_a_cancelled_one_can_be_cancelled_harder_but_not_revived_by_accident(
    world: World, stuck: str
) -> None:
    first = world.sender.replace(world.sender.replacement(stuck, Purpose.CANCEL))
    second = world.sender.replace(world.sender.replacement(first, Purpose.SPEED_UP))
    world.rpc.call("evm_mine")
    assert world.sender.resume() == []
    assert world.journal.get(CHAIN_ID, second).status is MINED
    assert world.paid() == 0


def test_a_payment_that_was_mined_meanwhile_is_neither_sped_up_nor_cancelled(
    world: World, stuck: str
) -> None:
    faster = world.sender.replacement(stuck, Purpose.SPEED_UP)
    world.rpc.call("evm_mine")
    with pytest.raises(RefusedError, match=r"chain\.already_mined"):
        world.sender.replace(faster)
    with pytest.raises(RefusedError, match=r"chain\.already_mined"):
        world.sender.replacement(stuck, Purpose.CANCEL)
    assert (world.paid(), world.statuses()) == (5, [MINED])


def test_after_a_restart_the_dropped_version_with_the_best_price_is_sent_again(
    world: World, stuck: str
) -> None:
    new = world.sender.replace(world.sender.replacement(stuck, Purpose.SPEED_UP))
    world.rpc.call("anvil_dropTransaction", [new])
    assert world.rpc.call("eth_getTransactionByHash", [new]) is None
    assert world.restarted().resume() == [stuck, new]
    assert world.rpc.call("eth_getTransactionByHash", [new]) is not None
    world.rpc.call("evm_mine")
    assert world.restarted().resume() == []
    assert (world.paid(), world.statuses()) == (5, [REPLACED, MINED])


def reorganise(world: World, depth: int, keep: list[Any] | None = None) -> None:
    """Replace the last `depth` blocks by others, and make sure that they are others."""
    head = world.chain.block_number()
    numbers = range(head - depth + 1, head + 1)
    before = [hash_of(world, number) for number in numbers]
    world.rpc.call("anvil_reorg", [depth, keep or []])
    after = [hash_of(world, number) for number in numbers]
    assert all(old != new for old, new in zip(before, after, strict=True))


def hash_of(world: World, number: int) -> str:
    return str(world.rpc.call("eth_getBlockByNumber", [hex(number), False])["hash"])


def test_a_payment_whose_block_vanished_is_sent_again_and_paid_once(world: World) -> None:
    receipt = world.sender.send(world.pay)
    world.rpc.call("anvil_mine", ["0x2"])
    reorganise(world, 3)
    assert world.paid() == 0
    assert world.chain.nonce(world.signer.address) == 0
    world.rpc.call("evm_setAutomine", [False])
    again = world.restarted()
    assert again.resume() == [receipt.tx_hash]
    stored = world.journal.get(CHAIN_ID, receipt.tx_hash)
    assert (stored.status, stored.block_number, stored.fee) == (SENT, None, None)
    world.rpc.call("evm_mine")
    second = again.wait(receipt.tx_hash)
    assert second.block_hash != receipt.block_hash
    assert (world.paid(), world.statuses()) == (5, [MINED])


def test_a_new_payment_after_a_reorganisation_does_not_take_the_number_of_the_old_one(world: World) -> None:
    first = world.sender.send(world.pay)
    reorganise(world, 1)
    assert world.sender.send(world.pay).succeeded
    assert world.sender.resume() == []
    assert world.sender.wait(first.tx_hash).succeeded
    assert (world.paid(), world.statuses()) == (10, [MINED, MINED])
    assert [stored.nonce for stored in reversed(world.journal.newest())] == [0, 1]


def test_a_reorganisation_that_mines_the_other_version_is_followed(world: World, stuck: str) -> None:
    new = world.sender.replace(world.sender.replacement(stuck, Purpose.SPEED_UP))
    world.rpc.call("evm_mine")
    assert world.sender.wait(stuck).tx_hash == new
    first = "0x" + world.journal.get(CHAIN_ID, stuck).raw.hex()
    reorganise(world, 1, [[first, 0]])
    assert world.sender.resume() == []
    assert (world.paid(), world.statuses()) == (5, [MINED, REPLACED])


def test_a_final_block_is_not_looked_at_any_more(world: World) -> None:
    receipt = world.sender.send(world.pay)
    assert not world.journal.get(CHAIN_ID, receipt.tx_hash).final
    world.rpc.call("anvil_mine", [hex(200)])
    assert world.sender.resume() == []
    assert world.journal.get(CHAIN_ID, receipt.tx_hash).final
    assert world.journal.unsettled(CHAIN_ID, world.signer.address) == []


def test_the_three_speeds_cost_more_the_faster_they_are(world: World) -> None:
    slow, normal, fast = (world.sender.quote(world.pay, speed) for speed in Speed)
    assert slow.worst_case.units < normal.worst_case.units < fast.worst_case.units
    assert slow.expected.units <= normal.expected.units <= fast.expected.units
    assert [one.speed for one in (slow, normal, fast)] == list(Speed)
    assert world.sender.send(world.pay, slow).succeeded


def test_a_real_node_tells_what_a_payment_would_change(world: World) -> None:
    dollar = world.chain.network.dollar
    assert dollar is not None
    me = world.signer.address
    world.sender.send(contracts.deploy_call("TestDollar"))
    world.sender.send(contracts.faucet_call(me, Amount(100, dollar)))
    coins, dollars = Amount(5, world.chain.network.native), Amount(7, dollar)
    for amount in (coins, dollars):
        changes = balance_changes(world.chain, me, [contracts.send_call(SHOP, amount)], [dollar])
        assert changes == (Amount(-amount.units, amount.currency),)
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        balance_changes(world.chain, me, [contracts.send_call(SHOP, Amount(101, dollar))], [dollar])
    assert world.paid() == 0
