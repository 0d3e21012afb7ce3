"""`colophon training consent`: owners of data and trainers sign a run, each on their own computer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session

app = new_app("Have the owners of the data sign a training, and sign yours.")

Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it: a new file or a folder.")
]


@command(app, "request")
def request(
    session: Session,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="What `training run` printed.")],
    file: Output = Path(),
) -> None:
    """Write the terms of a training to a file, for the owners of its data to sign.

    It holds the recipe, the sizes and identities of the data sets, the licence and the parties: no row, no
    result.
    """
    path = session.services.training.consents.request(run_id, file)
    session.show({"path": str(path)}, output.facts([("Send this to the owners", path)]))


@command(app, "sign")
def sign(
    session: Session,
    request_file: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="The file that you were asked to sign.")
    ],
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="DATASET",
            help="Your data set, by title, id or identity; without it, the one that is kept here.",
        ),
    ] = "",
    as_trainer: Annotated[
        bool, typer.Option("--as-trainer", help="Sign as who trains, not as an owner of data.")
    ] = False,
    file: Output = Path(),
) -> None:
    """Sign the terms of a training with your active account. Nothing is sent and nothing is paid."""
    from desktop_app.services.training_consents import Role

    consents = session.services.training.consents
    role = Role.TRAINER if as_trainer else Role.OWNER
    passphrase.unlock(session)
    action = session.run(lambda _: consents.prepare_sign(request_file, file, data, role))
    made = session.carry_out(action)
    session.show(
        {"path": str(made.path), "signer": made.consent.signer, "role": made.consent.role},
        output.facts([("Signed by", made.consent.signer), ("Send this back", made.path)]),
    )


@command(app, "attach")
def attach(
    session: Session,
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="The file of the training proof.")],
    consent: Annotated[
        list[Path], typer.Argument(metavar="CONSENT...", help="The files that the signers sent back.")
    ],
    file: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The new proof file, or a folder.")
    ],
) -> None:
    """Put signatures into a proof that was made before they came. The old file stays as it is."""
    consents = session.services.training.consents
    path = session.run(lambda task: consents.attach(proof, consent, file, task))
    session.show({"path": str(path)}, output.facts([("Proof", path)]))
