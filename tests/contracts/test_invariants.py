"""The royalty token against an exact rational model, driven by Hypothesis with hostile parties.

After every step: everyone's pending amount is the model's, the contract holds at least what it owes, and for
each currency received = pushed + claimed + owed, with under one unit of rounding per holder and collaborator.
COLOPHON_EXAMPLES and COLOPHON_STEPS set how far it goes.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from harness.evm import NATIVE, Reverted, account
from harness.model import ModelBook
from harness.world import SUPPLY, World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

PEOPLE = [account(100 + i) for i in range(6)]
PAYER, STRANGER = account(200), account(201)
CREATOR = PEOPLE[0]
SINK = account(300)
HOSTILE_CODE = [b"", bytes.fromhex("5f5ffd"), bytes.fromhex("5b5f56"), bytes.fromhex("623fffff5ffd")]
# Modes of HostileToken under which a push fails.
REFUSING = (2, 3, 5, 6)

person = st.integers(0, len(PEOPLE) - 1)
currency = st.integers(0, 2)
amount = st.one_of(st.just(1), st.integers(1, 50), st.integers(1, 10**12), st.just(10**24))


class RoyaltyMachine(RuleBasedStateMachine):
    """One token with the coin, the test dollar and a token that misbehaves."""

    world: World

    @initialize(
        shares=st.one_of(
            st.lists(st.sampled_from([1, 7, 1000, 33_333, 166_667]), max_size=5),
            st.sampled_from([[250_000] * 2, [500_000] * 2, [200_000] * 5]),
        ),
        reentrant=st.booleans(),
    )
    def begin(self, shares: list[int], reentrant: bool) -> None:
        world = self.world
        self.mark = world.evm.snapshot()
        self.odd = world.hostile("HostileToken")
        self.caller = world.hostile("Reentrant")
        self.mode, self.fee, self.hides = 0, 0, False
        self.blocked: set[str] = set()
        self.refusing: set[str] = set()
        self.people = [*PEOPLE, self.caller.address]
        collaborators = ([self.caller.address] if reentrant else []) + PEOPLE[1:]
        self.currencies = [NATIVE, world.dollar.address, self.odd.address]
        self.token = world.token(shares, self.currencies, collaborators=collaborators, creator=CREATOR)
        self.holdings = {CREATOR: SUPPLY}
        pairs = list(zip(collaborators, shares, strict=False))
        self.books = [ModelBook(pairs, self.holdings, SUPPLY) for _ in self.currencies]
        self.paid_to: list[dict[str, int]] = [{} for _ in self.currencies]
        call = self.token.data("claim_to", NATIVE, SINK)
        self.caller.send("prepare", self.token.address, call, sender=STRANGER)
        world.evm.fund(PAYER, 10**30)
        world.dollars(PAYER, 10**18, self.token.address)
        self.odd.send("mint", PAYER, 10**30, sender=STRANGER)

    def teardown(self) -> None:
        if hasattr(self, "mark"):
            self.world.evm.restore(self.mark)

    def accepts(self, index: int, who: str) -> bool:
        if index == 0:
            return who not in self.refusing
        return index == 1 or (self.mode not in REFUSING and who not in self.blocked)

    def known(self, index: int) -> bool:
        return index != 2 or not self.hides

    def settle(self, index: int) -> None:
        book = self.books[index]
        if self.known(index):
            book.book()
        if book.pushed_up_to != book.received:
            for who, amount in book.distribute(lambda who: self.accepts(index, who)).items():
                self.note(index, who, amount)

    def note(self, index: int, who: str, amount: int) -> None:
        self.paid_to[index][who] = self.paid_to[index].get(who, 0) + amount

    def arrive(self, index: int, amount: int) -> int:
        net = amount - (amount * self.fee // 10**6 if index == 2 else 0)
        self.books[index].balance += net
        return net

    @rule(index=currency, amount=amount)
    def pay(self, index: int, amount: int) -> None:
        amount = min(amount, 10**12) if index == 1 else amount
        value = amount if index == 0 else 0
        allowed = index != 2 or (self.mode not in REFUSING and self.known(index))
        try:
            self.token.send(
                "pay", self.currencies[index], amount, bytes(32), sender=PAYER, value=value, gas=3_000_000
            )
        except Reverted:
            assert not allowed, "a payment was refused"
            return
        assert allowed
        self.arrive(index, amount)
        self.settle(index)

    @rule(index=currency, amount=amount)
    def send_plainly(self, index: int, amount: int) -> None:
        amount = min(amount, 10**12) if index == 1 else amount
        if index == 0:
            self.world.evm.send(PAYER, self.token.address, value=amount, gas=21_000 + 2_300)
        elif index == 1:
            self.world.dollar.send("transfer", self.token.address, amount, sender=PAYER)
        elif self.mode in REFUSING:
            return
        else:
            self.odd.send("transfer", self.token.address, amount, sender=PAYER)
        self.arrive(index, amount)

    @rule(index=currency)
    def sync(self, index: int) -> None:
        self.token.send("sync", self.currencies[index], sender=STRANGER)
        self.settle(index)

    @rule(index=currency, who=person)
    def claim(self, index: int, who: int) -> None:
        self.claim_for(index, self.people[who])

    @rule(index=currency)
    def claim_for_the_reentrant_one(self, index: int) -> None:
        self.claim_for(index, self.caller.address)

    def claim_for(self, index: int, holder: str) -> None:
        # A refused claim undoes its pushes too, so that the model tries on a copy first.
        pending = self.books[index].pending(holder) if self.known(index) else None
        try:
            receipt = self.token.send("claim", holder, self.currencies[index], sender=STRANGER)
        except Reverted as failure:
            assert failure.reason == "transfer refused"
            assert not self.accepts(index, holder)
            return
        before = self.paid_to[index].get(holder, 0)
        self.settle(index)
        amount = self.books[index].take(holder, resume=True)
        assert self.token.result(receipt, "claim", 2) == amount
        self.note(index, holder, amount)
        if pending is not None:
            assert self.paid_to[index][holder] - before == pending

    @rule(index=currency, who=person)
    def claim_to(self, index: int, who: int) -> None:
        holder = self.people[who]
        try:
            receipt = self.token.send("claim_to", self.currencies[index], SINK, sender=holder)
        except Reverted as failure:
            assert failure.reason == "transfer refused"
            assert not self.accepts(index, SINK)
            return
        self.settle(index)
        amount = self.books[index].take(holder, resume=False)
        assert self.token.result(receipt, "claim_to", 2) == amount
        self.note(index, SINK, amount)

    @rule(index=currency, who=st.lists(st.integers(0, len(PEOPLE)), max_size=5))
    def claim_many(self, index: int, who: list[int]) -> None:
        holders = [self.people[i] for i in who]
        receipt = self.token.send("claim_many", holders, self.currencies[index], sender=STRANGER)
        self.settle(index)
        total = 0
        for holder in holders:
            if self.accepts(index, holder):
                amount = self.books[index].take(holder, resume=True)
                self.note(index, holder, amount)
                total += amount
        assert self.token.result(receipt, "claim_many", 2) == total

    @rule(giver=person, taker=person, amount=st.integers(0, SUPPLY))
    def transfer(self, giver: int, taker: int, amount: int) -> None:
        owner, to = self.people[giver], self.people[taker]
        amount = min(amount, self.holdings.get(owner, 0))
        before = [[self.pending(i, who) for who in self.people] for i in range(3)]
        self.token.send("transfer", to, amount, sender=owner)
        after = [[self.pending(i, who) for who in self.people] for i in range(3)]
        assert before == after, "a transfer of shares changed what somebody has earned"
        if amount and owner != to:
            for i in range(3):
                if self.known(i):
                    self.books[i].book()
            self.holdings[owner] -= amount
            self.holdings[to] = self.holdings.get(to, 0) + amount

    @rule(who=st.integers(0, len(PEOPLE) - 1), kind=st.integers(0, 3))
    def change_the_code_of_a_recipient(self, who: int, kind: int) -> None:
        self.world.evm.set_code(PEOPLE[who], HOSTILE_CODE[kind])
        (self.refusing.add if kind else self.refusing.discard)(PEOPLE[who])

    @rule(who=st.integers(0, len(PEOPLE)), on=st.booleans())
    def blacklist(self, who: int, on: bool) -> None:
        self.odd.send("refuse", self.people[who], on, sender=STRANGER)
        (self.blocked.add if on else self.blocked.discard)(self.people[who])

    @rule(
        mode=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6]),
        fee=st.sampled_from([0, 0, 10_000]),
        hooked=st.booleans(),
    )
    def change_the_odd_token(self, mode: int, fee: int, hooked: bool) -> None:
        self.mode, self.fee, self.hides = mode, fee, False
        self.odd.send("behave", mode, fee, hooked, 0, sender=STRANGER)

    @precondition(lambda self: self.books[2].arrived() == 0)
    @rule(how=st.sampled_from([1, 3, 5, 6]))
    def hide_the_balance_of_the_odd_token(self, how: int) -> None:
        self.mode, self.fee, self.hides = 0, 0, True
        self.odd.send("behave", 0, 0, False, how, sender=STRANGER)

    def pending(self, index: int, who: str) -> int:
        return int(self.token.call("pending", who, self.currencies[index]))

    def held(self, index: int, who: str) -> int:
        if index == 0:
            return self.world.evm.balance(who)
        if index == 1:
            return int(self.world.dollar.call("balanceOf", who))
        return int(self.odd.call("real_balance", who))

    @invariant()
    def everything_adds_up(self) -> None:
        if not hasattr(self, "token"):
            return
        for index, book in enumerate(self.books):
            money = self.currencies[index]
            liabilities = self.token.call("liabilities", money)
            assert self.held(index, self.token.address) == book.balance
            assert liabilities == book.liabilities <= book.balance
            if not self.known(index):
                continue
            assert self.token.call("received", money) == book.received + book.arrived()
            pending = {who: self.pending(index, who) for who in self.people}
            assert pending == {who: book.pending(who) for who in self.people}
            out = sum(self.paid_to[index].values())
            assert out == book.paid_out
            dust = book.received + book.arrived() - out - sum(pending.values())
            assert 0 <= dust < len(self.people) + len(book.shares) + 1
        assert self.caller.call("entered") is False


@pytest.mark.timeout(0)
def test_no_sequence_of_events_breaks_an_invariant(_deployed: World) -> None:
    class Machine(RoyaltyMachine):
        world = _deployed

    Machine.TestCase.settings = settings(
        max_examples=int(os.environ.get("COLOPHON_EXAMPLES", "25")),
        stateful_step_count=int(os.environ.get("COLOPHON_STEPS", "25")),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    case: Any = Machine.TestCase()
    case.runTest()
