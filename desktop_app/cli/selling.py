"""`colophon sell`: put works on sale, and serve who ordered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import Overwrite, command, new_app
from desktop_app.cli.licences import TEXT_HELP, read_text
from desktop_app.cli.royalties import CURRENCY_HELP, TokenArgument, token_currency
from desktop_app.cli.session import Session
from desktop_app.core.amounts import parse_amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.actions import Action
    from desktop_app.services.sale_records import Order, Sale
    from desktop_app.services.sale_terms import SaleMode

app = new_app("Sell copies of your works: the money is split as it comes, the key is delivered against it.")

SaleArgument = Annotated[
    str, typer.Argument(metavar="SALE", help="The beginning of its id, or the work's title or token.")
]
OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="The beginning of its id.")]


@command(app, "offer")
def offer(
    session: Session,
    token: TokenArgument,
    price: Annotated[str, typer.Argument(metavar="PRICE", help="For one copy.")],
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="One that the work takes.")],
    mode: Annotated[
        str,
        typer.Option(
            "--mode",
            metavar="fast|safe|sealed",
            help="fast, safe (with time for complaints), or sealed (without proof of the key).",
        ),
    ] = "fast",
    within: Annotated[
        str, typer.Option("--within", metavar="TIME", help="How soon you deliver: 30m, 24h, 7d.")
    ] = "7d",
    window: Annotated[
        str, typer.Option("--window", metavar="TIME", help="In safe mode: the time for complaints.")
    ] = "3d",
    terms: Annotated[
        Path | None,
        typer.Option("--terms", metavar="FILE", help=TEXT_HELP + " Without it, a short standard text."),
    ] = None,
    url: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="ADDRESS", help="Where buyers can download the locked file."),
    ] = None,
    package: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write the locked file; beside the work."
        ),
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Never deliver by itself: you deliver each order.")
    ] = False,
    fee_limit: Annotated[
        str,
        typer.Option(
            "--fee-limit",
            metavar="AMOUNT",
            help="The most that one automatic delivery may cost, in the coin.",
        ),
    ] = "",
) -> None:
    """Put a work on sale: write its locked file, and offer it on the network."""
    from desktop_app.services.sale_terms import SaleTerms, parse_duration

    services, selling = session.services, session.services.selling
    found = session.run(lambda _: services.royalties.token(token))
    if found.work_id is None:
        raise InvalidInputError("selling.other_work", name=found.name)
    work_id = found.work_id
    coin = services.networks.active.native
    wanted = SaleTerms(
        price=parse_amount(price, token_currency(session, found, currency)),
        text=read_text(terms) if terms else "",
        mode=sale_mode(mode),
        time_limit=parse_duration(within),
        window=parse_duration(window),
        addresses=tuple(url or ()),
        automatic=not by_hand,
        fee_limit=parse_amount(fee_limit, coin) if fee_limit else None,
    )
    passphrase.unlock(session)
    locked = session.run(lambda task: selling.packages.make(work_id, package, task))
    action = session.run(lambda _: selling.sales.prepare_offer(found, wanted, locked))
    made = session.carry_out(action)
    session.show({"sale": made}, output.facts(sale_facts(made)))
    session.note("cli.sell_next", reference=made.reference[:10])


def sale_mode(text: str) -> SaleMode:
    """A mode by its word."""
    from desktop_app.services.sale_terms import SaleMode

    try:
        return SaleMode(text.strip().lower())
    except ValueError:
        raise InvalidInputError("cli.sale_mode", text=text[:40], choices=", ".join(SaleMode)) from None


def sale_facts(one: Sale) -> list[tuple[str, object]]:
    """A sale as label and value."""
    from desktop_app.services.sale_terms import duration_in_words

    code = "selling.automatic_short_yes" if one.automatic else "selling.automatic_short_no"
    return [
        ("Sale", one.reference),
        ("Work", one.title),
        ("Price", one.price),
        ("State", one.state_in_words),
        ("Key delivered", one.mode_in_words),
        ("Within", duration_in_words(one.time_limit)),
        ("Delivery", words(code, limit=str(one.fee_limit))),
        ("Orders waiting", one.waiting),
        ("Delivered", one.delivered),
        ("Locked file", one.package_path),
        *(("Download at", address) for address in one.addresses),
        ("Network", one.network_name),
    ]


@command(app, "list")
def list_sales(
    session: Session,
    closed: Annotated[bool, typer.Option("--closed", help="Show withdrawn sales, too.")] = False,
) -> None:
    """List what you have on sale."""
    known = session.run(lambda _: session.services.selling.sales.sales(closed=closed))
    if not known:
        session.note("cli.no_sales")
    rows = [
        (
            one.reference[:10],
            one.title,
            one.price,
            one.mode.value,
            one.waiting,
            one.delivered,
            one.state_in_words,
        )
        for one in known
    ]
    columns = ["Sale", "Work", ">Price", "Mode", ">Orders waiting", ">Delivered", "State"]
    session.show({"sales": known}, *([output.listing(columns, rows)] if rows else []))


@command(app, "show")
def show(session: Session, sale: SaleArgument) -> None:
    """Show one sale and its licence."""
    found = session.run(lambda _: session.services.selling.sales.sale(sale))
    session.show({"sale": found, "licence": found.licence}, output.facts(sale_facts(found)), found.licence)


@command(app, "withdraw")
def withdraw(session: Session, sale: SaleArgument) -> None:
    """Take no more orders. Those that were placed stay, and have to be delivered."""
    sales = session.services.selling.sales
    found = session.run(lambda _: sales.sale(sale))
    passphrase.unlock(session)
    made = session.carry_out(session.run(lambda _: sales.prepare_withdraw(found)))
    session.show({"sale": made}, output.facts(sale_facts(made)))


@command(app, "address")
def address(
    session: Session,
    sale: SaleArgument,
    urls: Annotated[
        list[str], typer.Argument(metavar="ADDRESS...", help="Where the locked file can be downloaded.")
    ],
) -> None:
    """Say where the locked file can be had. Write the checkout page anew afterwards."""
    sales = session.services.selling.sales
    made = session.run(lambda _: sales.set_addresses(sales.sale(sale), tuple(urls)))
    session.show({"sale": made}, output.facts(sale_facts(made)))


@command(app, "automatic")
def automatic(
    session: Session,
    sale: SaleArgument,
    off: Annotated[bool, typer.Option("--off", help="Deliver each order yourself from now on.")] = False,
    fee_limit: Annotated[
        str,
        typer.Option(
            "--fee-limit", metavar="AMOUNT", help="The most that one delivery may cost, in the coin."
        ),
    ] = "",
) -> None:
    """Let the app deliver a sale's orders by itself, and for which fee at most."""
    sales = session.services.selling.sales
    found = session.run(lambda _: sales.sale(sale))
    limit = parse_amount(fee_limit, found.fee_limit.currency) if fee_limit else found.fee_limit
    if not off:
        session.approve("cli.sell_automatic", title=found.title, limit=str(limit))
    made = session.run(lambda _: sales.set_automatic(found, not off, limit))
    session.show({"sale": made}, output.facts(sale_facts(made)))


