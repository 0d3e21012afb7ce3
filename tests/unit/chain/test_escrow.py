"""Offers and orders of the KeyEscrow as the app keeps and sends them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.contracts import Call
from desktop_app.chain.escrow import (
    Complaint,
    complain_call,
    deliver_call,
    deliver_sealed_call,
    escrow_events,
    order_call,
    place_offer_call,
    refund_call,
    release_call,
    withdraw_offer_call,
)
from desktop_app.chain.escrow_terms import ESCROW, SaleOffer, SaleOrder
from desktop_app.core.amounts import Amount, Currency

TOKEN, SELLER, BUYER, DOLLAR = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
)
OFFER = SaleOffer(
    TOKEN, SELLER, DOLLAR, 5_000_000, 1, 86_400, 0, 12_345, b"\x01" * 32, b"\x02" * 32, bytes(range(128)),
    bytes(range(1, 129)), b"\x03" * 32,
)  # fmt: skip
ORDER = SaleOrder(
    OFFER.offer_id, SELLER, BUYER, TOKEN, DOLLAR, 5_000_000, 1, 1_800_000_000, 0, OFFER.a1,
    bytes(range(2, 130)),
)  # fmt: skip
COIN = Currency(1, "ETH", 18)
PRICE = Amount(5_000_000, Currency(1, "USDC", 6, DOLLAR))


def test_an_offer_and_an_order_are_kept_whole() -> None:
    assert SaleOffer.decode(OFFER.encode()) == OFFER
    assert SaleOrder.decode(ORDER.encode()) == ORDER
    coin = replace(OFFER, currency="")
    assert SaleOffer.decode(coin.encode()) == coin
    lower = [one.lower() if isinstance(one, str) else one for one in OFFER.abi()]
    assert SaleOffer.from_abi(lower) == OFFER


def test_ids_are_the_documented_hashes() -> None:
    words = [OFFER.a1[i : i + 32] for i in range(0, 128, 32)]
    more = [OFFER.a2[i : i + 32] for i in range(0, 128, 32)]
    kinds = ["address", "address", "address", *["uint256"] * 5, "bytes32", "bytes32", "bytes32[4]",
             "bytes32[4]", "bytes32"]  # fmt: skip
    values = [TOKEN, SELLER, DOLLAR, 5_000_000, 1, 86_400, 0, 12_345, b"\x01" * 32, b"\x02" * 32, words, more,
              b"\x03" * 32]  # fmt: skip
    assert OFFER.offer_id == keccak(encode(kinds, values))
    kinds = ["uint256", "address", "bytes32", *["address"] * 4, *["uint256"] * 4, "bytes32[4]", "bytes32[4]"]
    key = [ORDER.key[i : i + 32] for i in range(0, 128, 32)]
    values = [8453, contract_address(ESCROW), OFFER.offer_id, SELLER, BUYER, TOKEN, DOLLAR, 5_000_000, 1,
              1_800_000_000, 0, words, key]  # fmt: skip
    assert ORDER.order_id(8453) == keccak(encode(kinds, values))
    assert ORDER.order_id(8453) != ORDER.order_id(1)


@pytest.mark.parametrize("name", [field.name for field in fields(SaleOffer)])
def test_every_word_of_an_offer_is_in_its_id(name: str) -> None:
    value = getattr(OFFER, name)
    changes: dict[type, Any] = {str: BUYER, int: 1_000_000, bytes: bytes(128 if name[0] == "a" else 32)}
    other = changes[type(value)]
    assert replace(OFFER, **{name: other}).offer_id != OFFER.offer_id


def test_calls_go_to_the_escrow_and_carry_money_only_for_a_price_in_the_coin() -> None:
    wrong = Complaint(3, b"piece", [b"\x04" * 32], b"\x05" * 32, [b"\x06" * 32])
    calls: list[Call] = [
        place_offer_call(OFFER, PRICE), withdraw_offer_call(OFFER), order_call(OFFER, ORDER.key, PRICE),
        deliver_call(ORDER, OFFER.a1, 5, 6), deliver_sealed_call(ORDER, b"sealed"),
        release_call(ORDER, OFFER.a1, 7), refund_call(ORDER),
        complain_call(ORDER, OFFER, OFFER.a1, 7, 8, wrong),
    ]  # fmt: skip
    assert {call.to for call in calls} == {contract_address(ESCROW)}
    assert {call.value for call in calls} == {0}
    assert len({call.data[:4] for call in calls}) == len(calls)
    paid = order_call(replace(OFFER, currency=""), ORDER.key, Amount(5_000_000, COIN))
    assert paid.value == 5_000_000


def test_events_of_another_contract_are_not_the_escrows() -> None:
    topic = "0x" + keccak(b"Released(bytes32)").hex()
    log = {
        "address": TOKEN, "topics": [topic, "0x" + "11" * 32], "data": "0x", "blockNumber": "0x1",
        "blockHash": "0x" + "22" * 32, "transactionHash": "0x" + "33" * 32, "transactionIndex": "0x0",
        "logIndex": "0x0", "removed": False,
    }  # fmt: skip
    assert escrow_events([log], "Released") == []
    ours = log | {"address": contract_address(ESCROW).lower()}
    (event,) = escrow_events([ours], "Released")
    assert event.values["order_id"] == b"\x11" * 32
    assert escrow_events([ours], "Refunded") == []
