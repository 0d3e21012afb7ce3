"""`colophon challenge`: for those who check certificates."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import words

app = new_app("Challenges for those who check certificates: each is answered by one certificate only.")


@command(app, "create")
def create(
    session: Session,
    note: Annotated[
        str, typer.Option("--to", metavar="NAME", help="A note for yourself: whom you give it to.")
    ] = "",
) -> None:
    """Make a challenge to give to somebody, by mail or over the phone."""
    challenge = session.services.challenges.new(note)
    session.show(challenge, challenge.code, words("cli.how_to_challenge", challenge=challenge.code))


@command(app, "list")
def list_challenges(session: Session) -> None:
    """List the challenges that you gave out, and which were answered."""
    given = session.services.challenges.all()
    rows = [
        (
            each.code,
            each.given_to,
            iso_utc(each.created_at),
            iso_utc(each.used_at) if each.used_at else words("cli.challenge_open"),
        )
        for each in given
    ]
    session.show(given, output.listing(["Challenge", "Given to", "Made", "Answered"], rows))
