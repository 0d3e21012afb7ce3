"""`colophon serve`: deliver what is ordered, and hand out locked files and plays, without a window."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.selling import SaleArgument, app, sale_facts
from desktop_app.cli.session import Session
from desktop_app.services.wording import message

if TYPE_CHECKING:
    from desktop_app.services.sale_delivery import DeliveryStatus

PORT = 8642


def add_to(root: typer.Typer, panel: str) -> None:
    command(root, "serve", panel)(serve)


def serve(
    session: Session,
    host: Annotated[
        str,
        typer.Option("--listen", metavar="ADDRESS", help="Where to listen; 0.0.0.0 lets others reach it."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 takes any free one.")] = PORT,
    no_files: Annotated[bool, typer.Option("--no-files", help="Only deliver keys; open no port.")] = False,
    seconds: Annotated[
        int,
        typer.Option("--seconds", min=0, help="Stop by itself after this time; 0 is when you press Ctrl-C."),
    ] = 0,
) -> None:
    """Deliver what is ordered, and serve locked files and prepaid plays, until you press Ctrl-C."""
    services, selling = session.services, session.services.selling
    passphrase.unlock(session)
    delivery = selling.delivery
    networks = delivery.networks_with_offers() or (services.networks.active,)
    turn = threading.Lock()
    told: dict[int, tuple[str, int]] = {}

    def hear(status: DeliveryStatus) -> None:
        problem = status.problem.code if status.problem else ""
        with turn:
            if told.get(status.chain_id) == (problem, status.waiting) and not status.new:
                return
            told[status.chain_id] = (problem, status.waiting)
            name = services.networks.name_of(status.chain_id)
            line = f"{name}: {status.waiting} waiting, {status.new} new"
            if status.problem is not None:
                line += f". {message(status.problem).title}"
            session.line(
                {"network": name, "waiting": status.waiting, "new": status.new, "problem": problem}, line
            )

    server = None if no_files else selling.server(host, port)
    unsubscribe = delivery.subscribe(hear)
    try:
        if server is not None:
            base = server.start()
            session.line({"address": base}, base)
            for name, address in server.addresses(base).items():
                session.line({"file": name, "address": address}, f"{name}: {address}")
        for network in networks:
            delivery.watch(network)
        threading.Event().wait(seconds or None)
    finally:
        unsubscribe()
        delivery.stop()
        if server is not None:
            server.close()


@command(app, "ipfs")
def ipfs(
    session: Session,
    sale: SaleArgument,
    node: Annotated[
        str,
        typer.Option(
            "--node", metavar="ADDRESS", help="The address of your IPFS node (Kubo); else as in the settings."
        ),
    ] = "",
) -> None:
    """Put a sale's locked file into IPFS through a node of your own, and note its address."""
    selling = session.services.selling
    made = session.run(lambda task: selling.publish_on_ipfs(selling.sales.sale(sale), node, task))
    session.show({"sale": made}, output.facts(sale_facts(made)))
    session.note("cli.ipfs_gateway")


@command(app, "plays")
def plays(session: Session) -> None:
    """List the plays that your server has counted, by licence."""
    known = session.run(lambda _: session.services.selling.plays.counted())
    rows = [(one.licence, one.total) for one in known]
    session.show({"plays": known}, *([output.listing([">Licence", ">Plays used"], rows)] if rows else []))


@command(app, "redeem")
def redeem(
    session: Session,
    licence: Annotated[int, typer.Argument(metavar="LICENCE", min=1, help="The number of the licence.")],
) -> None:
    """Write down on the network how many plays of a licence your server has counted, in one transaction."""
    passphrase.unlock(session)
    made = session.carry_out(session.run(lambda _: session.services.selling.plays.prepare_redeem(licence)))
    session.show({"licence": made}, output.facts([("Licence", made.id), ("Plays used", made.used)]))
