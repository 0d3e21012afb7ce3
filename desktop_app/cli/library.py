"""`colophon library`: the works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.catalogue import add_folders
from desktop_app.cli.command import command, new_app
from desktop_app.cli.portrait import described
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import ColophonError, InvalidInputError
from desktop_app.core.localised import grouped
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.library import AddResult, Work

app = new_app(
    "Your works. Adding a file reads it once; the file stays where it is, and nothing leaves the computer."
)

WorkArgument = Annotated[
    str, typer.Argument(metavar="WORK", help="A work: its id, the beginning of its id, or its title.")
]

WorksArgument = Annotated[
    list[str],
    typer.Argument(metavar="WORK...", help="One work or several: ids, beginnings of ids, or titles."),
]


def facts(work: Work) -> list[tuple[str, object]]:
    """What is known about a work, as label and value."""
    return [
        ("Title", work.title),
        ("Id", work.id),
        ("File", work.path),
        ("Size", words("cli.bytes", count=grouped(work.size))),
        ("Kind", work.media_type),
        ("Added", iso_utc(work.added_at)),
        ("SHA-256", work.sha256.hex()),
        ("BLAKE3", work.blake3.hex()),
        ("Chunk tree", work.chunk_root.hex()),
    ]


def work_facts(session: Session, work: Work) -> list[tuple[str, object]]:
    """The same with what its creator and the file itself say."""
    return facts(work) + described(session.services.details.portrait(work.id))


@command(app, "add")
def add(
    session: Session,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Any files: songs, films, books, data.")
    ],
    title: Annotated[
        str, typer.Option("--title", help="Its title; without this, the name of the file.")
    ] = "",
    recursive: Annotated[
        bool,
        typer.Option("--recursive", "-r", help="Add every file below folders, on all processors."),
    ] = False,
    cluster_address: Annotated[
        str,
        typer.Option(
            "--cluster",
            metavar="ADDRESS",
            help="With --recursive: the Dask cluster at tcp://HOST:PORT reads the files; it must be yours."
            " Without this, the one in the settings (library.cluster); here: this computer.",
        ),
    ] = "",
    read_again: Annotated[
        bool,
        typer.Option(
            "--read-again", help="With --recursive: read known files too, though size and time are the same."
        ),
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Take the fingerprint only; look into the file later.")
    ] = False,
) -> int:
    """Fingerprint files, look into them, and add them to the library.

    Exit code 1 if one of several could not be added.
    """
    if recursive:
        if title:
            raise InvalidInputError("cli.one_title_for_several")
        return add_folders(session, files, cluster_address, read_again)
    if cluster_address:
        raise InvalidInputError("cli.cluster_needs_recursive")
    if title and len(files) > 1:
        raise InvalidInputError("cli.one_title_for_several")
    results, code = [], 0
    for path in files:
        try:
            result = _add(session, path, title, quick)
        except ColophonError as error:
            if len(files) == 1:
                raise
            code = max(code, session.failed(error), FAILED)
            continue
        results.append(result)
        if not session.options.as_json:
            said = words(f"library.{result.outcome.value}")
            session.show(None, output.facts([(said, result.work.title), ("Id", result.work.id)]))
    if session.options.as_json:
        session.show(
            [
                {"already_there": one.already_there, "outcome": one.outcome.value, "work": one.work}
                for one in results
            ]
        )
    return code


def _add(session: Session, path: Path, title: str, quick: bool) -> AddResult:
    services = session.services
    result = session.run(lambda task: services.library.add(path, title, task))
    if not quick and not result.already_there:
        session.run(lambda task: services.details.look(result.work.id, task))
    return result


@command(app, "list")
def list_works(
    session: Session,
    search: Annotated[str, typer.Option("--search", help="Only works whose title contains this.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 100,
    offset: Annotated[
        int, typer.Option("--offset", min=0, help="How many to leave out at the beginning.")
    ] = 0,
) -> None:
    """List the works, newest first, with how far each has come on the network in use."""
    library = session.services.library
    works = library.page(offset=offset, limit=limit, search=search)
    chain_id = session.services.networks.active.chain_id
    steps = {work.id: library.step(work.id, chain_id).name.lower() for work in works}
    if not works:
        session.note("cli.no_works")
    rows = [
        (
            work.title,
            words(f"cli.step_{steps[work.id]}"),
            grouped(work.size),
            iso_utc(work.added_at),
            work.id,
        )
        for work in works
    ]
    session.show(
        {"works": [{"step": steps[work.id], "work": work} for work in works], "count": library.count(search)},
        *([output.listing(["Title", "Step", ">Bytes", "Added", "Id"], rows)] if rows else []),
    )


@command(app, "show")
def show(session: Session, work: WorkArgument) -> None:
    """Show all that is known about a work, its registrations, certificates and tokens."""
    services = session.services
    found = services.library.get(work)
    registrations = services.registration.for_work(found.id)
    certificates = services.ownership.certificates(found.id)
    tokens = services.royalties.tokens(found.id)
    portrait = services.details.portrait(found.id)
    session.show(
        {
            "work": found,
            "portrait": portrait,
            "registrations": registrations,
            "certificates": certificates,
            "tokens": tokens,
        },
        output.facts(work_facts(session, found)),
        *(
            output.facts([("Registered", words(
                "cli.registered_on", state=one.status, chain=one.chain_id, hash=one.tx_hash))])
            for one in registrations
        ),
        *(output.facts([("Certificate", one.path), ("For", one.audience)]) for one in certificates),
        *(
            output.facts([("Royalty shares", words(
                "cli.token_on", symbol=one.symbol, address=one.address, chain=one.chain_id))])
            for one in tokens
        ),
    )


@command(app, "rename")
def rename(
    session: Session,
    work: WorkArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="Its new title.")],
) -> None:
    """Give a work another title. Registrations and certificates do not hold the title, and stay valid."""
    library = session.services.library
    changed = library.rename(library.get(work).id, title)
    session.show({"work": changed}, output.facts(facts(changed)))


@command(app, "remove")
def remove(session: Session, work: WorkArgument) -> None:
    """Take a work out of the library. The file itself is not touched; registered works stay."""
    library = session.services.library
    found = library.get(work)
    session.approve("cli.remove_work", title=found.title)
    library.remove(found.id)
    session.show({"removed": found.id}, words("cli.removed", title=found.title))
