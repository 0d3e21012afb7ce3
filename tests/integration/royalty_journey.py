"""The royalty economy step by step, through one person's services; the same on every network."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.journey import CLEO, song
from integration.people import active

from desktop_app.chain.artifacts import DEPLOYER, create2_address
from desktop_app.chain.contracts import Call, send_call
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.licences import LicenceKind, LicenceTerms, Voucher, standard_text
from desktop_app.services.royalties import Collaborator, MintTerms, Parent, Token

DATA_ROOT = "0x" + "da" * 32
_REFUSING = bytes.fromhex("625f5ffd5f526003601df3")
"""Init code of a contract that takes no coin: its code is push0, push0, revert."""


def refusing_recipient(services: Services) -> str:
    """An account at which every transfer of the coin fails, as at many contracts."""
    sender = services.networks.sender(services.networks.chain())
    address = create2_address(_REFUSING)
    if not sender.chain.code(address):
        sender.send(Call(DEPLOYER, bytes(32) + _REFUSING, 0, "action.deploy", {"name": "test"}))
    return address


def later(services: Services) -> None:
    """Let the next block have a later time than the last: works that build on others are registered later."""
    sender = services.networks.sender(services.networks.chain())
    before = sender.chain.head().timestamp
    while sender.chain.head().timestamp <= before:
        sender.send(send_call(sender.address, Amount(0, sender.chain.network.native)))


def audited(services: Services, *tokens: Token) -> list[str]:
    """The codes of all findings; every audit must agree with its contract, and its overview with itself."""
    codes = []
    for token in tokens:
        report = services.books.audit(token)
        assert report.audit.agrees, report.audit.findings
        codes += [one.code for one in report.audit.findings]
        ledger = services.books.statement(token).ledger
        for money in services.royalties.overview(token).money:
            gone = money.pushed + money.claimed + money.forwarded + money.pending + money.rounding
            assert gone == money.received
            # Money that is not booked yet is not in the ledger.
            assert ledger.received[money.received.currency.address] <= money.received.units
    return codes


def royalty_journey(services: Services, folder: Path) -> None:
    """An album on an older song: parents, licences, a recipient that fails, and an audit after each step."""
    royalties, registration = services.royalties, services.registration
    chain = services.networks.chain()
    broken = refusing_recipient(services)

    # An older song, sold with licences from the first day.
    old = services.library.add(song(folder, "old"), "Old Song").work
    registration.prepare(old.id).execute()
    coin, dollar = chain.network.native, chain.network.dollar
    assert dollar is not None
    later(services)
    offered = [
        LicenceTerms(LicenceKind.DOWNLOAD, Amount(5_000_000, dollar), days=30),
        LicenceTerms(LicenceKind.PLAYS, Amount(100_000, dollar)),
        LicenceTerms(LicenceKind.TRAINING, Amount(10**15, coin), data_root=DATA_ROOT),
    ]
    action = royalties.prepare_mint(
        old.id, "Old Song", "OLD", 100, [Collaborator(CLEO, 100_000)], licences=offered
    )
    assert action.review.transactions == 4
    parent = action.execute()
    offers = services.licences.offers(parent)
    assert [one.kind for one in offers] == list(LicenceKind)
    assert offers[2].data_root.hex() == "da" * 32
    assert offers[0].text == standard_text(LicenceKind.DOWNLOAD)

    # Two new songs, registered and minted in one transaction each; both build on the old one.
    works = [services.library.add(song(folder, text), text).work for text in ("one", "two")]
    records = registration.prepare_many([work.id for work in works]).execute()
    assert len({record.tx_hash for record in records}) == 1
    assert all(record.proved == chain.has_precompile() for record in records)
    assert [registration.current(work.id) for work in works] == list(records)
    people = (Collaborator(broken, 250_000, "Ben"), Collaborator(CLEO, 125_000))
    parts = (Parent(parent.address, 200_000),)
    album = [
        MintTerms(work.id, work.title, f"NEW{number}", 1_000, people, parts)
        for number, work in enumerate(works, start=1)
    ]
    first, second = royalties.prepare_album(album).execute()
    assert first.tx_hash == second.tx_hash
    with pytest.raises(RefusedError, match="already_minted"):
        royalties.prepare_album(album)

    # A recipient that fails blocks nobody, and stays owed.
    receipt = royalties.prepare_pay(first, Amount(10**15, coin)).execute()
    assert [who.lower() for who, _ in receipt.pushed] == [CLEO]
    royalties.prepare_pay(first, Amount(1_000_001, dollar)).execute()
    assert audited(services, first) == ["audit.push_failed", "audit.not_forwarded", "audit.not_forwarded"]
    with pytest.raises(RefusedError, match="reverted"):
        royalties.prepare_claim(first, coin, broken)

    # Shares are passed on between payments; the buyer earns from now on only.
    friend = services.wallet.add_account("Friend").address
    royalties.prepare_transfer(first, friend, 400).execute()
    overview = royalties.overview(first)
    assert not next(one for one in overview.holders if one.address == friend).pending[0].units
    royalties.prepare_pay(first, Amount(10**15, coin)).execute()

    # Forwarding pays the old song through its own terms: its collaborator is paid in the same transaction.
    forwarded = royalties.prepare_forward(first, coin).execute()
    assert forwarded.forwarded == ((parent.address, Amount(4 * 10**14, coin)),)
    royalties.prepare_forward(first, dollar).execute()
    with pytest.raises(RefusedError, match="nothing_to_forward"):
        royalties.prepare_forward(first, dollar)
    assert royalties.overview(parent).money[0].received.units == 4 * 10**14
    assert royalties.overview(parent).money[0].pushed.units == 4 * 10**13
    assert audited(services, first, second, parent) == ["audit.push_failed"]

    # Licences: the money is income of the work like any other.
    before = royalties.overview(parent).money[1].received.units
    copy = services.licences.prepare_buy(parent, 1, text=standard_text(LicenceKind.DOWNLOAD)).execute()
    assert copy.licence.licensee == active(services)
    assert copy.licence.expires_at == copy.licence.bought_at + 30 * 86_400
    plays = services.licences.prepare_buy(parent, 2, quantity=50, licensee=friend).execute()
    training = services.licences.prepare_buy(parent, 3).execute()
    assert training.licence.data_root.hex() == "da" * 32
    assert royalties.overview(parent).money[1].received.units == before + 5_000_000 + 50 * 100_000
    with pytest.raises(RefusedError, match="other_text"):
        services.licences.prepare_buy(parent, 1, text="Everything is allowed.")
    services.licences.prepare_withdraw(parent, 1).execute()
    with pytest.raises(RefusedError, match="closed"):
        services.licences.prepare_buy(parent, 1)
    assert [one.id for one in services.licences.sold(parent)] == [3, 2, 1]

    # Plays are counted by the licensee's word, which anyone may bring.
    voucher = services.licences.prepare_voucher(plays.licence.id, 7).execute()
    again = Voucher.from_json(voucher.to_json())
    assert again == voucher
    forged = Voucher(voucher.chain_id, voucher.contract, voucher.licence, 9, voucher.signature)
    with pytest.raises(RefusedError, match="reverted"):
        services.licences.prepare_redeem(plays.licence.id, 9, forged)
    with pytest.raises(RefusedError, match="voucher_needed"):
        services.licences.prepare_redeem(plays.licence.id, 7)
    assert services.licences.prepare_redeem(plays.licence.id, 7, again).execute().used == 7
    with pytest.raises(InvalidInputError, match="plays_out_of_range"):
        services.licences.prepare_redeem(plays.licence.id, 7, again)

    # Plain transfers are found and shared out; everyone collects; nothing is left unexplained.
    sender = services.networks.sender(chain)
    sender.send(send_call(second.address, Amount(1_003, dollar)))
    assert audited(services, second) == ["audit.not_booked"]
    assert royalties.prepare_sync(second, dollar).execute().booked == Amount(1_003, dollar)
    royalties.prepare_claim(first, coin).execute()
    royalties.prepare_claim(first, coin, friend).execute()
    royalties.prepare_claim(parent, dollar, to=CLEO).execute()
    assert audited(services, first, second, parent) == ["audit.push_failed", "audit.not_forwarded"]
    holders = {one.address: one for one in royalties.overview(first).holders}
    assert holders[broken].pending[0] == Amount(5 * 10**14, coin)
    assert not any(amount.units for amount in royalties.overview(first).my_pending[:1])
