"""`colophon guide`: the chapters that the window shows, in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command
from desktop_app.cli.session import FAILED, Session
from desktop_app.services import guide as chapters


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "guide", panel)(guide)


def guide(
    session: Session,
    chapter: Annotated[
        str, typer.Argument(metavar="[CHAPTER]", help="Its name; without one, the list of chapters.")
    ] = "",
    search: Annotated[
        str, typer.Option("--search", metavar="WORDS", help="List the sections with these words.")
    ] = "",
) -> int:
    """Read the guide: first steps, proofs, royalties, networks, privacy, taxes, security.

    Exit code 1 if a search finds nothing.
    """
    if search:
        found = chapters.search(search)
        rows = [(one.chapter, one.heading, one.excerpt) for one in found]
        session.show(found, output.listing(["Chapter", "Section", "Text"], rows))
        return 0 if found else FAILED
    if chapter:
        from rich.markdown import Markdown

        one = chapters.chapter(chapter)
        value = {"chapter": one.key, "title": one.title, "text": one.text}
        session.show(value, Markdown(one.text) if session.out.is_terminal else one.text)
        return 0
    every = [{"chapter": one.key, "title": one.title} for one in chapters.chapters()]
    session.show(every, output.listing(["Chapter", ""], [(one["chapter"], one["title"]) for one in every]))
    return 0
