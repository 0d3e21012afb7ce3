"""The chain layer against anvil over HTTP, and the practice node against anvil transaction by transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from integration.anvil import Anvil, running_anvil

from desktop_app.chain import contracts, reads
from desktop_app.chain import sender as sender_module
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import decode_answer, encode_call
from desktop_app.chain.logs import Forwarded, Payment, Pushed, PushFailed, decode_logs
from desktop_app.chain.networks import network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.refusals import Verdict, judge
from desktop_app.chain.rpc import HttpRpc, Rpc, RpcError
from desktop_app.chain.sender import Sender
from desktop_app.chain.wire import to_data
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.core.errors import CancelledError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.proofs import registration
from desktop_app.proofs.commitment import Opening
from desktop_app.store.database import Database
from desktop_app.store.transactions import TransactionRepository, TransactionStatus

pytestmark = pytest.mark.anvil

CHAIN_ID = 6516588
SHOP = "0x" + "44" * 20


class KeySigner:
    """A signer over one of anvil's public keys."""

    def __init__(self, key: str) -> None:
        self._account = Account.from_key(key)
        self.address: str = self._account.address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)

    def sign_typed_data(self, full_message: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_typed_data(full_message=dict(full_message)).signature)


class World:
    """One node with a chain, and senders with a journal of their own."""

    def __init__(self, rpc: Rpc, folder: Path) -> None:
        self.rpc = rpc
        self.chain = Chain(network("practice"), rpc)
        self.clock = SystemClock()
        self.database = Database(folder / "colophon.db", folder / "backups", self.clock)
        self.journal = TransactionRepository(self.database)

    def sender(self, signer: KeySigner, patience: float = 30.0) -> Sender:
        return Sender(self.chain, signer, self.journal, self.clock, patience=patience)

    def close(self) -> None:
        self.database.close()
        self.rpc.close()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(sender_module, "_LONGEST_PAUSE", 0.05)


@pytest.fixture
def anvil() -> Iterator[Anvil]:
    with running_anvil() as node:
        yield node


@pytest.fixture
def signer(anvil: Anvil) -> KeySigner:
    return KeySigner(anvil.keys[0])


@pytest.fixture
def world(anvil: Anvil, tmp_path: Path) -> Iterator[World]:
    made = World(HttpRpc(anvil.url, timeout=5.0), tmp_path / "real")
    yield made
    made.close()


@pytest.fixture
def pay(world: World) -> contracts.Call:
    return contracts.send_call(SHOP, Amount(5, world.chain.network.native))


def journey(world: World, signer: KeySigner) -> Iterator[tuple[str, contracts.Call]]:
    """Every kind of transaction of the main job, in order."""
    chain, me = world.chain, signer.address
    for name in ("Registry", "RoyaltyFactory", "TestDollar"):
        yield f"deploy {name}", contracts.deploy_call(name)

    def nonces(*_: object) -> list[int]:
        return [101, 102, 103]

    proof = registration.make(CHAIN_ID, contract_address("Registry"), me, Opening(5, 6, 7), nonces=nonces)
    yield "register", contracts.register_call(proof.commitment, proof.challenge, proof.responses, bytes(32))
    dollar = chain.network.dollar
    assert dollar is not None
    yield "mint", contracts.create_token_call(
        commitment_id=proof.commitment_id, name="Song", symbol="SONG", supply=1000,
        collaborators=[("0x" + "51" * 20, 250_000), ("0x" + "52" * 20, 125_000)],
        currencies=["", dollar.address], uri="ipfs://x", salt=bytes(32), registrant=me,
    )  # fmt: skip
    token = reads.token_of(chain, me, proof.commitment_id)
    assert token is not None
    yield "shares", contracts.transfer_call(token, SHOP, 77)
    paid = Amount(10_000_003, dollar)
    yield "faucet", contracts.faucet_call(me, paid)
    yield "approve", contracts.approve_call(token, paid)
    yield "pay in dollars", contracts.pay_call(token, paid, b"m" * 32)
    yield "pay in coins", contracts.pay_call(token, Amount(10**15 + 1, chain.network.native), bytes(32))
    yield "claim", contracts.claim_call(token, SHOP, dollar.address)
    yield "claim many", contracts.claim_many_call(token, [SHOP, me], "")
    yield from album(world, signer, token)


