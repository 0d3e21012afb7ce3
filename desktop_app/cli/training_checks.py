"""`colophon training verify` and `example`: what anybody can check, and try out, without private data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, training_federated
from desktop_app.cli.command import command
from desktop_app.cli.session import Session
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.training_runs import Verified


def add_to(app: typer.Typer) -> None:
    command(app, "verify")(verify)
    command(app, "example")(example)


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
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="IDENTITY", help="The hidden model that it must be about."),
    ] = None,
    trained: Annotated[
        Path | None,
        typer.Option(
            "--trained", metavar="FILE", help="Of answers: the proof of that model's training, checked too."
        ),
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option("--inputs", metavar="FILE", help="Of answers: the table that they must be about."),
    ] = None,
) -> None:
    """Verify a training proof without the data. Ends with 0: it holds, 1: it does not, 2: it is no proof."""
    from desktop_app.services.training_runs import Expected, nonce_of
    from desktop_app.services.training_words import federated_facts, verified_facts, what_it_says

    nonce = None if challenge is None else nonce_of(challenge)
    signers = [session.services.address_book.resolve(each) for each in signed_by or []]
    expected = Expected(nonce, licence, run_id, data or None, signers or None, model)
    training = session.services.training
    if training.federated.is_certificate(file):
        whole = session.run(
            lambda task: training.federated.verify(file, expected, task, trained=trained, inputs=inputs)
        )
        checked = session.run(
            lambda _: training.licences.check_federated(whole.certificate, online=online)
        )
        session.show(
            training_federated.said(whole) | {"licences": checked},
            output.facts(federated_facts(whole, checked)),
            words("training.what_federated_says"),
        )
        return
    verified = session.run(
        lambda task: training.runs.verify(file, expected, task, trained=trained, inputs=inputs)
    )
    licences = session.run(lambda _: training.licences.check(verified.certificate, online=online))
    session.show(
        _said(verified) | {"licences": licences},
        output.facts(verified_facts(verified, licences)),
        what_it_says(verified),
    )


def example(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="health|finance|owners|creators", help="Which one.")],
    folder: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write the files.")
    ],
) -> None:
    """A worked example on real public data: commit, train, prove, and verify."""
    from desktop_app.services.training_examples import run_example

    done = session.run(lambda task: run_example(name, folder, task))
    value = {key: decimal(item) if isinstance(item, float) else item for key, item in vars(done).items()}
    lines = output.facts(
        [
            ("Data", words(f"training.example_{name}")),
            (
                "Rows and columns",
                words("cli.rows_from", rows=done.rows, columns=done.features, owners=", ".join(done.owners)),
            ),
            ("Steps", done.steps),
            ("Right on its own rows", f"{done.hits} ({done.hits / done.rows:.1%})"),
            ("Distance to floats", f"{done.distance:.2g}"),
            ("Same side as scikit-learn", words("cli.of_the_rows", part=f"{done.sklearn_agrees:.1%}")),
            ("Proved in", f"{done.seconds_to_prove:.1f} s"),
            ("Verified in", f"{done.seconds_to_verify:.1f} s"),
            ("Size", f"{done.size / 1e6:.2f} MB"),
            ("Proof", done.certificate),
        ]
    )
    session.show(value, lines, words("cli.how_to_verify_training", path=done.certificate))


def decimal(value: float) -> str:
    """JSON of ours holds no floats."""
    return f"{value:.6f}"


def _said(verified: Verified) -> dict[str, object]:
    segments = verified.certificate.segments
    first, last = (segments[0], segments[-1]) if segments else (None, None)
    answers, hidden = verified.certificate.answers, verified.hidden_model
    return {
        "valid": True,
        "bits": decimal(verified.bits),
        "data": [
            {"identity": header.identity(), "rows": header.rows, "columns": header.features}
            for header in verified.certificate.data
        ],
        "rows_in_range": list(verified.valid_data),
        "steps": verified.steps,
        "model": first.recipe.model if first else None,
        "segments": len(segments),
        "licence": first.licence if first else answers.licence if answers else None,
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
        "hidden_model": hidden.identity() if hidden else None,
        "inputs": [list(row) for row in answers.inputs] if answers else [],
        "outputs": list(answers.outputs) if answers else [],
    }
