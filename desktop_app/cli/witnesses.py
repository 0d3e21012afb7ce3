"""`colophon witness`: others who date a sealed record. Each is asked only by these commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command, new_app
from desktop_app.cli.library import WorkArgument
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.witnesses import WitnessView

app = new_app(
    "More witnesses for a sealed record than its own chain. They date it, and learn nothing of the work."
)

WitnessArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The id of a witness; see: colophon witness list WORK.")
]


@command(app, "ask")
def ask(
    session: Session,
    work: WorkArgument,
    calendar: Annotated[
        str,
        typer.Option(
            "--calendar",
            metavar="ADDRESS",
            help="An OpenTimestamps calendar, e.g. https://a.pool.opentimestamps.org",
        ),
    ] = "",
    authority: Annotated[
        str,
        typer.Option(
            "--authority",
            metavar="ADDRESS",
            help="A time-stamp authority (RFC 3161), e.g. https://freetsa.org/tsr",
        ),
    ] = "",
) -> None:
    """Ask a witness to date the sealed record of a work."""
    if bool(calendar) == bool(authority):
        raise InvalidInputError("cli.one_witness")
    services = session.services
    found = services.library.get(work)
    _agree(
        session, "witness.calendar_learns" if calendar else "witness.authority_learns", calendar or authority
    )
    if calendar:
        view = session.run(lambda task: services.witnesses.ask_calendar(found.id, calendar, task))
    else:
        view = session.run(lambda task: services.witnesses.ask_authority(found.id, authority, task))
    session.show(view, output.facts(_facts(view)))


@command(app, "list")
def list_witnesses(session: Session, work: WorkArgument) -> None:
    """The witnesses of a work's records, newest first. Asks nobody."""
    services = session.services
    views = services.witnesses.for_work(services.library.get(work).id)
    session.show(list(views), *(output.facts(_facts(view)) for view in views))


@command(app, "complete")
def complete(session: Session, witness: WitnessArgument) -> None:
    """Ask a calendar again, hours later, for the proof that it has promised."""
    witnesses = session.services.witnesses
    view = session.run(lambda task: witnesses.complete(witness, task))
    session.show(view, output.facts(_facts(view)))


@command(app, "verify")
def verify(
    session: Session,
    witness: WitnessArgument,
    blocks: Annotated[
        str,
        typer.Option(
            "--blocks",
            metavar="ADDRESS",
            help="A server with Bitcoin's blocks, e.g. https://blockstream.info/api",
        ),
    ] = "",
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust", metavar="FILE", help="Root certificate (PEM) of an authority that you trust."
        ),
    ] = None,
) -> None:
    """Check a witness to the end, against a block of Bitcoin or an authority that you trust."""
    witnesses = session.services.witnesses
    if blocks:
        _agree(session, "witness.blocks_learns", blocks)
    view = session.run(lambda task: witnesses.confirm(witness, blocks=blocks, roots=trust, task=task))
    session.show(view, output.facts(_facts(view)))


@command(app, "export")
def export(
    session: Session,
    witness: WitnessArgument,
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write the two files.")
    ] = Path(),
) -> None:
    """Write the sealed record and its timestamp as files that any other program checks."""
    paths = session.services.witnesses.export(witness, folder)
    session.show({"paths": paths}, *(str(path) for path in paths))


def _agree(session: Session, code: str, address: str) -> None:
    server = urlsplit(address).hostname or address[:80]
    if code == "witness.calendar_learns":
        session.approve("witness.calendar_learns", server=server)
    elif code == "witness.authority_learns":
        session.approve("witness.authority_learns", server=server)
    else:
        session.approve("witness.blocks_learns", server=server)


def _facts(view: WitnessView) -> list[tuple[str, object]]:
    return [
        ("Witness", words(f"witness.kind_{view.witness.kind.value}")),
        ("Id", view.witness.id),
        ("State", words(f"witness.state_{view.state.value}")),
        ("Server", view.witness.server),
        ("Authority", view.authority),
        ("Block of Bitcoin", view.block or ""),
        ("Date", iso_utc(view.time) if view.time else ""),
    ]
