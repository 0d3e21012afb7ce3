"""What the commands about payouts share: options that narrow them down or value them, asking the networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli.session import Session
from desktop_app.services.wording import message

if TYPE_CHECKING:
    from desktop_app.core.errors import ColophonError
    from desktop_app.services.networks import Network
    from desktop_app.services.payouts import PayoutFilter

TokenOption = Annotated[
    str,
    typer.Option(
        "--token", metavar="TOKEN", help="Only these royalty shares: address, symbol, or their work's title."
    ),
]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind",
        metavar="payment|push|push_failed|claim|forward",
        help="Only this kind: payment (for a work), push (to a collaborator), push_failed, claim,"
        " or forward (to a work it was made from).",
    ),
]
CurrencyOption = Annotated[
    str, typer.Option("--currency", metavar="SYMBOL", help="Only this currency, e.g. ETH.")
]
PayerOption = Annotated[
    str,
    typer.Option(
        "--payer",
        metavar="WHO",
        help="Only from (or to) this address, or a name from your address book.",
    ),
]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="DATE", help="From this day on, like 2026-01-31 (UTC).")
]
UntilOption = Annotated[
    str, typer.Option("--until", metavar="DATE", help="Up to and with this day, like 2026-12-31 (UTC).")
]
EverywhereOption = Annotated[
    bool, typer.Option("--all-networks", help="Of every network, not only of the one in use.")
]
RateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rate",
        metavar="SYMBOL=RATE",
        help="A rate of your own for a currency, e.g. ETH=2500.50, or the address of a price feed,"
        " e.g. ETH=0x1234; may be given several times.",
    ),
]
NoteOption = Annotated[
    str, typer.Option("--rate-note", metavar="TEXT", help="Where your own rates come from.")
]
SyncOption = Annotated[bool, typer.Option("--sync/--no-sync", help="Ask the network first.")]


def chosen(
    session: Session,
    *,
    token: str = "",
    kind: str = "",
    currency: str = "",
    payer: str = "",
    since: str = "",
    until: str = "",
    everywhere: bool = False,
) -> PayoutFilter:
    """The filter that the options describe. Raises InvalidInputError, NotFoundError."""
    from desktop_app.core.errors import InvalidInputError
    from desktop_app.services.earnings import period
    from desktop_app.services.payouts import KINDS, PayoutFilter

    if kind and kind not in KINDS:
        raise InvalidInputError("cli.payout_kind", kind=kind[:40], choices=", ".join(KINDS))
    services = session.services
    chain_id = None if everywhere else services.networks.active.chain_id
    tokens: str | tuple[str, ...] = ""
    if token.strip().lower().startswith("0x") and not everywhere:
        tokens = session.run(lambda _: services.royalties.token(token)).address
    elif token:
        tokens = services.earnings.tokens_of(token, chain_id)
    first, end = period(since, until)
    return PayoutFilter(
        chain_id=chain_id,
        token=tokens,
        kind=kind,
        party=services.address_book.resolve(payer) if payer else "",
        currency=services.earnings.currencies_of(currency) if currency else None,
        since=first,
        until=end,
    )


def wanted_networks(session: Session, everywhere: bool) -> list[Network]:
    """The network in use, or also all where tokens are followed."""
    services = session.services
    networks = [services.networks.active]
    if everywhere:
        networks += [one for one in services.earnings.followed_networks() if one not in networks]
    return networks


def sync(session: Session, everywhere: bool) -> None:
    """Bring what is stored up to date."""
    payouts = session.services.payouts
    for network in wanted_networks(session, everywhere):
        session.run(lambda task, network=network: payouts.sync_once(network, task))  # type: ignore[misc]


def note_problem(session: Session, problem: ColophonError) -> None:
    said = message(problem)
    session.note("cli.payout_problem", title=said.title, reason=said.reason, next=said.next_step)
