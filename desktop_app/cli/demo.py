"""`colophon demo`: the whole journey on a practice network of its own."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from desktop_app.cli import output, progress
from desktop_app.cli.command import command
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.localised import grouped
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.core.amounts import Amount
    from desktop_app.services.demo import DemoStep, DemoSummary


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "demo", panel)(demo)


def demo(
    session: Session,
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where to put the files that the demo makes."),
    ] = None,
) -> int:
    """See all of it work: a song is registered, proved, minted and paid for. Offline, free, no questions.

    Exit code 1 if the money does not add up.
    """
    from desktop_app.services.demo import AUDIENCE, run_demo
    from desktop_app.services.jobs import JobRunner

    def tell(step: DemoStep) -> None:
        if not session.options.as_json:
            number = f"{step.number:2}/{step.total}  "
            session.out.print(
                Text(number, style="dim") + output.plain(words(step.code, "text", **step.params))
            )

    session.start_log()
    runner = JobRunner(workers=1)
    try:
        job = runner.submit("command", lambda task: run_demo(session.paths, folder, tell, task))
        summary = progress.wait(job)
    finally:
        runner.close()
    session.show(summary, *_report(summary, AUDIENCE))
    return 0 if summary.adds_up else FAILED


def _report(summary: DemoSummary, audience: str) -> list[output.Part]:
    program = _program()
    verify = f"{program} verify {shlex.quote(str(summary.certificate))}"
    verify += f" --challenge {summary.challenge} --for {shlex.quote(audience)}"
    look = f"COLOPHON_PASSPHRASE_FILE={shlex.quote(str(summary.passphrase_file))}"
    look += f" {program} --home {shlex.quote(str(summary.home))}"
    return [
        "",
        _heading("demo_registered"),
        output.facts(
            [
                ("Work", summary.title),
                ("Record", summary.record),
                ("Time", iso_utc(summary.registered_at)),
                ("Proof checked", words("cli.by_the_contract" if summary.proved_on_chain else "cli.no")),
                ("Token", summary.token),
                ("Symbol", summary.symbol),
                ("Shares", grouped(summary.supply)),
            ]
        ),
        "",
        _heading("demo_people"),
        output.listing(
            ["Who", "", ">Paid", ">Received", ">Waiting", ">Shares"],
            [
                (
                    one.name, words(f"demo.{one.role}"),
                    _sum(one.paid), _sum(one.received), _sum(one.pending), one.shares or "",
                )
                for one in summary.people
            ],
        ),
        "",
        _heading("demo_adds_up" if summary.adds_up else "demo_does_not_add_up"),
        output.listing(
            ["", ">Paid", "=", ">To collaborators", "+", ">Claimed", "+", ">Waiting", "+", ">Rounding"],
            [
                (
                    one.received.currency.symbol,
                    one.received.plain(), "=", one.pushed.plain(), "+", one.claimed.plain(),
                    "+", one.pending.plain(), "+", one.rounding.plain(),
                )
                for one in summary.money
            ],
        ),
        "",
        _heading("demo_files"),
        *(f"  {output.plain(path)}" for path in summary.files),
        "",
        _heading("demo_verify"),
        f"  {verify}",
        _heading("demo_look"),
        f"  {look} library list",
    ]  # fmt: skip


def _heading(name: str) -> Text:
    return Text(words(f"cli.{name}"), style="bold")


def _sum(amounts: tuple[Amount, ...]) -> str:
    return ", ".join(str(one) for one in amounts if one.units)


def _program() -> str:
    """How to call this program again from the same place."""
    called = Path(sys.argv[0])
    found = shutil.which("colophon")
    if called.name != "colophon" or (found and Path(found) == called.absolute()):
        return "colophon"
    return shlex.quote(str(called))
