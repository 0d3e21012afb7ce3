"""`colophon training federated`: owners train together while the data of each stays at home (with Flower)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.data_sets import Bits
from desktop_app.cli.session import Session
from desktop_app.services.wording import title_of, words

if TYPE_CHECKING:
    from desktop_app.services.federated import Event, VerifiedFederated

app = new_app("Train together with other owners: each proves its part, and no row leaves its computer.")


@command(app, "offer")
def offer(
    session: Session,
    data_set: Annotated[str, typer.Argument(metavar="DATASET", help="Your data set, by id or title.")],
    name: Annotated[str, typer.Option("--name", help="What you are called in the plan.")],
    licence: Annotated[str, typer.Option("--licence", help="The licence under which it may be used.")] = "",
    file: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it: a file or a folder.")
    ] = Path(),
) -> None:
    """Write an offer to take part, for whoever makes the plan. It holds no row and no secret.

    The results of your own steps will be public in every round. They are a function of your rows, and tell
    more about them than the weights at the end.
    """
    path = session.services.training.federated.offer(data_set, name, file, licence)
    session.show({"path": str(path)}, output.facts([("Send this to who makes the plan", path)]))


@command(app, "prepare")
def prepare(
    session: Session,
    offers: Annotated[list[Path], typer.Argument(metavar="OFFER...", help="The owners' offers.")],
    host: Annotated[
        list[str],
        typer.Option("--host", metavar="HOST", help="A name or address at which the owners reach you."),
    ],
    folder: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="A folder for the run.")],
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How many rounds.")] = 4,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of each owner in each round.")] = 8,
    quorum: Annotated[int, typer.Option("--quorum", min=1, help="How many owners a round needs.")] = 1,
    rate: Annotated[float, typer.Option("--rate", help="The learning rate.")] = 0.5,
    batches: Annotated[int, typer.Option("--batches", min=1, help="Batches of each owner's rows.")] = 1,
    l2: Annotated[float, typer.Option("--l2", min=0, help="Strength of the L2 regularisation.")] = 0.0,
    bits: Bits = 100,
    challenge: Annotated[str, typer.Option("--challenge", help="Words that a verifier gave you.")] = "",
) -> None:
    """Make the plan from the owners' offers, and the certificate of your computer for their connections.

    Two files of the folder go to every owner: the plan and authority.pem. Each can sign the plan
    (`training consent sign`).
    """
    from desktop_app.services.federated import PlanSettings

    settings = PlanSettings(rounds, steps, rate, batches, l2, bits, quorum, challenge)
    federated = session.services.training.federated
    made = session.run(lambda _: federated.prepare(offers, settings, folder, tuple(host)))
    session.show(
        {
            "folder": str(made.folder),
            "plan": str(made.plan),
            "authority": str(made.authority),
            "digest": made.digest,
        },
        output.facts([("Plan", made.plan), ("Authority", made.authority), ("Digest", made.digest)]),
        words("cli.how_to_coordinate", folder=made.folder),
    )


@command(app, "coordinate")
def coordinate(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder that `prepare` made.")],
    listen: Annotated[
        str, typer.Option("--listen", metavar="ADDRESS", help="The address to listen at; 0.0.0.0 for all.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen at.")] = 8443,
    patience: Annotated[
        float, typer.Option("--patience", min=1, help="Seconds that a round waits for all owners.")
    ] = 600,
) -> None:
    """Collect the owners' results until the plan is done. Checks every proof; stopped, it goes on.

    Ends with a file that anybody can verify with `training verify`, without believing you or the owners.
    """

    def told(event: Event) -> None:
        _say(session, event)

    federated = session.services.training.federated
    path = session.run(
        lambda task: federated.coordinate(
            folder, task, told, host=listen, port=port, patience=patience
        )
    )
    session.show(
        {"path": str(path)},
        output.facts([("Proof", path)]),
        words("cli.how_to_verify_training", path=path),
    )


def _say(session: Session, event: Event) -> None:
    number, owner = event.number + 1, event.owner
    if event.kind == "refused":
        session.note("training.event_refused", round=number, owner=owner, reason=title_of(event.code))
    elif event.kind == "declined":
        session.note("training.event_declined", round=number, owner=owner, reason=title_of(event.code))
    elif event.kind == "stranger":
        session.note("training.event_stranger", round=number, owner=owner or "?")
    elif event.kind == "counted":
        session.note("training.event_counted", round=number, owner=owner)
    elif event.kind == "absent":
        session.note("training.event_absent", round=number, owner=owner)
    elif event.kind == "closed":
        session.note("training.event_closed", round=number)


@command(app, "take-part")
def take_part(
    session: Session,
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan that you were sent.")],
    address: Annotated[
        str, typer.Option("--at", metavar="HOST:PORT", help="Where whoever collects can be reached.")
    ],
    authority: Annotated[
        Path, typer.Option("--authority", metavar="FILE", help="authority.pem, which came with the plan.")
    ],
    port: Annotated[
        int, typer.Option("--own-port", min=1, max=65535, help="A free port on this computer alone.")
    ] = 9094,
) -> None:
    """Train on your rows in every round, and prove it. Your rows stay in this program.

    Checks what the others have proved before it goes on from there. Stopped, the same command goes on. Each
    round uses one proof of your data set's budget.
    """

    def told(number: int, what: str) -> None:
        if what == "update":
            session.note("training.owner_answered", round=number + 1)
        elif what not in ("need", "done"):
            session.note("training.owner_declined", round=number + 1, reason=title_of(what))

    federated = session.services.training.federated
    agreed = federated.read_plan(plan)
    owner, data_set = federated.mine(agreed)
    if owner.recipe.batches > 1:
        session.note("training.plan_batches", rows=owner.recipe.batch_rows(owner.data.rows))
    session.approve(
        "training.approve_plan",
        name=owner.name,
        rounds=agreed.rounds,
        steps=owner.recipe.steps,
        rows=owner.data.rows,
        licence=owner.licence or words("training.no_licence"),
        others=", ".join(each.name for each in agreed.owners if each is not owner) or "-",
        left=data_set.proofs_left(agreed.security),
    )
    passphrase.unlock(session)
    count = session.run(
        lambda task: federated.take_part(plan, address, authority, task, told, port=port)
    )
    session.show({"rounds": count}, output.facts([("Rounds proved", count)]))


def said(verified: VerifiedFederated) -> dict[str, object]:
    """A verified federated run for scripts."""
    plan = verified.certificate.plan
    return {
        "valid": True,
        "bits": f"{verified.bits:.6f}",
        "run": plan.run,
        "rounds": len(verified.present),
        "planned": plan.rounds,
        "finished": verified.finished,
        "owners": [
            {
                "name": owner.name,
                "identity": owner.data.identity(),
                "rows": owner.data.rows,
                "licence": owner.licence,
            }
            for owner in plan.owners
        ],
        "present": [list(each) for each in verified.present],
        "signatures": list(verified.certificate.consents),
        "unsigned": list(verified.unsigned),
        "rows_in_range": list(verified.valid_data),
        "weights": list(verified.weights),
    }
