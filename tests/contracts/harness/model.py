"""An exact model of a royalty token in rationals: nothing is rounded but what is paid out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor

SCALE = 1_000_000


class ModelBook:
    """One currency of one token. `balance` is what the contract really holds."""

    def __init__(
        self,
        shares: Sequence[tuple[str, int]],
        holdings: dict[str, int],
        supply: int,
        parents: Sequence[tuple[str, int]] = (),
    ) -> None:
        self.shares, self.holdings, self.supply = shares, holdings, supply
        self.parents = dict(parents)
        self.balance = 0
        self.received = 0
        self.pushed_up_to = 0
        self.paused: dict[str, int] = {}
        """Collaborators whose pushes failed, with what they got in their whole life."""
        self.forwarded: dict[str, int] = dict.fromkeys(self.parents, 0)
        self.earned: defaultdict[str, Fraction] = defaultdict(Fraction)
        """Of holders, for ever, exact."""
        self.claimed: defaultdict[str, int] = defaultdict(int)
        self.paid_out = 0

    @property
    def holders_share(self) -> int:
        return SCALE - sum(share for _, share in self.shares) - sum(self.parents.values())

    def holders_income(self, received: int) -> int:
        return received * self.holders_share // SCALE

    @property
    def liabilities(self) -> int:
        return self.received - self.paid_out

    def arrived(self) -> int:
        """Money that nobody has booked yet."""
        return self.balance - self.liabilities

    def book(self) -> int:
        """Share what arrived among those who hold shares now."""
        amount = self.arrived()
        income = self.holders_income(self.received + amount) - self.holders_income(self.received)
        if income:
            for holder, shares in self.holdings.items():
                self.earned[holder] += Fraction(income * shares, self.supply)
        self.received += amount
        return amount

    def distribute(self, accepts: Callable[[str], bool]) -> dict[str, int]:
        """Pay collaborators; what was pushed to whom."""
        pushed = {}
        last, self.pushed_up_to = self.pushed_up_to, self.received
        for who, share in self.shares:
            paid = last * share // SCALE
            due = self.received * share // SCALE - paid
            if who in self.paused or due == 0:
                continue
            if accepts(who):
                pushed[who] = due
                self._pay(due)
            else:
                self.paused[who] = paid
        return pushed

    def _pay(self, amount: int) -> None:
        self.balance -= amount
        self.paid_out += amount

    def debt(self, who: str, received: int) -> int:
        """What a collaborator is owed as such."""
        for other, share in self.shares:
            if other == who:
                paid = self.paused.get(who, self.pushed_up_to * share // SCALE)
                return received * share // SCALE - paid
        return 0

    def pending(self, who: str) -> int:
        """As the contract's view: what arrived and is not booked counts."""
        received = self.received + self.arrived()
        income = self.holders_income(received) - self.holders_income(self.received)
        exact = self.earned[who] + Fraction(income * self.holdings.get(who, 0), self.supply)
        return floor(exact) - self.claimed[who] + self.debt(who, received)

    def forwardable(self, parent: str) -> int:
        """As the contract's view: what arrived and is not booked counts."""
        received = self.received + self.arrived()
        return received * self.parents[parent] // SCALE - self.forwarded[parent]

    def forward(self, parent: str) -> int:
        """Pay a parent; call after `distribute`."""
        amount = self.received * self.parents[parent] // SCALE - self.forwarded[parent]
        self.forwarded[parent] += amount
        self._pay(amount)
        return amount

    def take(self, who: str, *, resume: bool) -> int:
        """Pay out everything owed; call after `distribute`."""
        share = floor(self.earned[who]) - self.claimed[who]
        debt = self.debt(who, self.received)
        self.claimed[who] += share
        if debt:
            if resume:
                del self.paused[who]
            else:
                self.paused[who] += debt
        self._pay(share + debt)
        return share + debt
