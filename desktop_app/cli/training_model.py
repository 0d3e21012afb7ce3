"""`colophon training model`: a trained model as a work whose income flows on to the owners of its data."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.minting import parent_of
from desktop_app.cli.royalties import token_facts
from desktop_app.cli.session import Session
from desktop_app.core.amounts import parse_share

app = new_app("Register a trained model, and share its income with the owners of its data.")

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="A run that was proved.")]


@command(app, "show")
def show(session: Session, run_id: RunArgument) -> None:
    """Show the data sets of a model, and the royalty shares that stand for them."""
    found = session.run(lambda _: session.services.training.models.parents(run_id))
    rows = [(each.identity, each.rows, each.name, each.token) for each in found]
    session.show({"data": found}, output.listing(["Data set", ">Rows", "Its work", "Its token"], rows))


@command(app, "register")
def register(
    session: Session,
    run_id: RunArgument,
    title: Annotated[str, typer.Option("--title", help="What the model is called in your library.")] = "",
) -> None:
    """Register a model: its proof file goes into your library, and a sealed record of it on the network."""
    models = session.services.training.models
    passphrase.unlock(session)
    work = session.run(lambda task: models.work(run_id, title, task))
    action = session.run(lambda task: models.prepare_registration(run_id, title, task))
    record = session.carry_out(action) if action else session.services.registration.current(work.id)
    session.show(
        {"work": work.id, "registration": record},
        output.facts([("Work", work.id), ("Title", work.title), ("Transaction", record and record.tx_hash)]),
    )


@command(app, "mint")
def mint(
    session: Session,
    run_id: RunArgument,
    symbol: Annotated[str, typer.Option("--symbol", help="A short sign for it, e.g. MODEL.")],
    data_share: Annotated[
        str,
        typer.Option(
            "--data-share",
            metavar="SHARE",
            help="This percentage of every payment goes to the data sets together, by their numbers of rows.",
        ),
    ] = "",
    parent: Annotated[
        list[str] | None,
        typer.Option(
            "--parent", metavar="TOKEN=SHARE", help="A work that gets this percentage; can be repeated."
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="The token's name; without it, the work's title.")] = "",
    supply: Annotated[int, typer.Option("--supply", min=1, help="How many shares; all go to you.")] = 1000,
    currency: Annotated[
        list[str] | None,
        typer.Option("--currency", help="A currency that it takes; without it, coin and dollar."),
    ] = None,
) -> None:
    """Mint a registered model as a child of its data sets, so that they get their part of its income.

    Their royalty tokens are found through the licence of the run, or among your own. What comes in for them
    is passed on with `royalties forward`, by anybody.
    """
    from desktop_app.services.royalties import MintTerms

    services = session.services
    parents = tuple(parent_of(session, text) for text in parent or [])
    currencies = session.run(lambda _: tuple(services.royalties.currency(text) for text in currency or []))
    part = parse_share(data_share) if data_share else 0
    terms = MintTerms("", name, symbol, supply, parents=parents, currencies=currencies)
    passphrase.unlock(session)
    action = session.run(lambda task: services.training.models.prepare_mint(run_id, terms, part, task))
    token = session.carry_out(action)
    session.show({"token": token}, output.facts(token_facts(token)))
