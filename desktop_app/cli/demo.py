"""`colophon demo`: the whole journey on a practice network of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli.command import command
from desktop_app.cli.session import Session


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "demo", panel)(demo)


def demo(
    session: Session,
    folder: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Where to put the files that the demo makes."),
    ] = None,
) -> None:
    """See all of it work: a song is registered, proved, minted, sold and paid for, offline and free."""
