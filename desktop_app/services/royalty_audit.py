"""An audit of a royalty token: everyone's entitlement recomputed in exact rationals, against the contract's
word.

It shares no arithmetic with the ledger: there totals are carried from event to event in integers, here each
holder's time line of shares is laid over the time line of the money. Differences are what the contract, or
the node that tells of it, got wrong; late is what somebody has been owed since a payment that should have
brought it at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import floor

from desktop_app.chain.logs import Claimed, Forwarded, Payment, Pushed, PushFailed, Transfer
from desktop_app.chain.reads import TokenTerms
from desktop_app.chain.royalty_history import RoyaltyEvent
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import SHARE_SCALE
from desktop_app.core.clock import iso_utc


class Severity(StrEnum):
    """`DIFFERENCE`: somebody is wrong. `LATE`: owed since a payment. `NOTE`: good to know."""

    DIFFERENCE = "difference"
    LATE = "late"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """A code of the "audit" namespace with its parameters.

    `currency` ("" for the coin) is what the values in `units` count, by parameter name.
    """

    code: str
    severity: Severity
    params: Mapping[str, str | int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    currency: str | None = None


@dataclass(frozen=True)
class CurrencyWord:
    """What contract and currency say at the audited block, in smallest units.

    `balance` is the currency's word, the others are the token's; `pending` by address, `forwardable` by
    parent.
    """

    balance: int
    received: int
    liabilities: int
    pending: Mapping[str, int | None]
    forwardable: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ContractWord:
    """What is asked of the contract, to be compared: `shares` by address, and each currency."""

    shares: Mapping[str, int]
    currencies: Mapping[str, CurrencyWord]


@dataclass(frozen=True)
class Audited:
    """One address in one currency; a parent work has an account of its own for what is forwarded to it.

    `exact` is its entitlement as a rational number of smallest units, before the contract's rounding;
    `earned` after it; `expected` what it should be able to claim, `pending` what the contract says.
    """

    address: str
    currency: str
    exact: Fraction
    earned: int
    paid: int
    expected: int
    pending: int | None
    is_parent: bool = False


@dataclass(frozen=True)
class Audit:
    accounts: tuple[Audited, ...]
    findings: tuple[Finding, ...]

    @property
    def agrees(self) -> bool:
        """Whether everybody's money is where the events say it is; late payouts are another matter."""
        return not any(one.severity is Severity.DIFFERENCE for one in self.findings)

    @property
    def late(self) -> bool:
        return any(one.severity is Severity.LATE for one in self.findings)


def people(terms: TokenTerms, events: Sequence[RoyaltyEvent]) -> tuple[str, ...]:
    """Everyone whose entitlement is to be recomputed, and asked of the contract."""
    named = [terms.creator, *(address for address, _ in terms.collaborators)]
    for event in events:
        if isinstance(event, Transfer) and event.value:
            named += [event.sender, event.receiver]
        elif isinstance(event, Claimed):
            named.append(event.holder)
        elif isinstance(event, Pushed | PushFailed):
            named.append(event.collaborator)
    return tuple(one for one in dict.fromkeys(named) if one != ZERO_ADDRESS)


def audit(
    terms: TokenTerms, events: Sequence[RoyaltyEvent], times: Mapping[int, int], word: ContractWord
) -> Audit:
    """Compare what `events` say with what the contract says."""
    return _Auditor(terms, events, times, word).run()


class _Money:
    """All payments in one currency: `booked` in sum, `arrived` what is there and not booked yet."""

    def __init__(self, payments: Sequence[tuple[int, int]], arrived: int, end: int) -> None:
        self.arrived, self.end = arrived, end
        self._positions = [position for position, _ in payments]
        self._sums = [0]
        for _, amount in payments:
            self._sums.append(self._sums[-1] + amount)
        self.booked = self._sums[-1]

    def at(self, position: int) -> int:
        """Everything received up to and with the event at `position`; from `end` on with what is not booked.
        """
        if position >= self.end:
            return self.booked + self.arrived
        return self._sums[bisect_right(self._positions, position)]

    def first_above(self, paid: int, part: Fraction) -> int | None:
        """The position of the first payment after which `part` of all was more than `paid`."""
        for number, position in enumerate(self._positions, start=1):
            if floor(self._sums[number] * part) > paid:
                return position
        return None


