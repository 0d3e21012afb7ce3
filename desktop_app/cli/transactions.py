"""`colophon send` and `colophon transactions`: what left the account, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.amounts import Currency, cost_text, parse_amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.actions import Action
    from desktop_app.services.transactions import FeeChoice, Resumed, Speed, Transaction

app = new_app("What you have sent, what became of it, and help for what is stuck.")


class SpeedName(StrEnum):
    """How soon a transaction should be in a block."""

    slow = "slow"
    normal = "normal"
    fast = "fast"


SpeedOption = Annotated[
    SpeedName | None,
    typer.Option("--speed", help="How soon it should be done; without this, as in the settings."),
]
HashArgument = Annotated[
    str, typer.Argument(metavar="HASH", help="A transaction, as in: colophon transactions list")
]


def add_to(root: typer.Typer, panel: str) -> None:
    command(root, "send", panel)(send)
    root.add_typer(app, name="transactions", rich_help_panel=panel)


def send(
    session: Session,
    to: Annotated[str, typer.Argument(metavar="TO", help="An address, or a name of the address book.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="How much, e.g. 12.50.")],
    currency: Annotated[
        str, typer.Argument(metavar="[CURRENCY]", help="Without this, the network's own coin.")
    ] = "",
    speed: SpeedOption = None,
) -> None:
    """Send money from your account."""
    services = session.services
    money = parse_amount(amount, _currency(session, currency))
    passphrase.unlock(session)
    action = session.run(lambda _: services.transactions.prepare_send(to, money, _speed(speed)))
    _show(session, session.carry_out(action))


def _currency(session: Session, symbol: str) -> Currency:
    network = session.services.networks.active
    known = [network.native, *([network.dollar] if network.dollar else [])]
    for currency in known:
        if symbol.casefold() in ("" if currency.is_native else currency.symbol, currency.symbol.casefold()):
            return currency
    choices = ", ".join(currency.symbol for currency in known)
    raise InvalidInputError(
        "cli.currency_of_network", symbol=symbol[:40], choices=choices, network=network.name
    )


def _speed(chosen: SpeedName | None) -> Speed | None:
    from desktop_app.services.transactions import Speed

    return None if chosen is None else Speed(chosen.value)


def _show(session: Session, found: Transaction) -> None:
    rows: list[tuple[str, object]] = [
        ("What", found.text),
        ("State", found.state_text),
        ("To", f"{found.recipient_name}, {found.recipient}" if found.recipient_name else found.recipient),
        ("From", found.sender),
        ("Network", found.network_name),
        ("Fee", cost_text(found.fee) if found.fee else ""),
        ("Receipt", f"colophon receipts show {found.tx_hash}" if found.has_receipt else ""),
        ("Sent", iso_utc(found.created_at)),
        ("Block", found.block_number),
        ("Number", found.nonce),
        ("Versions", found.versions if found.versions > 1 else ""),
        ("Hash", found.tx_hash),
        ("Look at it", found.explorer_url or ""),
    ]
    session.show(found, output.facts(rows))


def look_after(session: Session) -> tuple[Resumed, ...]:
    """Bring the list up to date; what does not answer is a remark."""
    rounds = session.run(session.services.transactions.resume)
    for each in rounds:
        if each.problem is not None:
            session.note("cli.not_looked_after", network=each.network_name, problem=each.problem.title)
    return rounds


FreshOption = Annotated[bool, typer.Option("--sync/--no-sync", help="Ask the networks first.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]
OffsetOption = Annotated[
    int, typer.Option("--offset", min=0, help="How many to leave out at the beginning.")
]


@command(app, "list")
def list_transactions(
    session: Session,
    limit: LimitOption = 30,
    offset: OffsetOption = 0,
    everywhere: Annotated[
        bool, typer.Option("--all-networks", help="Not only on the network in use.")
    ] = False,
    fresh: FreshOption = True,
) -> None:
    """List what you have sent, newest first. What was dropped is sent again, the same bytes."""
    services = session.services
    if fresh:
        look_after(session)
    key = "" if everywhere else services.networks.active.key
    found = services.transactions.page(offset, limit, key)
    if not found:
        session.note("cli.no_transactions")
    rows = [
        (iso_utc(one.created_at), one.text, one.state_text, one.network_name, one.tx_hash) for one in found
    ]
    session.show(
        found, *([output.listing(["Sent", "What", "State", "Network", "Hash"], rows)] if rows else [])
    )


@command(app, "show")
def show(session: Session, tx_hash: HashArgument, fresh: FreshOption = True) -> None:
    """Show one transaction."""
    if fresh:
        look_after(session)
    _show(session, session.services.transactions.get(tx_hash))


def _replace(
    session: Session,
    prepare: Callable[[str, Speed], Action[Transaction]],
    tx_hash: str,
    speed: SpeedName | None,
) -> None:
    passphrase.unlock(session)
    wanted = _speed(speed or SpeedName.fast)
    assert wanted is not None
    action = session.run(lambda _: prepare(tx_hash, wanted))
    _show(session, session.carry_out(action))


@command(app, "speed-up")
def speed_up(session: Session, tx_hash: HashArgument, speed: SpeedOption = None) -> None:
    """Send a waiting transaction again at a higher fee. One of the two can happen, never both."""
    _replace(session, session.services.transactions.speed_up, tx_hash, speed)


@command(app, "cancel")
def cancel(session: Session, tx_hash: HashArgument, speed: SpeedOption = None) -> None:
    """Put an empty transaction in place of a waiting one. The first may still win; the outcome tells."""
    _replace(session, session.services.transactions.cancel, tx_hash, speed)


@command(app, "fees")
def fees(session: Session) -> None:
    """What sending money costs now at each of the three speeds."""
    services = session.services
    choices = session.run(lambda _: services.transactions.transfer_fees())
    chosen = services.transactions.speed
    session.show({"chosen": chosen, "fees": choices}, _fees(choices, chosen))


def _fees(choices: tuple[FeeChoice, ...], chosen: Speed) -> output.Part:
    rows = [
        ("*" if one.speed is chosen else "", words(f"transaction.speed_{one.speed.value}"), one.expected,
         one.worst_case)
        for one in choices
    ]  # fmt: skip
    return output.listing(["", "Speed", "Probably", "At most"], rows)
