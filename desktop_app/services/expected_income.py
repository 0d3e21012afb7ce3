"""Expected against received: what a token's contract says was paid and is owed, beside what was seen here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop_app.chain import reads
from desktop_app.chain.royalty_books import books_at
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import ColophonError
from desktop_app.store.payouts import PAID_OUT, PayoutFilter, PayoutRepository
from desktop_app.store.tokens import Token

if TYPE_CHECKING:
    from desktop_app.chain.connection import Chain


@dataclass(frozen=True)
class Comparison:
    """One token and currency.

    Seen here: `seen_in` paid into the token, `seen_out` of it to anybody, `reached_me` of that to the user's
    accounts. The contract says: `paid_in`, `paid_out`, `waiting` for the user's accounts, and `unbooked`
    money that somebody sent without a payment. With a `problem` the contract could not be asked.
    """

    token: Token
    work: str
    network: str
    seen_in: Amount
    seen_out: Amount
    reached_me: Amount
    paid_in: Amount | None = None
    paid_out: Amount | None = None
    waiting: Amount | None = None
    unbooked: Amount | None = None
    problem: ColophonError | None = None

    @property
    def expected(self) -> Amount | None:
        """All that is the user's: what has reached him, and what the contract owes him."""
        return None if self.waiting is None else self.reached_me + self.waiting

    @property
    def agrees(self) -> bool:
        """Whether what was seen is, to the unit, what the contract says."""
        return (self.seen_in, self.seen_out) == (self.paid_in, self.paid_out)


def compare(
    token: Token, work: str, network: str, chain: Callable[[], Chain], stored: PayoutRepository,
    own: Sequence[str],
) -> list[Comparison]:  # fmt: skip
    """One comparison for each currency of a token; `own` are the user's accounts."""
    mine = {address.lower() for address in own}
    found = []
    for currency in token.currencies:
        wanted = PayoutFilter(chain_id=token.chain_id, token=token.address, currency=currency.address)
        seen = out = reached = 0
        for one in stored.groups(wanted, "payer"):
            if one.kind == "payment":
                seen += one.units
            elif one.kind in PAID_OUT:
                out += one.units
                reached += one.units if one.key.lower() in mine else 0
        sums = [Amount(units, currency) for units in (seen, out, reached)]
        found.append(Comparison(token, work, network, sums[0], sums[1], sums[2]))
    try:
        connection = chain()
        books = books_at(connection.rpc, token.address, [c.address for c in token.currencies], "latest")
        owed = [
            sum(reads.pending(connection, token.address, one, currency).units for one in own)
            for currency in token.currencies
        ]
    except ColophonError as problem:
        return [replace(one, problem=problem) for one in found]
    return [
        replace(
            one,
            paid_in=Amount(book.paid_in, currency),
            paid_out=Amount(book.paid_out, currency),
            waiting=Amount(waiting, currency),
            unbooked=Amount(book.unbooked, currency),
        )
        for one, book, waiting, currency in zip(found, books, owed, token.currencies, strict=True)
    ]
