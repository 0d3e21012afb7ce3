"""Ledger and audit against the contract itself: to the unit, whatever happened, and never fooled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integration.royalty_contract import NATIVE, FastEvm, RoyaltyContract, World, account

from desktop_app.chain.logs import Claimed, Payment, Pushed, Transfer
from desktop_app.chain.wire import checksummed
from desktop_app.services.royalty_audit import Severity, audit
from desktop_app.services.royalty_ledger import Role, replay

CREATOR, PAYER, STRANGER = account(1), account(2), account(3)
PEOPLE = [CREATOR, account(11), account(12), account(13)]
SINK = account(99)
REFUSES = bytes.fromhex("5f5ffd")

who = st.integers(0, len(PEOPLE) - 1)
currency = st.integers(0, 2)
amount = st.one_of(st.integers(1, 3), st.integers(1, 10**7), st.just(10**18 + 7))
step = st.one_of(
    st.tuples(st.just("pay"), currency, amount),
    st.tuples(st.just("send"), currency, amount),
    st.tuples(st.just("transfer"), who, who, st.integers(0, 1000)),
    st.tuples(st.just("claim"), currency, who),
    st.tuples(st.just("claim_to"), currency, who),
    st.tuples(st.just("claim_many"), currency),
    st.tuples(st.just("sync"), currency),
    st.tuples(st.just("forward"), currency, st.booleans()),
    st.tuples(st.just("refuse"), who, st.booleans()),
)
shares = st.sampled_from([[], [250_000], [333_333, 166_667], [1, 7], [500_000, 500_000]])


@pytest.fixture(scope="session")
def marked() -> tuple[World, Any]:
    """Our contracts on revm where it is there, else on py-evm, and the state to come back to."""
    world = World(FastEvm() if FastEvm else None)
    return world, world.evm.snapshot()


@pytest.fixture
def world(marked: tuple[World, Any]) -> Iterator[World]:
    """What a test does with it is undone afterwards."""
    yield marked[0]
    marked[0].evm.restore(marked[1])


@pytest.fixture(scope="session")
def reference() -> World:
    """On py-evm, whose storage can be changed behind a contract's back."""
    return World()


parents = st.sampled_from([[], [], [100_000], [1, 77_777]])


def make(world: World, parts: list[int], older: list[int] | None = None) -> RoyaltyContract:
    """A token of CREATOR with the coin and two kinds of dollars; `older` are shares of parents."""
    other = world.hostile("HostileToken")
    currencies = [NATIVE, world.dollar.address, other.address]
    named = [(world.token([7], currencies).address, share) for share in older or []]
    if named:
        world.evm.pass_time(12)
    token, made = world.create(parts, currencies, collaborators=PEOPLE[1:], parents=named)
    contract = RoyaltyContract(world, token, made, currencies)
    world.evm.fund(PAYER, 10**40)
    world.dollars(PAYER, 10**18, token.address)
    other.send("mint", PAYER, 10**30, sender=STRANGER)
    return contract


def act(contract: RoyaltyContract, what: tuple[Any, ...]) -> None:
    world = contract.world
    kind = what[0]
    if kind == "transfer":
        giver, taker, wanted = PEOPLE[what[1]], PEOPLE[what[2]], what[3]
        held = contract.token.call("balanceOf", giver)
        contract.send("transfer", taker, min(wanted, held), sender=giver)
        return
    if kind == "refuse":
        if what[1]:  # the creator stays a plain account
            world.evm.set_code(PEOPLE[what[1]], REFUSES if what[2] else b"")
        return
    coin = contract.currencies[what[1]]
    if kind in ("pay", "send"):
        units = min(what[2], 10**12) if what[1] == 1 else what[2]
    if kind == "pay":
        contract.send("pay", coin, units, bytes(32), sender=PAYER, value=units if coin == NATIVE else 0)
    elif kind == "send" and coin == NATIVE:
        contract.take(world.evm.send(PAYER, contract.token.address, value=units))
    elif kind == "send":
        data = world.dollar.data("transfer", contract.token.address, units)
        contract.take(world.evm.send(PAYER, coin, data))
    elif kind == "forward":
        named = [who.lower() for who, _ in contract.terms.parents]
        if named:
            contract.send("forward", named if what[2] else named[:1], coin, sender=STRANGER)
    elif kind == "claim":
        contract.send("claim", PEOPLE[what[2]], coin, sender=STRANGER)
    elif kind == "claim_to":
        # No EVM lets an account with code begin a transaction (EIP-3607): a contract of that name would call.
        person = PEOPLE[what[2]]
        code = world.evm.code(person)
        world.evm.set_code(person, b"")
        contract.send("claim_to", coin, SINK, sender=person)
        world.evm.set_code(person, code)
    elif kind == "claim_many":
        contract.send("claim_many", PEOPLE, coin, sender=STRANGER)
    else:
        contract.send("sync", coin, sender=STRANGER)


