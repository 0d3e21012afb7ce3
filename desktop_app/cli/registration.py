"""`colophon register`: put a hiding commitment to a work on the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.library import WorksArgument
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc

if TYPE_CHECKING:
    from desktop_app.services.library import Work
    from desktop_app.services.registration import Registration


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "register", panel)(register)


def register(session: Session, works: WorksArgument) -> None:
    """Register a work: a sealed record of it goes on the network, nothing of the content does.

    Several works, up to 32, are registered in one transaction: all get their records, or none does.
    """
    services = session.services
    found = [services.library.get(work) for work in works]
    passphrase.unlock(session)
    if len(found) == 1:
        done = session.carry_out(session.run(lambda _: services.registration.prepare(found[0].id)))
        session.show({"work": found[0].id, "registration": done}, output.facts(_facts(found[0], done)))
        return
    many = session.carry_out(
        session.run(lambda _: services.registration.prepare_many([work.id for work in found]))
    )
    parts: list[output.Part] = []
    for work, record in zip(found, many, strict=True):
        parts += [output.facts(_facts(work, record)), ""]
    session.show({"works": [work.id for work in found], "registrations": many}, *parts[:-1])


def _facts(work: Work, done: Registration) -> list[tuple[str, object]]:
    return [
        ("Registered", work.title),
        ("Commitment", done.commitment.hex()),
        ("Registrant", done.registrant),
        ("Chain", done.chain_id),
        ("Block", done.block_number),
        ("Time", iso_utc(done.block_time) if done.block_time else ""),
        ("Transaction", done.tx_hash),
    ]
