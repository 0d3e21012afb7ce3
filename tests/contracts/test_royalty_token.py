"""RoyaltyToken as an ERC-20 with permit, and its fixed terms."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from harness import refused
from harness.evm import CHAIN_ID, NATIVE, Contract
from harness.world import COLLABORATORS, CREATOR, HOLDERS, STRANGER, SUPPLY, World

KEY = Account.from_key(b"\x11" * 32)
OWNER = KEY.address.lower()
MAX = 2**256 - 1


@pytest.fixture
def token(world: World) -> Contract:
    return world.token([100_000])


def permit(token: Contract, *, value: int, deadline: int, nonce: int = 0, **change: Any) -> tuple[Any, ...]:
    message = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Permit": [
                {"name": "owner", "type": "address"},
                {"name": "spender", "type": "address"},
                {"name": "value", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ],
        },
        "primaryType": "Permit",
        "domain": {
            "name": token.call("name"),
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": token.address,
        }
        | change,
        "message": {
            "owner": OWNER,
            "spender": STRANGER,
            "value": value,
            "nonce": nonce,
            "deadline": deadline,
        },
    }
    signed = KEY.sign_message(encode_typed_data(full_message=message))
    signature = (signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
    return (OWNER, STRANGER, value, deadline, *signature)


def test_shares_move(world: World, token: Contract) -> None:
    receipt = token.send("transfer", HOLDERS[0], 30, sender=CREATOR)
    assert token.result(receipt, "transfer", 2) is True
    assert token.events(receipt) == [
        ("Transfer", {"sender": CREATOR, "receiver": HOLDERS[0], "value": 30}),
    ]
    assert token.call("balanceOf", CREATOR) == SUPPLY - 30
    assert token.call("balanceOf", HOLDERS[0]) == 30
    assert token.call("totalSupply") == SUPPLY


def test_no_more_shares_move_than_there_are(token: Contract) -> None:
    with refused("balance too low"):
        token.send("transfer", HOLDERS[0], SUPPLY + 1, sender=CREATOR)
    with refused("balance too low"):
        token.send("transfer", HOLDERS[0], 1, sender=STRANGER)


def test_shares_never_leave_the_holders(token: Contract) -> None:
    for nowhere in (NATIVE, token.address):
        with refused("bad recipient"):
            token.send("transfer", nowhere, 1, sender=CREATOR)


def test_a_transfer_of_nothing_or_to_oneself_changes_nothing(world: World, token: Contract) -> None:
    world.pay(token, NATIVE, 1000)
    before = token.call("pending", CREATOR, NATIVE)
    token.send("transfer", CREATOR, 100, sender=CREATOR)
    token.send("transfer", HOLDERS[0], 0, sender=STRANGER)
    assert token.call("balanceOf", CREATOR) == SUPPLY
    assert token.call("pending", CREATOR, NATIVE) == before
    with refused("balance too low"):
        token.send("transfer", STRANGER, 1, sender=STRANGER)


def test_an_allowance_is_used_up(token: Contract) -> None:
    receipt = token.send("approve", STRANGER, 10, sender=CREATOR)
    assert token.events(receipt) == [("Approval", {"owner": CREATOR, "spender": STRANGER, "value": 10})]
    token.send("transferFrom", CREATOR, HOLDERS[0], 7, sender=STRANGER)
    assert token.call("allowance", CREATOR, STRANGER) == 3
    with refused("allowance too low"):
        token.send("transferFrom", CREATOR, HOLDERS[0], 4, sender=STRANGER)
    with refused("allowance too low"):
        token.send("transferFrom", CREATOR, HOLDERS[0], 1, sender=HOLDERS[0])


def test_the_greatest_allowance_does_not_shrink(token: Contract) -> None:
    token.send("approve", STRANGER, MAX, sender=CREATOR)
    token.send("transferFrom", CREATOR, HOLDERS[0], 7, sender=STRANGER)
    assert token.call("allowance", CREATOR, STRANGER) == MAX
    with refused("balance too low"):
        token.send("transferFrom", CREATOR, HOLDERS[0], SUPPLY, sender=STRANGER)


def test_a_signature_gives_an_allowance_once(world: World, token: Contract) -> None:
    arguments = permit(token, value=9, deadline=world.evm.time)
    receipt = token.send("permit", *arguments, sender=HOLDERS[1])
    assert token.events(receipt) == [("Approval", {"owner": OWNER, "spender": STRANGER, "value": 9})]
    assert token.call("allowance", OWNER, STRANGER) == 9
    assert token.call("nonces", OWNER) == 1
    with refused("bad signature"):
        token.send("permit", *arguments, sender=HOLDERS[1])


def test_a_permit_that_does_not_fit_is_refused(world: World, token: Contract) -> None:
    now = world.evm.time
    good = permit(token, value=9, deadline=now)
    with refused("permit expired"):
        token.send("permit", *permit(token, value=9, deadline=now - 1), sender=STRANGER)
    for place, other in ((0, CREATOR), (1, CREATOR), (2, 10), (3, now + 1), (4, 29)):
        changed = [*good[:place], other, *good[place + 1 :]]
        with refused("bad signature"):
            token.send("permit", *changed, sender=STRANGER)
    with refused("bad signature"):
        token.send("permit", *permit(token, value=9, deadline=now, nonce=1), sender=STRANGER)
    for change in ({"chainId": 1}, {"verifyingContract": CREATOR}, {"name": "x"}, {"version": "2"}):
        with refused("bad signature"):
            token.send("permit", *permit(token, value=9, deadline=now, **change), sender=STRANGER)
    nobody = (NATIVE, STRANGER, 9, now, 99, bytes(32), bytes(32))
    with refused("bad signature"):
        token.send("permit", *nobody, sender=STRANGER)


def test_the_domain_is_that_of_eip_712(token: Contract) -> None:
    from eth_abi import encode
    from eth_hash.auto import keccak

    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    expected = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [keccak(kind), keccak(b"Nocturne in E"), keccak(b"1"), CHAIN_ID, token.address],
        )
    )
    assert token.call("DOMAIN_SEPARATOR") == expected


@pytest.mark.parametrize(
    ("interface", "supported"),
    [("01ffc9a7", True), ("36372b07", True), ("9d8ff7da", True), ("e8a3d485", True), ("2a55205a", True),
     ("ffffffff", False)],
)
def test_the_interfaces_are_announced(token: Contract, interface: str, supported: bool) -> None:
    assert token.call("supportsInterface", bytes.fromhex(interface)) is supported


def test_an_unknown_function_is_refused_with_and_without_money(world: World, token: Contract) -> None:
    world.evm.fund(STRANGER, 10)
    for data in (b"\x00", b"\x12\x34\x56\x78", token.data("name")):
        with refused(""):
            world.evm.send(STRANGER, token.address, data, value=1)
    with refused(""):
        world.evm.send(STRANGER, token.address, b"\x12\x34\x56\x78")


def test_two_tokens_share_code_and_nothing_else(world: World, token: Contract) -> None:
    other = world.token([], [NATIVE], name="Other", supply=7)
    world.pay(other, NATIVE, 70)
    assert token.call("received", NATIVE) == 0
    assert (token.call("name"), other.call("name")) == ("Nocturne in E", "Other")
    assert (token.call("balanceOf", CREATOR), other.call("balanceOf", CREATOR)) == (SUPPLY, 7)
    assert token.call("collaborators") == ((COLLABORATORS[0], 100_000),)