def album(world: World, signer: KeySigner, parent: str) -> Iterator[tuple[str, contracts.Call]]:
    """Two works that build on a first one, with a collaborator who refuses the coin, and licences."""
    chain, me = world.chain, signer.address
    coin, dollar = chain.network.native, chain.network.dollar
    assert dollar is not None
    registry = contract_address("Registry")

    def nonces(*_: object) -> list[int]:
        return [104, 105, 106]

    proofs = [
        registration.make(CHAIN_ID, registry, me, Opening(8, 9, 10 + i), nonces=nonces) for i in range(2)
    ]
    yield "register many", contracts.register_many_call(
        [(proof.commitment, proof.challenge, proof.responses, bytes(32)) for proof in proofs]
    )
    yield "anchor many", contracts.anchor_many_call(
        [(bytes(31) + b"\1" + bytes(31) + bytes([i]) + bytes(64), bytes(32)) for i in (1, 2)]
    )
    yield "mint many", contracts.create_tokens_call(
        [
            contracts.NewToken(
                proof.commitment_id, me, f"Remix {i}", f"MIX{i}", 100, [(registry, 100_000)],
                ["", dollar.address], "", bytes([i + 1]) * 32, [(parent, 50_000)], 75_000,
            )
            for i, proof in enumerate(proofs)
        ]
    )  # fmt: skip
    child = reads.token_of(chain, me, proofs[0].commitment_id)
    assert child is not None
    yield "pay a refuser", contracts.pay_call(child, Amount(10**15, coin), bytes(32))
    yield "forward", contracts.forward_call(child, [parent], "")
    yield "deploy Licences", contracts.deploy_call("Licences")
    offer = contracts.LicenceOffer(2, Amount(500, coin), b"\7" * 32)
    yield "offer", contracts.offer_licence_call(child, offer, "https://example.org/terms")
    (agreed,) = decode_answer(
        "Licences", "terms_hash", 2,
        chain.read(contract_address("Licences"), encode_call("Licences", "terms_hash", child, 1)),
    )  # fmt: skip
    yield "buy", contracts.buy_licence_call(child, 1, 2, 10, Amount(5_000, coin), agreed, me)
    yield "redeem", contracts.redeem_plays_call(1, 3)
    yield "withdraw", contracts.withdraw_licence_call(child, 1)
    yield "claim from the child", contracts.claim_call(child, me, "")


def test_the_practice_node_does_exactly_what_a_real_node_does(
    world: World, signer: KeySigner, tmp_path: Path
) -> None:
    practice = PracticeNode(tmp_path / "practice.db", SystemClock())
    twin = World(practice, tmp_path / "practice")
    practice.faucet(signer.address, 10_000 * 10**18)
    ours, theirs = twin.sender(signer), world.sender(signer)
    seen = []
    for (name, call), (_, real_call) in zip(journey(twin, signer), journey(world, signer), strict=True):
        assert call == real_call, name
        receipt, real = ours.send(call), theirs.send(real_call)
        assert receipt.gas_used == real.gas_used, name
        assert [(log["address"], log["topics"], log["data"]) for log in receipt.logs] == [
            (log["address"], log["topics"], log["data"]) for log in real.logs
        ], name
        events, real_events = decode_logs(receipt.logs), decode_logs(real.logs)
        assert len(events) == len(real_events)
        seen += [type(event) for event in real_events]
    assert {Payment, Pushed, PushFailed, Forwarded} <= set(seen)
    for chain in (twin.chain, world.chain):
        assert chain.balance(SHOP, chain.network.dollar).units == 10_000_003 * 625 * 77 // 1_000_000
    twin.close()


def test_reverts_look_the_same_on_both(world: World, signer: KeySigner, tmp_path: Path) -> None:
    practice = PracticeNode(tmp_path / "practice.db", SystemClock())
    practice.faucet(signer.address, 10**18)
    twin = World(practice, tmp_path / "practice")
    deploy = contracts.deploy_call("Registry")
    refusals = []
    for one in (twin, world):
        one.sender(signer).send(deploy)
        call = contracts.transfer_record_call(bytes(32), SHOP, signer.address)
        with pytest.raises(RefusedError) as caught:
            one.sender(signer).quote(call)
        message = {"to": call.to, "data": to_data(call.data), "from": signer.address}
        with pytest.raises(RpcError) as raw:
            one.rpc.call("eth_call", [message, "latest"])
        refusals.append(
            (caught.value.code, caught.value.params["reason"], raw.value.rpc_code, raw.value.revert_data)
        )
    assert refusals[0] == refusals[1]
    assert refusals[0][:2] == ("chain.reverted", "no such record")
    twin.close()


def test_the_precompile_is_found_where_it_is_and_missed_where_it_is_not(world: World, tmp_path: Path) -> None:
    assert world.chain.has_precompile()
    with running_anvil(hardfork="cancun") as old:
        rpc = HttpRpc(old.url)
        assert not Chain(network("practice"), rpc).has_precompile()
        rpc.close()


