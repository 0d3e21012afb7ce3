"""Three works that build on one another against an exact rational model, driven by Hypothesis.

After every step, in every book that the step touched (and at the end in all): everyone's pending amount and
every parent's forwardable amount is the model's, the contract holds at least what it owes, and received =
pushed + claimed + forwarded + owed, with under one unit of rounding for each holder, collaborator and parent.
"""

from __future__ import annotations

from typing import Any

import pytest
from harness.evm import NATIVE, Contract, Receipt, Reverted, account
from harness.machines import run
from harness.model import ModelBook
from harness.world import CREATOR, SUPPLY, World
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

PEOPLE = 6
PAYER, STRANGER = account(200), account(201)
SINK = account(300)
# Modes of HostileToken under which a push fails.
REFUSING = (2, 3, 5, 6)
CURRENCIES = range(3)
WORKS = range(3)
TOP = 2**256 - 1

person = st.integers(0, PEOPLE - 1)
work = st.integers(0, 2)
# Where a step happens, and to whom: mostly where there is money; see `spot` and `somebody`.
book = st.integers(0, 89)
nth = st.integers(0, 23)
amount = st.one_of(st.just(1), st.integers(1, 50), st.integers(1, 10**12), st.just(10**24))
shares = st.one_of(
    st.lists(st.sampled_from([1, 7, 1000, 33_333, 66_667]), max_size=5),
    st.sampled_from([[250_000] * 2, [350_000] * 2, [140_000] * 5]),
)
parent_share = st.sampled_from([1, 7, 33_333, 100_000, 150_000])