def check(contract: RoyaltyContract) -> None:
    """Contract, ledger and audit say the same of everyone, to the unit."""
    word, found, ledger = contract.word(), contract.audited(), contract.ledger()
    assert found.agrees, [(one.code, dict(one.params), dict(one.units)) for one in found.findings]
    booked = dict.fromkeys(contract.terms.currencies, 0)
    for entry in ledger.entries:
        if isinstance(entry.event, Payment):
            assert sum(credit.units for credit in entry.credits) == entry.event.amount
            booked[entry.event.currency] += entry.event.amount
    assert dict(ledger.received) == booked
    assert sum(ledger.shares.values()) == contract.terms.supply
    for coin, said in word.currencies.items():
        listed = [one for one in ledger.accounts if one.currency == coin]
        accounts = {one.address: one for one in listed if not one.is_parent}
        assert ledger.received[coin] - sum(one.paid for one in listed) == said.liabilities
        parts = len(listed) + len(contract.terms.collaborators) + 1
        assert 0 <= ledger.rounding(coin) < parts
        if said.received == booked[coin]:  # all is booked, so that the ledger is the whole truth
            for address, pending in said.pending.items():
                owed = accounts[address].owed if address in accounts else 0
                assert owed == pending, (address, coin)
            for one in listed:
                assert not one.is_parent or one.owed == said.forwardable[one.address]
    moves = sum(isinstance(event, Transfer) for event in contract.events)
    for one in found.accounts:
        # A unit that waited as fractions goes to who holds the shares when it is whole: at most one a move.
        assert abs(one.exact - one.earned) < 2 + moves
    for coin in contract.terms.currencies:
        assert (
            sum(one.exact for one in found.accounts if one.currency == coin) == word.currencies[coin].received
        )


@given(parts=shares, older=parents, steps=st.lists(step, max_size=25))
@settings(max_examples=int(os.environ.get("COLOPHON_EXAMPLES", "200" if FastEvm else "50")))
def test_ledger_and_audit_agree_with_the_contract_to_the_unit(
    marked: tuple[World, Any], parts: list[int], older: list[int], steps: list[tuple[Any, ...]]
) -> None:
    world, mark = marked
    world.evm.restore(mark)
    contract = make(world, parts, older if sum(parts) + sum(older) <= 10**6 else [])
    for what in steps:
        act(contract, what)
    check(contract)


# --- Nobody is fooled ---------------------------------------------------------------------------------------


@pytest.fixture
def busy(world: World) -> RoyaltyContract:
    """A token with three payments, shares passed on between them, a claim, and one push that failed."""
    return be_busy(world)


def be_busy(world: World) -> RoyaltyContract:
    contract = make(world, [250_000, 125_000])
    for what in (
        ("pay", 1, 100_000_001),
        ("transfer", 0, 3, 333),
        ("refuse", 2, True),
        ("pay", 0, 10**18 + 7),
        ("pay", 1, 7),
        ("claim", 1, 0),
        ("claim_to", 1, 3),
    ):
        act(contract, what)
    check(contract)
    return contract


def codes(contract: RoyaltyContract, events: list[Any]) -> set[str]:
    found = audit(contract.terms, events, contract.times, contract.word(events))
    return {one.code for one in found.findings if one.severity is Severity.DIFFERENCE}


