"""`colophon register`: put a hiding commitment to a work on the network."""

from __future__ import annotations

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.library import WorkArgument
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "register", panel)(register)


def register(session: Session, work: WorkArgument) -> None:
    """Register a work: a commitment and a proof go on the network, nothing of the content does."""
    services = session.services
    found = services.library.get(work)
    passphrase.unlock(session)
    action = session.run(lambda _: services.registration.prepare(found.id))
    done = session.carry_out(action)
    session.show(
        {"work": found.id, "registration": done},
        output.facts(
            [
                ("Registered", found.title),
                ("Commitment", done.commitment.hex()),
                ("Registrant", done.registrant),
                ("Chain", done.chain_id),
                ("Block", done.block_number),
                ("Time", iso_utc(done.block_time) if done.block_time else ""),
                ("Transaction", done.tx_hash),
            ]
        ),
    )
