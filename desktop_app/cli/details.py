"""`colophon library` for one work: what is inside, what is said about it, what is like it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command
from desktop_app.cli.library import WorkArgument, work_facts
from desktop_app.cli.session import Session
from desktop_app.services.wording import words

_SAY = "What you say about it"


def add_to(app: typer.Typer) -> None:
    command(app, "look")(look)
    command(app, "describe")(describe)
    command(app, "similar")(similar)


def look(session: Session, work: WorkArgument) -> None:
    """Look into a work's file again: facts, a small picture, and what makes it recognisable."""
    services = session.services
    found = services.library.get(work)
    portrait = session.run(lambda task: services.details.look(found.id, task))
    session.show({"work": found, "portrait": portrait}, output.facts(work_facts(session, found)))


def describe(
    session: Session,
    work: WorkArgument,
    title: Annotated[str | None, typer.Option("--title", help="Its title.", rich_help_panel=_SAY)] = None,
    creators: Annotated[
        list[str] | None,
        typer.Option(
            "--creator",
            metavar="NAME",
            help="A creator, with a role in brackets: Ada Wren (composer). Repeat it for each.",
            rich_help_panel=_SAY,
        ),
    ] = None,
    year: Annotated[
        str | None, typer.Option("--year", help="The year of publication.", rich_help_panel=_SAY)
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="As en, fr or pt-BR.", rich_help_panel=_SAY)
    ] = None,
    isrc: Annotated[
        str | None, typer.Option("--isrc", help="Number of a recording.", rich_help_panel=_SAY)
    ] = None,
    isbn: Annotated[
        str | None, typer.Option("--isbn", help="Number of a book.", rich_help_panel=_SAY)
    ] = None,
    doi: Annotated[
        str | None, typer.Option("--doi", help="Number of an article or data set.", rich_help_panel=_SAY)
    ] = None,
    iswc: Annotated[
        str | None, typer.Option("--iswc", help="Number of a composition.", rich_help_panel=_SAY)
    ] = None,
    training: Annotated[
        str | None,
        typer.Option(
            "--training",
            metavar="RULE",
            help="May AI be trained with it? forbidden, licensed or allowed.",
            rich_help_panel=_SAY,
        ),
    ] = None,
    about: Annotated[
        str | None, typer.Option("--about", help="A few sentences.", rich_help_panel=_SAY)
    ] = None,
    token: Annotated[
        str, typer.Option("--token", metavar="SYMBOL", help="Show it as the public description of a token.")
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the JSON (schema.org) to this file."),
    ] = None,
) -> None:
    """Say who made a work and when; without options, show what is said. An empty text takes it away."""
    from desktop_app.services.details import creators_from, training_from, year_from

    services = session.services
    found = services.library.get(work)
    said = services.details.metadata(found.id)
    texts = {"title": title, "language": language, "isrc": isrc, "isbn": isbn, "doi": doi, "iswc": iswc,
             "description": about}  # fmt: skip
    changed = replace(said, **{name: text for name, text in texts.items() if text is not None})  # type: ignore[arg-type]
    if creators is not None:
        changed = replace(changed, creators=creators_from(";".join(creators)))
    if year is not None:
        changed = replace(changed, year=year_from(year or "0"))
    if training is not None:
        changed = replace(changed, training=training_from(training))
    if changed != said:
        services.details.set_metadata(found.id, changed)
    document = (
        services.details.token_document(found.id, token) if token else services.details.json_ld(found.id)
    )
    if file is not None:
        services.catalogue.write(file, output.json_text(document) + "\n")
    session.show(document, output.facts(work_facts(session, services.library.get(found.id))))


def similar(session: Session, work: WorkArgument) -> None:
    """Find works in the library that are like this one: other versions, copies, other formats."""
    services = session.services
    found = services.library.get(work)
    near = services.details.similar(found.id)
    rows = [
        (
            words(f"similarity.{one.nearness.closeness.name.lower()}"),
            words("similarity.percent", percent=one.nearness.percent),
            words(f"similarity.by_{one.nearness.kind}"),
            one.work.title,
            one.work.id,
        )
        for one in near
    ]
    if not rows:
        session.note("similarity.nothing_near")
    session.show(
        [
            {
                "work": one.work.id,
                "title": one.work.title,
                "closeness": one.nearness.closeness,
                "kind": one.nearness.kind,
                "distance": one.nearness.distance,
                "bits": one.nearness.bits,
                "percent": one.nearness.percent,
            }
            for one in near
        ],
        *([output.listing(["", ">", "Compared by", "Title", "Id"], rows)] if rows else []),
    )
