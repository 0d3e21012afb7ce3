"""One token at a glance: its money to the unit, who holds shares, and what everyone could claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.chain.log_search import share_recipients
from desktop_app.core.amounts import SHARE_SCALE, Amount
from desktop_app.services.payouts import PayoutFilter, PayoutService
from desktop_app.store.tokens import Token


@dataclass(frozen=True)
class Money:
    """The income of a token in one currency, to the unit.

    received = pushed + claimed + forwarded + pending + rounding. What waits for parent works is part of
    `pending`. `rounding` is below one unit for everyone who has a part; it waits for later payments.
    """

    received: Amount
    pushed: Amount
    claimed: Amount
    forwarded: Amount
    pending: Amount
    rounding: Amount


@dataclass(frozen=True)
class Holder:
    """An account with shares or a collaborator's part, and what it could claim now in each currency."""

    address: str
    shares: int
    share_ppm: int
    pending: tuple[Amount, ...]


@dataclass(frozen=True)
class ParentPart:
    """A work that this one builds on, by its royalty token: its part, and what waits to be forwarded to it.
    """

    token: str
    name: str
    share_ppm: int
    pending: tuple[Amount, ...]


@dataclass(frozen=True)
class TokenOverview:
    """All about one token at the latest block.

    `holders_share_ppm` parts per million of each payment belong to the share holders.
    """

    token: Token
    holders_share_ppm: int
    money: tuple[Money, ...]
    holders: tuple[Holder, ...]
    my_shares: int
    my_pending: tuple[Amount, ...]
    parents: tuple[ParentPart, ...] = ()


def look_at(
    chain: Chain, token: Token, payouts: PayoutService, own: Sequence[str], active: str
) -> TokenOverview:
    """The overview of a token whose payouts are up to date; `own` are the wallet's addresses."""
    recipients = share_recipients(chain, token.address, token.created_block)
    people = [token.creator, *(each.address for each in token.collaborators), *recipients, *own]
    parts = {each.address: each.share_ppm for each in token.collaborators}
    holders = []
    for account in dict.fromkeys(people):
        shares = reads.shares_of(chain, token.address, account)
        pending = tuple(reads.pending(chain, token.address, account, each) for each in token.currencies)
        if shares or account in parts or account == active or any(amount.units for amount in pending):
            holders.append(Holder(account, shares, parts.get(account, 0), pending))
    totals = {
        (total.currency, total.kind): total.units
        for total in payouts.totals(PayoutFilter(chain_id=token.chain_id, token=token.address))
    }
    parents = _parents(chain, token)
    money = []
    for number, currency in enumerate(token.currencies):
        received = reads.received(chain, token.address, currency)
        pushed = Amount(totals.get((currency.address, "push"), 0), currency)
        claimed = Amount(totals.get((currency.address, "claim"), 0), currency)
        forwarded = Amount(totals.get((currency.address, "forward"), 0), currency)
        owed = [each.pending[number].units for each in holders]
        owed += [each.pending[number].units for each in parents]
        waiting = Amount(sum(owed), currency)
        rounding = received - pushed - claimed - forwarded - waiting
        money.append(Money(received, pushed, claimed, forwarded, waiting, rounding))
    mine = next((holder for holder in holders if holder.address == active), None)
    return TokenOverview(
        token=token,
        holders_share_ppm=SHARE_SCALE - sum(parts.values()) - sum(each.share_ppm for each in parents),
        money=tuple(money),
        holders=tuple(holders),
        my_shares=mine.shares if mine else 0,
        my_pending=mine.pending if mine else tuple(Amount(0, each) for each in token.currencies),
        parents=parents,
    )


def _parents(chain: Chain, token: Token) -> tuple[ParentPart, ...]:
    return tuple(
        ParentPart(
            parent,
            reads.token_name(chain, parent),
            share,
            tuple(reads.forwardable(chain, token.address, parent, each) for each in token.currencies),
        )
        for parent, share in reads.parents(chain, token.address)
    )
