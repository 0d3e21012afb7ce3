"""`colophon royalties`: who holds what, who got what of every payment, and whether the contract is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import Overwrite, command, new_app
from desktop_app.cli.royalties import TokenArgument, token_currency, token_facts
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.amounts import SHARE_SCALE, Amount, cost_text, format_share
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import RefusedError
from desktop_app.core.localised import grouped
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.core.amounts import Currency
    from desktop_app.services.royalties import HoldersReceipt, Token
    from desktop_app.services.royalty_books import Audited, AuditReport, Finding, Statement

app = new_app(
    "Royalty shares of works and their books: holders, statements, audits. Nothing is trusted unseen."
)

FILES_HELP = "Write page and table into this folder; without this, the present one."


@command(app, "list")
def list_tokens(session: Session) -> None:
    """List the royalty shares of your works."""
    known = session.services.royalties.tokens()
    if not known:
        session.note("cli.no_tokens")
    rows = [(one.symbol, one.name, grouped(one.supply), one.address, one.chain_id) for one in known]
    session.show(
        {"tokens": known},
        *([output.listing(["Symbol", "Name", ">Shares", "Address", "Chain"], rows)] if rows else []),
    )


@command(app, "add")
def add(
    session: Session,
    token: Annotated[str, typer.Argument(metavar="ADDRESS", help="Their address.")],
) -> None:
    """Add the royalty shares of a work that is not yours to your list."""
    added = session.run(lambda _: session.services.royalties.follow(token))
    session.show({"token": added}, output.facts(token_facts(added)))


@command(app, "show")
def show(session: Session, token: TokenArgument) -> None:
    """Show a work's royalty shares: all that came in and went out, and what waits for whom."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    overview = session.run(lambda task: royalties.overview(found, task))
    session.show(
        {"overview": overview, "rounding": [one.rounding for one in overview.money]},
        output.facts([*token_facts(found), ("Holders get", format_share(overview.holders_share_ppm))]),
        "",
        output.listing(
            ["Currency", ">Received", ">To collaborators", ">To older works", ">Claimed", ">Waiting"],
            [
                (
                    one.received.currency.symbol,
                    one.received.plain(),
                    one.pushed.plain(),
                    one.forwarded.plain(),
                    one.claimed.plain(),
                    one.pending.plain(),
                )
                for one in overview.money
            ],
        ),
        "",
        output.listing(
            ["Who", ">Shares", ">Of each payment", ">Waiting"],
            [
                (
                    one.address,
                    grouped(one.shares),
                    format_share(one.share_ppm) if one.share_ppm else "",
                    ", ".join(map(str, one.pending)),
                )
                for one in overview.holders
            ],
        ),
    )