class RoyaltyMachine(RuleBasedStateMachine):
    """A work, one that builds on it, and one that builds on both; the coin, the test dollar and a token that
    misbehaves; licences of each."""

    world: World
    mark: Any

    @initialize(
        parts=st.tuples(shares, shares, shares),
        of=st.tuples(parent_share, parent_share, parent_share),
        reentrant=st.booleans(),
        spread=st.integers(0, SUPPLY // PEOPLE),
    )
    def begin(
        self, parts: tuple[list[int], ...], of: tuple[int, int, int], reentrant: bool, spread: int
    ) -> None:
        world = self.world
        self.odd = world.hostile("HostileToken")
        self.caller = world.hostile("Reentrant")
        self.mode, self.fee, self.hides = 0, 0, False
        self.blocked: set[str] = set()
        self.refusing: set[str] = set()
        self.wallets = [world.hostile("Wallet") for _ in range(PEOPLE)]
        self.people = [*(wallet.address for wallet in self.wallets), self.caller.address]
        self.creator = self.people[0]
        self.currencies = [NATIVE, world.dollar.address, self.odd.address]
        self.tokens: list[Contract] = []
        self.books: list[list[ModelBook]] = []
        self.holdings: list[dict[str, int]] = []
        for i in WORKS:
            # The reentrant one deals with the last work only: into another token it may well come in.
            others = ([self.caller.address] if reentrant and i == 2 else []) + self.people[1:PEOPLE]
            parents = [(token.address, of[i + j - 1]) for j, token in enumerate(self.tokens)]
            token = world.token(parts[i], self.currencies, collaborators=others, parents=parents)
            self.tokens.append(token)
            self.holdings.append({self.creator: SUPPLY - spread * (PEOPLE - 1)})
            self.holdings[i] |= {person: spread for person in self.people[1:PEOPLE] if spread}
            for person, part in self.holdings[i].items():
                token.send("transfer", person, part, sender=CREATOR)
            pairs = list(zip(others, parts[i], strict=False))
            self.books.append([ModelBook(pairs, self.holdings[i], SUPPLY, parents) for _ in CURRENCIES])
            world.evm.pass_time(1)
        self.paid_to: list[list[dict[str, int]]] = [[{} for _ in CURRENCIES] for _ in WORKS]
        self.licences = 0
        self.aim_the_reentrant_one(0)
        world.evm.fund(PAYER, 10**30)
        for contract in (*self.tokens, world.licences):
            world.dollars(PAYER, 10**18, contract.address)
        self.odd.send("mint", PAYER, 10**30, sender=STRANGER)
        self.touched = {(t, c) for t in WORKS for c in CURRENCIES}

    def teardown(self) -> None:
        try:
            if hasattr(self, "touched"):
                self.touched = {(t, c) for t in WORKS for c in CURRENCIES}
                self.everything_adds_up()
        finally:
            self.world.evm.restore(self.mark)

    # --- What the outside does to a payment -------------------------------------------------------------

    def accepts(self, t: int, c: int, who: str) -> bool:
        """Whether money can go from a token to `who`."""
        if c == 0:
            return who not in self.refusing
        if c == 1:
            return True
        return self.mode not in REFUSING and who not in self.blocked and self.address(t) not in self.blocked

    def arrives(self, t: int, c: int) -> bool:
        """Whether a payment into a token can be made."""
        return c != 2 or (
            self.mode not in REFUSING and self.known(c) and self.address(t) not in self.blocked
        )

    def known(self, c: int) -> bool:
        return c != 2 or not self.hides

    def address(self, t: int) -> str:
        return self.tokens[t].address

    def net(self, c: int, amount: int) -> int:
        return amount - (amount * self.fee // 10**6 if c == 2 else 0)

    # --- What the model does ----------------------------------------------------------------------------

    def settle(self, t: int, c: int) -> None:
        book = self.books[t][c]
        self.touched.add((t, c))
        if self.known(c):
            book.book()
        if book.pushed_up_to != book.received:
            for who, amount in book.distribute(lambda who: self.accepts(t, c, who)).items():
                self.note(t, c, who, amount)

    def note(self, t: int, c: int, who: str, amount: int) -> None:
        self.paid_to[t][c][who] = self.paid_to[t][c].get(who, 0) + amount

    def arrive(self, t: int, c: int, amount: int) -> None:
        self.touched.add((t, c))
        self.books[t][c].balance += self.net(c, amount)

    def by(self, who: int, contract: Contract, name: str, *args: object) -> Receipt:
        """A person sends a transaction."""
        return self.wallets[who].send("run", contract.address, contract.data(name, *args), sender=STRANGER)

    def spot(self, at: int) -> tuple[int, int]:
        """A book: mostly one that holds money."""
        live = [(t, c) for t in WORKS for c in CURRENCIES if self.books[t][c].balance]
        return live[at % len(live)] if live and at % 10 else divmod(at % 9, 3)

    def somebody(self, t: int, c: int, who: int) -> int:
        """A person: mostly one who is owed something."""
        owed = [i for i in range(PEOPLE) if self.books[t][c].pending(self.people[i])]
        return owed[who % len(owed)] if owed and who % 8 else who % PEOPLE

    # --- Steps ------------------------------------------------------------------------------------------

    @rule(at=book, amount=amount)
    def pay(self, at: int, amount: int) -> None:
        t, c = divmod(at % 9, 3)
        amount = min(amount, 10**12) if c == 1 else amount
        value = amount if c == 0 else 0
        try:
            self.tokens[t].send(
                "pay", self.currencies[c], amount, bytes(32), sender=PAYER, value=value, gas=3_000_000
            )
        except Reverted:
            assert not self.arrives(t, c), "a payment was refused"
            return
        assert self.arrives(t, c)
        self.arrive(t, c, amount)
        self.settle(t, c)

    @rule(at=book, amount=amount, quantity=st.integers(1, 3))
    def buy_a_licence(self, at: int, amount: int, quantity: int) -> None:
        t, c = divmod(at % 9, 3)
        licences, token = self.world.licences, self.address(t)
        amount = min(amount, 10**12) if c == 1 else amount
        terms = (2, self.currencies[c], amount, 0, bytes(32), bytes(32))
        receipt = licences.send("offer", token, terms, 0, "", sender=CREATOR)
        version = licences.result(receipt, "offer", 4)
        agreed = licences.call("terms_hash", token, version)
        cost = amount * quantity
        possible = self.arrives(t, c) and (c != 2 or licences.address not in self.blocked)
        try:
            receipt = licences.send(
                "buy", token, version, 2, quantity, cost, agreed, sender=PAYER, value=cost if c == 0 else 0
            )
        except Reverted:
            assert not possible, "a licence was refused"
            return
        assert possible
        self.licences += 1
        assert licences.result(receipt, "buy", 6) == self.licences
        # A token that takes a fee takes it twice: on the way in, and on the way to the work's token.
        self.arrive(t, c, self.net(c, cost))
        self.settle(t, c)
        assert self.held(c, licences.address) == 0

    @rule(at=book, amount=amount)
    def send_plainly(self, at: int, amount: int) -> None:
        t, c = divmod(at % 9, 3)
        amount = min(amount, 10**12) if c == 1 else amount
        if c == 0:
            self.world.evm.send(PAYER, self.address(t), value=amount, gas=21_000 + 2_300)
        elif c == 1:
            self.world.dollar.send("transfer", self.address(t), amount, sender=PAYER)
        elif self.mode in REFUSING or self.address(t) in self.blocked:
            return
        else:
            self.odd.send("transfer", self.address(t), amount, sender=PAYER)
        self.arrive(t, c, amount)

    @rule(at=book)
    def sync(self, at: int) -> None:
        t, c = self.spot(at)
        self.tokens[t].send("sync", self.currencies[c], sender=STRANGER)
        self.settle(t, c)

    @rule(at=book, named=st.lists(st.integers(0, 1), min_size=1, max_size=3))
    def forward(self, at: int, named: list[int]) -> None:
        t, c = self.spot(at)
        parents = [i for i in named if i < t]
        addresses = [self.address(i) for i in parents]
        book = self.books[t][c]
        expected = {i: book.forwardable(self.address(i)) for i in parents} if self.known(c) else None
        owed = [i for i in parents if self.booked_for(t, c, i)]
        blocked = c == 2 and self.address(t) in self.blocked
        possible = not owed or (not blocked and all(self.arrives(i, c) for i in owed))
        try:
            receipt = self.tokens[t].send("forward", addresses, self.currencies[c], sender=STRANGER)
        except Reverted:
            assert not possible, "a parent was not paid"
            return
        assert possible
        self.settle(t, c)
        total = 0
        for i in parents:
            paid = book.forward(self.address(i))
            total += paid
            if paid:
                self.arrive(i, c, paid)
                self.settle(i, c)
        assert self.tokens[t].result(receipt, "forward", 2) == total
        assert expected is None or total == sum(expected.values())

    def booked_for(self, t: int, c: int, parent: int) -> int:
        """What a parent would be owed once all is booked that can be."""
        book = self.books[t][c]
        received = book.received + (book.arrived() if self.known(c) else 0)
        address = self.address(parent)
        return received * book.parents[address] // 10**6 - book.forwarded[address]

    @rule(at=book, who=nth)
    def claim(self, at: int, who: int) -> None:
        t, c = self.spot(at)
        self.claim_for(t, c, self.people[self.somebody(t, c, who)])

    @rule(c=st.integers(0, 2))
    def claim_for_the_reentrant_one(self, c: int) -> None:
        self.claim_for(2, c, self.caller.address)

    def claim_for(self, t: int, c: int, holder: str) -> None:
        pending = self.books[t][c].pending(holder) if self.known(c) else None
        try:
            receipt = self.tokens[t].send("claim", holder, self.currencies[c], sender=STRANGER)
        except Reverted as failure:
            assert failure.reason == "transfer refused"
            assert not self.accepts(t, c, holder)
            return
        before = self.paid_to[t][c].get(holder, 0)
        self.settle(t, c)
        amount = self.books[t][c].take(holder, resume=True)
        assert self.tokens[t].result(receipt, "claim", 2) == amount
        self.note(t, c, holder, amount)
        if pending is not None:
            assert self.paid_to[t][c][holder] - before == pending

    @rule(at=book, who=nth)
    def claim_to(self, at: int, who: int) -> None:
        t, c = self.spot(at)
        who = self.somebody(t, c, who)
        holder = self.people[who]
        try:
            receipt = self.by(who, self.tokens[t], "claim_to", self.currencies[c], SINK)
        except Reverted as failure:
            assert failure.reason == "transfer refused"
            assert not self.accepts(t, c, SINK)
            return
        self.settle(t, c)
        amount = self.books[t][c].take(holder, resume=False)
        assert self.tokens[t].result(receipt, "claim_to", 2) == amount
        self.note(t, c, SINK, amount)

    @rule(at=book, who=st.lists(nth, max_size=5))
    def claim_many(self, at: int, who: list[int]) -> None:
        t, c = self.spot(at)
        holders = [self.people[self.somebody(t, c, i)] for i in who]
        receipt = self.tokens[t].send("claim_many", holders, self.currencies[c], sender=STRANGER)
        self.settle(t, c)
        total = 0
        for holder in holders:
            if self.accepts(t, c, holder):
                amount = self.books[t][c].take(holder, resume=True)
                self.note(t, c, holder, amount)
                total += amount
        assert self.tokens[t].result(receipt, "claim_many", 2) == total

    @rule(t=work, giver=nth, taker=person, amount=st.integers(0, SUPPLY))
    def transfer(self, t: int, giver: int, taker: int, amount: int) -> None:
        owners = [i for i in range(PEOPLE) if self.holdings[t].get(self.people[i])]
        giver = owners[giver % len(owners)] if giver % 8 else giver % PEOPLE
        owner, to, holdings = self.people[giver], self.people[taker], self.holdings[t]
        amount = min(amount, holdings.get(owner, 0))
        before = [[self.pending(t, c, who) for who in self.people] for c in CURRENCIES]
        self.by(giver, self.tokens[t], "transfer", to, amount)
        after = [[self.pending(t, c, who) for who in self.people] for c in CURRENCIES]
        assert before == after, "a transfer of shares changed what somebody has earned"
        if amount and owner != to:
            for c in CURRENCIES:
                self.touched.add((t, c))
                if self.known(c):
                    self.books[t][c].book()
            holdings[owner] -= amount
            holdings[to] = holdings.get(to, 0) + amount

    # --- What the outside becomes -----------------------------------------------------------------------

    @rule(who=person, mode=st.integers(0, 3))
    def change_a_recipient(self, who: int, mode: int) -> None:
        self.wallets[who].send("behave", mode, sender=STRANGER)
        (self.refusing.add if mode else self.refusing.discard)(self.people[who])

    @rule(who=st.integers(0, PEOPLE + len(WORKS)), on=st.booleans())
    def blacklist(self, who: int, on: bool) -> None:
        address = [*self.people, *(token.address for token in self.tokens)][who]
        self.odd.send("refuse", address, on, sender=STRANGER)
        (self.blocked.add if on else self.blocked.discard)(address)

    @rule(
        mode=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6]),
        fee=st.sampled_from([0, 0, 10_000]),
        hooked=st.booleans(),
    )
    def change_the_odd_token(self, mode: int, fee: int, hooked: bool) -> None:
        self.mode, self.fee, self.hides = mode, fee, False
        self.odd.send("behave", mode, fee, hooked, 0, sender=STRANGER)

    @precondition(lambda self: all(books[2].arrived() == 0 for books in self.books))
    @rule(how=st.sampled_from([1, 3, 5, 6]))
    def hide_the_balance_of_the_odd_token(self, how: int) -> None:
        self.mode, self.fee, self.hides = 0, 0, True
        self.odd.send("behave", 0, 0, False, how, sender=STRANGER)

    @rule(what=st.integers(0, 5))
    def aim_the_reentrant_one(self, what: int) -> None:
        token = self.tokens[2]
        data = [
            lambda: token.data("claim_to", NATIVE, SINK),
            lambda: token.data("claim", self.creator, NATIVE),
            lambda: token.data("sync", NATIVE),
            lambda: token.data("forward", [self.address(0)], NATIVE),
            lambda: token.data("transfer", SINK, 0),
            lambda: token.data("forwardable", self.address(1), NATIVE),
        ][what]()
        self.caller.send("prepare", token.address, data, sender=STRANGER)

    # --- What must hold ---------------------------------------------------------------------------------

    def pending(self, t: int, c: int, who: str) -> int:
        return int(self.tokens[t].call("pending", who, self.currencies[c]))

    def held(self, c: int, who: str) -> int:
        if c == 0:
            return int(self.world.evm.balance(who))
        if c == 1:
            return int(self.world.dollar.call("balanceOf", who))
        return int(self.odd.call("real_balance", who))

    @invariant()
    def everything_adds_up(self) -> None:
        for t, c in sorted(getattr(self, "touched", ())):
            book, token, money = self.books[t][c], self.tokens[t], self.currencies[c]
            assert self.held(c, token.address) == book.balance
            assert token.call("liabilities", money) == book.liabilities <= book.balance
            if not self.known(c):
                continue
            assert token.call("received", money) == book.received + book.arrived()
            pending = {who: self.pending(t, c, who) for who in self.people}
            assert pending == {who: book.pending(who) for who in self.people}
            waiting = {who: token.call("forwardable", who, money) for who in book.parents}
            assert waiting == {who: book.forwardable(who) for who in book.parents}
            out = sum(self.paid_to[t][c].values()) + sum(book.forwarded.values())
            assert out == book.paid_out
            dust = book.received + book.arrived() - out - sum(pending.values()) - sum(waiting.values())
            assert 0 <= dust < len(self.people) + len(book.shares) + len(book.parents) + 1
        if getattr(self, "touched", None):
            assert self.caller.call("entered") is False
        self.touched = set()


@pytest.mark.timeout(0)
def test_no_sequence_of_events_breaks_an_invariant(fast: World) -> None:
    run(RoyaltyMachine, fast)
