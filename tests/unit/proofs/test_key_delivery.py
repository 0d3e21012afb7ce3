"""The delivery of a key: the buyer finds it, nobody else's proof passes, and both implementations agree."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs import key_delivery
from desktop_app.proofs.group import ORDER, Group, default_group
from desktop_app.proofs.key_delivery import Delivery, Lock, SaleSecret

CHAIN, ESCROW, SELLER, THIEF = 6516588, "0x" + "11" * 20, "0x" + "22" * 20, "0x" + "33" * 20
ORDER_ID, SEED = b"\x44" * 32, bytes(range(32))
SECRET = SaleSecret.from_seed(SEED)
BUYER = key_delivery.one_time_secret(b"\x07" * 32)

secrets_ = st.integers(1, ORDER - 1)


def made(group: Group[Any] | None = None, **changes: Any) -> Delivery:
    given_ = {
        "chain_id": CHAIN,
        "escrow": ESCROW,
        "sender": SELLER,
        "order_id": ORDER_ID,
        "secret": SECRET,
        "buyer_key": key_delivery.one_time_key(BUYER),
        **changes,
    }
    return key_delivery.make(**given_, group=group)


def accepted(delivery: Delivery, group: Group[Any] | None = None, **changes: Any) -> bool:
    given_ = {
        "chain_id": CHAIN,
        "escrow": ESCROW,
        "sender": SELLER,
        "order_id": ORDER_ID,
        "a1": key_delivery.lock(SECRET).a1,
        "buyer_key": key_delivery.one_time_key(BUYER),
        **changes,
    }
    return key_delivery.verify(**given_, delivery=delivery, group=group)


def test_both_implementations_make_and_accept_the_same(group: Group[Any]) -> None:
    delivery = made(group)
    assert accepted(delivery) and accepted(delivery, group)
    sale = key_delivery.lock(SECRET, group=group)
    assert sale == key_delivery.lock(SECRET)
    assert delivery.point == made().point
    key = key_delivery.open_delivery(sale, delivery.point, BUYER, group=group)
    assert key == key_delivery.content_key(SECRET) == key_delivery.content_key(SECRET, group=group)


@settings(max_examples=25, deadline=None)
@given(shared=secrets_, mask=secrets_, buyer=secrets_)
def test_the_buyer_always_finds_the_key_and_another_secret_does_not(
    shared: int, mask: int, buyer: int
) -> None:
    secret = SaleSecret(shared, mask)
    key = key_delivery.one_time_key(buyer)
    delivery = made(secret=secret, buyer_key=key)
    sale = key_delivery.lock(secret)
    assert accepted(delivery, a1=sale.a1, buyer_key=key)
    assert key_delivery.open_delivery(sale, delivery.point, buyer) == key_delivery.content_key(secret)
    other = buyer % (ORDER - 1) + 1
    assert key_delivery.open_delivery(sale, delivery.point, other) != key_delivery.content_key(secret)


def test_everything_is_the_documented_formula() -> None:
    group = default_group()
    base, second = group.generator(), key_delivery.second_base(group)
    sale, delivery = key_delivery.lock(SECRET), made()
    encode = group.encode_for_chain
    shared = group.multiply(base, SECRET.shared)
    assert sale.a1 == encode(group.multiply(base, SECRET.mask))
    assert sale.a2 == encode(group.add(shared, group.multiply(second, SECRET.mask)))
    theirs = group.add(second, group.multiply(base, BUYER))
    assert delivery.point == encode(group.multiply(theirs, SECRET.mask))
    assert (
        key_delivery.content_key(SECRET) == hashlib.sha256(b"colophon/v1/sale-key" + encode(shared)).digest()
    )
    weights = [delivery.response, ORDER - delivery.challenge]
    masks = [
        encode(group.msm([one, group.decode_from_chain(image)], weights))
        for one, image in ((base, sale.a1), (theirs, delivery.point))
    ]
    packed = (
        keccak(b"colophon/v1/deliver/keccak256/bls12381")
        + CHAIN.to_bytes(32, "big")
        + bytes.fromhex("11" * 20 + "22" * 20)
        + ORDER_ID
        + sale.a1
        + encode(theirs)
        + delivery.point
        + b"".join(masks)
    )
    assert delivery.challenge == int.from_bytes(keccak(packed), "big") % ORDER


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": 1},
        {"escrow": THIEF},
        {"sender": THIEF},
        {"order_id": bytes(32)},
        {"a1": key_delivery.lock(SaleSecret.from_seed(bytes(32))).a1},
        {"a1": key_delivery.lock(SECRET).a2},
        {"buyer_key": key_delivery.one_time_key(BUYER + 1)},
        {"buyer_key": bytes(128)},
        {"a1": bytes(128)},
    ],
)
def test_a_delivery_counts_for_its_own_order_only(changes: dict[str, Any]) -> None:
    assert not accepted(made(), **changes)


def test_no_part_of_a_delivery_can_be_changed() -> None:
    delivery = made()
    other = made(secret=SaleSecret.from_seed(bytes(32)))
    for changed in (
        replace(delivery, point=other.point),
        replace(delivery, point=bytes(128)),
        replace(delivery, point=delivery.point[:-1]),
        replace(delivery, challenge=delivery.challenge ^ 1),
        replace(delivery, challenge=0),
        replace(delivery, challenge=delivery.challenge + ORDER),
        replace(delivery, response=delivery.response ^ 1),
        replace(delivery, response=delivery.response + ORDER),
        other,
    ):
        assert not accepted(changed)


def test_the_identity_is_no_key_and_a_key_that_cancels_the_base_gets_nothing() -> None:
    group = default_group()
    against = group.encode_for_chain(group.negate(key_delivery.second_base(group)))
    for key in (bytes(128), b"", against):
        with pytest.raises(InvalidInputError):
            made(buyer_key=key)
    with pytest.raises(InvalidInputError):
        key_delivery.open_delivery(Lock(bytes(128), bytes(128)), bytes(128), BUYER)


def test_a_lock_on_nothing_has_the_key_that_the_contract_has() -> None:
    """S = the identity: without a key for it, a crook's buyer could not complain."""
    group = default_group()
    second = group.encode_for_chain(group.multiply(key_delivery.second_base(group), SECRET.mask))
    key = key_delivery.open_delivery(Lock(key_delivery.lock(SECRET).a1, second), made().point, BUYER)
    assert key == hashlib.sha256(b"colophon/v1/sale-key" + bytes(128)).digest()


def test_seeds_are_used_whole_and_secrets_are_not_shown() -> None:
    for seed in (b"", bytes(31), bytes(33)):
        with pytest.raises(BugError):
            SaleSecret.from_seed(seed)
        with pytest.raises(BugError):
            key_delivery.one_time_secret(seed)
    assert SaleSecret.from_seed(SEED) == SECRET != SaleSecret.from_seed(bytes(32))
    assert str(SECRET.mask) not in repr(SECRET) and str(SECRET.shared) not in repr(SECRET)
