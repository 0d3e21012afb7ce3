"""`colophon training hidden`: models whose weights nobody sees, and what they answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.data_sets import Bits
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.hidden_models import HiddenModel

app = new_app("Models whose weights nobody sees, and proofs of what they answer.")
Reference = Annotated[str, typer.Argument(metavar="MODEL", help="Its id, or that of its run.")]


@command(app, "list")
def list_models(session: Session) -> None:
    """List the models with hidden weights, and how many files of answers each still allows."""
    found = session.services.training.hidden.all()
    rows = [
        (
            each.id,
            each.run_id,
            each.schema.label,
            each.answered,
            each.weights,
            each.proofs_left(),
            iso_utc(each.created_at),
        )
        for each in found
    ]
    columns = ["Model", "Run", "Label", ">Rows answered", ">Weights", ">Files left", "Made"]
    session.show([_told(each) for each in found], output.listing(columns, rows))


@command(app, "show")
def show(session: Session, model: Reference) -> None:
    """Show what is public of a hidden model, and its opening budget."""
    found = session.services.training.hidden.get(model)
    lines = output.facts(
        [
            ("Model", found.id),
            ("Run", found.run_id),
            ("Identity", found.identity),
            ("Label", found.schema.label),
            ("Weights", found.weights),
            ("Rows answered", found.answered),
            (
                "Files left",
                words("cli.proofs_left", count=found.proofs_left(), strong=found.proofs_left(128)),
            ),
        ]
    )
    session.show(_told(found), lines, words("cli.answers_tell", weights=found.weights))


@command(app, "answer")
def answer(
    session: Session,
    model: Reference,
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", help="CSV or Parquet with the columns of the data, no label.")
    ],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the answers.")
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="The licence under which it answers.")] = "",
    challenge: Annotated[
        str, typer.Option("--challenge", help="Words that whoever asks gave you.")
    ] = "",
    bits: Bits = 100,
    may_be_worked_out: Annotated[
        bool,
        typer.Option(
            "--may-be-worked-out", help="Answer so many rows that the weights can be worked out from them."
        ),
    ] = False,
) -> None:
    """Answer every row of a table with a hidden model, and prove it. The rows and the answers are shown."""
    from desktop_app.services.training_words import answer_lines

    passphrase.unlock(session)
    service = session.services.training.hidden
    made = session.run(
        lambda task: service.answer(
            model, table, file, licence=licence, challenge=challenge, security=bits,
            may_be_worked_out=may_be_worked_out, task=task,
        )
    )  # fmt: skip
    value = {
        "path": str(made.path),
        "size": made.size,
        "outputs": list(made.statement.outputs),
        "model": _told(made.model),
    }
    lines = output.facts(
        [
            ("Answers", "\n".join(answer_lines(made.statement, made.schema))),
            ("File", made.path),
            ("Size", f"{made.size / 1e6:.2f} MB"),
            ("Files left", made.model.proofs_left(bits)),
            ("Rows answered", made.model.answered),
        ]
    )
    session.show(
        value,
        lines,
        words("cli.how_to_verify_training", path=made.path),
        words("cli.answers_tell", weights=made.model.weights),
    )


def _told(found: HiddenModel) -> dict[str, object]:
    return {
        "id": found.id,
        "run": found.run_id,
        "identity": found.identity,
        "label": found.schema.label,
        "weights": found.weights,
        "answered": found.answered,
        "opened": found.opened,
        "capacity": found.header.capacity,
        "files_left": found.proofs_left(),
    }
