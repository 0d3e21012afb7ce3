"""`colophon receipts`: what was done, when and what it cost, to look at, to keep and to print."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import Overwrite, command, new_app
from desktop_app.cli.payout_filter import EverywhereOption, NoteOption, RateOption, SinceOption, UntilOption
from desktop_app.cli.session import Session
from desktop_app.cli.transactions import FreshOption, LimitOption, OffsetOption, look_after
from desktop_app.core.amounts import amount_text, cost_text
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError, NotFoundError
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.core.amounts import Amount
    from desktop_app.core.progress import Task
    from desktop_app.services.rates import Worth
    from desktop_app.services.receipts import Receipt, ReceiptFilter, Valued

app = new_app("Receipts: what was done, when, what it cost, and where to look it up.")

WorkOption = Annotated[
    str, typer.Option("--work", metavar="TITLE", help="Only what was about the work with this title.")
]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind", metavar="NAME", help="Only this kind, e.g. register, create_token, pay, transfer."
    ),
]
MoneyOption = Annotated[
    str,
    typer.Option(
        "--money",
        metavar="CODE",
        help="Also say what it was worth in your own currency, e.g. EUR, USD or GBP: by a public price feed"
        " at the time of the block, or by a rate that you give. Real money only.",
    ),
]


def _wanted(
    session: Session, work: str, kind: str, since: str, until: str, everywhere: bool
) -> ReceiptFilter:
    from desktop_app.services.earnings import period
    from desktop_app.services.receipts import ReceiptFilter

    first, end = period(since, until)
    key = "" if everywhere else session.services.networks.active.key
    return ReceiptFilter(key, first, end, kind.strip().lower().replace("-", "_"), work.strip())


def _valued(
    session: Session, receipts: list[Receipt], money: str, rate: list[str] | None, note: str
) -> dict[str, Valued]:
    from desktop_app.services.rates import parse_rate

    if not money:
        return {}
    given = dict(parse_rate(one) for one in rate or [])
    return session.run(lambda task: session.services.receipts.value(receipts, money, given, note, task))


@command(app, "list")
def list_receipts(
    session: Session,
    limit: LimitOption = 30,
    offset: OffsetOption = 0,
    work: WorkOption = "",
    kind: KindOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    everywhere: EverywhereOption = False,
    fresh: FreshOption = True,
) -> None:
    """List your receipts, newest first: one for each transaction that is in a block."""
    wanted = _wanted(session, work, kind, since, until, everywhere)
    if fresh:
        look_after(session)
    found = list(islice(session.services.receipts.all(wanted), offset, offset + limit))
    if not found:
        session.note("cli.no_receipts")
    rows = [
        (
            iso_utc(one.when), one.text, ", ".join(map(amount_text, one.left or ())),
            ", ".join(map(amount_text, one.reached or ())), cost_text(one.fee) if one.fee else "",
            one.network_name, one.id,
        )
        for one in found
    ]  # fmt: skip
    columns = ["When", "What", ">Left", ">Reached", ">Fee", "Network", "Hash"]
    session.show(found, *([output.listing(columns, rows)] if rows else []))


@command(app, "show")
def show(
    session: Session,
    reference: Annotated[
        str, typer.Argument(metavar="ID", help="A transaction's id, as in: colophon receipts list")
    ],
    money: MoneyOption = "",
    rate: RateOption = None,
    rate_note: NoteOption = "",
    fresh: FreshOption = True,
) -> None:
    """Show one receipt. Payments that your works received have one as well."""
    from desktop_app.services.receipt_text import headline, kind_text, sections

    if fresh:
        look_after(session)
    found = session.services.receipts.get(reference)
    valued = _valued(session, [found], money, rate, rate_note).get(found.id)
    people: list[output.Part] = [kind_text(found), headline(found)]
    for section in sections(found, valued):
        people.append("\n" + section.heading)
        people.append(output.facts([(line.name, line.value) for line in section.lines]))
    session.show(_json(found, valued), *people)


@command(app, "export")
def export(
    session: Session,
    reference: Annotated[
        str, typer.Argument(metavar="[ID]", help="One transaction; without it, all that the options choose.")
    ] = "",
    file: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write, and as what: .pdf to print, .html for a web page, .csv for a spreadsheet.",
        ),
    ] = Path("receipts.pdf"),
    money: MoneyOption = "",
    rate: RateOption = None,
    rate_note: NoteOption = "",
    work: WorkOption = "",
    kind: KindOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    everywhere: EverywhereOption = False,
    fresh: FreshOption = True,
    overwrite: Overwrite = False,
) -> None:
    """Write one receipt, or all, as a PDF, a web page or a table."""
    form = file.suffix.lower()
    if form not in (".pdf", ".html", ".csv"):
        raise InvalidInputError("onreceipt.no_form", file=file.name[:80])
    wanted = _wanted(session, work, kind, since, until, everywhere)
    if fresh:
        look_after(session)
    service = session.services.receipts
    found = [service.get(reference)] if reference else list(service.all(wanted))
    if not found:
        raise NotFoundError("onreceipt.none")
    values = _valued(session, found, money, rate, rate_note)
    path = expanded(file)

    def write(task: Task) -> None:
        if form == ".csv":
            service.write_table(path, found, values, task, overwrite)
        else:
            (service.write_pdf if form == ".pdf" else service.write_page)(path, found, values, overwrite)

    session.run(write)
    session.show(
        {"path": file, "receipts": len(found)},
        words("cli.receipts_written", file=str(file), count=str(len(found))),
    )


def _json(found: Receipt, valued: Valued | None) -> dict[str, object]:
    told: dict[str, object] = output.jsonable(found)
    told["practice"] = found.kind == "practice"
    if valued is not None:
        told["value_currency"] = valued.fiat
        told["values"] = [_worth(amount, worth, valued) for amount, worth in valued.worths]
    return told


def _worth(amount: Amount, worth: Worth, valued: Valued) -> dict[str, object]:
    from desktop_app.services.rates import decimal, round_money
    from desktop_app.services.receipt_text import source_text

    if worth.value is None or worth.rate is None:
        return {"of": amount, "value": None, "problem": worth.problem.code if worth.problem else None}
    return {
        "of": amount,
        "value": round_money(worth.value, valued.fiat),
        "rate": decimal(worth.rate),
        "source": source_text(worth, valued.note),
    }
