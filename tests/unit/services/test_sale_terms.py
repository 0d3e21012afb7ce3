"""Orders and offers, whatever the numbers: every state has a name, and what a page says is exact."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.escrow_terms import (
    ESCROW,
    NONE,
    OPEN,
    PROVED,
    SEALED,
    WINDOW,
    SaleOffer,
    SaleOrder,
)
from desktop_app.chain.wire import checksummed
from desktop_app.content.whole_file import part_of
from desktop_app.core.amounts import SHARE_SCALE, Amount, Currency
from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.checkout import parse_checkout, split_json
from desktop_app.services.licence_terms import document_hash
from desktop_app.services.package_download import download
from desktop_app.services.purchases import PurchaseService, buyer_state
from desktop_app.services.sale_orders import state_of
from desktop_app.services.sale_records import Order, OrderState
from desktop_app.services.sale_terms import offer_from_json, offer_json, order_from_json, order_json
from desktop_app.store.sales import StoredOrder
from desktop_app.store.tokens import Collaborator

LICENCE = "You may listen to it."
TIMES = st.integers(0, 2**40)
WORDS = st.binary(min_size=32, max_size=32)
POINTS = st.binary(min_size=128, max_size=128)
ADDRESSES = st.binary(min_size=20, max_size=20).filter(any).map(lambda raw: checksummed("0x" + raw.hex()))
UNITS = st.integers(0, 2**256 - 1)
SMALL = st.integers(0, 2**63 - 1)
METHODS = st.sampled_from([PROVED, SEALED])
OFFERS = st.builds(
    SaleOffer,
    token=ADDRESSES,
    seller=ADDRESSES,
    currency=st.just("") | ADDRESSES,
    price=UNITS,
    method=METHODS,
    time_limit=SMALL,
    window=SMALL,
    size=SMALL,
    cipher_root=WORDS,
    plain_root=WORDS,
    a1=POINTS,
    a2=POINTS,
    document=st.just(document_hash(LICENCE)),
)
A_SALE = SaleOffer(
    "0x" + "11" * 20, "0x" + "22" * 20, "", 1, SEALED, 60, 0, 1, bytes(32), bytes(32), bytes(128), bytes(128),
    document_hash(LICENCE),
)  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> SaleOrder:
    return SaleOrder(
        offer_id=draw(WORDS),
        seller=draw(ADDRESSES),
        buyer=draw(ADDRESSES),
        token=draw(ADDRESSES),
        currency=draw(st.just("") | ADDRESSES),
        amount=draw(UNITS),
        method=draw(METHODS),
        deadline=draw(TIMES),
        window=draw(TIMES),
        a1=draw(POINTS),
        key=draw(POINTS),
    )


def stored(terms: SaleOrder, code: int, delivered_at: int, sent: str = "") -> StoredOrder:
    return StoredOrder(
        1, bytes(32), terms.offer_id, order_json(terms), 7, "0x", code, delivered_at, sent_hash=sent
    )


def seen_by_seller(terms: SaleOrder, state: OrderState) -> Order:
    amount = Amount(terms.amount, Currency(1, "ETH", 18))
    return Order(1, "", "0x", "0x", "", terms.buyer, amount, state, 0, terms.deadline, 0, "")


@given(orders(), st.integers(NONE, 4), TIMES, st.sampled_from(["", "0xab"]), TIMES)
def test_every_order_has_a_state_at_every_time_and_both_sides_see_the_same(
    terms: SaleOrder, code: int, delivered_at: int, sent: str, now: int
) -> None:
    seller = state_of(stored(terms, code, delivered_at, sent), terms, now)
    buyer = buyer_state(code, terms, delivered_at + terms.window, now)
    assert seen_by_seller(terms, seller).state_in_words
    assert buyer is (OrderState.WAITING if seller is OrderState.DELIVERING else seller)


@given(orders(), TIMES, st.sampled_from(["", "0xab"]), st.data())
def test_an_order_is_never_both_deliverable_and_refundable(
    terms: SaleOrder, delivered_at: int, sent: str, data: st.DataObject
) -> None:
    now = data.draw(TIMES | st.integers(-1, 1).map(lambda shift: max(0, terms.deadline + shift)))
    for code in range(5):
        seller = seen_by_seller(terms, state_of(stored(terms, code, delivered_at, sent), terms, now))
        refundable = buyer_state(code, terms, delivered_at + terms.window, now) is OrderState.OVERDUE
        assert not (seller.can_deliver and refundable)
        assert refundable == (code == OPEN and now > terms.deadline)
        assert not (now > terms.deadline and seller.can_deliver)
        assert not (seller.can_release and (seller.can_deliver or refundable or code != WINDOW))


@given(OFFERS, orders())
def test_offers_and_orders_come_back_from_json_as_they_were(offer: SaleOffer, order: SaleOrder) -> None:
    back = offer_from_json(json.loads(json.dumps(offer_json(offer))))
    assert back == offer
    assert back.offer_id == offer.offer_id
    assert order_from_json(order_json(order)) == order


@given(OFFERS, st.sampled_from([field.name for field in fields(SaleOffer)]), st.data())
def test_an_offer_with_a_broken_field_is_refused(offer: SaleOffer, name: str, data: st.DataObject) -> None:
    broken = offer_json(offer)
    broken[name] = data.draw(st.floats() | st.sampled_from([None, True, "", "0x", [], {}]))
    with pytest.raises(InvalidInputError, match="no_offer_file"):
        offer_from_json(broken)


def page_of(offer: SaleOffer) -> dict[str, Any]:
    money = {"address": offer.currency or None, "symbol": "XYZ", "decimals": 6}
    return {
        "format": "colophon-checkout",
        "version": 1,
        "chain": {"id": 8453},
        "contracts": {"escrow": contract_address(ESCROW)},
        "work": {"title": "Song", "creator": "Ana", "file_name": "song.wav"},
        "price": {"amount": str(offer.price), "currency": money},
        "licence": {"text": LICENCE},
        "package": {"size": 1, "urls": []},
        "offer": {"id": "0x" + offer.offer_id.hex(), **offer_json(offer)},
    }


@given(OFFERS, st.integers(1, 2**256))
def test_the_price_of_a_page_is_exact_and_no_other_is_believed(offer: SaleOffer, more: int) -> None:
    page = page_of(offer)
    assert parse_checkout(json.dumps(page)).price.units == offer.price
    for other in (offer.price + more, max(0, offer.price - more)):
        assume(other != offer.price)
        page["price"]["amount"] = str(other)
        with pytest.raises(InvalidInputError, match="page_changed"):
            parse_checkout(json.dumps(page))


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("song.wav", "song.wav"), ("../../.bashrc", "_.._.bashrc"), ("..", "work"), ("song. ", "song"),
        ("nul.wav", "_nul.wav"), ("COM1", "_COM1"), ("a\u202egpj.exe", "a gpj.exe"),
        ("歌" * 140 + ".flac", "歌" * 48 + ".flac"), ("x." + "y" * 300, "x." + "y" * 148),
    ],
)  # fmt: skip
def test_the_file_of_a_page_has_a_name_that_every_system_can_write(stated: str, name: str) -> None:
    page = page_of(A_SALE)
    page["work"]["file_name"] = stated
    found = parse_checkout(json.dumps(page))
    assert found.file_name == name
    locked = PurchaseService.package_name(found)
    assert max(map(len, (part_of(Path(locked)).name.encode(), part_of(Path(name)).name.encode()))) < 255


def test_the_locked_file_has_never_the_name_of_the_unlocked_one(tmp_path: Path) -> None:
    """Otherwise it would be in the way of what was paid for."""
    page = page_of(A_SALE)
    page["work"]["file_name"] = "song.Colophon-Package"
    found = parse_checkout(json.dumps(page))
    assert PurchaseService.package_name(found) == "song.Colophon-Package.colophon-package"
    (tmp_path / found.file_name).symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidInputError, match="file_exists"):
        PurchaseService.content_path(found, tmp_path)
    for place in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(InvalidInputError, match="no_folder"):
            PurchaseService.content_path(found, place)


def test_a_size_without_end_is_no_offer() -> None:
    page = page_of(A_SALE)
    page["package"]["size"] = float("inf")
    with pytest.raises(InvalidInputError, match="no_offer_file"):
        parse_checkout(json.dumps(page))


def test_a_link_at_the_name_of_the_unfinished_file_leads_no_download_elsewhere(tmp_path: Path) -> None:
    mine, path = tmp_path / "mine", tmp_path / "song.colophon-package"
    mine.write_text("mine")
    part_of(path).symlink_to(mine)
    with pytest.raises(UnavailableError, match="unreachable"):
        download(parse_checkout(json.dumps(page_of(A_SALE))), "http://127.0.0.1:9/song", path, Task())
    assert not part_of(path).is_symlink()
    assert mine.read_text() == "mine"


def test_a_page_names_no_path_as_the_place_of_its_file() -> None:
    """Looking at \\\\host\\share sends the password's hash there, on Windows."""
    page, fine = page_of(A_SALE), ["https://example.org/Nächte.bin", "http://a/b", "ipfs://bafy"]
    wrong = [
        "\\\\host\\share\\x",
        "//host/share",
        "/etc/passwd",
        "C:\\x",
        "file:///x",
        "https://",
        "https:///x",
    ]
    page["package"]["urls"] = [*wrong, "https://a/\u202eb", "https://a b/", None, 7, *fine]
    assert parse_checkout(json.dumps(page)).addresses == tuple(fine)


@given(st.data(), st.integers(0, 8), st.booleans())
def test_the_shares_of_a_page_sum_to_all_of_a_payment(
    data: st.DataObject, count: int, names: bool
) -> None:
    left, people = SHARE_SCALE, []
    for number in range(count):
        share = data.draw(st.integers(0, left))
        left -= share
        people.append(Collaborator(f"0x{number:040x}", share, "Ben" if number % 2 else ""))
    parents = data.draw(st.integers(0, left))
    found = json.loads(json.dumps(split_json(people, parents, names=names)))
    shares = [one["share"] for one in found["split"]]
    assert sum(shares) + found["holders_share"] + found["parents_share"] == SHARE_SCALE
    assert shares == [one.share_ppm for one in people]
    assert min(found["holders_share"], found["parents_share"], *shares, 0) == 0
    assert all(one["name"] is None for one in found["split"]) or names
