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
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.disclosures import (
    Disclosure,
    Knowledge,
    OneOfMany,
    Passage,
    SameWork,
    WholeFile,
    byte_range,
    preview,
    time_range,
)
from desktop_app.services.wording import words

_SHOW = "What to show"


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "prove", panel)(prove)
    command(app, "verify", panel)(verify)
    command(app, "export", panel)(export)


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
    whole_file: Annotated[
        bool,
        typer.Option("--whole-file", help="Show that it is this very file.", rich_help_panel=_SHOW),
    ] = False,
    text: Annotated[
        str, typer.Option("--text", help="Show this passage of a text.", rich_help_panel=_SHOW)
    ] = "",
    time: Annotated[
        str,
        typer.Option(
            "--time",
            metavar="FROM-TO",
            help="Show these seconds of sound or film, e.g. 10-25.5 or 1:10-1:25.",
            rich_help_panel=_SHOW,
        ),
    ] = "",
    part: Annotated[
        str,
        typer.Option(
            "--bytes", metavar="FIRST-LAST", help="Show these bytes, counted from 0.", rich_help_panel=_SHOW
        ),
    ] = "",
    same_on: Annotated[
        str,
        typer.Option(
            "--same-on",
            metavar="NETWORK",
            help="Show that the record on another network holds the same work.",
            rich_help_panel=_SHOW,
        ),
    ] = "",
    purpose: Annotated[
        str,
        typer.Option(
            "--one-of-many",
            metavar="PURPOSE",
            help="Show that one of all registered works is yours, not which.",
            rich_help_panel=_SHOW,
        ),
    ] = "",
    before: Annotated[
        int | None,
        typer.Option(
            "--until-block",
            metavar="BLOCK",
            min=0,
            help="With --one-of-many: count works up to this block.",
            rich_help_panel=_SHOW,
        ),
    ] = None,
    sign: Annotated[
        bool, typer.Option("--sign", help="Add your signature: it shows that the address is yours.")
    ] = False,
) -> None:
    """Prove that a registered work is yours: writes a certificate, offline.

    Nothing of the work is shown unless you choose one of the options under "What to show".
    """
    services = session.services
    found = services.library.get(work)
    chosen = [option for option in (whole_file, text, time, part, same_on, purpose) if option]
    if len(chosen) > 1 or (before is not None and not purpose):
        raise InvalidInputError("cli.one_thing_to_show")
    disclosure: Disclosure = Knowledge()
    if whole_file:
        disclosure = WholeFile()
    elif text:
        disclosure = services.ownership.find_text(found.id, text)
    elif time:
        disclosure = services.ownership.find_time(found.id, *time_range(time))
    elif part:
        disclosure = Passage(*byte_range(part))
    elif same_on:
        disclosure = SameWork(same_on)
    elif purpose:
        disclosure = OneOfMany(purpose, before)
    passphrase.unlock(session)
    told = preview(disclosure.kind)
    for sentence in told.shows:
        session.note("cli.shows", what=sentence)
    for sentence in told.hides:
        session.note("cli.hides", what=sentence)
    made = session.run(
        lambda task: services.ownership.prove(
            found.id,
            audience,
            challenge=challenge,
            days=days,
            output=file,
            task=task,
            disclosure=disclosure,
            sign=sign,
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


def export(
    session: Session,
    certificate: Annotated[Path, typer.Argument(metavar="FILE", help="A certificate.")],
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE", help="Write a web page that verifies itself."),
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE", help="Write a PDF that carries the certificate.")
    ] = None,
    title: Annotated[
        str, typer.Option("--title", help="Shown at the top; leave it out if the title is to stay private.")
    ] = "",
) -> None:
    """Write a certificate as a web page that anyone can open, or as a PDF for the archive."""
    if page is None and pdf is None:
        raise InvalidInputError("cli.nothing_to_export")
    ownership = session.services.ownership
    written = []
    if page is not None:
        session.run(lambda task: ownership.write_page(certificate, page, title))
        written.append(page)
    if pdf is not None:
        session.run(lambda task: ownership.write_pdf(certificate, pdf, title))
        written.append(pdf)
    session.show({"paths": written}, *(str(path) for path in written))


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
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose", help="The purpose that you named: a certificate of one of many must be for it."
        ),
    ] = "",
    online: Annotated[
        bool, typer.Option("--online", help="Also look the registration up on its network.")
    ] = False,
    node: Annotated[
        str,
        typer.Option("--node", metavar="ADDRESS", help="Look it up at this node (http or https)."),
    ] = "",
    work_file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Compare with this file, if it is about a whole file."),
    ] = None,
    excerpt: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the part that the certificate shows here."
        ),
    ] = None,
) -> int:
    """Check a certificate. Exit code: 0 valid, 1 not valid, 2 the file cannot be used."""
    ownership = session.services.ownership
    report = session.run(
        lambda task: ownership.verify(
            file,
            challenge=challenge,
            audience=audience,
            online=online or bool(node),
            task=task,
            file=work_file,
            node=node,
            purpose=purpose,
        ),
    )
    if excerpt is not None:
        session.services.ownership.write_excerpt(report, excerpt)
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
