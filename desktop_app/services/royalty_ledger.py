"""A royalty token's open ledger: who got what of every payment, replayed from the contract's events alone.

The arithmetic is the contract's, in integers (resources/contracts/README.md, "The books"): with R the sum of
all payments in a currency, everyone with a fixed part has earned floor(R * part / 10**6) in total, and the
holders together H = floor(R * their part / 10**6); a holder has earned floor(sum of shares * rise of H /
supply). What one payment brought somebody is the rise of these totals, so that nothing is lost to rounding in
the long run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from desktop_app.chain.logs import Claimed, Forwarded, LogPlace, Payment, Pushed, Transfer
from desktop_app.chain.reads import TokenTerms
from desktop_app.chain.royalty_history import RoyaltyEvent
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import SHARE_SCALE
from desktop_app.core.errors import CorruptError


class Role(StrEnum):
    """Why somebody gets a part of a payment. `ROUNDING` is nobody: fractions of a unit that wait."""

    HOLDER = "holder"
    COLLABORATOR = "collaborator"
    PARENT = "parent"
    ROUNDING = "rounding"


@dataclass(frozen=True)
class FixedPart:
    """A part of every payment, in parts per million, that belongs to one address for ever."""

    address: str
    share_ppm: int
    role: Role


class Credit(NamedTuple):
    """What one payment brought one account, in smallest units; of rounding also below zero.

    `weight` of `whole` is the part that it has: parts per million, or shares of the supply.
    """

    address: str
    role: Role
    units: int
    weight: int = 0
    whole: int = 0


@dataclass(frozen=True)
class Entry:
    """One event with its consequences. `credits` of a payment add up to its amount, to the unit."""

    event: RoyaltyEvent
    time: int
    credits: tuple[Credit, ...] = ()

    @property
    def place(self) -> LogPlace:
        return self.event.place


@dataclass(frozen=True)
class Account:
    """Where one address stands in one currency ("" for the coin), in smallest units.

    `earned` in the whole life of the token, by role; `paid` is what left the contract for it, perhaps to
    another address that the owner chose. A parent has an account of its own for what is forwarded to it.
    """

    address: str
    currency: str
    earned: Mapping[Role, int]
    paid: int

    @property
    def is_parent(self) -> bool:
        return Role.PARENT in self.earned

    @property
    def total(self) -> int:
        return sum(self.earned.values())

    @property
    def owed(self) -> int:
        return self.total - self.paid


@dataclass(frozen=True)
class Ledger:
    """`shares` by holder now, greatest first; `accounts` of all who ever earned; `received` by currency."""

    entries: tuple[Entry, ...]
    shares: Mapping[str, int]
    accounts: tuple[Account, ...]
    received: Mapping[str, int]

    def rounding(self, currency: str) -> int:
        """Fractions of units that wait for later payments, in whole units."""
        return self.received[currency] - sum(one.total for one in self.accounts if one.currency == currency)


def fixed_parts(terms: TokenTerms) -> tuple[FixedPart, ...]:
    """Everyone who has a fixed part of every payment, in the contract's order."""
    people = [FixedPart(address, share, Role.COLLABORATOR) for address, share in terms.collaborators]
    return (*people, *(FixedPart(address, share, Role.PARENT) for address, share in terms.parents))


def replay(terms: TokenTerms, events: Sequence[RoyaltyEvent], times: Mapping[int, int]) -> Ledger:
    """The ledger after `events`. Raises CorruptError for a history that no such contract can have."""
    book = _Book(terms)
    entries = []
    for event in events:
        parts = book.apply(event)
        entries.append(Entry(event, times[event.place.block_number], parts))
    return Ledger(
        entries=tuple(entries),
        shares=dict(sorted(book.shares.items(), key=lambda item: (-item[1], item[0]))),
        accounts=book.accounts(),
        received=dict(book.received),
    )


