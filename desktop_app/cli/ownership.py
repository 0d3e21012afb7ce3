"""`colophon prove` and `colophon verify`: certificates, made and checked offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.library import WorkArgument
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import words


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "prove", panel)(prove)
    command(app, "verify", panel)(verify)


def prove(
    session: Session,
    work: WorkArgument,
    audience: Annotated[
        str, typer.Option("--for", metavar="AUDIENCE", help="Whom it is for, e.g. a label's name.")
    ],
    challenge: Annotated[
        str,
        typer.Option(
            "--challenge",
            help="A word or number that they gave you: it shows that the proof is made now and for them.",
        ),
    ] = "",
    days: Annotated[
        int | None,
        typer.Option(
            "--days", min=1, max=3650, help="How long it is valid; without this, as in the settings."
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the certificate.")
    ] = None,
) -> None:
    """Prove that a registered work is yours: writes a certificate, offline."""
    services = session.services
    found = services.library.get(work)
    passphrase.unlock(session)
    made = session.run(
        lambda task: services.ownership.prove(
            found.id, audience, challenge=challenge, days=days, output=file, task=task
        ),
    )
    row = made.certificate
    session.show(
        {"path": made.path, "certificate": row},
        output.facts(
            [
                ("Certificate", made.path),
                ("Work", found.title),
                ("For", row.audience),
                ("Valid until", iso_utc(row.expires_at) if row.expires_at else ""),
            ]
        ),
        words("cli.how_to_verify", path=made.path),
    )


def verify(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A certificate.")],
    challenge: Annotated[
        str | None,
        typer.Option("--challenge", help="The challenge that you gave: the certificate must answer it."),
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option("--for", metavar="AUDIENCE", help="Who you are: the certificate must name you."),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also look the registration up on its network.")
    ] = False,
) -> int:
    """Check a certificate. Exit code: 0 valid, 1 not valid, 2 the file cannot be used."""
    ownership = session.services.ownership
    report = session.run(
        lambda task: ownership.verify(file, challenge=challenge, audience=audience, online=online, task=task),
    )
    verdicts = [
        (words(f"cli.verdict_{one.name}"), words(f"cli.verdict_{one.state.value}"), one.reason)
        for one in report.verdicts
    ]
    session.show(
        report,
        output.listing(["", "", ""], verdicts),
        "",
        output.facts(report.facts),
        "",
        report.does_not_say,
    )
    return 0 if report.valid else FAILED
