"""`colophon training`: private data sets, training on them, and proofs of it that anybody can verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase, training_consent, training_model
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.data_sets import PrivateDataSet
    from desktop_app.services.training_runs import Verified

app = new_app("Train on private data, and prove it without showing a row.")
data_sets = new_app("Private data sets: kept encrypted, shown to nobody.")
app.add_typer(data_sets, name="dataset")
app.add_typer(training_consent.app, name="consent")
app.add_typer(training_model.app, name="model")

_HOW = "How to read the table"
Bits = Annotated[int, typer.Option("--bits", help="How sure a proof is: 100 or 128 bits.")]


@command(data_sets, "add")
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
            "--model", help="logistic (the label is one of two) or linear (a number).", rich_help_panel=_HOW
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
    told = _told(added.data) | {"file": str(added.certificate), "work": added.work.id}
    session.show(
        told, _facts(added.data, str(added.certificate)), words("cli.how_to_train", id=added.data.id)
    )


@command(data_sets, "list")
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


@command(data_sets, "show")
def show(
    session: Session,
    data_set: Annotated[str, typer.Argument(metavar="DATASET", help="Its id or title.")],
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help="Write the schema to this file, for other owners."),
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
    session.show(_told(found) | {"file": str(certificate)}, _facts(found, str(certificate)))


@command(app, "run")
def run(
    session: Session,
    data_set: Annotated[list[str], typer.Argument(metavar="DATASET...", help="One or more data sets.")],
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of gradient descent.")] = 64,
    rate: Annotated[float, typer.Option("--rate", help="The learning rate.")] = 0.5,
    batches: Annotated[
        int, typer.Option("--batches", min=1, help="Cut the rows into so many batches, one for each step.")
    ] = 1,
    l2: Annotated[float, typer.Option("--l2", min=0, help="Strength of the L2 regularisation.")] = 0.0,
    bits: Bits = 100,
    licence: Annotated[
        str, typer.Option("--licence", help="The licence under which you train, in your own words.")
    ] = "",
    licence_number: Annotated[
        list[int] | None,
        typer.Option(
            "--licence-number",
            metavar="N",
            help="A training licence that you bought on the network; one for each data set.",
        ),
    ] = None,
    party: Annotated[
        list[str] | None, typer.Option("--party", metavar="NAME", help="Who takes part; the trainer first.")
    ] = None,
    challenge: Annotated[
        str,
        typer.Option(
            "--challenge", help="Words that the verifier gave you; they fix the order of the batches."
        ),
    ] = "",
) -> None:
    """Train on your data sets by a recipe that is exact to the last bit. Nothing is shown to anybody yet."""
    from desktop_app.services.training_runs import Settings

    passphrase.unlock(session)

    if licence_number:
        if licence:
            raise InvalidInputError("training.two_licences")
        licence = str(session.services.training.licences.reference(licence_number))
    settings = Settings(steps, rate, batches, l2, bits, licence, challenge, tuple(party or ()))
    done = session.run(lambda task: session.services.training.runs.run(data_set, settings, task))
    rows = done.statement.rows
    value = {
        "id": done.id,
        "rows": rows,
        "steps": steps,
        "losses": [_decimal(loss) for loss in done.losses],
        "hits": done.hits,
        "squared_error": None if done.squared_error is None else _decimal(done.squared_error),
        "distance_to_floats": _decimal(done.distance),
        "weights": list(done.statement.final),
    }
    lines = output.facts(
        [
            ("Run", done.id),
            ("Rows", rows),
            ("Loss", f"{done.losses[0]:.4f} at first, {done.losses[-1]:.4f} at last"),
            ("Right on its own rows", "" if done.hits is None else f"{done.hits} ({done.hits / rows:.1%})"),
            ("Squared error", "" if done.squared_error is None else f"{done.squared_error:.4f}"),
            ("Distance to floats", f"{done.distance:.2g}"),
        ]
    )
    session.show(value, lines, words("cli.how_to_prove_training", id=done.id))


@command(app, "runs")
def runs(session: Session) -> None:
    """List the trainings made here."""
    service = session.services.training.runs
    found = [(each, service.statement_of(each)) for each in service.all()]
    rows = [
        (
            each.id,
            said.recipe.model,
            said.rows,
            said.recipe.steps,
            iso_utc(each.created_at),
            each.certificate or "",
        )
        for each, said in found
    ]
    value = [
        {
            "id": each.id,
            "data_sets": list(each.data_sets),
            "steps": said.recipe.steps,
            "certificate": str(each.certificate) if each.certificate else None,
        }
        for each, said in found
    ]
    session.show(value, output.listing(["Run", "Model", ">Rows", ">Steps", "Made", "Proof"], rows))


@command(app, "prove")
def prove(
    session: Session,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="What `training run` printed.")],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the proof.")
    ] = None,
    segments: Annotated[
        int,
        typer.Option("--segments", min=1, help="Prove it piece by piece; stopped, the same command goes on."),
    ] = 1,
    test: Annotated[
        list[str] | None,
        typer.Option(
            "--test",
            metavar="DATASET",
            help="Also show how good the result is on this data set (made --like it).",
        ),
    ] = None,
    consent: Annotated[
        list[Path] | None,
        typer.Option(
            "--consent", metavar="FILE", help="A signature under this training (see `training consent`)."
        ),
    ] = None,
) -> None:
    """Prove a training: writes a file that anybody can verify without the data.

    It shows the weights, the recipe, and how many rows each data set has. It shows no row. Each segment uses
    one proof of each data set's budget, and shows the weights at its end too: from many of them, one after
    another, something about the rows can be worked out.
    """
    passphrase.unlock(session)
    made = session.run(
        lambda task: session.services.training.runs.prove(
            run_id, file, segments, task, test or (), consent or ()
        )
    )
    session.show(
        {"path": str(made.path), "size": made.size, "segments": segments},
        output.facts([("Proof", made.path), ("Size", f"{made.size / 1e6:.2f} MB")]),
        words("cli.how_to_verify_training", path=made.path),
        words("training.what_it_says"),
    )


@command(app, "verify")
def verify(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file of a training proof or of a data set.")
    ],
    challenge: Annotated[
        str | None, typer.Option("--challenge", help="The words that you gave out; refuses any other.")
    ] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="The licence that it must name.")] = None,
    run_id: Annotated[str | None, typer.Option("--run", help="The run that it must be about.")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option("--data", metavar="IDENTITY", help="The data sets that it must be about, in order."),
    ] = None,
    signed_by: Annotated[
        list[str] | None,
        typer.Option(
            "--signed-by", metavar="ADDRESS", help="Who must have signed the run; a contact's name will do."
        ),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the network whether the licence is what the run says.")
    ] = False,
) -> None:
    """Verify a training proof without the data. Ends with 0: it holds, 1: it does not, 2: it is no proof."""
    from desktop_app.services.training_runs import Expected, nonce_of
    from desktop_app.services.training_words import verified_facts

    nonce = None if challenge is None else nonce_of(challenge)
    signers = [session.services.address_book.resolve(each) for each in signed_by or []]
    expected = Expected(nonce, licence, run_id, data or None, signers or None)
    training = session.services.training
    verified = session.run(lambda task: training.runs.verify(file, expected, task))
    licences = session.run(lambda _: training.licences.check(verified.certificate, online=online))
    session.show(
        _said(verified) | {"licences": licences},
        output.facts(verified_facts(verified, licences)),
        words("training.what_it_says"),
    )


@command(app, "example")
def example(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="health, finance, owners or creators.")],
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write the files.")],
) -> None:
    """A worked example on real public data: commit, train, prove, and verify."""
    from desktop_app.services.training_examples import run_example

    done = session.run(lambda task: run_example(name, folder, task))
    value = {key: _decimal(item) if isinstance(item, float) else item for key, item in vars(done).items()}
    lines = output.facts(
        [
            ("Data", words(f"training.example_{name}")),
            ("Rows and columns", f"{done.rows} x {done.features}, from {', '.join(done.owners)}"),
            ("Steps", done.steps),
            ("Right on its own rows", f"{done.hits} ({done.hits / done.rows:.1%})"),
            ("Distance to floats", f"{done.distance:.2g}"),
            ("Same side as scikit-learn", f"{done.sklearn_agrees:.1%} of the rows"),
            ("Proved in", f"{done.seconds_to_prove:.1f} s"),
            ("Verified in", f"{done.seconds_to_verify:.1f} s"),
            ("Size", f"{done.size / 1e6:.2f} MB"),
            ("Proof", done.certificate),
        ]
    )
    session.show(value, lines, words("cli.how_to_verify_training", path=done.certificate))


def _decimal(value: float) -> str:
    """JSON of ours holds no floats."""
    return f"{value:.6f}"


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
            ("Proofs left", f"{found.proofs_left()} (with 128 bits: {found.proofs_left(128)})"),
            ("Size of code", found.header.degree_bound),
            ("File to show", certificate),
        ]
    )


def _said(verified: Verified) -> dict[str, object]:
    segments = verified.certificate.segments
    first, last = (segments[0], segments[-1]) if segments else (None, None)
    return {
        "valid": True,
        "bits": _decimal(verified.bits),
        "data": [
            {"identity": header.identity(), "rows": header.rows, "columns": header.features}
            for header in verified.certificate.data
        ],
        "rows_in_range": list(verified.valid_data),
        "steps": verified.steps,
        "model": first.recipe.model if first else None,
        "licence": first.licence if first else None,
        "parties": list(first.parties) if first else [],
        "run": first.run if first else None,
        "signatures": list(verified.certificate.consents),
        "unsigned": list(verified.unsigned),
        "tests": [
            {
                "data": [header.identity() for header in test.data],
                "rows": test.rows,
                "error": test.error,
            }
            for test in verified.certificate.tests
        ],
        "initial": list(first.initial) if first else [],
        "weights": list(last.final) if last else [],
    }
