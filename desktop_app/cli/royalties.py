"""`colophon claim`, `transfer`: what a royalty token owes, and its shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.session import Session
from desktop_app.core.amounts import cost_text, format_share
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.localised import grouped

if TYPE_CHECKING:
    from desktop_app.core.amounts import Currency
    from desktop_app.services.royalties import ClaimReceipt, Token

TokenArgument = Annotated[
    str,
    typer.Argument(
        metavar="TOKEN", help="Royalty shares: their address or symbol, or their work's id or title."
    ),
]
CURRENCY_HELP = "A currency that the work takes, by symbol, e.g. tUSD."


def add_to(app: typer.Typer, money: str) -> None:
    command(app, "claim", money)(claim)
    command(app, "transfer", money)(transfer)


def token_facts(token: Token) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [
        ("Token", token.name),
        ("Symbol", token.symbol),
        ("Address", token.address),
        ("Chain", token.chain_id),
        ("Shares", grouped(token.supply)),
        ("Takes", ", ".join(currency.symbol for currency in token.currencies)),
    ]
    rows += [("Collaborator", f"{one.address}  {format_share(one.share_ppm)}") for one in token.collaborators]
    return rows


def token_currency(session: Session, token: Token, symbol: str) -> Currency:
    known = session.run(lambda _: session.services.royalties.currencies(token))
    for currency in known:
        if symbol.casefold() in (currency.symbol.casefold(), currency.address.casefold() or None):
            return currency
    choices = ", ".join(currency.symbol for currency in known)
    raise InvalidInputError("cli.currency", symbol=symbol[:40], choices=choices)


def claim(
    session: Session,
    token: TokenArgument,
    currency: Annotated[
        str, typer.Argument(metavar="[CURRENCY]", help=f"{CURRENCY_HELP} Without it: all.")
    ] = "",
    holder: Annotated[
        str, typer.Option("--holder", metavar="ADDRESS", help="For somebody else: the money goes to them.")
    ] = "",
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="ADDRESS", help="Send your own to this address, as when yours cannot take it."
        ),
    ] = "",
) -> None:
    """Claim what your royalty shares earned (or those of another holder)."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    book = session.services.address_book
    holder, to = (book.resolve(text) if text else "" for text in (holder, to))
    wanted = (token_currency(session, found, currency),) if currency else _owed(session, found, holder)
    passphrase.unlock(session)
    receipts = [_claim(session, found, one, holder, to) for one in wanted]
    session.show(
        {"claims": receipts},
        *(
            output.facts(
                [("Claimed", one.amount), ("For", one.holder), ("Sent to", one.to),
                 ("Fee", cost_text(one.fee)), ("Transaction", one.tx_hash)]
            )
            for one in receipts
        ),
    )


def _owed(session: Session, token: Token, holder: str) -> tuple[Currency, ...]:
    """In which currencies the token owes something to `holder`, or to the active account."""
    overview = session.run(lambda task: session.services.royalties.overview(token, task))
    pending = overview.my_pending
    if holder:
        people = {one.address.casefold(): one.pending for one in overview.holders}
        pending = people.get(holder.casefold(), ())
    owed = tuple(amount.currency for amount in pending if amount.units)
    if not owed:
        raise RefusedError("cli.nothing_to_claim", symbol=token.symbol)
    return owed


def _claim(session: Session, token: Token, currency: Currency, holder: str, to: str) -> ClaimReceipt:
    royalties = session.services.royalties
    return session.carry_out(session.run(lambda _: royalties.prepare_claim(token, currency, holder, to)))


def transfer(
    session: Session,
    token: TokenArgument,
    to: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Who gets the shares; a contact's name will do.")
    ],
    shares: Annotated[int, typer.Argument(metavar="SHARES", min=1, help="How many.")],
) -> None:
    """Pass on shares of a work's future income. What they have earned so far stays yours."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    passphrase.unlock(session)
    recipient = session.services.address_book.resolve(to)
    action = session.run(lambda _: royalties.prepare_transfer(found, recipient, shares))
    receipt = session.carry_out(action)
    session.show(
        receipt,
        output.facts(
            [
                ("Passed on", f"{grouped(shares)} {found.symbol}"),
                ("To", receipt.to),
                ("Transaction", receipt.tx_hash),
            ]
        ),
    )
