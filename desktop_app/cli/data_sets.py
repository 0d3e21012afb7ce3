"""`colophon training dataset`: private tables, committed to and kept encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.data_sets import PrivateDataSet

app = new_app("Private data sets: kept encrypted, shown to nobody.")

_HOW = "How to read the table"
Bits = Annotated[int, typer.Option("--bits", metavar="100|128", help="How sure a proof is, in bits.")]


@command(app, "add")
def add(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A table: CSV with a first line of names, or Parquet.")
    ],
    label: Annotated[
        str,
        typer.Option("--label", metavar="COLUMN", help="The column to be predicted.", rich_help_panel=_HOW),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="logistic|linear",
            help="logistic (the label is one of two) or linear (a number).",
            rich_help_panel=_HOW,
        ),
    ] = "logistic",
    positive: Annotated[
        str | None,
        typer.Option(
            "--positive", metavar="VALUE", help="The label that counts as yes.", rich_help_panel=_HOW
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category", metavar="COLUMN", help="Numbers here are names of groups.", rich_help_panel=_HOW
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", metavar="COLUMN", help="Do not use this column.", rich_help_panel=_HOW),
    ] = None,
    skip_gaps: Annotated[
        bool, typer.Option("--skip-gaps", help="Leave out rows with empty places.", rich_help_panel=_HOW)
    ] = False,
    like: Annotated[
        str,
        typer.Option(
            "--like",
            metavar="DATASET",
            help="Read it as this data set, so that both fit one training.",
            rich_help_panel=_HOW,
        ),
    ] = "",
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schema", metavar="FILE", help="Read it by somebody else's schema file.", rich_help_panel=_HOW
        ),
    ] = None,
    code_size: Annotated[
        int | None,
        typer.Option(
            "--code-size",
            metavar="N",
            help="The size of code of the other owners' data sets (a power of two).",
            rich_help_panel=_HOW,
        ),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="What you call it; else the file's name.")] = "",
    proofs: Annotated[int, typer.Option("--proofs", min=1, help="How many proofs it is prepared for.")] = 16,
    bits: Bits = 100,
    replaces: Annotated[
        str, typer.Option("--replaces", metavar="DATASET", help="The data set whose openings are used up.")
    ] = "",
) -> None:
    """Commit to a table: writes a file that shows how many rows it has and that all are in range, and no row.

    The rows are kept encrypted under your wallet's key. The commitment is in your library, where you can
    register it like any work.
    """
    from desktop_app.services.data_sets import Reading

    passphrase.unlock(session)

    reading = Reading(
        label, model, positive, tuple(category or ()), tuple(leave_out or ()), skip_gaps, like, schema
    )
    added = session.run(
        lambda task: session.services.training.data_sets.add(
            file, reading, title=title, proofs=proofs, security=bits, predecessor=replaces,
            size_of_code=code_size, task=task,
        )
    )  # fmt: skip
    told = _told(added.data) | {"path": added.certificate, "work": added.work.id}
    session.show(
        told, _facts(added.data, str(added.certificate)), words("cli.how_to_train", id=added.data.id)
    )


@command(app, "list")
def list_data_sets(session: Session) -> None:
    """List your private data sets, and how many proofs each still allows."""
    found = session.services.training.data_sets.all()
    rows = [
        (
            each.id,
            each.title,
            each.header.rows,
            each.header.features,
            each.proofs_left(),
            iso_utc(each.created_at),
        )
        for each in found
    ]
    columns = ["Data set", "Title", ">Rows", ">Columns", ">Proofs left", "Made"]
    session.show([_told(each) for each in found], output.listing(columns, rows))


@command(app, "show")
def show(
    session: Session,
    data_set: Annotated[str, typer.Argument(metavar="DATASET", help="Its id or title.")],
    schema: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the schema to this file, for other owners."
        ),
    ] = None,
) -> None:
    """Show what is public of a data set, and its opening budget."""
    from desktop_app.core.errors import RefusedError

    found = session.services.training.data_sets.get(data_set)
    if schema is not None:
        if schema.exists():
            raise RefusedError("training.file_exists", path=str(schema))
        schema.write_bytes(found.schema.encode())
    certificate = session.services.training.data_sets.certificate(found.id)
    session.show(_told(found) | {"path": certificate}, _facts(found, str(certificate)))


@command(app, "hand-over")
def hand_over(
    session: Session,
    data_set: Annotated[str, typer.Argument(metavar="DATASET", help="Its id or title.")],
    proofs: Annotated[
        int, typer.Option("--proofs", min=1, help="How many proofs the trainer can make; yours get fewer.")
    ],
    bits: Bits = 100,
    file: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it: a file or a folder.")
    ] = Path(),
) -> None:
    """Write a data set for a trainer on another computer, sealed under a passphrase of its own.

    The trainer will see every row. The proofs are taken from the budget here, for good; give the file to one
    computer only.
    """
    passphrase.unlock(session)
    secret = passphrase.new_hand_over(session)
    path = session.run(
        lambda _: session.services.training.hand_over.write(data_set, file, secret, proofs, bits)
    )
    session.show({"path": str(path)}, output.facts([("Send this to the trainer", path)]))


@command(app, "receive")
def receive(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that an owner handed over.")],
    title: Annotated[str, typer.Option("--title", help="What you call it; else as its owner does.")] = "",
) -> None:
    """Keep a data set that its owner handed over, after checking that its rows are what was committed to."""
    passphrase.unlock(session)
    secret = passphrase.of_hand_over(session)
    added = session.run(
        lambda task: session.services.training.hand_over.read(file, secret, title, task)
    )
    told = _told(added.data) | {"path": added.certificate, "work": added.work.id}
    session.show(
        told, _facts(added.data, str(added.certificate)), words("cli.how_to_train", id=added.data.id)
    )


def _told(found: PrivateDataSet) -> dict[str, object]:
    return {
        "id": found.id,
        "title": found.title,
        "identity": found.identity,
        "rows": found.header.rows,
        "columns": found.header.features,
        "model": found.header.model,
        "code_size": found.header.degree_bound,
        "opened": found.opened,
        "capacity": found.header.capacity,
        "proofs_left": found.proofs_left(),
    }


def _facts(found: PrivateDataSet, certificate: str) -> output.Part:
    return output.facts(
        [
            ("Data set", found.id),
            ("Title", found.title),
            ("Identity", found.identity),
            ("Rows", found.header.rows),
            ("Columns", found.header.features),
            ("Label", found.schema.label),
            (
                "Proofs left",
                words("cli.proofs_left", count=found.proofs_left(), strong=found.proofs_left(128)),
            ),
            ("Size of code", found.header.degree_bound),
            ("File to show", certificate),
        ]
    )
