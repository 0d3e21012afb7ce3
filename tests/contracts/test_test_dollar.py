"""TestDollar: shaped like USDC, free for all."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from harness import refused
from harness.evm import CHAIN_ID, NATIVE, Contract
from harness.world import CREATOR, HOLDERS, PAYER, STRANGER, World

KEY = Account.from_key(b"\x33" * 32)
OWNER = KEY.address.lower()
NONCE = keccak(b"nonce")
AUTHORIZATION = [
    ("from", "address"),
    ("to", "address"),
    ("value", "uint256"),
    ("validAfter", "uint256"),
    ("validBefore", "uint256"),
    ("nonce", "bytes32"),
]
TYPES = {
    "Permit": [
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ],
    "TransferWithAuthorization": AUTHORIZATION,
    "ReceiveWithAuthorization": AUTHORIZATION,
    "CancelAuthorization": [("authorizer", "address"), ("nonce", "bytes32")],
}


@pytest.fixture
def dollar(world: World) -> Contract:
    world.dollars(OWNER, 1000)
    return world.dollar


def sign(dollar: Contract, kind: str, *values: Any) -> tuple[Any, ...]:
    """The values followed by OWNER's signature over them."""
    domain = [
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    ]
    types = {"EIP712Domain": domain, kind: TYPES[kind]}
    typed = {
        "types": {
            name: [{"name": field, "type": of} for field, of in fields] for name, fields in types.items()
        },
        "primaryType": kind,
        "domain": {
            "name": "Test Dollar",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": dollar.address,
        },
        "message": {name: value for (name, _), value in zip(TYPES[kind], values, strict=True)},
    }
    signed = KEY.sign_message(encode_typed_data(full_message=typed))
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def test_it_says_what_it_is(dollar: Contract) -> None:
    assert [dollar.call(name) for name in ("name", "symbol", "decimals", "version")] == [
        "Test Dollar",
        "tUSD",
        6,
        "1",
    ]


def test_anyone_makes_as_much_as_they_like(dollar: Contract) -> None:
    receipt = dollar.send("faucet", HOLDERS[0], 5, sender=STRANGER)
    assert dollar.events(receipt) == [("Transfer", {"sender": NATIVE, "receiver": HOLDERS[0], "value": 5})]
    assert dollar.call("balanceOf", HOLDERS[0]) == 5
    assert dollar.call("totalSupply") == 1005
    with refused("zero address"):
        dollar.send("faucet", NATIVE, 5, sender=STRANGER)
    with refused("too much"):
        dollar.send("faucet", STRANGER, 10**18 + 1, sender=STRANGER)


def test_money_moves_within_the_balance(dollar: Contract) -> None:
    receipt = dollar.send("transfer", HOLDERS[0], 400, sender=OWNER)
    assert dollar.events(receipt) == [
        ("Transfer", {"sender": OWNER, "receiver": HOLDERS[0], "value": 400}),
    ]
    assert (dollar.call("balanceOf", OWNER), dollar.call("balanceOf", HOLDERS[0])) == (600, 400)
    dollar.send("transfer", OWNER, 600, sender=OWNER)
    assert dollar.call("balanceOf", OWNER) == 600
    with refused("balance too low"):
        dollar.send("transfer", HOLDERS[0], 601, sender=OWNER)
    with refused("zero address"):
        dollar.send("transfer", NATIVE, 1, sender=OWNER)


def test_an_allowance_is_used_up_unless_it_is_the_greatest(dollar: Contract) -> None:
    dollar.send("approve", STRANGER, 10, sender=OWNER)
    dollar.send("transferFrom", OWNER, HOLDERS[0], 6, sender=STRANGER)
    assert dollar.call("allowance", OWNER, STRANGER) == 4
    with refused("allowance too low"):
        dollar.send("transferFrom", OWNER, HOLDERS[0], 5, sender=STRANGER)
    dollar.send("approve", STRANGER, 2**256 - 1, sender=OWNER)
    dollar.send("transferFrom", OWNER, HOLDERS[0], 6, sender=STRANGER)
    assert dollar.call("allowance", OWNER, STRANGER) == 2**256 - 1


