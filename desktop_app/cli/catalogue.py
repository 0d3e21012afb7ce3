"""`colophon library` for whole catalogues: folders, tables, and what has become of the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output
from desktop_app.cli.command import command
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.localised import grouped
from desktop_app.services.wording import message, words

if TYPE_CHECKING:
    from desktop_app.core.errors import ColophonError

LISTED = 20
"""How many failures are written out for people; --json has them all."""


def add_to(app: typer.Typer) -> None:
    command(app, "check")(check)
    command(app, "import")(import_table)
    command(app, "export")(export_table)


HERE = "here"
"""Instead of an address: this computer reads the files, whatever the settings say."""


def add_folders(session: Session, folders: list[Path], cluster_address: str, read_again: bool) -> int:
    """Add every file below folders; returns the exit code."""
    from desktop_app.services.executors import cluster, local_processes
    from desktop_app.services.library import AddOutcome

    address = cluster_address or session.services.catalogue.cluster_address
    here = address in ("", HERE)
    workers = local_processes if here else cluster(address)
    if not here:
        session.note("catalogue.cluster_sees")
    reports = []
    for folder in folders:
        report = session.run(
            lambda task, folder=folder: session.services.catalogue.add_folder(  # type: ignore[misc]
                folder, task, workers, read_again=read_again
            )
        )
        reports.append(report)
    counts = {one.value: sum(report.count(one) for report in reports) for one in AddOutcome}
    counts["unchanged"] = sum(report.unchanged for report in reports)
    failed = [(path, error) for report in reports for path, error in report.failed]
    session.show(
        {
            "counts": counts,
            "added": [one.work.id for report in reports for one in report.results if not one.already_there],
            "failed": [{"file": path, "code": error.code} for path, error in failed],
        },
        output.facts([(words(f"library.{name}"), grouped(count)) for name, count in counts.items() if count]),
        *([_failures(failed)] if failed else []),
    )
    return FAILED if failed else 0


def _failures(failed: list[tuple[Path, ColophonError]]) -> output.Part:
    rows = [(path.name, message(error).title) for path, error in failed[:LISTED]]
    if len(failed) > LISTED:
        rows.append((words("catalogue.more_failed", count=len(failed) - LISTED), ""))
    return output.listing([words("catalogue.failed"), ""], rows)


def check(
    session: Session,
    look_in: Annotated[
        Path | None,
        typer.Option("--look-in", metavar="FOLDER", help="Look for missing files below this folder."),
    ] = None,
    read_again: Annotated[
        bool,
        typer.Option("--read-again", help="Read every file, also where size and time are as they were."),
    ] = False,
) -> int:
    """See whether the files of all works are still there, unchanged; find those that were moved.

    Exit code 1 if one is missing or was changed.
    """
    library = session.services.library
    checks = session.run(lambda task: library.check_all(look_in, task, read_again=read_again))
    rows = [
        (one.work.title, words(f"library.file_is_{one.state.value}"), one.place or one.work.path)
        for one in checks
        if one.state.value != "unchanged"
    ]
    unchanged = len(checks) - len(rows)
    session.show(
        [{"work": one.work.id, "state": one.state.value, "place": one.place} for one in checks],
        *([output.listing(["Work", "File", "Place"], rows)] if rows else []),
        words("library.files_unchanged", count=grouped(unchanged)),
    )
    return FAILED if any(one.state.value in ("missing", "changed") for one in checks) else 0


def import_table(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file; see: colophon library export.")],
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Use the good lines although others cannot be used.")
    ] = False,
) -> int:
    """Set title, creators, year and numbers of many works from a table (CSV).

    Exit code 1 if a line of it could not be used.
    """
    catalogue = session.services.catalogue
    report = session.run(lambda task: catalogue.import_table(file, task, skip_bad=skip_bad))
    for error in report.refused[:LISTED]:
        session.failed(error)
    session.show(
        {"changed": report.changed, "refused": [error.code for error in report.refused]},
        words("catalogue.imported", count=grouped(report.changed)),
    )
    return FAILED if report.refused else 0


def export_table(
    session: Session,
    file: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the table.")
    ] = Path("works.csv"),
    search: Annotated[str, typer.Option("--search", help="Only works whose title contains this.")] = "",
) -> None:
    """Write the metadata of works as a table (CSV), to be filled in and imported again."""
    count = session.services.catalogue.write_table(file, search)
    session.show({"path": file, "works": count}, str(file))
