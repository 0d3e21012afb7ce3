"""Orders against a plain model, driven by Hypothesis: each ends delivered or refunded, never both, and the
money is always that of the orders which wait."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
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
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desktop_app.proofs.key_delivery import one_time_key, open_delivery

SOURCES = Path(__file__).parents[2] / "resources" / "contracts"
BUYERS = [account(800 + i) for i in range(3)]
LIMIT, WAIT = 1000, 500
GOOD, GARBAGE = a_work(1, 40), a_work(2, 16, garbage=[0])
WORKS = [GOOD, GARBAGE]
rarely = st.sampled_from([False] * 5 + [True])
nth = st.integers(0, 60)


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
        for garbage, coin, how in ((0, 1, "fast"), (0, 0, "safe"), (1, 1, "safe"), (0, 1, "sealed")):
            self.offer(bool(garbage), bool(coin), how, 1000)
        for number in range(8):
            self.order(number % 4, number % 3, number + 1, False)
        for number in (1, 2, 6):
            self.give_key(self.orders[number], CREATOR)

    def teardown(self) -> None:
        try:
            if hasattr(self, "touched"):
                self.everybody_has_what_is_his()
        finally:
            self.world.evm.restore(self.mark)

    def attempt(self, reason: str, name: str, *args: object, sender: str, value: int = 0) -> Any:
        try:
            receipt = self.escrow.send(name, *args, sender=sender, value=value)
        except Reverted as failure:
            assert failure.reason == reason, f"{name}: {failure.reason!r}, not {reason!r}"
            return None
        assert reason == "", f"{name} was not refused: {reason}"
        return receipt

    @rule(
        garbage=st.booleans(),
        coin=st.booleans(),
        how=st.sampled_from(["fast", "safe", "safe", "sealed"]),
        price=st.integers(1, 5000),
    )
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
        terms, work, is_open = self.offers[which % len(self.offers)]
        self.attempt("" if is_open else "offer closed", "withdraw_offer", terms, sender=CREATOR)
        self.offers[which % len(self.offers)] = terms, work, False

    @rule(which=nth, buyer=st.integers(0, 2), secret=st.integers(1, 9), short=rarely)
    def order(self, which: int, buyer: int, secret: int, short: bool) -> None:
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

    def pick(self, which: int, state: int) -> Known:
        """Any order; mostly one in the state in which something can be done with it."""
        fitting = [one for one in self.orders if one.state == state] if which % 4 else []
        chosen = fitting or self.orders
        self.touched = chosen[which // 4 % len(chosen)]
        return self.touched

    @rule(which=nth, other=nth, sender=st.sampled_from([CREATOR, STRANGER]), foreign=rarely, wrong=rarely)
    def deliver(self, which: int, other: int, sender: str, foreign: bool, wrong: bool) -> None:
        another, found = self.pick(other, OPEN), self.pick(which, OPEN)
        self.give_key(found, sender, another if foreign else found, wrong)

    def give_key(self, found: Known, sender: str, proof_of: Known | None = None, wrong: bool = False) -> None:
        self.touched = found
        late, reason = self.world.evm.time > found.deadline, ""
        if found.sealed:
            reason = "not the seller" if sender != CREATOR else "too late" if late else ""
            reason = "not open" if found.state != OPEN else reason
            done = self.attempt(reason, "deliver_sealed", found.placed.fields, b"sealed", sender=sender)
        else:
            work = WORKS[found.work is GOOD] if wrong else found.work
            foreign = proof_of is not None and proof_of is not found and not proof_of.sealed
            proof = self.shop.proof(work, (proof_of if foreign and proof_of else found).placed, sender)
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
        found = self.pick(which, OPEN)
        to = (found.buyer,) if elsewhere else ()
        early = self.world.evm.time <= found.deadline and sender != CREATOR
        reason = "too early" if early else ""
        reason = "not the buyer" if elsewhere and sender != found.buyer else reason
        reason = "not open" if found.state != OPEN else reason
        if self.attempt(reason, "refund", found.placed.fields, *to, sender=sender):
            self.paid_back(found)

    @rule(which=nth, sender=st.sampled_from([*BUYERS, STRANGER]))
    def release(self, which: int, sender: str) -> None:
        found = self.pick(which, WINDOW)
        reason = "" if self.world.evm.time > found.delivered_at + WAIT else "too early"
        reason = "not in the window" if found.state != WINDOW else reason
        call = (found.placed.fields, found.point, found.delivered_at)
        if self.attempt(reason, "release", *call, sender=sender):
            self.paid_out(found)

    @rule(which=nth, stranger=rarely, bent=rarely)
    def complain(self, which: int, stranger: bool, bent: bool) -> None:
        found = self.pick(which, WINDOW)
        sender = STRANGER if stranger else found.buyer
        reason = "piece is good" if found.work is GOOD else ""
        reason = "not the buyer" if stranger else reason
        reason = "too late" if self.world.evm.time > found.delivered_at + WAIT else reason
        reason = "other delivery" if bent else reason
        reason = "not in the window" if found.state != WINDOW else reason
        at = found.delivered_at + (2**248 if bent else 0)
        call = (found.placed.fields, found.placed.offer, found.point, at, found.placed.secret)
        if self.attempt(reason, "complain", *call, *found.work.evidence(0), sender=sender):
            self.paid_back(found)

    @rule(seconds=st.sampled_from([1, 1, 1, WAIT, WAIT + 1, LIMIT + 1]))
    def wait(self, seconds: int) -> None:
        self.world.evm.pass_time(seconds)

    def balance(self, who: str, coin: bool) -> int:
        return int(self.world.evm.balance(who) if coin else self.world.dollar.call("balanceOf", who))

    @invariant()
    def the_money_is_that_of_the_orders_which_wait(self) -> None:
        for coin in (True, False):
            waiting = sum(
                one.amount for one in self.orders if one.coin == coin and one.state in (OPEN, WINDOW)
            )
            assert self.balance(self.escrow.address, coin) == waiting
        assert self.shop.state(self.touched.placed) == self.touched.state

    def everybody_has_what_is_his(self) -> None:
        for coin in (True, False):
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


def few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """On py-evm, which has the precompiles: fewer than the machines on revm."""
    for name, value in {"COLOPHON_EXAMPLES": "30", "COLOPHON_STEPS": "40"}.items():
        if name not in os.environ:
            monkeypatch.setenv(name, value)


@pytest.mark.timeout(0)
def test_every_order_ends_delivered_or_refunded(reference: World, monkeypatch: pytest.MonkeyPatch) -> None:
    few_runs(monkeypatch)
    run(EscrowMachine, reference)


FAULTS = [
    # A refunded order is still open.
    ("    self._orders[order_id] = REFUNDED\n", ""),
    # A delivered one is.
    ("    self._orders[order_id] = DELIVERED\n", ""),
    # Money is paid out while a complaint can still come.
    ("assert block.timestamp > delivered_at + order.window", "assert block.timestamp > delivered_at"),
    # The proof of one order serves another.
    ("            order_id,\n            a1, base,", "            a1, base,"),
    # Any key will do.
    ("assert convert(digest, uint256) % ORDER == challenge,", "assert digest != empty(bytes32),"),
    # A complaint about a good piece succeeds.
    ("assert found != plain_leaf,", "assert found != empty(bytes32),"),
    # A time with bits beyond its own is taken.
    ("assert delivered_at == (packed >> 8) & TIME_BITS,", "assert delivered_at & TIME_BITS != 0,"),
    # The deadline counts for nobody.
    ("    if block.timestamp <= order.deadline:\n", "    if block.timestamp == 0:\n"),
]


@pytest.mark.timeout(0)
@pytest.mark.parametrize(("code", "fault"), FAULTS if os.environ.get("COLOPHON_ALL_FAULTS") else FAULTS[:1])
def test_a_fault_is_found(monkeypatch: pytest.MonkeyPatch, code: str, fault: str) -> None:
    """One of them; all with COLOPHON_ALL_FAULTS=1."""
    compiler = pytest.importorskip("vyper.compiler", reason="the Vyper compiler is not installed")
    from vyper.compiler.input_bundle import FilesystemInputBundle

    source = (SOURCES / "KeyEscrow.vy").read_text(encoding="utf-8")
    assert source.count(code) == 1
    bundle = FilesystemInputBundle([SOURCES])
    built = compiler.compile_code(
        source.replace(code, fault), output_formats=["bytecode"], input_bundle=bundle
    )
    few_runs(monkeypatch)
    monkeypatch.setenv("COLOPHON_NO_SHRINKING", "1")
    world = World(faulty={"KeyEscrow": bytes.fromhex(built["bytecode"][2:])})
    with pytest.raises((Exception, HypothesisException)) as caught:
        run(EscrowMachine, world)
    assert "state = " in "\n".join(caught.value.__notes__)
