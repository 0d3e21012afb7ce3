"""`colophon training`: private data sets, training on them, and proofs of it that anybody can verify."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import (
    data_sets,
    hidden_models,
    output,
    passphrase,
    training_checks,
    training_consent,
    training_federated,
    training_model,
)
from desktop_app.cli.command import command, new_app
from desktop_app.cli.data_sets import Bits
from desktop_app.cli.session import Session
from desktop_app.cli.training_checks import decimal
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.training_runs import RunSummary

app = new_app("Train on private data, and prove it without showing a row.")
app.add_typer(data_sets.app, name="dataset")
app.add_typer(hidden_models.app, name="hidden")
app.add_typer(training_consent.app, name="consent")
app.add_typer(training_model.app, name="model")
app.add_typer(training_federated.app, name="federated")

Proof = Annotated[
    Path | None,
    typer.Option(
        "--proof",
        metavar="FILE",
        help="Prove each segment at once, into this file, which grows while the training goes on.",
    ),
]


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
    hidden: Annotated[
        int,
        typer.Option(
            "--hidden",
            min=0,
            max=64,
            metavar="UNITS",
            help="Train a network with one hidden layer of so many units (try 8), instead of a regression.",
        ),
    ] = 0,
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
    segments: Annotated[
        int,
        typer.Option(
            "--segments", min=1, help="Keep the training after each of so many pieces, and prove it in them."
        ),
    ] = 1,
    proof: Proof = None,
) -> None:
    """Train on your data sets by a recipe that is exact to the last bit.

    Nothing is shown to anybody, unless you ask for a proof. Stopped between two segments, it goes on with
    `training resume`.
    """
    from desktop_app.services.training_runs import Settings

    passphrase.unlock(session)

    if licence_number:
        if licence:
            raise InvalidInputError("training.two_licences")
        licence = str(session.services.training.licences.reference(licence_number))
    settings = Settings(
        steps, rate, batches, l2, bits, licence, challenge, tuple(party or ()), segments, hidden
    )
    service = session.services.training.runs
    done = session.run(lambda task: service.run(data_set, settings, task, proof=proof))
    _show_run(session, done, service.get(done.id).certificate)


@command(app, "resume")
def resume(
    session: Session,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="What `training list` lists.")],
    more: Annotated[
        int, typer.Option("--steps", min=0, help="So many steps more than were asked for at first.")
    ] = 0,
    proof: Proof = None,
) -> None:
    """Go on with a training that was stopped, or take one further.

    The new steps chain with those before: a proof of the whole pays only for what is new.
    """
    passphrase.unlock(session)
    service = session.services.training.runs
    done = session.run(lambda task: service.resume(run_id, more, task, proof=proof))
    _show_run(session, done, service.get(done.id).certificate)


def _show_run(session: Session, done: RunSummary, proof: Path | None) -> None:
    rows = done.statement.rows
    value = {
        "id": done.id,
        "rows": rows,
        "steps": done.statement.recipe.steps,
        "losses": [decimal(loss) for loss in done.losses],
        "hits": done.hits,
        "squared_error": None if done.squared_error is None else decimal(done.squared_error),
        "distance_to_floats": decimal(done.distance),
        "weights": list(done.statement.final),
        "certificate": proof,
    }
    lines = output.facts(
        [
            ("Run", done.id),
            ("Rows", rows),
            ("Steps", done.statement.recipe.steps),
            ("Loss", _loss(done.losses)),
            ("Right on its own rows", "" if done.hits is None else f"{done.hits} ({done.hits / rows:.1%})"),
            ("Squared error", "" if done.squared_error is None else f"{done.squared_error:.4f}"),
            ("Distance to floats", f"{done.distance:.2g}"),
            ("Proof", proof),
        ]
    )
    if proof is None:
        session.show(value, lines, words("cli.how_to_prove_training", id=done.id))
    else:
        how = words("cli.how_to_verify_training", path=proof)
        session.show(value, lines, how, words("training.what_it_says"))


@command(app, "list")
def list_runs(session: Session) -> None:
    """List the trainings made here."""
    service = session.services.training.runs
    found = [service.state(each) for each in service.all()]
    rows = [
        (
            each.run.id,
            each.statement.recipe.model,
            each.statement.rows,
            _of(each.trained, each.planned),
            _of(each.proved, each.trained),
            iso_utc(each.run.created_at),
            each.run.certificate or "",
        )
        for each in found
    ]
    value = [
        {
            "id": each.run.id,
            "data_sets": list(each.run.data_sets),
            "steps": each.trained,
            "planned": each.planned,
            "proved": each.proved,
            "certificate": str(each.run.certificate) if each.run.certificate else None,
        }
        for each in found
    ]
    columns = ["Run", "Model", ">Rows", ">Steps", ">Proved", "Made", "Proof"]
    session.show(value, output.listing(columns, rows))


def _loss(losses: Sequence[float]) -> str:
    return words("cli.loss_from_to", first=f"{losses[0]:.4f}", last=f"{losses[-1]:.4f}")


def _of(done: int, total: int) -> str:
    return str(total) if done == total else words("cli.part_of", part=done, whole=total)


@command(app, "prove")
def prove(
    session: Session,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="What `training run` printed.")],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write the proof.")
    ] = None,
    segments: Annotated[
        int | None,
        typer.Option("--segments", min=1, help="Prove it piece by piece; stopped, the same command goes on."),
    ] = None,
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
    hide_weights: Annotated[
        bool,
        typer.Option("--hide-weights", help="Commit to the weights instead of showing them; in one piece."),
    ] = False,
    answers: Annotated[
        int | None,
        typer.Option("--answers", min=1, help="How many files of answers a hidden model is prepared for."),
    ] = None,
) -> None:
    """Prove a training: writes a file that anybody can verify without the data.

    It shows the weights, the recipe, and how many rows each data set has. It shows no row. Each new segment
    uses one proof of each data set's budget, and shows the weights at its end too: from many of them, one
    after another, something about the rows can be worked out. What is proved already costs nothing when it
    is written again.
    """
    passphrase.unlock(session)
    service = session.services.training.runs
    if hide_weights:
        if (segments or 1) > 1 or test:
            raise InvalidInputError("training.hidden_alone")
        hidden = session.run(lambda task: service.prove_hidden(run_id, file, answers, task, consent or ()))
        session.show(
            {
                "path": str(hidden.file.path),
                "size": hidden.file.size,
                "model": hidden.model.id,
                "identity": hidden.model.identity,
            },
            output.facts(
                [
                    ("Proof", hidden.file.path),
                    ("Size", f"{hidden.file.size / 1e6:.2f} MB"),
                    ("Hidden model", hidden.model.id),
                    ("Identity", hidden.model.identity),
                ]
            ),
            words("cli.how_to_answer", id=hidden.model.id),
            words("training.what_it_says"),
        )
        return
    made = session.run(lambda task: service.prove(run_id, file, segments, task, test or (), consent or ()))
    session.show(
        {"path": str(made.path), "size": made.size, "segments": len(made.certificate.segments)},
        output.facts([("Proof", made.path), ("Size", f"{made.size / 1e6:.2f} MB")]),
        words("cli.how_to_verify_training", path=made.path),
        words("training.what_it_says"),
    )


training_checks.add_to(app)
