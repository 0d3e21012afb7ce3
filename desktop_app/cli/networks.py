"""`colophon network`: which network actions go to, and the practice network's own tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import comparing, output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.errors import NotFoundError
from desktop_app.services.wording import message, words

if TYPE_CHECKING:
    from desktop_app.services.networks import EndpointHealth, NetworkStatus

app = new_app(
    "The network that actions go to. It starts with the practice network: inside the app, offline, free."
)


@command(app, "list")
def list_networks(session: Session) -> None:
    """List the networks; the star marks the one in use."""
    networks = session.services.networks
    active = networks.active.key
    rows = [
        ("*" if one.key == active else "", one.key, one.name, words(f"cli.network_{one.kind}"), one.chain_id)
        for one in networks.networks()
    ]
    session.show(
        {"active": active, "networks": networks.networks()},
        output.listing(["", "Key", "Name", "Kind", ">Chain"], rows),
    )


@command(app, "status")
def status(
    session: Session,
    key: Annotated[
        str, typer.Argument(metavar="[NETWORK]", help="A network; without this, the one in use.")
    ] = "",
) -> int:
    """Ask a network whether it answers and has what Colophon needs. Exit code 1 if it does not answer."""
    found = session.run(lambda _: session.services.networks.status(key))
    session.show(found, output.facts(_facts(found)))
    return 0 if found.reachable else FAILED


def _facts(found: NetworkStatus) -> list[tuple[str, object]]:
    proofs = "unknown" if found.proofs_on_chain is None else "yes" if found.proofs_on_chain else "no"
    rows: list[tuple[str, object]] = [
        ("Network", found.network.name),
        ("Chain", found.network.chain_id),
        ("Answers", words("cli.yes" if found.reachable else "cli.no")),
        ("Block", found.block_number),
        ("Checks proofs", words(f"cli.{proofs}")),
        ("Contracts", words("cli.yes" if found.contracts_ready else "cli.no")),
    ]
    if found.problem is not None:
        rows += [("Problem", f"{found.problem.title}: {found.problem.reason}"), ("", found.problem.next_step)]
    return rows


@command(app, "fees")
def fees(
    session: Session,
    key: Annotated[
        str, typer.Argument(metavar="[NETWORK]", help="A network; without this, the one in use.")
    ] = "",
) -> None:
    """Ask a network what your actions cost there now: running them, and their data on Ethereum, apart."""
    services = session.services
    network = services.networks.named(key) if key else services.networks.active
    if network.key != services.networks.active.key:
        session.approve("cli.ask_one_network", name=network.name, host=services.networks.first_host(key))
    prices = session.run(lambda _: services.prices.ask_one(network.key))
    comparing.show_fees(session, network, prices)


@command(app, "compare")
def compare(
    session: Session,
    works: Annotated[int, typer.Option(help="Works that you register and mint in a month.")] = 2,
    payments: Annotated[int, typer.Option(help="Payments that you get in a month.")] = 100,
    claims: Annotated[int, typer.Option(help="How often you collect earnings in a month.")] = 1,
    worth: Annotated[
        list[str] | None,
        typer.Option(metavar="COIN=AMOUNT", help="What a coin is worth in your money, e.g. ETH=2500."),
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask all networks for their prices now; first you are told whom.")
    ] = False,
) -> None:
    """Compare what a month costs on each network, before and after Dencun, and say which one suits you.

    Without --ask nobody is asked: the last known prices count, with their dates.
    """
    comparing.run(session, (works, payments, claims), worth or [], ask)


@command(app, "use")
def use(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="NETWORK", help="As in: colophon network list")],
) -> None:
    """Send actions to this network from now on."""
    chosen = session.services.networks.select(key)
    session.show({"network": chosen}, words("cli.now_using", name=chosen.name))


@command(app, "check")
def check(
    session: Session,
    key: Annotated[
        str, typer.Argument(metavar="[NETWORK]", help="A network; without this, the one in use.")
    ] = "",
) -> int:
    """Ask every node of a network, and compare what they say. Exit code 1 when one is not to be trusted."""
    found = session.run(lambda _: session.services.networks.health(key, check=True))
    if not found:
        session.note("cli.no_health")
    rows = [
        (
            one.host,
            words(f"endpoint.{one.state.value}"),
            one.head if one.head is not None else "",
            "" if one.latency_ms is None else one.latency_ms,
        )
        for one in found
    ]
    told = [message(error) for one in found for error in (*one.doubts, one.problem) if error is not None]
    lines: list[output.Part] = [output.listing(["Node", "State", ">Block", ">ms"], rows)] if rows else []
    for said in dict.fromkeys(told):
        lines += [said.title, f"{said.reason} {said.next_step}"]
    session.show(
        [_health(one) for one in found],
        *lines,
    )
    bad = ("wrong_network", "doubted")
    return FAILED if any(one.state.value in bad for one in found) else 0


def _health(one: EndpointHealth) -> dict[str, object]:
    return {
        "node": one.host,
        "state": one.state,
        "block": one.head,
        "latency_ms": one.latency_ms,
        "problem": one.problem.code if one.problem else None,
        "doubts": [each.code for each in one.doubts],
    }


@command(app, "node")
def node(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="NETWORK", help="As in: colophon network list")],
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS...]", help="Nodes to use (http or https); none: the public ones."),
    ] = None,
) -> None:
    """Reach a network through nodes of your own; two, so that payouts are confirmed by a second source."""
    session.services.networks.set_endpoints(key, tuple(addresses or ()))
    session.show({"network": key, "nodes": addresses or []}, *(addresses or [words("cli.public_nodes")]))


@command(app, "faucet")
def faucet(
    session: Session,
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help="Who gets it; without this, you.")] = "",
) -> None:
    """Get practice money, on the practice network."""
    services = session.services
    to = address or services.wallet.status().active
    if not to:
        raise NotFoundError("wallet.absent")
    balances = session.run(lambda task: services.networks.faucet(to, task))
    session.show(
        {"address": to, "balances": balances},
        output.facts([("Address", to), *(("Now has", one) for one in balances)]),
    )


@command(app, "reset")
def reset(session: Session) -> None:
    """Start the practice network anew: its records, tokens and money are gone, your works stay."""
    session.approve("cli.reset_practice")
    session.run(lambda _: session.services.networks.reset_practice())
    session.show({"reset": True}, words("cli.practice_is_new"))


@command(app, "deploy")
def deploy(session: Session) -> None:
    """Put Colophon's contracts on the network in use, where they are missing."""
    passphrase.unlock(session)
    action = session.run(lambda _: session.services.networks.prepare_deploy())
    hashes = session.carry_out(action)
    session.show({"transactions": hashes}, output.facts([("Transaction", one) for one in hashes]))
