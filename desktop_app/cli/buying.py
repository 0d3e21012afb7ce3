"""`colophon buy`: buy from a checkout page without a browser."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.paths import expanded

if TYPE_CHECKING:
    from desktop_app.services.checkout import Checkout
    from desktop_app.services.purchases import Purchase

app = new_app("Buy works from their checkout pages: nothing is paid before the locked file is checked.")

PageArgument = Annotated[Path, typer.Argument(metavar="PAGE", help="The seller's checkout page, saved.")]
IdArgument = Annotated[str, typer.Argument(metavar="PURCHASE", help="Its number, as buy list shows.")]
PACKAGE_HELP = "The locked file, or another address of it."


@command(app, "check")
def check(session: Session, page: PageArgument) -> None:
    """Show what a page sells, and whether it is on sale now. Pays nothing."""
    from desktop_app.services.checkout import read_checkout

    found = session.run(lambda _: read_checkout(page))
    session.run(lambda _: session.services.selling.purchases.check_open(found))
    session.show({"offer": found, "licence": found.licence}, output.facts(_offer_facts(found)), found.licence)


def _offer_facts(one: Checkout) -> list[tuple[str, object]]:
    from desktop_app.services.sale_terms import duration_in_words

    return [
        ("Work", one.title),
        ("By", one.creator),
        ("Price", one.price),
        ("Key delivered", one.mode_in_words),
        ("Within", duration_in_words(one.offer.time_limit)),
        ("File", one.file_name),
        *(("Download at", address) for address in one.addresses),
    ]


@command(app, "order")
def order(
    session: Session,
    page: PageArgument,
    package: Annotated[str, typer.Option("--package", metavar="FILE", help=PACKAGE_HELP)] = "",
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where downloaded files go; here."),
    ] = None,
    wait: Annotated[
        str, typer.Option("--wait", metavar="TIME", help="How long to wait for the key: 30s, 10m.")
    ] = "10m",
) -> None:
    """Buy: download the locked file, check it, pay into the contract, wait for the key, unlock the file."""
    from desktop_app.services.checkout import read_checkout
    from desktop_app.services.sale_records import OrderState
    from desktop_app.services.sale_terms import parse_duration

    purchases = session.services.selling.purchases
    seconds = parse_duration(wait)
    found = session.run(lambda _: read_checkout(page))
    session.run(lambda _: purchases.check_open(found))
    place = expanded(folder or Path()).resolve()
    with suppress(OSError):  # what cannot be made is told by what wants to write there
        place.mkdir(parents=True, exist_ok=True)
    target = session.run(lambda _: purchases.content_path(found, place))
    locked = session.run(
        lambda task: purchases.fetch(found, package, place / purchases.package_name(found), task)
    )
    passphrase.unlock(session)
    action = session.run(lambda task: purchases.prepare_order(found, locked, task))
    made = session.carry_out(action)
    made = session.run(lambda task: purchases.wait(made.id, seconds, task))
    if made.can_open:
        made = session.run(lambda task: purchases.open(made.id, target, task))
    elif made.state is not OrderState.FAILED:
        session.note("cli.buy_waits", id=made.id)
    session.show({"purchase": made}, output.facts(_facts(made)))


def _facts(one: Purchase) -> list[tuple[str, object]]:
    return [
        ("Purchase", one.id),
        ("Work", one.title),
        ("By", one.creator),
        ("Price", one.price),
        ("State", one.state_in_words),
        ("Key delivered", one.mode_in_words),
        ("Deliver until", iso_utc(one.deadline) if one.deadline else ""),
        ("Complaints until", iso_utc(one.complain_until) if one.complain_until else ""),
        ("Locked file", one.package_path),
        ("File", one.content_path),
        ("Network", one.network_name),
    ]


@command(app, "list")
def list_purchases(session: Session) -> None:
    """List what you bought."""
    purchases = session.services.selling.purchases
    known = session.run(lambda _: purchases.purchases())
    if not known:
        session.note("cli.no_purchases")
    rows = [
        (one.id, one.title, one.price, one.network_name, one.content_path or "", one.not_placed_in_words)
        for one in known
    ]
    columns = ["Purchase", "Work", ">Price", "Network", "File", "State"]
    session.show({"purchases": known}, *([output.listing(columns, rows)] if rows else []))


@command(app, "show")
def show(session: Session, purchase: IdArgument) -> None:
    """Show how far a purchase is, as the network has it now."""
    found = session.run(lambda _: session.services.selling.purchases.status(purchase))
    session.show({"purchase": found}, output.facts(_facts(found)))


@command(app, "open")
def open_file(
    session: Session,
    purchase: IdArgument,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
) -> None:
    """Unlock what you bought; the file appears only when every piece of it is what was promised."""
    purchases = session.services.selling.purchases
    passphrase.unlock(session)
    found = session.run(lambda task: purchases.open(purchase, file, task))
    session.show({"purchase": found}, output.facts(_facts(found)))


@command(app, "refund")
def refund(session: Session, purchase: IdArgument) -> None:
    """Have your money back when the key did not come in time."""
    purchases = session.services.selling.purchases
    passphrase.unlock(session)
    done = session.carry_out(session.run(lambda _: purchases.prepare_refund(purchase)))
    session.show({"purchase": done}, output.facts(_facts(done)))


@command(app, "complain")
def complain(session: Session, purchase: IdArgument) -> None:
    """Show the network that the file is not what was promised, and have your money back (safe mode)."""
    purchases = session.services.selling.purchases
    passphrase.unlock(session)
    done = session.carry_out(session.run(lambda task: purchases.prepare_complain(purchase, task)))
    session.show({"purchase": done}, output.facts(_facts(done)))
