"""`colophon payouts`: what came in, and watching it come."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from desktop_app.cli import output
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.amounts import Amount, Currency, format_units
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import message, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_app.services.networks import Network
    from desktop_app.services.payouts import Payout, PayoutTotal, PayoutUpdate

app = new_app("Payouts of your royalty tokens, as the network shows them: seen, safe, final.")

TokenOption = Annotated[
    str,
    typer.Option("--token", metavar="TOKEN", help="Only this token: address, symbol, or its work's title."),
]
KIND_HELP = "Only this kind: payment (into a token), push (to a collaborator), push_failed, or claim."


@command(app, "list")
def list_payouts(
    session: Session,
    token: TokenOption = "",
    kind: Annotated[str, typer.Option("--kind", help=KIND_HELP)] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 100,
    offset: Annotated[
        int, typer.Option("--offset", min=0, help="How many to leave out at the beginning.")
    ] = 0,
    fresh: Annotated[bool, typer.Option("--sync/--no-sync", help="Ask the network first.")] = True,
) -> None:
    """List payouts, newest first, and what they add up to."""
    from desktop_app.core.errors import InvalidInputError
    from desktop_app.services.payouts import KINDS, PayoutFilter

    if kind and kind not in KINDS:
        raise InvalidInputError("cli.payout_kind", kind=kind[:40], choices=", ".join(KINDS))
    services = session.services
    network = services.networks.active
    address = session.run(lambda _: services.royalties.token(token)).address if token else ""
    if fresh:
        session.run(lambda task: services.payouts.sync_once(network, task))
    wanted = PayoutFilter(chain_id=network.chain_id, token=address, kind=kind)
    found = services.payouts.list(wanted, limit=limit, offset=offset)
    totals = services.payouts.totals(wanted)
    rows: list[output.Part] = [_listing(found, network, _symbols(session)), ""] if found else []
    if not found:
        session.note("cli.no_payouts")
    session.show(
        {
            "payouts": [_row(one, network) for one in found],
            "totals": [_total(one, network) for one in totals],
            "count": services.payouts.count(wanted),
        },
        *rows,
        output.facts(_sums(totals, network)),
    )


@command(app, "watch")
def watch(
    session: Session,
    seconds: Annotated[
        int,
        typer.Option("--seconds", min=0, help="Stop by itself after this time; 0 is when you press Ctrl-C."),
    ] = 0,
) -> None:
    """Follow the network and print each payout as it comes. What came while nobody watched comes first."""
    services = session.services
    network = services.networks.active
    turn = threading.Lock()
    told: list[str] = []

    def hear(update: PayoutUpdate) -> None:
        with turn:
            for one in update.new:
                session.line(_row(one, network), _text(one, network))
            problem = update.status.problem
            if problem is not None and problem.code not in told:
                told.append(problem.code)
                said = message(problem)
                session.note("cli.payout_problem", title=said.title, reason=said.reason, next=said.next_step)

    unsubscribe = services.payouts.subscribe(hear)
    session.note("cli.watching", name=network.name)
    try:
        services.payouts.watch(network)
        threading.Event().wait(seconds or None)
    finally:
        unsubscribe()
        services.payouts.stop(network.chain_id)


def _currency(address: str, network: Network) -> Currency | None:
    for known in (network.native, network.dollar):
        if known is not None and known.address.casefold() == address.casefold():
            return known
    return None


def _amount(units: int, address: str, network: Network) -> str:
    currency = _currency(address, network)
    return str(Amount(units, currency)) if currency else f"{format_units(units, 0)} × {address}"


def _row(one: Payout, network: Network) -> dict[str, object]:
    currency = _currency(one.currency, network)
    return {
        "kind": one.kind,
        "state": one.state,
        "amount": {
            "units": str(one.amount),
            "amount": format_units(one.amount, currency.decimals) if currency else None,
            "currency": currency.symbol if currency else one.currency,
        },
        "token": one.token,
        "party": one.party,
        "recipient": one.recipient,
        "memo": one.memo,
        "transaction": one.tx_hash,
        "ordinal": one.ordinal,
        "block": one.block_number,
        "time": iso_utc(one.block_time),
        "chain_id": one.chain_id,
    }


def _text(one: Payout, network: Network) -> str:
    return "  ".join(
        (
            iso_utc(one.block_time),
            words(f"cli.payout_{one.kind}"),
            _amount(one.amount, one.currency, network),
            one.party,
            words(f"cli.payout_{one.state}"),
        )
    )


def _symbols(session: Session) -> dict[str, str]:
    return {one.address: one.symbol for one in session.services.royalties.tokens()}


def _listing(found: Iterable[Payout], network: Network, symbols: dict[str, str]) -> Table:
    return output.listing(
        ["Time", "Token", "Kind", ">Amount", "Who", "State", "Transaction"],
        [
            (
                iso_utc(one.block_time),
                symbols.get(one.token, one.token),
                words(f"cli.payout_{one.kind}"),
                _amount(one.amount, one.currency, network),
                one.party,
                words(f"cli.payout_{one.state}"),
                one.tx_hash,
            )
            for one in found
        ],
    )


def _total(one: PayoutTotal, network: Network) -> dict[str, object]:
    currency = _currency(one.currency, network)
    return {
        "token": one.token,
        "kind": one.kind,
        "currency": currency.symbol if currency else one.currency,
        "units": str(one.units),
        "amount": format_units(one.units, currency.decimals) if currency else None,
        "count": one.count,
    }


def _sums(totals: Iterable[PayoutTotal], network: Network) -> list[tuple[str, str]]:
    """All tokens together: for each kind and currency, how much in how many payouts."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in totals:
        units, count = sums.get((one.kind, one.currency), (0, 0))
        sums[one.kind, one.currency] = (units + one.units, count + one.count)
    return [
        (
            words(f"cli.payout_{kind}"),
            words("cli.total", amount=_amount(units, currency, network), count=str(count)),
        )
        for (kind, currency), (units, count) in sums.items()
    ]