@command(app, "holders")
def holders(session: Session, token: TokenArgument) -> None:
    """List who holds shares, who gets a fixed part, and what is waiting for each."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    overview = session.run(lambda task: royalties.overview(found, task))
    rows = [
        (
            one.address,
            grouped(one.shares),
            format_share(one.shares * SHARE_SCALE // found.supply) if one.shares else "",
            format_share(one.share_ppm) if one.share_ppm else "",
            ", ".join(str(amount) for amount in one.pending if amount.units),
        )
        for one in overview.holders
    ] + [
        (
            f"{one.name}  {one.token}",
            "",
            "",
            format_share(one.share_ppm),
            ", ".join(str(amount) for amount in one.pending if amount.units),
        )
        for one in overview.parents
    ]
    session.show(
        {
            "token": found,
            "holders_share_ppm": overview.holders_share_ppm,
            "holders": overview.holders,
            "parents": overview.parents,
        },
        output.listing(["Who", ">Shares", ">Of all", ">Of each payment", ">Waiting"], rows),
        "",
        words("cli.holders_get", share=format_share(overview.holders_share_ppm)),
    )


@command(app, "statement")
def statement(
    session: Session,
    token: TokenArgument,
    until: Annotated[
        int | None,
        typer.Option(
            "--until-block", metavar="BLOCK", min=0, help="Up to this block; without this, the newest."
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help=FILES_HELP, file_okay=False)
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write every payment and who got what of it, recomputed from the events, as a web page and a table."""
    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    made = session.run(lambda task: services.books.statement(found, until, task))
    target = expanded(folder or Path()).resolve()
    files = session.run(lambda _: services.books.write(made, target, replace=overwrite))
    head = made.history.head
    session.show(
        {
            "token": found.address,
            "chain_id": made.chain_id,
            "block": head.number,
            "block_hash": head.block_hash,
            "time": iso_utc(head.timestamp),
            "events": len(made.ledger.entries),
            "page": files.page,
            "table": files.table,
            "accounts": _accounts(made),
            "totals": [
                {
                    "received": made.amount(units, currency),
                    "rounding": made.amount(made.ledger.rounding(currency), currency),
                }
                for currency, units in made.ledger.received.items()
            ],
        },
        output.facts(
            [
                ("Statement", f"{found.name} ({found.symbol})"),
                ("Up to block", f"{head.number}, {iso_utc(head.timestamp)}"),
                *(
                    ("Received", made.amount(units, currency))
                    for currency, units in made.ledger.received.items()
                ),
                ("Page", files.page),
                ("Table", files.table),
            ]
        ),
        "",
        output.listing(
            ["Who", "As", ">Earned", ">Paid", ">Waiting"],
            [
                (one["address"], ", ".join(one["roles"]), one["earned"], one["paid"], one["waiting"])
                for one in _accounts(made)
            ],
        ),
    )


def _accounts(made: Statement) -> list[dict[str, Any]]:
    return [
        {
            "address": one.address,
            "roles": [role.value for role in one.earned],
            "earned": made.amount(one.total, one.currency),
            "paid": made.amount(one.paid, one.currency),
            "waiting": made.amount(one.owed, one.currency),
        }
        for one in made.ledger.accounts
        if one.total or one.paid
    ]


@command(app, "audit")
def audit(session: Session, token: TokenArgument) -> int:
    """Recompute what everyone is entitled to from the events, exactly, and compare it with the contract.

    Ends with code 0 when all agrees, with 1 when somebody's money is not where the events say it is.
    """
    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    report = session.run(lambda task: services.books.audit(found, task))
    result = report.audit
    session.show(
        _audit_json(report),
        words("audit.agrees" if result.agrees else "audit.disagrees"),
        output.facts(
            [
                ("Token", f"{found.name} ({found.symbol})"),
                ("At block", f"{report.block}, {iso_utc(report.time)}"),
                ("Events", report.events),
            ]
        ),
        "",
        output.listing(
            ["Who", ">Entitled to, exactly", ">Paid", ">Waiting", ">By the contract"],
            [
                (
                    one.address,
                    exact(
                        one.exact.numerator, one.exact.denominator, report.currencies[one.currency].decimals
                    )
                    + f" {report.currencies[one.currency].symbol}",
                    Amount(one.paid, report.currencies[one.currency]),
                    Amount(one.expected, report.currencies[one.currency]),
                    _said(one, report) or "?",
                )
                for one in result.accounts
                if one.earned or one.paid or one.pending
            ],
        ),
        *(["", *(_finding(one, report) for one in result.findings)] if result.findings else []),
    )
    return 0 if result.agrees else FAILED


def exact(numerator: int, denominator: int, decimals: int) -> str:
    """A rational number of smallest units as a decimal number of whole ones, with three places more than
    exist.

    Rounded down; "…" where more would follow.
    """
    scaled, rest = divmod(numerator * 1000, denominator)
    whole, part = divmod(scaled, 10 ** (decimals + 3))
    digits = f"{part:0{decimals + 3}d}".rstrip("0")
    return (f"{whole}.{digits}" if digits else str(whole)) + ("…" if rest else "")


def _said(one: Audited, report: AuditReport) -> Amount | None:
    return None if one.pending is None else Amount(one.pending, report.currencies[one.currency])


def _finding(one: Finding, report: AuditReport) -> str:
    from desktop_app.services.royalty_books import finding_words

    kind = words(f"audit.{one.severity.value}")
    text, next_step = finding_words(one, report.currencies)
    return f"{kind}: {text} {next_step}"


