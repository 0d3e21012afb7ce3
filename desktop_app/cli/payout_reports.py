"""`colophon payouts summary`, `compare`, `export`, `ledger`: what came in, added up and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import Overwrite, command
from desktop_app.cli.payout_filter import (
    CurrencyOption,
    EverywhereOption,
    KindOption,
    NoteOption,
    PayerOption,
    RateOption,
    SinceOption,
    SyncOption,
    TokenOption,
    UntilOption,
    chosen,
    note_problem,
    sync,
)
from desktop_app.cli.session import Session
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.core.amounts import Amount
    from desktop_app.services.earnings import Comparison, Income

FileOption = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the table.")]


def add_to(app: typer.Typer) -> None:
    command(app, "summary")(summary)
    command(app, "compare")(compare)
    command(app, "export")(export)
    command(app, "ledger")(ledger)


def summary(
    session: Session,
    by: Annotated[
        str, typer.Option(
            "--by", metavar="work|currency|payer|network|day|month|year", help="What to add up by."
        ),
    ] = "month",
    token: TokenOption = "",
    currency: CurrencyOption = "",
    payer: PayerOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    everywhere: EverywhereOption = False,
    fresh: SyncOption = True,
) -> None:
    """Add up payouts: what came in, what went out again, and the running total."""
    wanted = chosen(
        session, token=token, currency=currency, payer=payer, since=since, until=until, everywhere=everywhere
    )
    if fresh:
        sync(session, everywhere)
    found = session.services.earnings.groups(wanted, by)
    if not found:
        session.note("cli.no_payouts")
    session.show(
        {"by": by, "groups": [_income(one) for one in found]}, *([_income_table(by, found)] if found else [])
    )


def compare(
    session: Session,
    token: TokenOption = "",
    everywhere: EverywhereOption = False,
    fresh: SyncOption = True,
) -> None:
    """Hold what was seen against what the contracts say: paid in, paid out, owed to you."""
    wanted = chosen(session, token=token, everywhere=everywhere)
    if fresh:
        sync(session, everywhere)
    found = session.run(lambda task: session.services.earnings.compare(wanted, task))
    if not found:
        session.note("cli.no_payouts")
    session.show(
        {"comparisons": [_comparison(one) for one in found]}, *([_comparison_table(found)] if found else [])
    )
    for problem in {one.problem.code: one.problem for one in found if one.problem is not None}.values():
        note_problem(session, problem)


def export(
    session: Session,
    file: FileOption = Path("payouts.csv"),
    token: TokenOption = "",
    kind: KindOption = "",
    currency: CurrencyOption = "",
    payer: PayerOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    everywhere: EverywhereOption = False,
    fresh: SyncOption = True,
    overwrite: Overwrite = False,
) -> None:
    """Write payouts as CSV, for any spreadsheet: exact amounts, running totals, times in UTC."""
    wanted = chosen(
        session,
        token=token, kind=kind, currency=currency, payer=payer, since=since, until=until,
        everywhere=everywhere,
    )  # fmt: skip
    if fresh:
        sync(session, everywhere)
    earnings = session.services.earnings
    rows = session.run(lambda task: earnings.export_payouts(expanded(file), wanted, task, overwrite))
    session.show(
        {"path": file, "rows": rows}, words("cli.payouts_written", file=str(file), count=str(rows))
    )


def ledger(
    session: Session,
    money: Annotated[
        str, typer.Option("--money", metavar="CODE", help="Your own currency, e.g. EUR, USD or GBP.")
    ],
    file: FileOption = Path("ledger.csv"),
    rate: RateOption = None,
    rate_note: NoteOption = "",
    basis: Annotated[
        str,
        typer.Option(
            "--basis",
            metavar="received|payments",
            help="What is income: received (what reached your accounts) or payments (paid into your works).",
        ),
    ] = "received",
    token: TokenOption = "",
    currency: CurrencyOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    everywhere: EverywhereOption = False,
    fresh: SyncOption = True,
    overwrite: Overwrite = False,
) -> None:
    """Write a tax ledger: date, amount, currency, value in your money, and where the rate is from.

    The value is what a Chainlink price feed said at the payout's own block, or by a rate that you give.
    """
    from desktop_app.services.rates import parse_rate

    wanted = chosen(
        session, token=token, currency=currency, since=since, until=until, everywhere=everywhere
    )
    given = dict(parse_rate(one) for one in rate or [])
    if fresh:
        sync(session, everywhere)
    earnings = session.services.earnings
    result = session.run(
        lambda task: earnings.tax_ledger(
            expanded(file), money, wanted,
            given=given, basis=basis, note=rate_note, task=task, overwrite=overwrite,
        )
    )  # fmt: skip
    for problem in result.problems:
        session.note("cli.ledger_problem", reason=problem)
    session.show(
        {
            "path": file,
            "rows": result.rows,
            "amounts": list(result.amounts),
            "value": result.value,
            "value_currency": result.fiat,
            "rows_without_value": result.unvalued,
            "problems": list(result.problems),
        },
        words("cli.payouts_written", file=str(file), count=str(result.rows)),
        output.facts(
            [
                ("Amounts", ", ".join(map(str, result.amounts))),
                ("Value", f"{result.value} {result.fiat}"),
                ("Without a value", str(result.unvalued) if result.unvalued else ""),
            ]
        ),
    )


def _income(one: Income) -> dict[str, object]:
    return {
        "key": one.key,
        "label": one.label,
        "chain_id": one.received.currency.chain_id,
        "received": one.received,
        "pushed": one.pushed,
        "claimed": one.claimed,
        "forwarded": one.forwarded,
        "payments": one.payments,
        "running_total": one.running,
    }


def _income_table(by: str, found: tuple[Income, ...]) -> output.Part:
    passed_on = any(one.forwarded.units for one in found)
    headings = [by.capitalize(), ">Payments", ">Paid in", ">To collaborators", ">Claimed"]
    if passed_on:
        headings.append(">To parent works")
    rows = []
    for one in found:
        row = [one.heading(found), one.payments, one.received, one.pushed, one.claimed]
        rows.append([*row, *([one.forwarded] if passed_on else []), one.running])
    return output.listing([*headings, ">Running total"], rows)


def _comparison(one: Comparison) -> dict[str, object]:
    return {
        "token": one.token.address,
        "work": one.work,
        "network": one.network,
        "seen_in": one.seen_in,
        "contract_in": one.paid_in,
        "seen_out": one.seen_out,
        "contract_out": one.paid_out,
        "not_booked_yet": one.unbooked,
        "expected": one.expected,
        "received": one.reached_me,
        "waiting": one.waiting,
        "agrees": one.agrees,
        "problem": one.problem.code if one.problem else None,
    }


def _comparison_table(found: tuple[Comparison, ...]) -> output.Part:
    def told(amount: Amount | None) -> str:
        return words("cli.unknown") if amount is None else str(amount)

    return output.listing(
        ["Work", ">Seen paid in", ">By the contract", ">Yours in all", ">Received", ">Waiting", "Agrees"],
        [
            (
                one.work,
                one.seen_in,
                told(one.paid_in),
                told(one.expected),
                one.reached_me,
                told(one.waiting),
                words("cli.yes" if one.agrees else "cli.unknown" if one.problem else "cli.no"),
            )
            for one in found
        ],
    )
