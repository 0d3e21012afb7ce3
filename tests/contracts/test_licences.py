"""Licences: terms that never change, money that goes to the token, and vouchers that count plays once."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from harness import refused
from harness.evm import CHAIN_ID, NATIVE, Contract, Receipt, Reverted, raw
from harness.world import COLLABORATORS, CREATOR, HOLDERS, PAYER, STRANGER, World

DOWNLOAD, PLAYS, TRAINING = 1, 2, 3
ROOT = b"\xda" * 32
DOCUMENT = keccak(b"What you may do with it")
NONE = bytes(32)
ID = bytes(31) + b"\x01"
TOP = 2**256 - 1
LISTENER = Account.from_key(b"\x11" * 32)
ME = LISTENER.address.lower()


def terms(
    kind: int = DOWNLOAD,
    currency: str = NATIVE,
    price: int = 1000,
    duration: int = 0,
    data_root: bytes | None = None,
    document: bytes = DOCUMENT,
) -> tuple[Any, ...]:
    if data_root is None:
        data_root = ROOT if kind == TRAINING else NONE
    return kind, currency, price, duration, data_root, document


def offer(
    world: World, token: Contract, *args: Any, replaces: int = 0, sender: str = CREATOR, **more: Any
) -> int:
    what = terms(*args, **more)
    receipt = world.licences.send("offer", token.address, what, replaces, "uri", sender=sender)
    return int(world.licences.result(receipt, "offer", 4))


def buy(
    world: World,
    token: Contract,
    version: int,
    kind: int = DOWNLOAD,
    quantity: int = 1,
    *,
    most: int = TOP,
    agreed: bytes | None = None,
    licensee: str = ME,
    value: int | None = None,
    buyer: str = PAYER,
) -> Receipt:
    (_, currency, price, *_), _, _ = world.licences.call("terms", token.address, version)
    if value is None:
        value = quantity * price if currency == NATIVE else 0
    world.evm.fund(buyer, value)
    agreed = world.licences.call("terms_hash", token.address, version) if agreed is None else agreed
    return world.licences.send(
        "buy", token.address, version, kind, quantity, most, agreed, licensee, sender=buyer, value=value
    )


def licence(world: World, number: int) -> dict[str, Any]:
    names = (
        "licensee", "token", "version", "kind", "quantity", "used", "bought_at", "expires_at", "data_root",
        "document",
    )  # fmt: skip
    return dict(zip(names, world.licences.call("licence", number), strict=True))


def voucher(world: World, number: int, total: int, signer: Any = LISTENER, **domain: Any) -> bytes:
    message = encode_typed_data(
        {
            "name": "Colophon Licences",
            "version": "1",
            "chainId": CHAIN_ID,
            "verifyingContract": world.licences.address,
            **domain,
        },
        {"Plays": [{"name": "licence", "type": "uint256"}, {"name": "total", "type": "uint256"}]},
        {"licence": number, "total": total},
    )
    return bytes(signer.sign_message(message).signature)


# --- Terms ----------------------------------------------------------------------------------------------


def test_versions_count_from_one_and_tell_what_was_offered(world: World) -> None:
    token, other = world.token([]), world.token([])
    assert world.licences.call("versions", token.address) == 0
    what = terms(TRAINING, world.dollar.address, 5, 3600)
    receipt = world.licences.send("offer", token.address, what, 0, "https://a.b", sender=CREATOR)
    assert world.licences.events(receipt) == [
        (
            "Offered",
            {
                "token": token.address,
                "version": 1,
                "kind": TRAINING,
                "licensor": CREATOR,
                "currency": world.dollar.address,
                "price": 5,
                "duration": 3600,
                "data_root": ROOT,
                "document": DOCUMENT,
                "uri": "https://a.b",
            },
        )
    ]
    assert offer(world, token, PLAYS) == 2
    assert offer(world, other) == 1
    assert world.licences.call("versions", token.address) == 2
    found = world.licences.call("terms", token.address, 1)
    assert found == (terms(TRAINING, world.dollar.address, 5, 3600), True, CREATOR)
    assert world.licences.call("terms_hash", token.address, 1) == keccak(
        encode(
            ["address", "(uint256,address,uint256,uint64,bytes32,bytes32)"],
            [token.address, terms(TRAINING, world.dollar.address, 5, 3600)],
        )
    )
    assert world.licences.call("terms", token.address, 3)[2] == NATIVE
    assert world.licences.call("terms_hash", token.address, 3) == NONE
    assert world.licences.call("factory") == world.factory.address


def test_no_two_terms_share_a_hash(world: World) -> None:
    one, two = world.token([]), world.token([])
    offers: list[dict[str, Any]] = [
        {}, {"kind": PLAYS}, {"currency": world.dollar.address}, {"price": 1001}, {"duration": 1},
        {"document": NONE}, {"kind": TRAINING}, {"kind": TRAINING, "data_root": b"\x01" * 32},
    ]  # fmt: skip
    hashes = [
        world.licences.call("terms_hash", token.address, offer(world, token, **changes))
        for token in (one, two)
        for changes in offers
    ]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("unknown kind", {"kind": 0}),
        ("unknown kind", {"kind": 4}),
        ("price out of range", {"price": 2**120}),
        ("data set missing", {"kind": TRAINING, "data_root": NONE}),
        ("data set not expected", {"kind": PLAYS, "data_root": ROOT}),
        ("data set not expected", {"data_root": ROOT}),
        ("currency not accepted", {"currency": STRANGER}),
    ],
)
def test_bad_terms_are_refused(world: World, reason: str, changes: dict[str, Any]) -> None:
    token = world.token([])
    with refused(reason):
        offer(world, token, **changes)


def test_only_the_holder_of_the_record_licenses(world: World) -> None:
    token = world.token([])
    with refused("not the licensor"):
        offer(world, token, sender=STRANGER)
    version = offer(world, token)
    token.send("transfer", STRANGER, 1000, sender=CREATOR)
    with refused("not the licensor"):
        world.licences.send("withdraw", token.address, version, sender=STRANGER)
    world.registry.send("transfer", token.call("work"), HOLDERS[0], sender=CREATOR)
    with refused("not the licensor"):
        offer(world, token)
    with refused("not the licensor"):
        world.licences.send("withdraw", token.address, version, sender=CREATOR)
    assert offer(world, token, sender=HOLDERS[0], replaces=version) == 2
    assert world.licences.call("terms", token.address, 1)[1:] == (False, CREATOR)
    assert world.licences.call("terms", token.address, 2)[1:] == (True, HOLDERS[0])


def test_only_tokens_of_the_factory_are_licensed(world: World) -> None:
    for stranger in (STRANGER, world.dollar.address, world.factory.call("implementation"), NATIVE):
        with refused("not a token"):
            world.licences.send("offer", stranger, terms(), 0, "", sender=CREATOR)
        with refused("not a token"):
            world.licences.send("withdraw", stranger, 1, sender=CREATOR)
        with refused("no such terms"):
            world.licences.send("buy", stranger, 1, 1, 1, TOP, NONE, sender=PAYER)


def test_closed_terms_sell_no_more_and_keep_what_was_sold(world: World) -> None:
    token = world.token([])
    version = offer(world, token)
    buy(world, token, version)
    receipt = world.licences.send("withdraw", token.address, version, sender=CREATOR)
    assert world.licences.events(receipt) == [("Withdrawn", {"token": token.address, "version": version})]
    with refused("terms closed"):
        buy(world, token, version)
    with refused("terms closed"):
        world.licences.send("withdraw", token.address, version, sender=CREATOR)
    for missing in (0, 2):
        with refused("no such terms"):
            world.licences.send("withdraw", token.address, missing, sender=CREATOR)
    with refused("terms closed"):
        offer(world, token, replaces=version)
    assert licence(world, 1)["licensee"] == ME


def test_terms_of_one_work_close_no_terms_of_another(world: World) -> None:
    mine, theirs = world.token([]), world.create([], creator=STRANGER)[0]
    offer(world, mine)
    with refused("no such terms"):
        offer(world, theirs, replaces=1, sender=STRANGER)
    assert world.licences.call("terms", mine.address, 1)[1] is True


# --- Buying ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["coin", "dollar"])
def test_the_money_goes_to_the_token_in_the_same_transaction(world: World, kind: str) -> None:
    money = NATIVE if kind == "coin" else world.dollar.address
    token = world.token([100_000, 50_000])
    version = offer(world, token, PLAYS, money, 7, 1000)
    world.dollars(PAYER, 10**6, world.licences.address)
    receipt = buy(world, token, version, PLAYS, 100, most=700)
    assert world.licences.result(receipt, "buy", 7) == 1
    assert world.licences.events(receipt) == [
        (
            "Bought",
            {
                "licence_id": 1,
                "token": token.address,
                "licensee": ME,
                "buyer": PAYER,
                "version": version,
                "kind": PLAYS,
                "quantity": 100,
                "currency": money,
                "price_paid": 700,
                "expires_at": world.evm.time + 1000,
            },
        )
    ]
    assert token.events(receipt)[0] == (
        "Payment", {"payer": world.licences.address, "currency": money, "amount": 700, "memo": ID},
    )  # fmt: skip
    assert [name for name, _ in token.events(receipt)] == ["Payment", "Pushed", "Pushed"]
    assert token.call("pending", CREATOR, money) == 595
    assert world.evm.balance(world.licences.address) == 0
    assert world.dollar.call("balanceOf", world.licences.address) == 0
    assert world.dollar.call("allowance", world.licences.address, token.address) == 0
    assert licence(world, 1) == {
        "licensee": ME,
        "token": token.address,
        "version": version,
        "kind": PLAYS,
        "quantity": 100,
        "used": 0,
        "bought_at": world.evm.time,
        "expires_at": world.evm.time + 1000,
        "data_root": NONE,
        "document": DOCUMENT,
    }
    assert world.licences.call("licences") == 1
    assert licence(world, 2)["licensee"] == licence(world, 0)["licensee"] == NATIVE


def test_a_training_licence_names_its_data_set(world: World) -> None:
    token = world.token([])
    buy(world, token, offer(world, token, TRAINING), TRAINING)
    assert (licence(world, 1)["kind"], licence(world, 1)["data_root"]) == (TRAINING, ROOT)


def test_the_buyer_is_the_licensee_unless_another_is_named(world: World) -> None:
    token = world.token([])
    version = offer(world, token)
    agreed = world.licences.call("terms_hash", token.address, version)
    world.evm.fund(PAYER, 1000)
    world.licences.send("buy", token.address, version, 1, 1, 1000, agreed, sender=PAYER, value=1000)
    assert licence(world, 1)["licensee"] == PAYER


def test_a_free_licence_moves_no_money(world: World) -> None:
    token = world.token([])
    for money in (NATIVE, world.dollar.address):
        version = offer(world, token, DOWNLOAD, money, 0)
        assert token.events(buy(world, token, version, most=0)) == []
        with refused("wrong value"):
            buy(world, token, version, value=1)
    assert world.licences.call("licences") == 2


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("wrong kind", {"kind": PLAYS}),
        ("terms changed", {"agreed": NONE}),
        ("no quantity", {"quantity": 0}),
        ("no quantity", {"quantity": 2**64}),
        ("price too high", {"most": 999}),
        ("price too high", {"quantity": 2, "most": 1999}),
        ("bad licensee", {"licensee": NATIVE}),
        ("wrong value", {"value": 999}),
        ("wrong value", {"value": 1001}),
        ("wrong value", {"value": 0}),
    ],
)
def test_a_bad_purchase_is_refused(world: World, reason: str, changes: dict[str, Any]) -> None:
    token = world.token([])
    version = offer(world, token)
    with refused(reason):
        buy(world, token, version, **changes)
    assert world.licences.call("licences") == 0


def test_dollars_need_an_allowance_and_no_coins(world: World) -> None:
    token = world.token([])
    version = offer(world, token, currency=world.dollar.address)
    with refused("allowance too low"):
        buy(world, token, version)
    world.dollars(PAYER, 999, world.licences.address)
    with refused("balance too low"):
        buy(world, token, version)
    with refused("wrong value"):
        buy(world, token, version, value=1)


def test_the_agreed_terms_cannot_be_swapped_under_a_buyer(world: World) -> None:
    # A creator offers again at another price; a reorg could give the new terms the number of the old ones.
    token = world.token([])
    agreed = world.licences.call("terms_hash", token.address, offer(world, token, price=1))
    version = offer(world, token, price=1000, replaces=1)
    with refused("terms changed"):
        buy(world, token, version, agreed=agreed)
    with refused("terms closed"):
        buy(world, token, 1)


def test_a_licence_bought_from_a_token_with_a_fee_pays_what_arrives(world: World) -> None:
    odd = world.hostile("HostileToken")
    token = world.token([], [odd.address])
    version = offer(world, token, currency=odd.address)
    odd.send("mint", PAYER, 10**6, sender=STRANGER)
    odd.send("behave", 0, 100_000, False, 0, sender=STRANGER)
    buy(world, token, version)
    assert token.call("received", odd.address) == 810
    assert odd.call("real_balance", world.licences.address) == 0
    assert odd.call("allowance", world.licences.address, token.address) == 0


@pytest.mark.parametrize("mode", [2, 3, 5, 6])
def test_a_token_that_refuses_sells_nothing(world: World, mode: int) -> None:
    odd = world.hostile("HostileToken")
    token = world.token([], [odd.address])
    version = offer(world, token, currency=odd.address)
    odd.send("mint", PAYER, 10**6, sender=STRANGER)
    odd.send("behave", mode, 0, False, 0, sender=STRANGER)
    with pytest.raises(Reverted):
        buy(world, token, version)
    assert world.licences.call("licences") == 0


def test_money_that_lies_here_goes_to_the_next_work_paid_in_it(world: World) -> None:
    token = world.token([])
    version = offer(world, token, currency=world.dollar.address)
    world.dollars(PAYER, 1000, world.licences.address)
    world.dollars(world.licences.address, 5)
    buy(world, token, version)
    assert token.call("received", world.dollar.address) == 1005
    world.evm.fund(STRANGER, 1)
    with refused(""):
        world.evm.send(STRANGER, world.licences.address, value=1)


def test_a_collaborator_that_refuses_stops_no_sale(world: World) -> None:
    token = world.token([100_000])
    world.evm.set_code(COLLABORATORS[0], bytes.fromhex("5f5ffd"))
    buy(world, token, offer(world, token))
    assert token.call("pending", COLLABORATORS[0], NATIVE) == 100


@pytest.mark.parametrize("what", ["buy", "redeem", "offer", "withdraw"])
def test_nobody_comes_in_while_a_licence_is_sold(world: World, what: str) -> None:
    caller = world.hostile("Reentrant")
    token = world.token([100_000], [NATIVE], collaborators=[caller.address])
    free = offer(world, token, price=0)
    agreed = world.licences.call("terms_hash", token.address, free)
    buy(world, token, offer(world, token, PLAYS, price=0), PLAYS, 5, licensee=caller.address)
    version = offer(world, token)
    world.registry.send("transfer", token.call("work"), caller.address, sender=CREATOR)
    data = {
        "buy": world.licences.data("buy", token.address, free, DOWNLOAD, 1, 0, agreed),
        "redeem": world.licences.data("redeem", 1, 2, b""),
        "offer": world.licences.data("offer", token.address, terms(), 0, ""),
        "withdraw": world.licences.data("withdraw", token.address, free),
    }[what]
    mark = world.evm.snapshot()
    caller.send("run", world.licences.address, data, sender=STRANGER)
    world.evm.restore(mark)
    caller.send("prepare", world.licences.address, data, sender=STRANGER)
    buy(world, token, version)
    assert (caller.call("calls"), caller.call("entered")) == (1, False)


# --- Plays ----------------------------------------------------------------------------------------------


@pytest.fixture
def plays(world: World) -> World:
    """Licence 1: ten plays of a listener; licence 2: the same again."""
    token = world.token([])
    version = offer(world, token, PLAYS, price=1)
    for _ in range(2):
        buy(world, token, version, PLAYS, 10)
    return world


def redeem(world: World, number: int, total: int, signature: bytes, sender: str = STRANGER) -> Receipt:
    return world.licences.send("redeem", number, total, signature, sender=sender)


def test_anyone_brings_the_newest_voucher_and_older_ones_are_void(plays: World) -> None:
    assert plays.licences.call("voucher_hash", 1, 3)[:2] != NONE[:2]
    receipt = redeem(plays, 1, 3, voucher(plays, 1, 3))
    assert plays.licences.events(receipt) == [("Redeemed", {"licence_id": 1, "total": 3})]
    for total in (0, 1, 3):
        with refused("not more plays"):
            redeem(plays, 1, total, voucher(plays, 1, total))
    redeem(plays, 1, 10, voucher(plays, 1, 10))
    with refused("too many plays"):
        redeem(plays, 1, 11, voucher(plays, 1, 11))
    assert (licence(plays, 1)["used"], licence(plays, 2)["used"]) == (10, 0)
    assert (licence(plays, 1)["quantity"], licence(plays, 1)["expires_at"]) == (10, 0)


def test_a_voucher_counts_for_its_licence_total_chain_and_contract_only(plays: World) -> None:
    good = voucher(plays, 1, 5)
    with refused("bad signature"):
        redeem(plays, 2, 5, good)
    with refused("bad signature"):
        redeem(plays, 1, 6, good)
    for domain in (
        {"chainId": CHAIN_ID + 1},
        {"verifyingContract": plays.factory.address},
        {"version": "2"},
        {"name": "Colophon"},
    ):
        with refused("bad signature"):
            redeem(plays, 1, 5, voucher(plays, 1, 5, **domain))
    with refused("bad signature"):
        redeem(plays, 1, 5, voucher(plays, 1, 5, Account.from_key(b"\x12" * 32)))
    for broken in (b"", good[:64], good + b"\0", bytes(65), good[:64] + b"\x05"):
        with refused("bad signature"):
            redeem(plays, 1, 5, broken)
    redeem(plays, 1, 5, good)


def test_the_licensee_needs_no_signature_for_himself(plays: World) -> None:
    redeem(plays, 1, 4, b"", sender=ME)
    assert licence(plays, 1)["used"] == 4
    with refused("bad signature"):
        redeem(plays, 1, 5, b"x", sender=ME)


def test_a_contract_signs_with_eip_1271(world: World) -> None:
    # Answers the magic word to isValidSignature, whatever is asked.
    wallet = STRANGER
    world.evm.set_code(wallet, bytes.fromhex("631626ba7e60e01b5f5260205ff3"))
    token = world.token([])
    buy(world, token, offer(world, token, PLAYS, price=1), PLAYS, 10, licensee=wallet)
    redeem(world, 1, 5, b"any words", sender=PAYER)
    assert licence(world, 1)["used"] == 5
    for code in ("60015f5260205ff3", "5f5ffd", "00", "631626ba7e60e01b5f52601f5ff3"):
        world.evm.set_code(wallet, bytes.fromhex(code))
        with refused("bad signature"):
            redeem(world, 1, 6, b"any words", sender=PAYER)


def test_only_plays_are_redeemed(world: World) -> None:
    token = world.token([])
    buy(world, token, offer(world, token))
    with refused("not plays"):
        redeem(world, 1, 1, voucher(world, 1, 1))
    for missing in (0, 2):
        with refused("no such licence"):
            redeem(world, missing, 1, voucher(world, missing, 1))


def test_the_domain_is_eip_712s(world: World) -> None:
    domain = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [
                keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak(b"Colophon Licences"),
                keccak(b"1"),
                CHAIN_ID,
                world.licences.address,
            ],
        )
    )
    assert world.licences.call("DOMAIN_SEPARATOR") == domain


# --- Around ---------------------------------------------------------------------------------------------


def test_the_royalty_of_a_licence_is_its_tokens(world: World) -> None:
    token = world.token([], resale_share=100_000)
    buy(world, token, offer(world, token))
    assert world.licences.call("royaltyInfo", 1, 1000) == (token.address, 100)
    assert world.licences.call("royaltyInfo", 2, 1000) == (NATIVE, 0)


def test_interfaces_are_told_and_nothing_can_be_transferred(world: World) -> None:
    answers = {"01ffc9a7": True, "2a55205a": True, "80ac58cd": False, "ffffffff": False}
    for interface, supported in answers.items():
        assert world.licences.call("supportsInterface", bytes.fromhex(interface)) is supported
    for signature in ("transferFrom(address,address,uint256)", "transfer(address,uint256)",
                      "safeTransferFrom(address,address,uint256)", "approve(address,uint256)"):  # fmt: skip
        with refused(""):
            world.evm.send(ME, world.licences.address, keccak(signature.encode())[:4] + bytes(96))


def test_a_licence_never_ends_before_it_was_bought(world: World) -> None:
    token = world.token([])
    version = offer(world, token, duration=2**64 - 1)
    buy(world, token, version)
    assert licence(world, 1)["expires_at"] == 2**64 - 1
    assert raw(licence(world, 1)["token"]) == raw(token.address)