def test_a_permit_counts_once_and_in_time(world: World, dollar: Contract) -> None:
    now = world.evm.time
    signature = sign(dollar, "Permit", OWNER, STRANGER, 7, 0, now)
    with refused("bad signature"):
        dollar.send("permit", OWNER, STRANGER, 8, now, *signature, sender=PAYER)
    dollar.send("permit", OWNER, STRANGER, 7, now, *signature, sender=PAYER)
    assert (dollar.call("allowance", OWNER, STRANGER), dollar.call("nonces", OWNER)) == (7, 1)
    with refused("bad signature"):
        dollar.send("permit", OWNER, STRANGER, 7, now, *signature, sender=PAYER)
    with refused("permit expired"):
        dollar.send("permit", OWNER, STRANGER, 7, now - 1, *signature, sender=PAYER)


@pytest.mark.parametrize("kind", ["transferWithAuthorization", "receiveWithAuthorization"])
def test_an_authorization_counts_once_and_in_time(world: World, dollar: Contract, kind: str) -> None:
    now = world.evm.time
    type_name = kind[0].upper() + kind[1:]

    def use(after: int = now - 1, before: int = now + 1, amount: int = 7, signed: int = 7) -> Any:
        signature = sign(dollar, type_name, OWNER, HOLDERS[0], signed, after, before, NONCE)
        return dollar.send(
            kind, OWNER, HOLDERS[0], amount, after, before, NONCE, *signature, sender=HOLDERS[0]
        )

    with refused("not valid yet"):
        use(after=now)
    with refused("no longer valid"):
        use(before=now)
    with refused("bad signature"):
        use(amount=8)
    with refused("balance too low"):
        use(amount=1001, signed=1001)
    assert dollar.call("authorizationState", OWNER, NONCE) is False
    assert [name for name, _ in dollar.events(use())] == ["AuthorizationUsed", "Transfer"]
    assert dollar.call("authorizationState", OWNER, NONCE) is True
    assert dollar.call("balanceOf", HOLDERS[0]) == 7
    with refused("authorization used"):
        use()


def test_only_the_recipient_uses_a_receive_authorization(world: World, dollar: Contract) -> None:
    values = (OWNER, HOLDERS[0], 7, 0, world.evm.time + 1, NONCE)
    signature = sign(dollar, "ReceiveWithAuthorization", *values)
    with refused("not the recipient"):
        dollar.send("receiveWithAuthorization", *values, *signature, sender=STRANGER)
    with refused("bad signature"):
        dollar.send("transferWithAuthorization", *values, *signature, sender=STRANGER)


def test_a_cancelled_authorization_cannot_be_used(world: World, dollar: Contract) -> None:
    signature = sign(dollar, "CancelAuthorization", OWNER, NONCE)
    with refused("bad signature"):
        dollar.send("cancelAuthorization", CREATOR, NONCE, *signature, sender=STRANGER)
    receipt = dollar.send("cancelAuthorization", OWNER, NONCE, *signature, sender=STRANGER)
    assert dollar.events(receipt) == [("AuthorizationCanceled", {"authorizer": OWNER, "nonce": NONCE})]
    with refused("authorization used"):
        dollar.send("cancelAuthorization", OWNER, NONCE, *signature, sender=STRANGER)
    values = (OWNER, HOLDERS[0], 7, 0, world.evm.time + 1, NONCE)
    spend = sign(dollar, "TransferWithAuthorization", *values)
    with refused("authorization used"):
        dollar.send("transferWithAuthorization", *values, *spend, sender=STRANGER)


def test_a_forged_signer_is_refused(world: World, dollar: Contract) -> None:
    values = (NATIVE, HOLDERS[0], 0, 0, world.evm.time + 1, NONCE)
    with refused("bad signature"):
        dollar.send("transferWithAuthorization", *values, 99, bytes(32), bytes(32), sender=STRANGER)
