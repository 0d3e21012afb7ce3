from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.wire import checksummed
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.address_book import AddressBookService, KnownAs, looks_like
from desktop_app.store.address_book import AddressBookRepository
from desktop_app.store.database import Database

ME = checksummed("0x" + "a1" * 20)
SHOP = checksummed("0x1234" + "b2" * 16 + "9876")
POISON = checksummed("0x1234" + "c3" * 16 + "9876")
STRANGER = checksummed("0x" + "d4" * 20)
USED = checksummed("0x" + "e5" * 20)


OPEN = {"yes": True}


def seal(address: str, name: str) -> bytes | None:
    return sha256(f"key of the wallet {address} {name}".encode()).digest() if OPEN["yes"] else None


@pytest.fixture
def book(tmp_path: Path) -> Iterator[AddressBookService]:
    clock = FixedClock(1_800_000_000)
    database = Database(tmp_path / "a.db", tmp_path / "backups", clock)
    status = SimpleNamespace(accounts=(SimpleNamespace(address=ME, name="Main"),))
    wallet: Any = SimpleNamespace(status=lambda: status, contact_seal=seal, status_to_show=lambda: status)
    yield AddressBookService(AddressBookRepository(database), wallet, lambda own: [USED.lower()], clock)
    database.close()


def test_a_contact_is_found_by_name_and_by_address_in_any_case(book: AddressBookService) -> None:
    added = book.add(SHOP.lower(), "  The   Shop ", " buys songs ")
    assert (added.address, added.name, added.note, added.watched) == (SHOP, "The Shop", "buys songs", False)
    assert book.get("the shop") == book.get(SHOP.lower()) == added
    assert book.resolve("THE SHOP") == book.resolve(SHOP) == SHOP
    assert book.resolve("main") == ME
    assert book.name_of(SHOP.lower()) == "The Shop"
    assert book.contacts() == (added,)


def test_an_entry_is_changed_not_doubled(book: AddressBookService) -> None:
    book.add(SHOP, "Shop")
    book.add(SHOP, "Record shop", watched=True)
    assert [one.name for one in book.contacts()] == ["Record shop"]
    assert [one.address for one in book.watched()] == [SHOP]
    assert book.watch("record shop", watched=False).watched is False
    assert book.watched() == ()
    book.remove("Record Shop")
    assert book.contacts() == ()
    with pytest.raises(NotFoundError):
        book.remove(SHOP)


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\u202eb", "0xShop", "a\x00b"])
def test_unusable_names_are_refused(book: AddressBookService, name: str) -> None:
    with pytest.raises(InvalidInputError):
        book.add(SHOP, name)


def test_names_cannot_be_mixed_up(book: AddressBookService) -> None:
    book.add(SHOP, "Shop")
    with pytest.raises(RefusedError, match="contact_name_taken"):
        book.add(STRANGER, "SHOP")
    with pytest.raises(RefusedError, match="name_of_own_account"):
        book.add(STRANGER, "MAIN")
    with pytest.raises(RefusedError, match="own_account"):
        book.add(ME, "Somebody else")
    with pytest.raises(InvalidInputError, match="address_checksum"):
        book.add(SHOP[:-2] + SHOP[-2:].swapcase() if SHOP[-2:].isalpha() else "0xAb" + "cd" * 19, "Typo")
    with pytest.raises(InvalidInputError, match="nobody_called"):
        book.resolve("Shopp")


def test_who_is_behind_an_address(book: AddressBookService) -> None:
    book.add(SHOP, "Shop")
    book.add(USED, "Label", watched=True)
    kinds = {one.address: one.known_as for one in book.known()}
    assert kinds == {ME: KnownAs.OWN, SHOP: KnownAs.CONTACT, USED: KnownAs.WATCHED}
    assert book.identify(STRANGER) is None
    book.remove(USED)
    found = book.identify(USED)
    assert found is not None
    assert found.known_as is KnownAs.USED


def test_a_look_alike_of_a_contact_is_noticed(book: AddressBookService) -> None:
    assert book.look_alikes(POISON) == ()
    book.add(SHOP, "Shop")
    assert [one.name for one in book.look_alikes(POISON)] == ["Shop"]
    assert book.look_alikes(SHOP) == ()
    assert book.look_alikes(STRANGER) == ()
    book.add(POISON, "Checked by telephone")
    assert book.look_alikes(POISON) == (), "who gave it a name of its own knows what it is"


@pytest.mark.parametrize(
    ("start", "end", "alike"),
    [(3, 3, True), (4, 2, True), (2, 4, True), (6, 1, False), (1, 6, False), (2, 3, False), (0, 20, False)],
)
def test_both_ends_have_to_match(start: int, end: int, alike: bool) -> None:
    one = "0x" + "1" * 40
    other = "0x" + "1" * start + "2" * (40 - start - end) + "1" * end
    assert looks_like(one, other) is alike


@given(st.binary(min_size=20, max_size=20), st.binary(min_size=20, max_size=20))
def test_likeness_is_mutual_and_nobody_is_his_own_look_alike(left: bytes, right: bytes) -> None:
    one, other = "0x" + left.hex(), "0x" + right.hex()
    assert looks_like(one, other) == looks_like(other, one)
    assert not looks_like(one, checksummed(one))


def test_a_name_is_vouched_for_only_when_it_was_given_with_the_wallet_open(book: AddressBookService) -> None:
    assert book.is_vouched(book.add(SHOP, "Shop"))
    assert book.unvouched(SHOP) is None
    assert book.unvouched(STRANGER) is None
    OPEN["yes"] = False
    try:
        book.add(SHOP, "Shop", "a note")
    finally:
        OPEN["yes"] = True
    entry = book.unvouched(SHOP)
    assert entry is not None
    assert book.is_vouched(book.add(SHOP, "Shop", "a note")), "saved once more"


def test_an_address_put_behind_a_name_by_somebody_else_is_not_vouched_for(
    book: AddressBookService, tmp_path: Path
) -> None:
    book.add(SHOP, "Shop")
    with closing(sqlite3.connect(tmp_path / "a.db")) as thief, thief:
        thief.execute("UPDATE address_book SET address = ?", (STRANGER,))
    assert book.resolve("shop") == STRANGER
    found = book.unvouched(STRANGER)
    assert found is not None
    assert found.name == "Shop"
    with closing(sqlite3.connect(tmp_path / "a.db")) as thief, thief:
        thief.execute("UPDATE address_book SET seal = NULL, address = ?", (SHOP,))
    assert book.unvouched(SHOP) is not None


@pytest.mark.parametrize(
    "name", ["Anna\u200b", "Anna\u034f", "An\u3164na", "\u2800", "Anna\ufe0f", "Anna\u202e"]
)
def test_a_name_has_no_characters_that_nobody_sees(book: AddressBookService, name: str) -> None:
    with pytest.raises(InvalidInputError):
        book.add(SHOP, name)


@pytest.mark.parametrize("name", ["\u0410nna", "\uff21nna", "ANN\u0391", "Ann\u0430"])
def test_two_contacts_never_have_names_that_look_the_same(book: AddressBookService, name: str) -> None:
    book.add(SHOP, "Anna")
    with pytest.raises(RefusedError) as refused:
        book.add(STRANGER, name)
    assert refused.value.code == "store.contact_name_taken"
    book.add(SHOP, name)


def test_no_contact_has_a_name_that_looks_like_an_own_account(book: AddressBookService) -> None:
    with pytest.raises(RefusedError) as refused:
        book.add(SHOP, "M\u0430in")
    assert refused.value.code == "address.name_of_own_account"