@command(app, "checkout")
def checkout(
    session: Session,
    sale: SaleArgument,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Show the collaborators' names to everybody.")
    ] = False,
    plays: Annotated[
        str, typer.Option("--plays", metavar="ADDRESS", help="Also sell plays, from this server of yours.")
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Write the checkout page: one file on which anybody with a wallet can buy."""
    services = session.services
    found = session.run(lambda _: services.selling.sales.sale(sale))
    making = services.selling.checkout
    target = expanded(file or Path(making.suggested_name(found))).resolve()
    if target.exists() and not overwrite:
        raise InvalidInputError("cli.file_exists", path=str(target))
    session.run(lambda _: making.write(found, target, names=names, plays_server=plays))
    session.show(
        {"sale": found, "path": target},
        output.facts([("Work", found.title), ("Price", found.price), ("Page", target)]),
    )
    if not found.addresses:
        session.note("cli.sell_no_address")


@command(app, "link")
def link(
    session: Session,
    token: TokenArgument,
    amount: Annotated[
        str, typer.Argument(metavar="[AMOUNT]", help="How much; without it, the payer chooses.")
    ] = "",
    currency: Annotated[str, typer.Argument(metavar="[CURRENCY]", help=CURRENCY_HELP)] = "",
    picture: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the QR code to a .png or .svg file."),
    ] = None,
) -> None:
    """Make a payment link and its QR code, for tips and plain payments to a work."""
    from desktop_app.services.payment_links import payment_link, write_qr

    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    chosen = token_currency(session, found, currency) if currency else found.currencies[0]
    made = payment_link(found, chosen, parse_amount(amount, chosen) if amount else None)
    target = expanded(picture).resolve() if picture else None
    if target is not None:
        write_qr(made.uri, target)
    session.show(
        {"link": made, "caution": made.caution, "path": target},
        output.facts(
            [
                ("Pay to", f"{made.name}  {made.recipient}"),
                ("Network", f"{made.network_name} ({made.chain_id})"),
                ("Amount", made.amount),
                ("Link", made.uri),
                ("Picture", target),
            ]
        ),
        output.qr_code(made.uri),
        made.caution,
    )


# --- Orders ---------------------------------------------------------------------------------------------


@command(app, "orders")
def orders(session: Session) -> None:
    """List the orders on your sales, with their state and time limit. Asks the network first."""
    services = session.services
    session.run(lambda task: services.selling.orders.sync(services.networks.chain(), task))
    known = session.run(lambda _: services.selling.orders.orders())
    if not known:
        session.note("cli.no_orders")
    rows = [
        (
            one.reference[:10],
            one.title,
            one.amount,
            one.state_in_words + (f": {one.problem.title}" if one.problem else ""),
            iso_utc(one.deadline),
            one.buyer,
        )
        for one in known
    ]
    columns = ["Order", "Work", ">Paid", "State", "Deliver until", "Buyer"]
    session.show({"orders": known}, *([output.listing(columns, rows)] if rows else []))


@command(app, "deliver")
def deliver(
    session: Session,
    order: Annotated[
        str, typer.Argument(metavar="[ORDER]", help="The beginning of its id; without it, all that are due.")
    ] = "",
) -> None:
    """Deliver the key of an order now; or, once, all that the app would deliver by itself."""
    services, selling = session.services, session.services.selling
    if order:
        _settle(session, order, selling.orders.prepare_deliver)
        return
    passphrase.unlock(session)
    network = services.networks.active
    status = session.run(lambda task: selling.delivery.deliver_once(network, task))
    if status.problem is not None:
        raise status.problem
    known = selling.orders.orders()
    session.show(
        {"waiting": status.waiting, "orders": known},
        output.facts([("Orders", len(known)), ("Orders waiting", status.waiting)]),
    )


def order_facts(one: Order) -> list[tuple[str, object]]:
    """An order as label and value."""
    return [
        ("Order", one.reference),
        ("Work", one.title),
        ("Buyer", one.buyer),
        ("Paid", one.amount),
        ("State", one.state_in_words),
        ("Deliver until", iso_utc(one.deadline)),
        ("Complaints until", iso_utc(one.release_at) if one.release_at else ""),
        ("Transaction", one.tx_hash),
    ]


def _settle(session: Session, order: str, prepare: Callable[[Order], Action[Order]]) -> None:
    """Carry out what ends an order, as the network has it now."""
    services, orders = session.services, session.services.selling.orders
    session.run(lambda task: orders.sync(services.networks.chain(), task))
    found = orders.order(order)
    passphrase.unlock(session)
    done = session.carry_out(session.run(lambda _: prepare(found)))
    session.show({"order": done}, output.facts(order_facts(done)))


@command(app, "decline")
def decline(session: Session, order: OrderArgument) -> None:
    """Give a buyer the money back instead of delivering."""
    _settle(session, order, session.services.selling.orders.prepare_decline)


@command(app, "release")
def release(session: Session, order: OrderArgument) -> None:
    """Have a delivered order paid out, once the time for complaints is over."""
    _settle(session, order, session.services.selling.orders.prepare_release)
