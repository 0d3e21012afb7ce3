"""`colophon package`: works encrypted for others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.library import WorkArgument
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.localised import grouped
from desktop_app.services.wording import words

app = new_app("Works encrypted for others. Each package has a key of its own, which stays in your wallet.")

PackageArgument = Annotated[Path, typer.Argument(metavar="FILE", help="An encrypted package.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", metavar="FILE", help="The key, if the package was not made here."),
]


@command(app, "create")
def create(
    session: Session,
    work: WorkArgument,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the package.")
    ] = None,
) -> None:
    """Encrypt a work. Interrupted, it goes on where it was when you run the same command again."""
    services = session.services
    found = services.library.get(work)
    passphrase.unlock(session)
    path = file or services.packages.suggested_path(found.id)
    made = session.run(lambda task: services.packages.create(found.id, path, task))
    session.show(
        made,
        output.facts(
            [
                ("Package", made.path),
                ("Id", made.id),
                ("Work", found.title),
                ("Key commitment", made.key_commitment.hex()),
                ("Package root", (made.package_root or b"").hex()),
            ]
        ),
    )


@command(app, "open")
def open_package(
    session: Session,
    package: PackageArgument,
    file: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the work.")],
    key_file: KeyFile = None,
) -> None:
    """Decrypt a package. The file appears only when every byte of it has proved right."""
    packages = session.services.packages
    key = packages.read_key(key_file) if key_file else None
    if key is None:
        passphrase.unlock(session)
    facts = session.run(lambda task: packages.open(package, file, key, task))
    session.show(
        {"path": file, "facts": facts},
        output.facts([("Opened", file), ("Size", words("cli.bytes", count=grouped(facts.size)))]),
    )


@command(app, "check")
def check(session: Session, package: PackageArgument, key_file: KeyFile = None) -> None:
    """Read a whole package and say whether anything in it was changed, and where."""
    packages = session.services.packages
    key = packages.read_key(key_file) if key_file else None
    if key is None and passphrase.from_environment() is not None:
        passphrase.unlock(session)  # Nobody is asked for a passphrase only to look at a file.
    checked = session.run(lambda task: packages.check(package, key, task))
    facts = checked.facts
    session.show(
        checked,
        words("package.opened_whole" if checked.opened else "package.counted_only"),
        output.facts(
            [
                ("Work", checked.work.title if checked.work else ""),
                ("Size", words("cli.bytes", count=grouped(facts.size))),
                ("Key commitment", facts.key_commitment.hex()),
                ("Package root", facts.package_root.hex()),
                ("Content root", facts.content_root.hex()),
            ]
        ),
    )


@command(app, "list")
def list_packages(session: Session, work: WorkArgument) -> None:
    """The packages made of a work, newest first."""
    services = session.services
    found = services.packages.for_work(services.library.get(work).id)
    rows = [
        (
            one.path,
            words("package.complete" if one.finished else "package.unfinished"),
            iso_utc(one.created_at),
            one.id,
        )
        for one in found
    ]
    session.show(list(found), *([output.listing(["Package", "", "Made", "Id"], rows)] if rows else []))


@command(app, "key")
def key(
    session: Session,
    package: Annotated[
        str, typer.Argument(metavar="ID", help="The id of a package; see: colophon package list WORK.")
    ],
    file: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the key.")],
) -> None:
    """Write the key of a package to a file, to give to someone who may read the work."""
    session.approve("package.key_warning")
    passphrase.unlock(session)
    session.services.packages.write_key(package, file)
    session.show({"path": file}, str(file))