def test_every_event_that_is_left_out_is_noticed(busy: RoyaltyContract) -> None:
    events = busy.events
    assert codes(busy, events) == set()
    for place, event in enumerate(events):
        rest = events[:place] + events[place + 1 :]
        noticed = codes(busy, rest)
        # A failed push moves nothing; without it the debt is still found, by another name.
        assert noticed or type(event).__name__ == "PushFailed", event


def test_every_event_that_is_changed_or_told_twice_is_noticed(busy: RoyaltyContract) -> None:
    events = busy.events
    other = checksummed(account(77))
    for place, event in enumerate(events):
        changed: list[Any] = []
        if isinstance(event, Transfer):
            changed = [replace(event, value=event.value + 1), replace(event, receiver=other)]
        elif isinstance(event, Claimed):
            changed = [replace(event, amount=event.amount + 1), replace(event, holder=other)]
        elif isinstance(event, Pushed):
            changed = [replace(event, amount=event.amount - 1), replace(event, collaborator=other)]
        elif isinstance(event, Payment):
            changed = [replace(event, amount=event.amount + 1)]
        for false in changed:
            assert codes(busy, [*events[:place], false, *events[place + 1 :]]), false
        if type(event).__name__ != "PushFailed":
            assert codes(busy, [*events[: place + 1], *events[place:]]), event


def test_shares_that_are_said_to_have_moved_earlier_are_noticed(busy: RoyaltyContract) -> None:
    events = busy.events
    moved = next(n for n, event in enumerate(events) if isinstance(event, Transfer) and n)
    earlier = [events[0], events[moved], *events[1:moved], *events[moved + 1 :]]
    assert "audit.pending_differs" in codes(busy, earlier)


def slot_of(contract: RoyaltyContract, value: int) -> int:
    state = contract.evm._state
    address = bytes.fromhex(contract.token.address[2:])
    return next(slot for slot in range(64) if state.get_storage(address, slot) == value)


