"""What is shown before a signature is all that is signed, and no node can change what it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.journey import BEN, mint, register
from integration.people import active
from integration.royalty_journey import later, refusing_recipient

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.wire import Json
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import CorruptError, RefusedError, UnavailableError
from desktop_app.services.actions import Action
from desktop_app.services.app import Services
from desktop_app.services.approval import describe
from desktop_app.services.licence_terms import LicenceKind, LicenceTerms, document_hash
from desktop_app.services.royalties import Collaborator, Parent


def said(services: Services, action: Action[Any]) -> str:
    told = describe(services.reviews.examine(action))
    lines = [f"{line.label}: {line.text}" for line in told.lines]
    warnings = [f"{one.title}: {one.text}" for one in told.warnings]
    return "\n".join([told.headline, *lines, *warnings])


def test_a_mint_says_all_that_is_fixed_for_ever(alone: Services, tmp_path: Path) -> None:
    parent = mint(alone, register(alone, tmp_path / "works", "old"))
    later(alone)
    work = register(alone, tmp_path / "works", "new")
    coin, dollar = parent.currencies
    action = alone.royalties.prepare_mint(
        work,
        "New",
        "NEW",
        12_345,
        [Collaborator(BEN, 333_333)],
        parents=[Parent(parent.address, 1)],
        currencies=[dollar],
        resale_share_ppm=70_000,
        uri="https://example.org/new.json",
        licences=[LicenceTerms(LicenceKind.PLAYS, Amount(5, dollar), text="mine", uri="https://a.example/t")],
    )
    told = said(alone, action)
    facts = [
        "12,345", "NEW", "33.3333 %", BEN, "0.0001 %", parent.address, "66.6666 %", "7 %",
        f"taken in {dollar.symbol};", "https://example.org/new.json", "0.000005 tUSD",
        "0x" + document_hash("mine").hex(), "https://a.example/t", "2 transactions",
    ]  # fmt: skip
    assert [fact for fact in facts if fact.casefold() not in told.casefold()] == []
    assert coin.symbol not in told.partition("\n")[0]


def test_an_offer_says_its_text_and_what_it_withdraws(alone: Services, tmp_path: Path) -> None:
    token = mint(alone, register(alone, tmp_path / "works"))
    first = LicenceTerms(LicenceKind.DOWNLOAD, Amount(10**6, token.currencies[1]))
    action = alone.licences.prepare_offer(token, first)
    assert "standard text" in said(alone, action)
    action.execute()
    own = LicenceTerms(LicenceKind.DOWNLOAD, Amount(1, token.currencies[1]), "own", uri="https://b.example/")
    told = said(alone, alone.licences.prepare_offer(token, own, replaces=1))
    assert "in place of terms 1" in told
    assert "0x" + document_hash("own").hex() in told
    assert "https://b.example/" in told


def test_a_purchase_says_its_terms_and_what_it_allows(alone: Services, tmp_path: Path) -> None:
    token = mint(alone, register(alone, tmp_path / "works"))
    terms = LicenceTerms(LicenceKind.PLAYS, Amount(1_500_000, token.currencies[1]))
    offer = alone.licences.prepare_offer(token, terms).execute()
    told = said(alone, alone.licences.prepare_buy(token, 1, 4))
    facts = ["6 tUSD", "4 plays", active(alone), "0x" + offer.terms_hash.hex(), "exactly 6 tUSD", "terms 1"]
    assert [fact for fact in facts if fact not in told] == []
    assert "exactly" not in said(alone, alone.royalties.prepare_pay(token, Amount(5, token.currencies[0])))
    # Dollars are paid with one signature, which allows this payment and nothing else.
    told = said(alone, alone.royalties.prepare_pay(token, Amount(5, token.currencies[1])))
    facts = ["0.000005 tUSD", "for exactly this amount", "usable one time until"]
    assert [fact for fact in facts if fact not in told] == []


def test_no_node_gives_a_work_another_token(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The node answers with somebody else's token, as if it had been made: nothing would ever be offered for
    it, paid to it, or kept as the work's."""
    false = "0x" + "bad0" * 10
    work = register(alone, tmp_path / "works")
    node = alone.networks._practice
    honest = node.call

    def lying(method: str, params: Json = ()) -> Json:
        answer = honest(method, params)
        if method == "eth_getTransactionReceipt" and answer:
            answer = dict(answer)
            answer["logs"] = [
                {**log, "topics": [log["topics"][0], "0x" + "0" * 24 + false[2:], *log["topics"][2:]]}
                if len(log["topics"]) == 4
                else log
                for log in answer["logs"]
            ]
        return answer

    action = alone.royalties.prepare_mint(work, "Song", "SONG", 10)
    monkeypatch.setattr(node, "call", lying)
    with pytest.raises(UnavailableError, match="bad_answer"):
        action.execute()
    assert alone.royalties.tokens() == ()


