"""`colophon home`: what waits for you, what came in, what happened."""

from __future__ import annotations

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import words


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "home", panel)(home)


def home(session: Session) -> None:
    """Show what needs your attention, what came in, and what happened last."""
    found = session.run(lambda _task: session.services.home.look())
    value = {
        "network": found.network.key,
        "works": found.works,
        "attention": [
            {"code": one.code, "title": one.title, "text": one.text} for one in found.attention
        ],
        "next": found.next
        and {"code": found.next.code, "work": found.next.work_id, "command": found.next.command},
        "this_month": [one.received for one in found.month],
        "in_all": [one.received for one in found.total],
        "news": [
            {
                "time": iso_utc(one.when), "kind": one.kind, "text": one.text, "detail": one.detail,
                "receipt": one.receipt,
            }
            for one in found.news
        ],
    }
    people: list[output.Part] = [f"{one.title}: {one.text}" for one in found.attention]
    if found.next is not None:
        people.append(f"{found.next.title}: {found.next.command}")
    if not people:
        people = [words("cli.nothing_waits" if found.works else "cli.begin_with_a_file")]
    sums = [
        (words("cli.this_month"), ", ".join(str(one.received) for one in found.month) or "–"),
        (words("cli.in_all"), ", ".join(str(one.received) for one in found.total) or "–"),
    ]
    people.append(output.listing(["Received", ""], sums))
    if found.news:
        rows = [(iso_utc(one.when), one.text, one.detail) for one in found.news]
        people.append(output.listing(["When", "What", ""], rows))
    session.show(value, *people)