def _audit_json(report: AuditReport) -> dict[str, object]:
    from desktop_app.services.royalty_books import finding_words

    result = report.audit
    return {
        "token": report.token.address,
        "block": report.block,
        "time": iso_utc(report.time),
        "events": report.events,
        "agrees": result.agrees,
        "late": result.late,
        "accounts": [
            {
                "address": one.address,
                "parent": one.is_parent,
                "exact_units": f"{one.exact.numerator}/{one.exact.denominator}",
                "earned": Amount(one.earned, report.currencies[one.currency]),
                "paid": Amount(one.paid, report.currencies[one.currency]),
                "expected": Amount(one.expected, report.currencies[one.currency]),
                "pending": _said(one, report),
            }
            for one in result.accounts
        ],
        "findings": [
            {
                "code": one.code,
                "severity": one.severity,
                **dict(zip(("text", "next"), finding_words(one, report.currencies), strict=True)),
                **one.params,
            }
            for one in result.findings
        ],
    }


@command(app, "sync")
def sync(
    session: Session,
    token: TokenArgument,
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="The currency that came, e.g. tUSD.")],
) -> None:
    """Share out what came to a work by plain transfer: anyone may, collaborators are paid at once."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    money = token_currency(session, found, currency)
    passphrase.unlock(session)
    receipt = session.carry_out(session.run(lambda _: royalties.prepare_sync(found, money)))
    session.show(
        receipt,
        output.facts(
            [
                ("Shared out", receipt.booked),
                *(("To", f"{who}  {part}") for who, part in receipt.pushed),
                ("Fee", cost_text(receipt.fee)),
                ("Transaction", receipt.tx_hash),
            ]
        ),
    )


@command(app, "forward")
def forward(
    session: Session,
    token: TokenArgument,
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="In which currency, e.g. tUSD.")],
) -> None:
    """Pay the works that this one builds on what they have earned of its payments: anyone may."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    money = token_currency(session, found, currency)
    passphrase.unlock(session)
    receipt = session.carry_out(session.run(lambda _: royalties.prepare_forward(found, money)))
    session.show(
        receipt,
        output.facts(
            [
                *(("Forwarded", _to(amount, parent)) for parent, amount in receipt.forwarded),
                ("Fee", cost_text(receipt.fee)),
                ("Transaction", receipt.tx_hash),
            ]
        ),
    )


@command(app, "pay-holders")
def pay_holders(
    session: Session,
    token: TokenArgument,
    currency: Annotated[
        str, typer.Option("--currency", help="In which currency, e.g. tUSD. Without it: all that wait.")
    ] = "",
) -> None:
    """Pay everybody what waits for them: anyone may, for the fee. Whoever cannot be paid is skipped."""
    royalties = session.services.royalties
    found = session.run(lambda _: royalties.token(token))
    if currency:
        wanted = [token_currency(session, found, currency)]
    else:
        overview = session.run(lambda task: royalties.overview(found, task))
        waiting = {amount.currency for one in overview.holders for amount in one.pending if amount.units}
        wanted = [each for each in found.currencies if each in waiting]
    if not wanted:
        raise RefusedError("cli.nobody_waits", symbol=found.symbol)
    passphrase.unlock(session)
    receipts = [_pay_holders(session, found, one) for one in wanted]
    session.show(
        {"payouts": receipts},
        *(
            output.facts(
                [
                    *(("Paid", _to(amount, who)) for who, amount in receipt.paid),
                    *(("Skipped, still owed", _to(amount, who)) for who, amount in receipt.skipped),
                    ("Fee", cost_text(receipt.fee)),
                    *(("Transaction", tx_hash) for tx_hash in receipt.tx_hashes),
                ]
            )
            for receipt in receipts
        ),
    )


def _pay_holders(session: Session, token: Token, currency: Currency) -> HoldersReceipt:
    royalties = session.services.royalties
    return session.carry_out(
        session.run(lambda task: royalties.prepare_pay_holders(token, currency, task))
    )


def _to(amount: object, who: str) -> str:
    return words("cli.amount_to", amount=amount, who=who)