def test_a_contract_that_pays_a_holder_too_much_is_found_out(reference: World) -> None:
    """Its books are changed behind its back: the holders' income is a tenth too high."""
    busy = be_busy(reference)
    terms, evm = busy.terms, busy.evm
    received = busy.token.call("received", NATIVE)
    income = received * terms.holders_share // 10**6
    book = income | busy.token.call("liabilities", NATIVE) << 128
    evm._state.set_storage(bytes.fromhex(busy.token.address[2:]), slot_of(busy, book), book + received // 10)
    word = busy.word()
    found = audit(terms, busy.events, busy.times, word)
    assert found.agrees, "`pending` does not use that number: the lie is not told yet"
    act(busy, ("claim", 0, 0))
    found = busy.audited()
    assert not found.agrees
    over = next(one for one in found.findings if one.code == "audit.overpaid")
    assert over.params["address"] == checksummed(CREATOR)
    assert over.units["paid"] > over.units["earned"]
    # The ledger shows it too: more was paid than earned.
    accounts = [
        one for one in busy.ledger().accounts if one.address == checksummed(CREATOR) and not one.currency
    ]
    assert accounts[0].owed < 0


def test_a_contract_that_lies_about_what_is_pending_is_found_out(busy: RoyaltyContract) -> None:
    word = busy.word()
    coin = word.currencies[""]
    who = checksummed(CREATOR)
    lie = replace(coin, pending={**coin.pending, who: coin.pending[who] - 1})
    found = audit(busy.terms, busy.events, busy.times, replace(word, currencies={**word.currencies, "": lie}))
    assert [
        (one.code, one.params["address"]) for one in found.findings if one.code == "audit.pending_differs"
    ] == [("audit.pending_differs", who)]
    assert not found.agrees


def test_money_that_a_currency_took_back_is_reported(busy: RoyaltyContract) -> None:
    act(busy, ("pay", 2, 1000))
    other = type(busy.token)(busy.evm, busy.currencies[2], busy.world.hostile("HostileToken")._abi)
    other.send("take", busy.token.address, 3, sender=STRANGER)
    found = busy.audited()
    missing = [one for one in found.findings if one.code == "audit.money_missing"]
    assert [one.units["owed"] - one.units["held"] for one in missing] == [3]


# --- Late ---------------------------------------------------------------------------------------------------


def late(contract: RoyaltyContract) -> dict[tuple[str, str], int]:
    return {
        (one.code, str(one.params.get("address", ""))): one.units["amount"]
        for one in contract.audited().findings
        if one.severity is Severity.LATE
    }


def test_a_push_that_failed_is_late_until_it_is_paid(world: World) -> None:
    contract = make(world, [250_000])
    who = checksummed(PEOPLE[1])
    act(contract, ("pay", 1, 400))
    assert late(contract) == {}
    act(contract, ("refuse", 1, True))
    act(contract, ("pay", 0, 4000))
    failed_in = contract.block
    act(contract, ("pay", 0, 400))
    assert late(contract) == {("audit.push_failed", who): 1100}
    finding = next(one for one in contract.audited().findings if one.severity is Severity.LATE)
    assert finding.params["block"] == failed_in, "owed since the payment that should have brought it"
    act(contract, ("claim_to", 0, 1))
    assert late(contract) == {}
    act(contract, ("pay", 0, 40))
    assert late(contract) == {("audit.push_failed", who): 10}, "paused: later payments try no more"
    act(contract, ("refuse", 1, False))
    act(contract, ("claim", 0, 1))
    assert late(contract) == {}
    assert [one.code for one in contract.audited().findings] == ["audit.push_failed_before"]
    check(contract)


def test_a_plain_transfer_is_late_until_it_is_shared_out(world: World) -> None:
    contract = make(world, [250_000])
    who = checksummed(PEOPLE[1])
    act(contract, ("send", 0, 400))
    assert late(contract) == {("audit.not_booked", ""): 400}
    act(contract, ("transfer", 0, 2, 10))  # books it, and calls nobody
    assert late(contract) == {("audit.not_pushed", who): 100}
    act(contract, ("sync", 0))
    assert late(contract) == {}
    check(contract)


def test_what_waits_for_a_parent_is_told_until_it_is_forwarded(world: World) -> None:
    contract = make(world, [250_000], [100_000])
    parent = contract.terms.parents[0][0]
    act(contract, ("pay", 1, 1000))
    assert late(contract) == {("audit.not_forwarded", parent): 100}
    check(contract)
    act(contract, ("forward", 1, True))
    assert late(contract) == {}
    assert "audit.pending_differs" in codes(contract, contract.events[:-1]), "a hidden forward is noticed"
    check(contract)


# --- What the ledger says -----------------------------------------------------------------------------------


def test_shares_passed_on_earn_for_the_new_holder_from_the_next_payment_on(world: World) -> None:
    contract = make(world, [])
    for what in (("pay", 0, 1000), ("transfer", 0, 1, 500), ("pay", 0, 1000)):
        act(contract, what)
    first, second = [entry for entry in contract.ledger().entries if isinstance(entry.event, Payment)]
    assert [(one.address, one.units) for one in first.credits] == [(checksummed(PEOPLE[0]), 1000)]
    assert {one.address: one.units for one in second.credits} == {
        checksummed(PEOPLE[0]): 500,
        checksummed(PEOPLE[1]): 500,
    }


def test_dust_waits_in_the_open_and_comes_back(world: World) -> None:
    contract = make(world, [333_333])
    for _ in range(3):
        act(contract, ("pay", 0, 1))
    entries = [entry for entry in contract.ledger().entries if isinstance(entry.event, Payment)]
    rounding = [sum(one.units for one in entry.credits if one.role is Role.ROUNDING) for entry in entries]
    assert rounding == [1, 0, 0]
    assert contract.ledger().rounding("") == 1
    assert sum(one.exact for one in contract.audited().accounts if not one.currency) == Fraction(3)


def test_a_history_that_cannot_be_is_refused_by_the_ledger(busy: RoyaltyContract) -> None:
    from desktop_app.core.errors import CorruptError

    events = busy.events
    stranger = checksummed(account(77))
    pushed = next(event for event in events if isinstance(event, Pushed))
    moved = [event for event in events if isinstance(event, Transfer)][1]
    for false in (
        replace(pushed, collaborator=stranger),
        replace(pushed, currency=stranger),
        replace(moved, value=10**6),
        events[0],
    ):
        with pytest.raises(CorruptError, match="impossible_history"):
            replay(busy.terms, [*events, false], busy.times)
