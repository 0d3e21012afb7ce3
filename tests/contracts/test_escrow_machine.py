"""Orders against a plain model, driven by Hypothesis: each ends delivered or refunded, never both, and the
money is always that of the orders which wait."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from harness.evm import NATIVE, Reverted, account
from harness.machines import run
from harness.quick_group import quick_group
from harness.selling import (
    DELIVERED,
    NO_POINT,
    OPEN,
    REFUNDED,
    SEALED,
    WINDOW,
    Placed,
    Shop,
    a_work,
    words,
)
from harness.world import CREATOR, STRANGER, World
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desktop_app.proofs.key_delivery import one_time_key, open_delivery

BUYERS = [account(800 + i) for i in range(3)]
LIMIT, WAIT = 1000, 500
GOOD, GARBAGE = a_work(1, 40), a_work(2, 16, garbage=[0])
WORKS = [GOOD, GARBAGE]
rarely = st.sampled_from([False] * 5 + [True])
nth = st.integers(0, 9)


@dataclass
class Known:
    """What the model knows of an order."""

    placed: Placed
    work: Any
    buyer: str
    coin: bool
    amount: int
    sealed: bool
    window: int
    deadline: int
    state: int = OPEN
    point: tuple[bytes, ...] = NO_POINT
    delivered_at: int = 0


class EscrowMachine(RuleBasedStateMachine):
    world: World
    mark: Any

    @initialize()
    def begin(self) -> None:
        self.shop = Shop(self.world, self.world.token([300_000, 200_000]))
        self.escrow = self.shop.escrow
        self.offers: list[tuple[tuple[Any, ...], Any, bool]] = []
        self.orders: list[Known] = []
        self.income = {True: 0, False: 0}
        self.spent = {(buyer, coin): 0 for buyer in BUYERS for coin in (True, False)}
        for buyer in BUYERS:
            self.world.evm.fund(buyer, 10**9)
            self.world.dollars(buyer, 10**9, self.escrow.address)

    def teardown(self) -> None:
        self.world.evm.restore(self.mark)

    def attempt(self, reason: str, name: str, *args: object, sender: str, value: int = 0) -> Any:
        try:
            receipt = self.escrow.send(name, *args, sender=sender, value=value)
        except Reverted as failure:
            assert failure.reason == reason, f"{name}: {failure.reason!r}, not {reason!r}"
            return None
        assert reason == "", f"{name} was not refused: {reason}"
        return receipt

    @rule(garbage=st.booleans(), coin=st.booleans(), how=st.sampled_from(["fast", "safe", "safe", "sealed"]),
          price=st.integers(1, 5000))  # fmt: skip
    def offer(self, garbage: bool, coin: bool, how: str, price: int) -> None:
        work = WORKS[garbage]
        changes = {
            "currency": NATIVE if coin else self.world.dollar.address, "price": price, "time_limit": LIMIT,
            "window": WAIT if how == "safe" else 0,
        } | ({"method": SEALED} if how == "sealed" else {})  # fmt: skip
        terms = self.shop.terms(work, **changes)
        known = any(offer == terms for offer, _, _ in self.offers)
        if self.attempt("offer exists" if known else "", "place_offer", terms, sender=CREATOR):
            self.offers.append((terms, work, True))

    @rule(which=nth)
    def withdraw(self, which: int) -> None:
        if self.offers:
            terms, work, is_open = self.offers[which % len(self.offers)]
            self.attempt("" if is_open else "offer closed", "withdraw_offer", terms, sender=CREATOR)
            self.offers[which % len(self.offers)] = terms, work, False

    @rule(which=nth, buyer=st.integers(0, 2), secret=st.integers(1, 4), short=rarely)
    def order(self, which: int, buyer: int, secret: int, short: bool) -> None:
        if not self.offers:
            return
        terms, work, is_open = self.offers[which % len(self.offers)]
        coin, sealed, me = terms[2] == NATIVE, terms[4] == SEALED, BUYERS[buyer]
        key = (bytes([secret]) * 32, *NO_POINT[1:]) if sealed else words(one_time_key(secret))
        value = terms[3] - short if coin else 0
        same = any(
            known.placed.offer == terms and known.buyer == me and known.placed.secret == secret
            and known.deadline == self.world.evm.time + LIMIT
            for known in self.orders
        )  # fmt: skip
        reason = "wrong value" if short and coin else "" if is_open else "offer closed"
        reason = reason or ("order exists" if same else "")
        if receipt := self.attempt(reason, "order", terms, key, sender=me, value=value):
            placed = self.shop.placed(terms, receipt, secret)
            self.spent[me, coin] += terms[3]
            deadline = self.world.evm.time + LIMIT
            self.orders.append(Known(placed, work, me, coin, terms[3], sealed, terms[6], deadline))

    def pick(self, which: int) -> Known | None:
        return self.orders[which % len(self.orders)] if self.orders else None

    @rule(which=nth, other=nth, sender=st.sampled_from([CREATOR, STRANGER]), foreign=rarely, wrong=rarely)
    def deliver(self, which: int, other: int, sender: str, foreign: bool, wrong: bool) -> None:
        found, another = self.pick(which), self.pick(other)
        if found is None or another is None:
            return
        late, reason = self.world.evm.time > found.deadline, ""
        if found.sealed:
            reason = "not the seller" if sender != CREATOR else "too late" if late else ""
            reason = "not open" if found.state != OPEN else reason
            done = self.attempt(reason, "deliver_sealed", found.placed.fields, b"sealed", sender=sender)
        else:
            work = WORKS[found.work is GOOD] if wrong else found.work
            foreign = foreign and another is not found and not another.sealed
            proof = self.shop.proof(work, (another if foreign else found).placed, sender)
            reason = "too late" if late else "proof refused" if wrong or foreign else ""
            reason = "not open" if found.state != OPEN else reason
            done = self.attempt(reason, "deliver", found.placed.fields, *proof, sender=sender)
            if done:
                found.point, found.delivered_at = proof[0], self.world.evm.time
                key = open_delivery(found.work.lock, b"".join(proof[0]), found.placed.secret)
                assert key == found.work.key
        if done and found.window:
            found.state = WINDOW
        elif done:
            self.paid_out(found)

    def paid_out(self, found: Known) -> None:
        found.state = DELIVERED
        self.income[found.coin] += found.amount

    def paid_back(self, found: Known) -> None:
        found.state = REFUNDED
        self.spent[found.buyer, found.coin] -= found.amount

    @rule(which=nth, sender=st.sampled_from([*BUYERS, STRANGER, CREATOR]), elsewhere=rarely)
    def refund(self, which: int, sender: str, elsewhere: bool) -> None:
        if (found := self.pick(which)) is None:
            return
        to = (found.buyer,) if elsewhere else ()
        early = self.world.evm.time <= found.deadline and sender != CREATOR
        reason = "too early" if early else ""
        reason = "not the buyer" if elsewhere and sender != found.buyer else reason
        reason = "not open" if found.state != OPEN else reason
        if self.attempt(reason, "refund", found.placed.fields, *to, sender=sender):
            self.paid_back(found)

    @rule(which=nth, sender=st.sampled_from([*BUYERS, STRANGER]))
    def release(self, which: int, sender: str) -> None:
        if (found := self.pick(which)) is None:
            return
        reason = "" if self.world.evm.time > found.delivered_at + WAIT else "too early"
        reason = "not in the window" if found.state != WINDOW else reason
        call = (found.placed.fields, found.point, found.delivered_at)
        if self.attempt(reason, "release", *call, sender=sender):
            self.paid_out(found)

    @rule(which=nth, stranger=rarely)
    def complain(self, which: int, stranger: bool) -> None:
        if (found := self.pick(which)) is None:
            return
        sender = STRANGER if stranger else found.buyer
        reason = "piece is good" if found.work is GOOD else ""
        reason = "not the buyer" if stranger else reason
        reason = "too late" if self.world.evm.time > found.delivered_at + WAIT else reason
        reason = "not in the window" if found.state != WINDOW else reason
        call = (found.placed.fields, found.placed.offer, found.point, found.delivered_at, found.placed.secret)
        if self.attempt(reason, "complain", *call, *found.work.evidence(0), sender=sender):
            self.paid_back(found)

    @rule(seconds=st.sampled_from([1, WAIT, WAIT + 1, LIMIT, LIMIT + 1]))
    def wait(self, seconds: int) -> None:
        self.world.evm.pass_time(seconds)

    def balance(self, who: str, coin: bool) -> int:
        return int(self.world.evm.balance(who) if coin else self.world.dollar.call("balanceOf", who))

    @invariant()
    def the_money_is_that_of_the_orders_which_wait(self) -> None:
        if not hasattr(self, "shop"):
            return
        for coin in (True, False):
            waiting = sum(
                one.amount for one in self.orders if one.coin == coin and one.state in (OPEN, WINDOW)
            )
            assert self.balance(self.escrow.address, coin) == waiting
            currency = NATIVE if coin else self.world.dollar.address
            assert self.shop.token.call("received", currency) == self.income[coin]
            for buyer in BUYERS:
                assert self.balance(buyer, coin) == 10**9 - self.spent[buyer, coin]
        for one in self.orders:
            assert self.shop.state(one.placed) == one.state


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with quick_group():
        yield


@pytest.mark.timeout(0)
def test_every_order_ends_delivered_or_refunded(reference: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On py-evm, which has the precompiles: fewer runs than the machines on revm."""
    for name, value in {"COLOPHON_EXAMPLES": "20", "COLOPHON_STEPS": "40"}.items():
        if name not in os.environ:
            monkeypatch.setenv(name, value)
    run(EscrowMachine, reference)
