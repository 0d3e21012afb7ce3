"""The key against the money: every order ends delivered or refunded, and only for the right key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from harness import refused
from harness.evm import CHAIN_ID, NATIVE, Contract, account
from harness.quick_group import quick_group
from harness.selling import (
    COMPLAINT,
    DECLINED,
    DELIVERED,
    DOCUMENT,
    LIMIT,
    NO_POINT,
    NONE,
    OPEN,
    OVERDUE,
    REFUNDED,
    SEALED,
    WINDOW,
    Placed,
    Shop,
    a_work,
    offer_id,
    order_id,
    words,
)
from harness.world import COLLABORATORS, CREATOR, PAYER, STRANGER, World

from desktop_app.proofs.group import FIELD, ORDER, default_group
from desktop_app.proofs.key_delivery import one_time_key, open_delivery, second_base

TWO_COLLABORATORS = [250_000, 250_000]
WEEK = 7 * 86_400
WORK = a_work()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_group():
        yield


@pytest.fixture
def world(reference: World) -> World:
    """On py-evm: proofs need the BLS12-381 precompiles."""
    return reference


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world, world.token(TWO_COLLABORATORS))


def bought(shop: Shop, **changes: Any) -> Placed:
    return shop.order(shop.place(WORK, **changes))


def in_the_window(shop: Shop, work: Any = WORK) -> tuple[Placed, tuple[bytes, ...], int]:
    """An order in safe mode, delivered: with what was delivered, and when."""
    order = shop.order(shop.place(work, window=WEEK))
    proof = shop.proof(work, order)
    shop.escrow.send("deliver", order.fields, *proof, sender=CREATOR)
    return order, proof[0], shop.world.evm.time


# --- Offers ---------------------------------------------------------------------------------------------


def test_an_offer_is_told_in_full_and_its_id_names_every_word_of_it(shop: Shop) -> None:
    offer = shop.terms(WORK)
    receipt = shop.escrow.send("place_offer", offer, sender=CREATOR)
    ((name, event),) = shop.escrow.events(receipt)
    assert (name, event["offer_id"], event["token"]) == ("Offered", offer_id(offer), shop.token.address)
    assert event["offer"] == offer
    assert shop.escrow.call("offer_id", offer) == offer_id(offer)
    assert shop.escrow.call("offer_state", offer_id(offer)) == 1
    assert shop.escrow.call("factory") == shop.world.factory.address
    ids = {offer_id(offer)}
    for place, word in enumerate(offer):
        other = NO_POINT if isinstance(word, tuple) else keccak(b"x") if isinstance(word, bytes) else (
            word + 1 if isinstance(word, int) else STRANGER
        )  # fmt: skip
        ids.add(shop.escrow.call("offer_id", (*offer[:place], other, *offer[place + 1 :])))
    assert len(ids) == 1 + len(offer)


def no_member() -> bytes:
    """On the curve, but not in the group of prime order."""
    x = 4
    while True:
        square = (x**3 + 4) % FIELD
        y = pow(square, (FIELD + 1) // 4, FIELD)
        if y * y % FIELD == square:
            return x.to_bytes(64, "big") + y.to_bytes(64, "big")
        x += 1


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("not the seller", {"seller": STRANGER}),
        ("not a token", {"token": account(99)}),
        ("price out of range", {"price": 0}),
        ("price out of range", {"price": 2**120}),
        ("time limit out of range", {"time_limit": 59}),
        ("time limit out of range", {"time_limit": 367 * 86_400}),
        ("window out of range", {"window": 367 * 86_400}),
        ("no content", {"size": 0}),
        ("no content", {"size": 2**48 + 1}),
        ("currency not accepted", {"currency": account(98)}),
        ("unknown method", {"method": 3}),
        ("no window if sealed", {"method": SEALED, "window": 60}),
        ("no points if sealed", {"method": SEALED, "a1": words(WORK.lock.a1)}),
        ("identity element", {"a1": NO_POINT}),
        ("identity element", {"a2": NO_POINT}),
        ("coordinate out of range", {"a2": words(FIELD.to_bytes(64, "big") + WORK.lock.a2[64:])}),
        ("not a group element", {"a1": words(no_member())}),
        ("not a group element", {"a2": words(WORK.lock.a2[:127] + b"\x00")}),
    ],
)
def test_a_bad_offer_is_refused(shop: Shop, reason: str, changes: dict[str, Any]) -> None:
    with refused(reason):
        shop.place(WORK, **changes)


def test_only_the_holder_of_the_record_sells(shop: Shop) -> None:
    with refused("not the holder"):
        shop.place(WORK, sender=STRANGER, seller=STRANGER)
    offer = shop.place(WORK)
    with refused("offer exists"):
        shop.place(WORK)
    with refused("not the holder"):
        shop.escrow.send("withdraw_offer", offer, sender=STRANGER)
    order = shop.order(offer)
    shop.world.registry.send("transfer", shop.token.call("work"), STRANGER, sender=CREATOR)
    receipt = shop.escrow.send("withdraw_offer", offer, sender=STRANGER)
    assert shop.escrow.events(receipt) == [("OfferWithdrawn", {"offer_id": offer_id(offer)})]
    with refused("offer closed"):
        shop.escrow.send("withdraw_offer", offer, sender=CREATOR)
    with refused("offer closed"):
        shop.order(offer, secret=78)
    with refused("offer exists"):
        shop.escrow.send("place_offer", shop.terms(WORK, seller=STRANGER, document=DOCUMENT), sender=STRANGER)
        shop.escrow.send("place_offer", shop.terms(WORK, seller=STRANGER, document=DOCUMENT), sender=STRANGER)
    shop.deliver(WORK, order)  # an open order stays
    assert shop.state(order) == DELIVERED


# --- Orders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coin", [True, False])
def test_the_key_comes_with_the_money_split_in_one_transaction(shop: Shop, coin: bool) -> None:
    world, currency = shop.world, NATIVE if coin else shop.world.dollar.address
    order = bought(shop, currency=currency)
    assert (
        order.id == order_id(shop.escrow.address, order.fields) == shop.escrow.call("order_id", order.fields)
    )
    assert shop.state(order) == OPEN

    def has(who: str) -> int:
        return int(world.evm.balance(who) if coin else world.dollar.call("balanceOf", who))

    assert has(shop.escrow.address) == 1000
    point, challenge, response = shop.proof(WORK, order)
    receipt = shop.escrow.send("deliver", order.fields, point, challenge, response, sender=CREATOR)
    assert [name for name, _ in shop.escrow.events(receipt)] == ["Delivered", "Released"]
    paid = dict(shop.token.events(receipt))["Payment"]
    assert (paid["payer"], paid["amount"], paid["memo"]) == (shop.escrow.address, 1000, order.id)
    assert [has(who) for who in COLLABORATORS[:2]] == [250, 250]
    assert (has(shop.escrow.address), has(shop.token.address)) == (0, 500)
    assert open_delivery(WORK.lock, b"".join(point), order.secret) == WORK.key
    assert shop.state(order) == DELIVERED


def signed_order(
    shop: Shop, offer: tuple[Any, ...], key: tuple[bytes, ...], **changes: Any
) -> tuple[Any, ...]:
    from eth_abi.abi import encode

    buyer, salt = Account.from_key(b"\x21" * 32), b"\x05" * 32
    inner = keccak(encode(["bytes32", "bytes32[4]"], [offer_id(offer), key]))
    message = {
        "from": buyer.address, "to": shop.escrow.address, "value": offer[3], "validAfter": 0,
        "validBefore": 2**40, "nonce": keccak(inner + salt), **changes,
    }  # fmt: skip
    kinds = {"from": "address", "to": "address", "value": "uint256", "validAfter": "uint256",
             "validBefore": "uint256", "nonce": "bytes32"}  # fmt: skip
    domain = {"name": "Test Dollar", "version": "1", "chainId": CHAIN_ID,
              "verifyingContract": shop.world.dollar.address}  # fmt: skip
    types = {"ReceiveWithAuthorization": [{"name": name, "type": kind} for name, kind in kinds.items()]}
    signed = buyer.sign_message(encode_typed_data(domain, types, message))
    rest = (signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
    return (offer, key, buyer.address, 0, 2**40, salt, *rest)


def test_a_signature_orders_without_any_coin_and_nobody_can_change_the_order(shop: Shop) -> None:
    offer = shop.place(WORK, currency=shop.world.dollar.address)
    key, other = words(one_time_key(5)), words(one_time_key(6))
    call = signed_order(shop, offer, key)
    buyer = call[2].lower()
    shop.world.dollars(buyer, 1000)
    with refused("bad signature"):
        shop.escrow.send("order_with_authorization", offer, other, *call[2:], sender=STRANGER)
    order = shop.placed(offer, shop.escrow.send("order_with_authorization", *call, sender=STRANGER), 5)
    assert order.fields[2] == buyer
    with refused("authorization used"):
        shop.escrow.send("order_with_authorization", *call, sender=STRANGER)
    shop.deliver(WORK, order)
    coin = shop.place(WORK)
    with refused("not a token"):
        shop.escrow.send("order_with_authorization", coin, *call[1:], sender=STRANGER)


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        ("identity element", NO_POINT),
        ("coordinate out of range", words((FIELD + 1).to_bytes(64, "big") + bytes(64))),
        ("not a group element", words(no_member())),
        ("not a group element", words(bytes(63) + b"\x01" + bytes(63) + b"\x01")),
    ],
)
def test_a_one_time_key_must_be_an_element_and_not_the_identity(
    shop: Shop, reason: str, key: tuple[bytes, ...]
) -> None:
    offer = shop.place(WORK)
    with refused(reason):
        shop.order(offer, key=key)


def test_an_order_costs_exactly_its_price(shop: Shop) -> None:
    offer = shop.place(WORK)
    for value in (0, 999, 1001):
        with refused("wrong value"):
            shop.order(offer, value=value)
    dollars = shop.place(WORK, currency=shop.world.dollar.address)
    shop.world.evm.fund(PAYER, 5)
    with refused("wrong value"):
        shop.order(dollars, value=5)
    with refused("allowance too low"):
        shop.escrow.send("order", dollars, words(one_time_key(1)), sender=STRANGER)


def test_what_a_buyer_did_not_read_cannot_be_sold_to_him(shop: Shop) -> None:
    offer = shop.place(WORK)
    for place, word in ((3, 1001), (4, SEALED), (5, LIMIT + 1), (6, WEEK), (12, keccak(b"other words"))):
        changed = (*offer[:place], word, *offer[place + 1 :])
        key = words(one_time_key(3)) if word != SEALED else (b"\x01" * 32, *NO_POINT[1:])
        with refused("offer closed"):
            shop.order(changed, key=key)


def test_the_same_order_cannot_be_placed_twice(shop: Shop) -> None:
    offer = shop.place(WORK)
    order = shop.order(offer)
    with refused("order exists"):
        shop.order(offer)
    shop.world.evm.pass_time(LIMIT + 1)
    shop.escrow.send("refund", order.fields, sender=STRANGER)
    again = shop.order(offer)  # later, it is another order
    assert again.id != order.id


# --- Attacks on a delivery ------------------------------------------------------------------------------


def test_a_wrong_key_is_refused(shop: Shop) -> None:
    order, other = bought(shop), a_work(2)
    with refused("proof refused"):
        shop.deliver(other, order)
    point, challenge, response = shop.proof(WORK, order)
    wrong = shop.proof(other, order)[0]
    with refused("proof refused"):
        shop.escrow.send("deliver", order.fields, wrong, challenge, response, sender=CREATOR)
    group = default_group()
    shifted = group.add(group.decode_from_chain(b"".join(point)), group.generator())
    with refused("proof refused"):
        shop.escrow.send(
            "deliver",
            order.fields,
            words(group.encode_for_chain(shifted)),
            challenge,
            response,
            sender=CREATOR,
        )
    assert shop.state(order) == OPEN


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("scalar out of range", lambda v, c, z: (v, 0, z)),
        ("scalar out of range", lambda v, c, z: (v, c + ORDER, z)),
        ("scalar out of range", lambda v, c, z: (v, c, z + ORDER)),
        ("proof refused", lambda v, c, z: (v, c, (z + 1) % ORDER)),
        ("proof refused", lambda v, c, z: (v, (c + 1) % ORDER, z)),
        ("identity element", lambda v, c, z: (NO_POINT, c, z)),
        ("not a group element", lambda v, c, z: (words(no_member()), c, z)),
        ("coordinate out of range", lambda v, c, z: (words(FIELD.to_bytes(64, "big") + bytes(64)), c, z)),
    ],
)
def test_a_bent_proof_is_refused(shop: Shop, reason: str, change: Any) -> None:
    order = bought(shop)
    with refused(reason):
        shop.escrow.send("deliver", order.fields, *change(*shop.proof(WORK, order)), sender=CREATOR)


def test_a_proof_works_for_its_sender_order_contract_and_chain_only(shop: Shop) -> None:
    offer = shop.place(WORK)
    order, other = shop.order(offer, secret=1), shop.order(offer, secret=2)
    with refused("proof refused"):
        shop.escrow.send("deliver", order.fields, *shop.proof(WORK, order), sender=STRANGER)
    for changes in ({"chain_id": 1}, {"escrow": account(9)}, {"order_id": other.id}):
        with refused("proof refused"):
            proof = shop.proof(WORK, order, **changes)
            shop.escrow.send("deliver", order.fields, *proof, sender=CREATOR)
    proof = shop.proof(WORK, order)
    shop.escrow.send("deliver", order.fields, *proof, sender=CREATOR)
    with refused("proof refused"):
        shop.escrow.send("deliver", other.fields, *proof, sender=CREATOR)
    with refused("not open"):
        shop.escrow.send("deliver", order.fields, *proof, sender=CREATOR)
    assert (shop.state(order), shop.state(other)) == (DELIVERED, OPEN)
    assert shop.world.evm.balance(shop.escrow.address) == 1000


def test_nobody_can_bend_an_order(shop: Shop) -> None:
    order = bought(shop)
    changed = {1: STRANGER, 2: STRANGER, 3: STRANGER, 4: STRANGER, 5: 10**6, 6: SEALED, 7: 2**40, 8: 5}
    for place, word in changed.items():
        bent = (*order.fields[:place], word, *order.fields[place + 1 :])
        with refused("not open"):
            shop.escrow.send("deliver", bent, *shop.proof(WORK, order), sender=CREATOR)
        with refused("not open"):
            shop.escrow.send("refund", bent, sender=CREATOR)
        with refused("not open"):
            shop.escrow.send("deliver_sealed", bent, b"key", sender=CREATOR)


def test_a_key_that_cancels_the_base_cannot_be_delivered_and_is_refunded(shop: Shop) -> None:
    group = default_group()
    key = words(group.encode_for_chain(group.negate(second_base(group))))
    order = shop.order(shop.place(WORK), key=key)
    point = words(WORK.lock.a1)
    with refused("proof refused"):
        shop.escrow.send("deliver", order.fields, point, 1, 1, sender=CREATOR)
    shop.world.evm.pass_time(LIMIT + 1)
    shop.escrow.send("refund", order.fields, sender=STRANGER)
    assert shop.state(order) == REFUNDED


# --- Time limit and refund ------------------------------------------------------------------------------


def test_an_order_that_is_not_delivered_is_refunded_after_its_time_limit(shop: Shop) -> None:
    order = bought(shop)
    shop.world.evm.pass_time(LIMIT)
    with refused("too early"):
        shop.escrow.send("refund", order.fields, sender=PAYER)
    shop.world.evm.pass_time(1)
    with refused("too late"):
        shop.deliver(WORK, order)
    receipt = shop.escrow.send("refund", order.fields, sender=STRANGER)
    event = {"order_id": order.id, "to": PAYER, "reason": OVERDUE}
    assert shop.escrow.events(receipt) == [("Refunded", event)]
    assert (shop.world.evm.balance(PAYER), shop.world.evm.balance(shop.escrow.address)) == (1000, 0)
    for call in ("refund",):
        with refused("not open"):
            shop.escrow.send(call, order.fields, sender=PAYER)
    with refused("not open"):
        shop.deliver(WORK, order)


def test_the_last_second_counts_for_the_delivery(shop: Shop) -> None:
    order = bought(shop)
    shop.world.evm.pass_time(LIMIT)
    shop.deliver(WORK, order)
    shop.world.evm.pass_time(1)
    with refused("not open"):
        shop.escrow.send("refund", order.fields, sender=PAYER)


def test_the_seller_may_decline_at_any_time(shop: Shop) -> None:
    order = bought(shop)
    receipt = shop.escrow.send("refund", order.fields, sender=CREATOR)
    assert shop.escrow.events(receipt)[0][1]["reason"] == DECLINED
    assert shop.world.evm.balance(PAYER) == 1000
    with refused("not open"):
        shop.deliver(WORK, order)


def test_a_buyer_who_cannot_receive_names_another_address(shop: Shop) -> None:
    wallet = shop.world.hostile("Wallet")
    offer = shop.place(WORK)
    shop.world.evm.fund(wallet.address, 1000)
    shop.world.evm.fund(STRANGER, 0)
    key = words(one_time_key(4))
    receipt = shop.escrow.send("order", offer, key, sender=wallet.address, value=1000)
    order = shop.placed(offer, receipt, 4)
    shop.world.evm.pass_time(LIMIT + 1)
    for mode in (1, 2, 3):
        wallet.send("behave", mode, sender=STRANGER)
        with refused("transfer refused"):
            shop.escrow.send("refund", order.fields, sender=STRANGER)
    with refused("not the buyer"):
        shop.escrow.send("refund", order.fields, STRANGER, sender=STRANGER)
    shop.escrow.send("refund", order.fields, account(70), sender=wallet.address)
    assert shop.world.evm.balance(account(70)) == 1000


# --- Complaints -----------------------------------------------------------------------------------------


def test_in_safe_mode_the_money_waits_and_is_released_after_the_window(shop: Shop) -> None:
    order, point, at = in_the_window(shop)
    assert shop.escrow.call("state", order.id) == (WINDOW, at)
    assert shop.world.evm.balance(shop.escrow.address) == 1000
    shop.world.evm.pass_time(WEEK)
    with refused("too early"):
        shop.escrow.send("release", order.fields, point, at, sender=STRANGER)
    shop.world.evm.pass_time(1)
    for call in (
        lambda: shop.escrow.send("refund", order.fields, sender=PAYER),
        lambda: shop.deliver(WORK, order),
    ):
        with refused("not open"):
            call()
    with refused("other delivery"):
        shop.escrow.send("release", order.fields, words(WORK.lock.a1), at, sender=STRANGER)
    with refused("other delivery"):
        shop.escrow.send("release", order.fields, point, at - 1, sender=STRANGER)
    shop.escrow.send("release", order.fields, point, at, sender=STRANGER)
    assert shop.state(order) == DELIVERED
    assert [shop.world.evm.balance(who) for who in COLLABORATORS[:2]] == [250, 250]
    with refused("not in the window"):
        shop.escrow.send("release", order.fields, point, at, sender=STRANGER)
    bad = a_work(1, garbage=[1])
    with refused("not in the window"):
        complain(shop, order, point, at, bad, 1)


def complain(
    shop: Shop,
    order: Placed,
    point: Any,
    when: int,
    work: Any,
    number: int,
    *,
    sender: str = PAYER,
    **changes: Any,
) -> Any:
    names = ("index", "piece", "cipher_path", "plain_leaf", "plain_path")
    fields = {"offer": order.offer, "v": point, "at": when, "secret": order.secret}
    fields |= dict(zip(names, work.evidence(number), strict=True))
    fields |= changes
    return shop.escrow.send("complain", order.fields, *fields.values(), sender=sender, gas=8_000_000)


@pytest.mark.parametrize(("size", "index"), [(5_000, 4), (1, 0), (1024, 0), (70_000, 68)])
def test_garbage_is_refunded_on_complaint(shop: Shop, size: int, index: int) -> None:
    work = a_work(3, size, garbage=[index])
    order, point, at = in_the_window(shop, work)
    assert open_delivery(work.lock, b"".join(point), order.secret) == work.key
    receipt = complain(shop, order, point, at, work, index)
    event = {"order_id": order.id, "to": PAYER, "reason": COMPLAINT}
    assert shop.escrow.events(receipt) == [("Refunded", event)]
    assert (shop.state(order), shop.world.evm.balance(PAYER)) == (REFUNDED, 1000)
    with refused("not in the window"):
        complain(shop, order, point, at, work, index)
    shop.world.evm.pass_time(WEEK + 1)
    with refused("not in the window"):
        shop.escrow.send("release", order.fields, point, at, sender=CREATOR)


def test_a_complaint_about_a_good_piece_is_refused(shop: Shop) -> None:
    work = a_work(3, 5_000, garbage=[1])
    order, point, at = in_the_window(shop, work)
    for index in (0, 4):
        with refused("piece is good"):
            complain(shop, order, point, at, work, index)


def test_evidence_must_be_that_of_the_package(shop: Shop) -> None:
    work, good = a_work(3, 5_000, garbage=[1]), a_work(3, 5_000)
    order, point, at = in_the_window(shop, good)
    _, piece, path, _, plain_path = good.evidence(1)
    cases = [
        ("not in the tree", {"piece": bytes(1024)}),
        ("not in the tree", {"plain_leaf": work.evidence(1)[3]}),
        ("not in the tree", {"cipher_path": good.evidence(2)[2]}),
        ("not in the tree", {"index": 2}),
        ("bad path", {"cipher_path": path[:-1]}),
        ("bad path", {"plain_path": [*plain_path, bytes(32)]}),
        ("bad piece", {"index": 5}),
        ("bad piece", {"piece": piece[:-1]}),
        ("wrong key", {"secret": order.secret + 1}),
        ("scalar out of range", {"secret": 0}),
        ("scalar out of range", {"secret": order.secret + ORDER}),
        ("other delivery", {"v": words(good.lock.a1)}),
        ("other delivery", {"at": at + 1}),
        ("other offer", {"offer": (*order.offer[:7], 4_000, *order.offer[8:])}),
        ("other offer", {"offer": (*order.offer[:9], bytes(32), *order.offer[10:])}),
    ]
    for reason, changes in cases:
        with refused(reason):
            complain(shop, order, point, at, good, 1, **changes)
    with refused("not the buyer"):
        complain(shop, order, point, at, good, 1, sender=STRANGER)
    shop.world.evm.pass_time(WEEK + 1)
    with refused("too late"):
        complain(shop, order, point, at, good, 1)


def test_no_trick_with_the_time_lets_a_complaint_in_after_the_window(shop: Shop) -> None:
    work = a_work(3, 16, garbage=[0])
    order, point, at = in_the_window(shop, work)
    shop.world.evm.pass_time(WEEK + 1)
    digest = int.from_bytes(keccak(b"".join(point)), "big")
    hidden = (digest >> 48 << 48) >> 8  # the bits of the hash that stand beside the time
    for bent in (at + 2**248, at | hidden, at | (1 << (hidden.bit_length() - 1))):
        with refused("other delivery"):
            complain(shop, order, point, bent, work, 0)
    with refused("too late"):
        complain(shop, order, point, at, work, 0)
    shop.escrow.send("release", order.fields, point, at, sender=STRANGER)


def test_in_fast_mode_there_is_no_complaint(shop: Shop) -> None:
    work = a_work(3, 5_000, garbage=[1])
    order = shop.order(shop.place(work))
    point = shop.proof(work, order)[0]
    shop.deliver(work, order)
    with refused("not in the window"):
        complain(shop, order, point, shop.world.evm.time, work, 1)


# --- Sealed delivery ------------------------------------------------------------------------------------


def test_a_sealed_key_is_delivered_without_proof_by_the_seller_alone(shop: Shop) -> None:
    offer = shop.place(WORK, method=SEALED)
    key = (b"\x07" * 32, *NO_POINT[1:])
    with refused("bad key"):
        shop.order(offer)
    with refused("identity element"):
        shop.order(offer, key=NO_POINT)
    order = shop.order(offer, key=key)
    with refused("wrong method"):
        shop.escrow.send("deliver", order.fields, *shop.proof(WORK, bought(shop)), sender=CREATOR)
    with refused("not the seller"):
        shop.escrow.send("deliver_sealed", order.fields, b"sealed", sender=STRANGER)
    receipt = shop.escrow.send("deliver_sealed", order.fields, b"sealed", sender=CREATOR)
    event = {"order_id": order.id, "offer_id": offer_id(offer), "sealed": b"sealed"}
    assert shop.escrow.events(receipt)[0] == ("DeliveredSealed", event)
    assert [shop.world.evm.balance(who) for who in COLLABORATORS[:2]] == [250, 250]
    with refused("not open"):
        shop.escrow.send("deliver_sealed", order.fields, b"sealed", sender=CREATOR)
    late = shop.order(offer, key=(b"\x08" * 32, *NO_POINT[1:]))
    shop.world.evm.pass_time(LIMIT + 1)
    with refused("too late"):
        shop.escrow.send("deliver_sealed", late.fields, b"sealed", sender=CREATOR)
    shop.escrow.send("refund", late.fields, sender=PAYER)
    with refused("wrong method"):
        shop.escrow.send("deliver_sealed", bought(shop, price=7).fields, b"x", sender=CREATOR)


# --- Hostile tokens and recipients ----------------------------------------------------------------------


def hostile_sale(world: World) -> tuple[Shop, Contract, tuple[Any, ...]]:
    money = world.hostile("HostileToken")
    shop = Shop(world, world.token(TWO_COLLABORATORS, [NATIVE, money.address]))
    money.send("mint", PAYER, 10_000, sender=STRANGER)
    return shop, money, shop.place(WORK, currency=money.address)


def test_a_token_that_takes_a_fee_or_lies_cannot_be_ordered_with(world: World) -> None:
    shop, money, offer = hostile_sale(world)
    money.send("behave", 0, 100_000, False, 0, sender=STRANGER)
    with refused("wrong amount"):
        shop.order(offer)
    money.send("behave", 2, 0, False, 0, sender=STRANGER)
    with refused("transfer refused"):
        shop.order(offer)
    money.send("behave", 1, 0, False, 0, sender=STRANGER)  # USDT answers nothing, and works
    order = shop.order(offer)
    shop.deliver(WORK, order)
    assert shop.state(order) == DELIVERED


def test_a_token_that_fails_at_the_delivery_leaves_the_order_open(world: World) -> None:
    shop, money, offer = hostile_sale(world)
    order = shop.order(offer)
    money.send("refuse", shop.escrow.address, True, sender=STRANGER)
    with pytest.raises(Exception):  # noqa: B017
        shop.deliver(WORK, order)
    assert shop.state(order) == OPEN
    money.send("refuse", shop.escrow.address, False, sender=STRANGER)
    money.send("refuse", PAYER, True, sender=STRANGER)
    world.evm.pass_time(LIMIT + 1)
    with pytest.raises(Exception):  # noqa: B017
        shop.escrow.send("refund", order.fields, sender=STRANGER)
    shop.escrow.send("refund", order.fields, account(71), sender=PAYER)
    assert money.call("real_balance", account(71)) == 1000


def test_a_recipient_that_calls_back_gets_nothing_twice(world: World) -> None:
    """A token with a hook for recipients (ERC-777) gives them all the gas they want."""
    thief, money = world.hostile("Reentrant"), world.hostile("HostileToken")
    shop = Shop(world, world.token([500_000], [money.address], collaborators=[thief.address]))
    offer = shop.place(WORK, currency=money.address)
    for owner in (PAYER, thief.address):
        money.send("mint", owner, 10_000, sender=STRANGER)
    money.send("behave", 0, 0, True, 0, sender=STRANGER)
    orders = [
        shop.order(offer, buyer, secret) for secret, buyer in enumerate([PAYER, PAYER, thief.address], 1)
    ]
    delivered, waiting, stolen = orders

    def calls_back(call: bytes) -> None:
        thief.send("prepare", shop.escrow.address, call, sender=STRANGER)

    def then() -> tuple[int, int, bool]:
        return money.call("real_balance", thief.address), thief.call("calls"), thief.call("entered")

    # A collaborator who is paid at the delivery, and calls for a refund of the same order.
    calls_back(shop.escrow.data("refund", delivered.fields))
    shop.deliver(WORK, delivered)
    assert then() == (9_500, 1, False)
    # A buyer who is paid back, and calls for it again, or for another's.
    world.evm.pass_time(LIMIT + 1)
    calls_back(shop.escrow.data("refund", stolen.fields))
    shop.escrow.send("refund", stolen.fields, sender=STRANGER)
    assert then() == (10_500, 2, False)
    assert money.call("real_balance", shop.escrow.address) == 1000
    assert [shop.state(order) for order in orders] == [DELIVERED, OPEN, REFUNDED]
    calls_back(shop.escrow.data("refund", waiting.fields))
    shop.escrow.send("refund", waiting.fields, sender=STRANGER)
    assert money.call("real_balance", PAYER) == 9_000


def test_an_order_that_does_not_exist_can_do_nothing(shop: Shop) -> None:
    order = bought(shop)
    ghost = (*order.fields[:2], STRANGER, *order.fields[3:])
    assert shop.escrow.call("state", order_id(shop.escrow.address, ghost)) == (NONE, 0)
    with refused("not open"):
        shop.escrow.send("refund", ghost, sender=CREATOR)
