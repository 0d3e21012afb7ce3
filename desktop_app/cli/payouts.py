"""`colophon payouts`: what came in, and watching it come."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from desktop_app.cli import output, payout_reports
from desktop_app.cli.command import command, new_app
from desktop_app.cli.payout_filter import (
    CurrencyOption,
    EverywhereOption,
    KindOption,
    PayerOption,
    SinceOption,
    SyncOption,
    TokenOption,
    UntilOption,
    chosen,
    note_problem,
    sync,
    wanted_networks,
)
from desktop_app.cli.session import Session
from desktop_app.core.amounts import Amount, Currency, format_units
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_app.services.earnings import Names, PayoutLine
    from desktop_app.services.payouts import PayoutTotal, PayoutUpdate

app = new_app("Payouts to your works, as the network shows them: seen, safe, final.")


@command(app, "list")
def list_payouts(
    session: Session,
    token: TokenOption = "",
    kind: KindOption = "",
    currency: CurrencyOption = "",
    payer: PayerOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    everywhere: EverywhereOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 100,
    offset: Annotated[
        int, typer.Option("--offset", min=0, help="How many to leave out at the beginning.")
    ] = 0,
    fresh: SyncOption = True,
) -> None:
    """List payouts, newest first, and what they add up to."""
    wanted = chosen(
        session,
        token=token, kind=kind, currency=currency, payer=payer, since=since, until=until,
        everywhere=everywhere,
    )  # fmt: skip
    if fresh:
        sync(session, everywhere)
    earnings = session.services.earnings
    found, names = earnings.lines(wanted, limit=limit, offset=offset), earnings.names()
    totals = session.services.payouts.totals(wanted)
    rows: list[output.Part] = [_listing(found), ""] if found else []
    if not found:
        session.note("cli.no_payouts")
    session.show(
        {
            "payouts": [_row(one) for one in found],
            "totals": [_total(one, names) for one in totals],
            "count": earnings.count(wanted),
        },
        *rows,
        output.facts(_sums(totals, names)),
    )


@command(app, "watch")
def watch(
    session: Session,
    seconds: Annotated[
        int,
        typer.Option("--seconds", min=0, help="Stop by itself after this time; 0 is when you press Ctrl-C."),
    ] = 0,
    everywhere: EverywhereOption = False,
) -> None:
    """Follow the network and print each payout as it comes. What came while nobody watched comes first."""
    services = session.services
    networks = wanted_networks(session, everywhere)
    turn = threading.Lock()
    told: list[str] = []

    def hear(update: PayoutUpdate) -> None:
        with turn:
            for one in services.earnings.named(update.new):
                session.line(_row(one), _text(one, everywhere))
            problem = update.status.problem
            if problem is not None and problem.code not in told:
                told.append(problem.code)
                note_problem(session, problem)

    unsubscribe = services.payouts.subscribe(hear)
    session.note("cli.watching", name=", ".join(network.name for network in networks))
    try:
        for network in networks:
            services.payouts.watch(network)
        threading.Event().wait(seconds or None)
    finally:
        unsubscribe()
        services.payouts.stop()


def _row(line: PayoutLine) -> dict[str, object]:
    from desktop_app.services.payout_lines import memo_text

    one = line.payout
    return {
        "kind": one.kind,
        "state": one.state,
        "amount": line.amount,
        "token": one.token,
        "work": line.work,
        "party": one.party,
        "name": line.who,
        "recipient": one.recipient,
        "memo": one.memo,
        "memo_text": memo_text(one.memo),
        "transaction": one.tx_hash,
        "ordinal": one.ordinal,
        "block": one.block_number,
        "time": iso_utc(one.block_time),
        "chain_id": one.chain_id,
        "network": line.network,
    }


def _text(line: PayoutLine, everywhere: bool) -> str:
    one = line.payout
    parts = [
        iso_utc(one.block_time),
        words(f"cli.payout_{one.kind}"),
        str(line.amount),
        line.who or one.party,
        words(f"cli.payout_{one.state}"),
    ]
    return "  ".join([*parts, line.network] if everywhere else parts)


def _listing(found: Iterable[PayoutLine]) -> Table:
    from desktop_app.services.payout_lines import memo_text

    return output.listing(
        ["Time", "Work", "Kind", ">Amount", "Who", "State", "Memo", "Transaction"],
        [
            (
                iso_utc(one.payout.block_time),
                one.work,
                words(f"cli.payout_{one.payout.kind}"),
                one.amount,
                one.who or one.payout.party,
                words(f"cli.payout_{one.payout.state}"),
                memo_text(one.payout.memo),
                one.payout.tx_hash,
            )
            for one in found
        ],
    )


def _total(one: PayoutTotal, names: Names) -> dict[str, object]:
    currency = names.currency(one.chain_id, one.token, one.currency)
    return {
        "token": one.token,
        "chain_id": one.chain_id,
        "kind": one.kind,
        "currency": currency.symbol,
        "units": str(one.units),
        "amount": format_units(one.units, currency.decimals),
        "count": one.count,
    }


def _sums(totals: Iterable[PayoutTotal], names: Names) -> list[tuple[str, str]]:
    """All tokens together: for each kind and currency, how much in how many payouts."""
    sums: dict[tuple[str, Currency], tuple[int, int]] = {}
    for one in totals:
        key = (one.kind, names.currency(one.chain_id, one.token, one.currency))
        units, count = sums.get(key, (0, 0))
        sums[key] = (units + one.units, count + one.count)
    return [
        (
            words(f"cli.payout_{kind}"),
            words("cli.total", amount=str(Amount(units, currency)), count=str(count)),
        )
        for (kind, currency), (units, count) in sums.items()
    ]


payout_reports.add_to(app)