class _Book:
    def __init__(self, terms: TokenTerms) -> None:
        self._terms = terms
        self._parts = fixed_parts(terms)
        self.shares: dict[str, int] = {}
        self.received = dict.fromkeys(terms.currencies, 0)
        # Sum of shares * rise of the holders' income, by currency and holder.
        self._weighted: dict[str, dict[str, int]] = {currency: {} for currency in terms.currencies}
        self._paid: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._forwarded: defaultdict[tuple[str, str], int] = defaultdict(int)

    def apply(self, event: RoyaltyEvent) -> tuple[Credit, ...]:
        if isinstance(event, Transfer):
            self._move(event)
            return ()
        if not self.shares:
            # The shares were made before anything else happened.
            raise _impossible(event, "supply")
        if event.currency not in self.received:
            raise _impossible(event, "currency")
        if isinstance(event, Payment):
            return self._receive(event.currency, event.amount)
        if isinstance(event, Claimed):
            self._paid[event.currency, event.holder] += event.amount
        elif isinstance(event, Pushed):
            self._require(event, event.collaborator, Role.COLLABORATOR)
            self._paid[event.currency, event.collaborator] += event.amount
        elif isinstance(event, Forwarded):
            self._require(event, event.parent, Role.PARENT)
            self._forwarded[event.currency, event.parent] += event.amount
        # A push that failed moves nothing; `claim_many` says the same of a holder whom it could not pay.
        return ()

    def _require(self, event: RoyaltyEvent, address: str, role: Role) -> None:
        if (address, role) not in {(part.address, part.role) for part in self._parts}:
            raise _impossible(event, role.value)

    def _move(self, event: Transfer) -> None:
        if event.sender == ZERO_ADDRESS:
            whole = (self._terms.creator, self._terms.supply)
            if self.shares or (event.receiver, event.value) != whole:
                raise _impossible(event, "supply")
        elif self.shares.get(event.sender, 0) < event.value:
            raise _impossible(event, "shares")
        else:
            self.shares[event.sender] = self.shares.get(event.sender, 0) - event.value
            if not self.shares[event.sender]:
                del self.shares[event.sender]
        if event.value:
            self.shares[event.receiver] = self.shares.get(event.receiver, 0) + event.value

    def _receive(self, currency: str, amount: int) -> tuple[Credit, ...]:
        before = self.received[currency]
        after = self.received[currency] = before + amount
        found = [
            Credit(part.address, part.role, _rise(before, after, part.share_ppm), part.share_ppm, SHARE_SCALE)
            for part in self._parts
        ]
        supply, role, weights = self._terms.supply, Role.HOLDER, self._weighted[currency]
        income = _rise(before, after, self._terms.holders_share)
        for holder, shares in self.shares.items():
            weighted = weights.get(holder, 0)
            weights[holder] = raised = weighted + shares * income
            found.append(Credit(holder, role, raised // supply - weighted // supply, shares, supply))
        rest = amount - sum(each.units for each in found)
        return (*found, Credit("", Role.ROUNDING, rest)) if rest else tuple(found)

    def accounts(self) -> tuple[Account, ...]:
        found = []
        for currency, received in self.received.items():
            earned: defaultdict[str, dict[Role, int]] = defaultdict(dict)
            for part in self._parts:
                units = received * part.share_ppm // SHARE_SCALE
                if part.role is Role.PARENT:
                    forwarded = self._forwarded[currency, part.address]
                    found.append(Account(part.address, currency, {Role.PARENT: units}, forwarded))
                else:
                    earned[part.address][part.role] = units
            for holder, weighted in self._weighted[currency].items():
                earned[holder][Role.HOLDER] = weighted // self._terms.supply
            # Somebody who was paid without ever having earned would be seen here as well.
            people = dict.fromkeys([*earned, *(who for of, who in self._paid if of == currency)])
            found += [
                Account(who, currency, dict(earned[who]), self._paid.get((currency, who), 0))
                for who in people
            ]
        return tuple(found)


def _rise(before: int, after: int, share_ppm: int) -> int:
    return after * share_ppm // SHARE_SCALE - before * share_ppm // SHARE_SCALE


def _impossible(event: RoyaltyEvent, what: str) -> CorruptError:
    return CorruptError(
        "royalties.impossible_history", what=what, block=event.place.block_number, tx=event.place.tx_hash
    )
