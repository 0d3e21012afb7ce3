"""`colophon updates`: is there a newer version, and is a download the real one. Nothing is ever installed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.services.wording import words

app = new_app("Is there a newer version, and is a download the real one. Nothing is ever installed.")


@command(app, "check")
def check(session: Session) -> None:
    """Ask now whether there is a newer version. The answer is signed; who is asked learns that you asked."""
    updates = session.services.updates
    found = session.run(updates.look)
    announced = found.announced
    if found.newer:
        parts = [
            words("updates.newer", "title", version=announced.version),
            words(
                "updates.newer",
                installed=found.installed,
                date=announced.released,
                summary=announced.summary,
            ),
            announced.page,
            words("updates.newer", "next"),
        ]
    else:
        parts = [
            words("updates.newest", "title"),
            words(
                "updates.newest", host=updates.host, version=announced.version, installed=found.installed
            ),
        ]
    session.show(found, *parts)


@command(app, "verify")
def verify(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What you have downloaded.")],
    signature: Annotated[
        Path | None,
        typer.Option("--signature", metavar="FILE", help="Its signature; without this, FILE.minisig."),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", metavar="KEY", help="A minisign key, in place of this release's own.")
    ] = "",
) -> None:
    """Check that a downloaded file is the one that was released. Asks nobody."""
    updates = session.services.updates
    found = session.run(lambda task: updates.check_file(file, signature, key, task))
    session.show(
        found,
        words("updates.good_file", "title"),
        words("updates.good_file", key=found.key, comment=found.comment),
    )