def test_passing_on_shares_tells_what_waits_in_works_that_build_on_them(
    alone: Services, tmp_path: Path
) -> None:
    parent = mint(alone, register(alone, tmp_path / "works", "old"))
    later(alone)
    coin = parent.currencies[0]
    work = register(alone, tmp_path / "works", "new")
    child = alone.royalties.prepare_mint(
        work, "New", "NEW", 10, parents=[Parent(parent.address, 500_000)], currencies=[coin]
    ).execute()
    assert "waits in works" not in said(alone, alone.royalties.prepare_transfer(parent, BEN, 1))
    alone.royalties.prepare_pay(child, Amount(10, coin)).execute()
    told = said(alone, alone.royalties.prepare_transfer(parent, BEN, 1))
    assert "waits in works" in told
    assert f"0.000000000000000005 {coin.symbol} in “New” ({child.address})" in told
    assert "waits in works" not in said(alone, alone.royalties.prepare_transfer(child, BEN, 1))
    forwarding = alone.royalties.prepare_forward(child, coin)
    assert parent.address in said(alone, forwarding)
    forwarding.execute()
    assert "waits in works" not in said(alone, alone.royalties.prepare_transfer(parent, BEN, 1))


def test_a_node_that_leaves_events_out_makes_no_statement(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = mint(alone, register(alone, tmp_path / "works"))
    coin = token.currencies[0]
    alone.royalties.prepare_pay(token, Amount(1_000, coin)).execute()
    alone.royalties.prepare_transfer(token, BEN, 7).execute()
    node = alone.networks._practice
    honest = node.call
    events = [event.place.log_index for event in alone.books.statement(token).history.events]
    assert len(events) == 5, "the issue, a payment, two pushes, a transfer"

    def forgetful(method: str, params: Json = ()) -> Json:
        answer = honest(method, params)
        return [log for i, log in enumerate(answer) if i != left_out] if method == "eth_getLogs" else answer

    monkeypatch.setattr(node, "call", forgetful)
    for left_out in range(len(events)):  # noqa: B007 - forgetful reads it
        with pytest.raises(CorruptError, match=r"events_missing|impossible_history"):
            alone.books.statement(token)


def test_a_collaborator_who_refuses_is_no_reason_to_share_out_nothing(
    alone: Services, tmp_path: Path
) -> None:
    people = [Collaborator(refusing_recipient(alone), 500_000)]
    token = alone.royalties.prepare_mint(
        register(alone, tmp_path / "works"), "Song", "SONG", 10, people
    ).execute()
    coin = token.currencies[0]
    paid = alone.royalties.prepare_pay(token, Amount(1_000, coin)).execute()
    assert [(who, amount.units) for who, amount in paid.waiting] == [(people[0].address, 500)]
    assert paid.pushed == ()
    with pytest.raises(RefusedError, match="nothing_to_book"):
        alone.royalties.prepare_sync(token, coin)


def test_what_goes_to_a_contract_that_keeps_it_is_warned_of(alone: Services, tmp_path: Path) -> None:
    work = register(alone, tmp_path / "works")
    registry = contract_address("Registry")
    action = alone.royalties.prepare_mint(work, "Song", "SONG", 10, [Collaborator(registry, 1)])
    assert alone.reviews.examine(action).is_dangerous
    token = mint(alone, work)
    for lost in (registry, token.currencies[1].address):
        assert alone.reviews.examine(alone.royalties.prepare_transfer(token, lost, 1)).is_dangerous
    assert not alone.reviews.examine(alone.royalties.prepare_transfer(token, BEN, 1)).is_dangerous
    other = alone.royalties.prepare_pay(token, Amount(1, token.currencies[0]))
    assert not alone.reviews.examine(other).is_dangerous