def test_a_real_node_of_another_network_is_refused(signer: KeySigner, tmp_path: Path) -> None:
    with running_anvil(chain_id=8453) as base:
        other = World(HttpRpc(base.url), tmp_path / "other")
        with pytest.raises(RefusedError, match=r"chain\.wrong_network"):
            other.sender(signer).send(contracts.send_call(SHOP, Amount(1, other.chain.network.native)))
        assert other.journal.newest() == []
        other.close()


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"nonce": 0, "value": 2}, Verdict.NEVER),
        ({"value": 10**30}, Verdict.NO_MONEY),
        ({"gas": 20_000}, Verdict.NEVER),
        ({"chainId": 1}, Verdict.NEVER),
        ({"maxFeePerGas": 1, "maxPriorityFeePerGas": 1}, Verdict.NEVER),
        ({"again": True}, Verdict.NEVER),
    ],
)
def test_the_refusals_of_a_real_node_are_understood(
    world: World, signer: KeySigner, pay: contracts.Call, changes: dict[str, Any], verdict: Verdict
) -> None:
    receipt = world.sender(signer).send(pay)
    fields = {
        "type": 2, "chainId": CHAIN_ID, "nonce": 1, "to": SHOP, "value": 1, "gas": 21_000,
        "maxFeePerGas": 4 * 10**9, "maxPriorityFeePerGas": 1,
    }  # fmt: skip
    raw = signer.sign_transaction(fields | changes) if "again" not in changes else None
    raw = raw or world.journal.get(CHAIN_ID, receipt.tx_hash).raw
    with pytest.raises(RpcError) as caught:
        world.rpc.call("eth_sendRawTransaction", [to_data(raw)])
    assert judge(caught.value) is verdict, caught.value.rpc_message


def test_a_transaction_that_waits_can_be_left_and_found_again(
    world: World, signer: KeySigner, pay: contracts.Call
) -> None:
    world.rpc.call("evm_setAutomine", [False])
    task = Task()
    timer = threading.Timer(0.3, task.cancel)
    timer.start()
    with pytest.raises(CancelledError):
        world.sender(signer).send(pay, task=task)
    timer.join()
    (stored,) = world.journal.newest()
    assert stored.status is TransactionStatus.SENT
    restarted = world.sender(signer)
    assert restarted.resume() == [stored.tx_hash]
    world.rpc.call("evm_mine")
    assert restarted.wait(stored.tx_hash).succeeded
    assert world.chain.balance(SHOP).units == 5


def test_a_transaction_that_the_node_drops_is_sent_again(
    world: World, signer: KeySigner, pay: contracts.Call
) -> None:
    world.rpc.call("evm_setAutomine", [False])
    sender = world.sender(signer)
    tx_hash = sender.submit(pay)
    world.rpc.call("anvil_dropTransaction", [tx_hash])
    assert world.rpc.call("eth_getTransactionByHash", [tx_hash]) is None
    world.rpc.call("evm_setAutomine", [True])
    assert sender.wait(tx_hash).succeeded
    assert world.chain.balance(SHOP).units == 5


def test_several_wait_in_line_and_none_is_counted_twice(
    world: World, signer: KeySigner, pay: contracts.Call
) -> None:
    world.rpc.call("evm_setAutomine", [False])
    sender = world.sender(signer)
    hashes = [sender.submit(pay) for _ in range(3)]
    assert len(set(hashes)) == 3
    assert [world.journal.get(CHAIN_ID, h).nonce for h in hashes] == [0, 1, 2]
    world.rpc.call("evm_mine")
    assert all(sender.wait(h).succeeded for h in hashes)
    assert world.chain.balance(SHOP).units == 15


def test_another_wallet_with_the_same_key_replaces_a_transaction_and_it_is_noticed(
    world: World, signer: KeySigner, pay: contracts.Call
) -> None:
    world.rpc.call("evm_setAutomine", [False])
    sender = world.sender(signer)
    tx_hash = sender.submit(pay)
    other = signer.sign_transaction(
        {
            "type": 2, "chainId": CHAIN_ID, "nonce": 0, "to": SHOP, "value": 1, "gas": 21_000,
            "maxFeePerGas": 100 * 10**9, "maxPriorityFeePerGas": 50 * 10**9,
        }
    )  # fmt: skip
    world.rpc.call("eth_sendRawTransaction", [to_data(other)])
    world.rpc.call("evm_mine")
    with pytest.raises(RefusedError, match=r"chain\.replaced"):
        sender.wait(tx_hash)
    assert world.chain.balance(SHOP).units == 1


def test_a_node_that_dies_leaves_the_transaction_in_the_journal(
    world: World, anvil: Anvil, signer: KeySigner, pay: contracts.Call
) -> None:
    world.rpc.call("evm_setAutomine", [False])
    sender = world.sender(signer, patience=0.5)
    tx_hash = sender.submit(pay)
    anvil.process.kill()
    anvil.process.wait()
    with pytest.raises(UnavailableError, match=r"chain\.still_waiting"):
        sender.wait(tx_hash)
    with pytest.raises(UnavailableError, match=r"chain\.unreachable"):
        sender.submit(pay)
    assert [t.tx_hash for t in world.journal.pending(CHAIN_ID, signer.address)] == [tx_hash]


def test_no_anvil_outlives_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Callable[[], None]:
        raise ValueError("the test itself")

    with pytest.raises(ValueError, match="the test itself"), running_anvil() as node:
        fail()
    assert node.process.returncode is not None
