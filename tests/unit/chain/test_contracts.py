"""Calls and reads against the real contracts on the practice node."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils import keccak
from web3 import Web3

from desktop_app.chain import contracts, reads
from desktop_app.chain.artifacts import (
    contract_address,
    create2_address,
    init_code,
    load_artifact,
    token_address,
)
from desktop_app.chain.connection import Chain
from desktop_app.chain.logs import Claimed, Payment, Pushed, Registered, TokenCreated, decode_logs
from desktop_app.chain.sender import Sender
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import BugError, CorruptError, NotFoundError, RefusedError
from desktop_app.proofs import registration
from desktop_app.proofs.commitment import Opening

COLLABORATOR = "0x" + "51" * 20
HOLDER = Web3.to_checksum_address("0x" + "61" * 20)


def test_create2_addresses_are_those_of_eip_1014() -> None:
    zero = "0x" + "00" * 20
    beef = "0x00000000000000000000000000000000deadbeef"
    salt = bytes.fromhex("00000000000000000000000000000000000000000000000000000000cafebabe")
    assert create2_address(b"\0", deployer=zero) == "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"
    assert create2_address(b"\xde\xad\xbe\xef", salt, beef) == "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7"


def test_the_factory_is_bound_to_our_registry_and_token() -> None:
    data = init_code("RoyaltyFactory")
    assert data.startswith(load_artifact("RoyaltyFactory").bytecode)
    assert bytes.fromhex(contract_address("Registry")[2:]) in data
    assert load_artifact("RoyaltyToken").bytecode in data


def test_a_missing_artifact_is_named() -> None:
    with pytest.raises(CorruptError, match=r"chain\.missing_artifact"):
        load_artifact("Nothing")


def test_calls_are_encoded_as_web3_encodes_them() -> None:
    w3 = Web3()
    registry = w3.eth.contract(abi=list(load_artifact("Registry").abi))
    call = contracts.register_call(b"\1" * 128, 5, (1, 2, 3), b"\2" * 32)
    assert "0x" + call.data.hex() == registry.encode_abi("register", [b"\1" * 128, 5, [1, 2, 3], b"\2" * 32])
    token = w3.eth.contract(abi=list(load_artifact("RoyaltyToken").abi))
    amount = Amount(77, contracts_currency("practice"))
    assert "0x" + contracts.pay_call(HOLDER, amount, b"\3" * 32).data.hex() == token.encode_abi(
        "pay", [amount.currency.address, 77, b"\3" * 32]
    )
    assert "0x" + contracts.claim_many_call(HOLDER, [HOLDER], "").data.hex() == token.encode_abi(
        "claim_many", [[HOLDER], "0x" + "00" * 20]
    )


def contracts_currency(key: str) -> Any:
    from desktop_app.chain.networks import network

    return network(key).dollar


def test_an_unknown_function_is_our_bug() -> None:
    with pytest.raises(BugError):
        contracts.encode_call("Registry", "register", 1)


def test_the_coin_needs_no_approval(chain: Chain) -> None:
    with pytest.raises(BugError):
        contracts.approve_call(HOLDER, Amount(1, chain.network.native))


def test_reads_before_deployment_say_what_is_missing(chain: Chain) -> None:
    with pytest.raises(RefusedError, match=r"chain\.not_deployed"):
        reads.record(chain, HOLDER, bytes(32))
    with pytest.raises(NotFoundError, match=r"chain\.not_our_token"):
        reads.token_terms(chain, HOLDER)


def test_a_work_is_registered_minted_paid_and_claimed_to_the_unit(chain: Chain, sender: Sender) -> None:
    for name in ("Registry", "RoyaltyFactory", "TestDollar"):
        assert not chain.deployed(name)
        sender.send(contracts.deploy_call(name))
        assert chain.deployed(name)

    me = sender.address
    proof = registration.make(6516588, contract_address("Registry"), me, Opening(5, 6, 7))
    call = contracts.register_call(proof.commitment, proof.challenge, proof.responses, bytes(32))
    receipt = sender.send(call)
    (registered,) = decode_logs(receipt.logs)
    assert isinstance(registered, Registered)
    assert (registered.registrant, registered.commitment_id, registered.proved) == (
        me, keccak(proof.commitment), True,
    )  # fmt: skip
    record = reads.record(chain, me, proof.commitment_id)
    assert record is not None
    assert (record.holder, record.proved) == (me, True)
    assert reads.record(chain, HOLDER, proof.commitment_id) is None

    with pytest.raises(RefusedError) as again:
        sender.quote(call)
    assert again.value.code == "chain.reverted"
    assert again.value.params["reason"] == "already registered"

    dollar = chain.network.dollar
    assert dollar is not None
    salt = bytes(31) + b"\1"
    predicted = token_address(me, salt)
    factory = contract_address("RoyaltyFactory")
    assert (predicted.lower(),) == reads.read_contract(chain, factory, "RoyaltyFactory", "predict", me, salt)
    minting = contracts.create_token_call(
        commitment_id=proof.commitment_id, name="Song", symbol="SONG", supply=1000,
        collaborators=[(COLLABORATOR, 250_000)], currencies=["", dollar.address], uri="", salt=salt,
        registrant=me,
    )  # fmt: skip
    created = [e for e in decode_logs(sender.send(minting).logs) if isinstance(e, TokenCreated)]
    token = created[0].token
    assert token == predicted == reads.token_of(chain, me, proof.commitment_id)
    terms = reads.token_terms(chain, token)
    assert (terms.name, terms.symbol, terms.supply, terms.work) == ("Song", "SONG", 1000, proof.commitment_id)
    assert terms.collaborators == ((Web3.to_checksum_address(COLLABORATOR), 250_000),)
    assert (terms.holders_share, terms.currencies) == (750_000, ("", dollar.address))
    assert reads.is_token(chain, token)
    assert not reads.is_token(chain, HOLDER)

    sender.send(contracts.transfer_call(token, HOLDER, 100))
    assert (reads.shares_of(chain, token, HOLDER), reads.shares_of(chain, token, me)) == (100, 900)

    paid = Amount(10_000_003, dollar)
    sender.send(contracts.faucet_call(me, paid))
    sender.send(contracts.approve_call(token, paid))
    assert reads.allowance(chain, dollar, me, token) == paid
    events = decode_logs(sender.send(contracts.pay_call(token, paid, b"m" * 32)).logs)
    payment = next(e for e in events if isinstance(e, Payment))
    pushed = next(e for e in events if isinstance(e, Pushed))
    assert (payment.payer, payment.currency, payment.amount, payment.memo) == (
        me, dollar.address, paid.units, b"m" * 32,
    )  # fmt: skip
    assert pushed.amount == 2_500_000 == chain.balance(COLLABORATOR, dollar).units
    owed = [reads.pending(chain, token, who, dollar).units for who in (me, HOLDER)]
    assert owed == [6_750_001, 750_000]
    assert reads.received(chain, token, dollar) == paid

    claimed = decode_logs(sender.send(contracts.claim_call(token, HOLDER, dollar.address)).logs)
    assert [e.amount for e in claimed if isinstance(e, Claimed)] == [750_000]
    assert chain.balance(HOLDER, dollar).units == 750_000

    coin = Amount(10**15, chain.network.native)
    sender.send(contracts.pay_call(token, coin, bytes(32)))
    assert chain.balance(COLLABORATOR).units == 25 * 10**13
    with pytest.raises(RefusedError, match=r"chain\.reverted"):
        reads.pending(chain, token, me, contracts_currency("base"))