class _Auditor:
    def __init__(
        self,
        terms: TokenTerms,
        events: Sequence[RoyaltyEvent],
        times: Mapping[int, int],
        word: ContractWord,
    ) -> None:
        self.terms, self.events, self.times, self.word = terms, events, times, word
        self.end = len(events)
        self.people = people(terms, events)
        self.findings: list[Finding] = []
        self.parts = {address: Fraction(share, SHARE_SCALE) for address, share in terms.collaborators}
        self.parents = {address: Fraction(share, SHARE_SCALE) for address, share in terms.parents}
        given = sum(self.parts.values(), Fraction(0)) + sum(self.parents.values(), Fraction(0))
        self.holders_part = 1 - given
        self.holdings = self._all_holdings()
        self.payouts = self._all_payouts()

    def run(self) -> Audit:
        if self.holders_part != Fraction(self.terms.holders_share, SHARE_SCALE):
            self._differs("audit.parts_differ")
        self._check_shares()
        for event in self.events:
            if not isinstance(event, Transfer) and event.currency not in self.terms.currencies:
                self._differs(
                    "audit.unknown_currency", address=event.currency, block=event.place.block_number
                )
        accounts = [found for currency in self.terms.currencies for found in self._currency(currency)]
        order = list(Severity)
        self.findings.sort(key=lambda one: order.index(one.severity))
        return Audit(tuple(accounts), tuple(self.findings))

    def _differs(self, code: str, currency: str | None = None, **params: str | int) -> None:
        """With a currency, numbers are its units, except those of blocks."""
        units = {
            name: value
            for name, value in params.items()
            if currency is not None and isinstance(value, int) and name != "block"
        }
        rest = {name: value for name, value in params.items() if name not in units}
        self.findings.append(Finding(code, Severity.DIFFERENCE, rest, units, currency))

    # --- Shares ------------------------------------------------------------------------------------------

    def _all_holdings(self) -> dict[str, tuple[list[int], list[int]]]:
        """By address: the positions of events, and how many shares it holds from each of them on."""
        found: dict[str, tuple[list[int], list[int]]] = {one: ([-1], [0]) for one in self.people}
        for position, event in enumerate(self.events):
            if not isinstance(event, Transfer) or not event.value or event.sender == event.receiver:
                continue
            for who, change in ((event.sender, -event.value), (event.receiver, event.value)):
                if who in found:
                    positions, held = found[who]
                    positions.append(position)
                    held.append(held[-1] + change)
        return found

    def _all_payouts(self) -> dict[tuple[str, str, bool], list[tuple[int, int]]]:
        """By currency, address and whether as a parent: (position, amount) of all that left the contract."""
        found: defaultdict[tuple[str, str, bool], list[tuple[int, int]]] = defaultdict(list)
        for position, event in enumerate(self.events):
            if isinstance(event, Pushed):
                found[event.currency, event.collaborator, False].append((position, event.amount))
            elif isinstance(event, Claimed):
                found[event.currency, event.holder, False].append((position, event.amount))
            elif isinstance(event, Forwarded):
                found[event.currency, event.parent, True].append((position, event.amount))
        return found

    def _check_shares(self) -> None:
        minted = [one for one in self.events if isinstance(one, Transfer) and one.sender == ZERO_ADDRESS]
        whole = [(self.terms.creator, self.terms.supply)]
        if [(one.receiver, one.value) for one in minted if one.value] != whole:
            self._differs("audit.supply_differs", supply=self.terms.supply)
        for who, (positions, held) in self.holdings.items():
            below = next((p for p, shares in zip(positions, held, strict=True) if shares < 0), None)
            if below is not None:
                block = self.events[below].place.block_number
                self._differs("audit.negative_shares", address=who, block=block)
            if self.word.shares[who] != held[-1]:
                self._differs(
                    "audit.shares_differ", address=who, expected=held[-1], contract=self.word.shares[who]
                )

    # --- Money -------------------------------------------------------------------------------------------

    def _currency(self, currency: str) -> list[Audited]:
        word = self.word.currencies[currency]
        payments, gone = [], 0
        for position, event in enumerate(self.events):
            if isinstance(event, Payment) and event.currency == currency:
                payments.append((position, event.amount))
            elif isinstance(event, Pushed | Claimed | Forwarded) and event.currency == currency:
                gone += event.amount
        owed = sum(amount for _, amount in payments) - gone
        # What the currency says is there beyond what is owed came by plain transfer and waits for its
        # booking.
        money = _Money(payments, max(0, word.balance - owed), self.end)
        received = money.booked + money.arrived
        if word.received != received:
            self._differs("audit.received_differs", currency, expected=received, contract=word.received)
        if word.liabilities != owed:
            self._differs("audit.liabilities_differ", currency, expected=owed, contract=word.liabilities)
        if word.balance < owed:
            self._differs("audit.money_missing", currency, owed=owed, held=word.balance)
        if money.arrived:
            units = {"amount": money.arrived}
            self.findings.append(Finding("audit.not_booked", Severity.LATE, {}, units, currency))
        return [
            *(self._claimant(currency, who, money) for who in self.people),
            *(self._parent(currency, who, part, money) for who, part in self.parents.items()),
        ]

    def _claimant(self, currency: str, who: str, money: _Money) -> Audited:
        part = self.parts.get(who, Fraction(0))
        payouts = self.payouts.get((currency, who, False), [])
        exact = self._held(who, money, self.end, rounded=False) + money.at(self.end) * part
        pending = self.word.currencies[currency].pending[who]
        found = self._audited(
            who, currency, exact, lambda position: self._earned(who, part, money, position), payouts, pending
        )
        if who in self.parts:
            self._check_late(currency, who, part, money)
        return found

    def _parent(self, currency: str, who: str, part: Fraction, money: _Money) -> Audited:
        payouts = self.payouts.get((currency, who, True), [])
        exact = money.at(self.end) * part
        pending = self.word.currencies[currency].forwardable[who]
        found = self._audited(
            who, currency, exact, lambda position: floor(money.at(position) * part), payouts, pending, True
        )
        due = floor(money.booked * part) - found.paid
        since = money.first_above(found.paid, part) if due > 0 else None
        if since is not None:
            self._late("audit.not_forwarded", currency, who, due, since)
        return found

    def _audited(
        self,
        who: str,
        currency: str,
        exact: Fraction,
        earned: Callable[[int], int],
        payouts: Sequence[tuple[int, int]],
        pending: int | None,
        is_parent: bool = False,
    ) -> Audited:
        """Compare one account; nobody may ever have been paid more than had been earned by then."""
        paid, over = 0, False
        for position, amount in payouts:
            paid += amount
            if not over and paid > earned(position):
                over = True
                place = self.events[position].place
                params: dict[str, str | int] = {
                    "address": who,
                    "block": place.block_number,
                    "tx": place.tx_hash,
                }
                units = {"paid": paid, "earned": earned(position)}
                self.findings.append(Finding("audit.overpaid", Severity.DIFFERENCE, params, units, currency))
        total = earned(self.end)
        if pending is None:
            self._differs("audit.pending_refused", currency, address=who, expected=total - paid)
        elif total - paid != pending:
            self._differs(
                "audit.pending_differs", currency, address=who, expected=total - paid, contract=pending
            )
        return Audited(who, currency, exact, total, paid, total - paid, pending, is_parent)

    def _held(self, who: str, money: _Money, until: int, *, rounded: bool) -> Fraction:
        """What `who` has earned as a holder up to the event at `until`: shares times income, period by
        period.

        `rounded`: with the holders' income in whole units, as the contract books it.
        """
        positions, held = self.holdings[who]
        total = Fraction(0)
        for number, shares in enumerate(held):
            start = positions[number]
            end = min(positions[number + 1], until) if number + 1 < len(held) else until
            if shares and start < end:
                before, after = money.at(start) * self.holders_part, money.at(end) * self.holders_part
                rise = Fraction(floor(after) - floor(before)) if rounded else after - before
                total += rise * shares / self.terms.supply
        return total

    def _earned(self, who: str, part: Fraction, money: _Money, until: int) -> int:
        return floor(self._held(who, money, until, rounded=True)) + floor(money.at(until) * part)

    def _check_late(self, currency: str, who: str, part: Fraction, money: _Money) -> None:
        """A collaborator is to be paid in the paying transaction; a claim pays all that was owed until then.
        """
        paid, failed = 0, 0
        for position, event in enumerate(self.events):
            if isinstance(event, Transfer) or event.currency != currency:
                continue
            if isinstance(event, Pushed) and event.collaborator == who:
                paid += event.amount
            elif isinstance(event, Claimed) and event.holder == who:
                paid = floor(money.at(position) * part)
            elif isinstance(event, PushFailed) and event.collaborator == who:
                failed += 1
        due = floor(money.booked * part) - paid
        since = money.first_above(paid, part) if due > 0 else None
        if since is not None:
            code = "audit.push_failed" if failed else "audit.not_pushed"
            self._late(code, currency, who, due, since)
        elif failed:
            params: dict[str, str | int] = {"address": who, "count": failed}
            self.findings.append(Finding("audit.push_failed_before", Severity.NOTE, params, {}, currency))

    def _late(self, code: str, currency: str, who: str, due: int, since: int) -> None:
        block = self.events[since].place.block_number
        params: dict[str, str | int] = {"address": who, "block": block, "since": iso_utc(self.times[block])}
        self.findings.append(Finding(code, Severity.LATE, params, {"amount": due}, currency))
