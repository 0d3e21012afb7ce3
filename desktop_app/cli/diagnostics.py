"""`colophon diagnostics`: a report for those who help, without secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.clock import SystemClock
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

app = new_app("A report for those who help you, without secrets.")


@command(app, "export")
def export(
    session: Session,
    file: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The ZIP file to write; none is replaced.")
    ] = Path("colophon-diagnostics.zip"),
) -> None:
    """Write versions, settings and redacted logs to a ZIP file. Nothing is sent anywhere."""
    from desktop_app.services.diagnostics import DiagnosticsService

    count = DiagnosticsService(session.paths, SystemClock()).export(file)
    path = expanded(file).absolute()
    session.show({"path": path, "files": count}, words("diagnostics.saved", path=path))
