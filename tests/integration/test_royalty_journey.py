"""Parents, licences, albums and a failing recipient: the whole royalty economy, on both kinds of network."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.journey import CLEO, mint, register, song
from integration.royalty_journey import later, royalty_journey
from integration.test_journey_on_a_real_node import base, on_base

from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.licences import LicenceKind, LicenceService, LicenceTerms
from desktop_app.services.registration import RegistrationStatus
from desktop_app.services.royalties import Collaborator, MintTerms, Parent

__all__ = ["base", "on_base"]


@pytest.mark.timeout(600)
def test_the_royalty_economy_on_the_practice_network(alone: Services, tmp_path: Path) -> None:
    royalty_journey(alone, tmp_path / "works")


@pytest.mark.anvil
@pytest.mark.timeout(600)
def test_the_royalty_economy_on_a_real_node(on_base: Services, tmp_path: Path) -> None:
    on_base.networks.prepare_deploy().execute()
    royalty_journey(on_base, tmp_path / "works")


def test_bad_terms_are_refused_in_words_before_anything_is_signed(alone: Services, tmp_path: Path) -> None:
    prepare = alone.royalties.prepare_mint
    sealed = alone.library.add(song(tmp_path / "works", "sealed"), "Sealed").work.id
    with pytest.raises(RefusedError, match="not_registered"):
        prepare(sealed, "Song", "SONG", 10)
    older = mint(alone, register(alone, tmp_path / "works", "older"))
    later(alone)
    work = register(alone, tmp_path / "works", "newer")
    cleo = Collaborator(CLEO, 600_000)
    odd = Currency(older.chain_id, "ODD", 6, older.address)
    coin, dollar = older.currencies
    with pytest.raises(InvalidInputError, match="collaborator_twice"):
        prepare(work, "Song", "SONG", 10, [cleo, Collaborator(CLEO.upper().replace("0X", "0x"), 1)])
    with pytest.raises(InvalidInputError, match="shares_over_one"):
        prepare(work, "Song", "SONG", 10, [cleo], parents=[Parent(older.address, 400_001)])
    with pytest.raises(InvalidInputError, match="parent_twice"):
        prepare(work, "Song", "SONG", 10, parents=[Parent(older.address, 1), Parent(older.address, 2)])
    with pytest.raises(InvalidInputError, match="parent_unknown"):
        prepare(work, "Song", "SONG", 10, parents=[Parent(CLEO, 1)])
    with pytest.raises(RefusedError, match="parent_lacks_currency"):
        prepare(work, "Song", "SONG", 10, parents=[Parent(older.address, 1)], currencies=[coin, odd])
    with pytest.raises(InvalidInputError, match="currencies_unusable"):
        prepare(work, "Song", "SONG", 10, currencies=[coin, coin])
    with pytest.raises(InvalidInputError, match="currency_elsewhere"):
        prepare(work, "Song", "SONG", 10, currencies=[Currency(1, "ETH", 18)])
    with pytest.raises(InvalidInputError, match="resale_share"):
        prepare(work, "Song", "SONG", 10, resale_share_ppm=1_000_001)
    with pytest.raises(InvalidInputError, match="other_currency"):
        terms = LicenceTerms(LicenceKind.DOWNLOAD, Amount(1, dollar))
        prepare(work, "Song", "SONG", 10, currencies=[coin], licences=[terms])
    with pytest.raises(InvalidInputError, match="data_set_missing"):
        prepare(work, "Song", "SONG", 10, licences=[LicenceTerms(LicenceKind.TRAINING, Amount(1, dollar))])
    # Less than everything is fine: the rest is the holders', and the review says so.
    third = [Collaborator("0x" + f"{number:040x}", 333_333) for number in (1, 2, 3)]
    review = prepare(work, "Song", "SONG", 10, third).review
    assert "0.0001 % to the holders" in review.params["terms"]
    whole = [*third[:2], Collaborator(third[2].address, 333_334)]
    assert "nothing to the holders" in prepare(work, "Song", "SONG", 10, whole).review.params["terms"]
    # A work cannot build on one that was registered at the same time or later.
    with pytest.raises(RefusedError, match="parent_not_earlier"):
        newest = alone.royalties.prepare_mint(work, "Song", "SONG", 10).execute()
        old = alone.library.add(song(tmp_path / "works", "same"), "Same").work.id
        both = [old, alone.library.add(song(tmp_path / "works", "time"), "Time").work.id]
        alone.registration.prepare_many(both).execute()
        twin = alone.royalties.prepare_mint(both[0], "Twin", "TWIN", 10).execute()
        assert newest != twin
        prepare(both[1], "Song", "SONG", 10, parents=[Parent(twin.address, 1)])


def test_an_album_is_all_or_nothing(alone: Services, tmp_path: Path) -> None:
    works = [alone.library.add(song(tmp_path / "works", text), text).work.id for text in ("a", "b", "c")]
    with pytest.raises(InvalidInputError, match="twice"):
        alone.registration.prepare_many([works[0], works[0]])
    with pytest.raises(InvalidInputError, match="how_many"):
        alone.registration.prepare_many([])
    alone.registration.prepare(works[0]).execute()
    with pytest.raises(RefusedError, match="already_registered"):
        alone.registration.prepare_many(works)
    rows = alone.registration.prepare_many(works[1:]).execute()
    assert {row.status for row in rows} == {RegistrationStatus.CONFIRMED}
    album = [MintTerms(work, "Song", "SAME", 10) for work in works]
    with pytest.raises(InvalidInputError, match="album_twice"):
        alone.royalties.prepare_album(album)
    with pytest.raises(InvalidInputError, match="how_many"):
        alone.royalties.prepare_album([])
    tokens = alone.royalties.prepare_album(
        [MintTerms(work, "Song", f"S{number}", 10) for number, work in enumerate(works)]
    ).execute()
    assert {token.address for token in alone.royalties.tokens()} == {token.address for token in tokens}
    assert [token.work_id for token in tokens] == works


def test_only_the_holder_of_the_record_offers_licences(alone: Services, tmp_path: Path) -> None:
    token = mint(alone, register(alone, tmp_path / "works"))
    terms = LicenceTerms(LicenceKind.DOWNLOAD, Amount(1, token.currencies[1]), text="All for one.")
    offer = alone.licences.prepare_offer(token, terms).execute()
    assert (offer.version, offer.text) == (1, "")
    alone.licences.check_text(offer, "All for one.\r\n")
    newer = alone.licences.prepare_offer(token, terms, replaces=1).execute()
    assert [one.version for one in alone.licences.offers(token)] == [newer.version]
    with pytest.raises(NotFoundError, match="no_such_terms"):
        alone.licences.offer(token, 9)
    other = alone.wallet.add_account("Other").address
    alone.wallet.select_account(other)
    alone.networks.faucet(other)
    with pytest.raises(RefusedError, match="not_the_licensor"):
        alone.licences.prepare_offer(token, terms)
    with pytest.raises(RefusedError, match="not_the_licensor"):
        alone.licences.prepare_withdraw(token, 2)
    with pytest.raises(NotFoundError, match="unknown"):
        alone.licences.licence(1)
    free = alone.licences.prepare_buy(token, 2).execute()
    assert free.licence.licensee == other
    with pytest.raises(InvalidInputError, match="not_plays"):
        alone.licences.prepare_voucher(free.licence.id, 1)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "colophon-plays", "version": 2}', "{" * 9000])
def test_what_is_no_voucher_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "voucher.json"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match="no_voucher"):
        LicenceService.read_voucher(path)


def test_a_collaborator_who_only_looks_like_a_friend_is_told_before_signing(
    alone: Services, tmp_path: Path
) -> None:
    """Whoever swaps the address in the clipboard would be paid for ever."""
    friend = "0x12345678" + "00" * 12 + "9abcdef0"
    thief = "0x12345678" + "11" * 12 + "9abcdef0"
    alone.address_book.add(friend, "Ben")
    work = register(alone, tmp_path / "works")
    for terms in (
        alone.royalties.prepare_mint(work, "Song", "SONG", 10, [Collaborator(thief, 500_000)]),
        alone.royalties.prepare_album([MintTerms(work, "Song", "SONG", 10, (Collaborator(thief, 1),))]),
    ):
        review = alone.reviews.examine(terms)
        assert review.is_dangerous
        assert "warning.look_alike" in [one.code for one in review.warnings]
    right = alone.royalties.prepare_mint(work, "Song", "SONG", 10, [Collaborator(friend, 500_000)])
    assert not alone.reviews.examine(right).is_dangerous
