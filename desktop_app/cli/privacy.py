"""`colophon privacy`: erasing a work for good, and taking everything along."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command, new_app
from desktop_app.cli.library import WorkArgument
from desktop_app.cli.session import Session
from desktop_app.services.wording import words

app = new_app("Your data are yours: erase a work for good, or take everything along.")


@command(app, "erase")
def erase(session: Session, work: WorkArgument) -> None:
    """Erase a work: its keys are destroyed, so that its sealed records can never be opened again."""
    services = session.services
    plan = services.privacy.look_at(services.library.get(work).id)
    if not session.options.as_json:
        rows = [(words("privacy.goes"), text) for text in plan.goes]
        rows += [(words("privacy.stays"), text) for text in plan.stays]
        session.err.print(output.facts(rows))
    session.approve("privacy.erase", title=plan.work.title)
    done = services.privacy.erase(plan.work.id)
    session.show(
        {"erased": done.work.id, "goes": done.goes, "stays": done.stays},
        words("privacy.erased", title=done.work.title),
    )


@command(app, "export")
def export(
    session: Session,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the ZIP file.")
    ] = None,
) -> None:
    """Write everything that the app knows about you and your works to a ZIP file that people can read."""
    privacy = session.services.privacy
    path = file or Path(privacy.suggested_name())
    count = session.run(lambda task: privacy.export(path, task))
    session.show({"path": path, "files": count}, words("privacy.exported", count=count, path=path))
