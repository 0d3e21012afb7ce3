"""`colophon contacts`: names for addresses, addresses that are watched, and look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.session import FAILED, Session
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.address_book import Contact

app = new_app(
    "Your address book: send to a name instead of 42 characters, watch what others have, and be warned of "
    "addresses that only look like one you know."
)

ContactArgument = Annotated[str, typer.Argument(metavar="CONTACT", help="A name or address of the list.")]


def _show(session: Session, contact: Contact) -> None:
    rows = [
        ("Name", contact.name),
        ("Address", contact.address),
        ("Note", contact.note),
        ("Watched", words("cli.yes" if contact.watched else "cli.no")),
    ]
    session.show(contact, output.facts(rows))


@command(app, "list")
def list_contacts(
    session: Session,
    balances: Annotated[
        bool, typer.Option("--balances", help="Also what the watched ones have on the network.")
    ] = False,
) -> None:
    """List the address book."""
    services = session.services
    contacts = services.address_book.contacts()
    watched = [one.address for one in contacts if one.watched] if balances else []
    held = session.run(lambda _: {address: services.networks.balances(address) for address in watched})
    if not contacts:
        session.note("cli.no_contacts")
    rows = [
        (
            one.name,
            one.address,
            words("cli.watched") if one.watched else "",
            ", ".join(str(amount) for amount in held.get(one.address, ())) or one.note,
        )
        for one in contacts
    ]
    session.show(
        [{"contact": one, "balances": held.get(one.address)} for one in contacts],
        *([output.listing(["Name", "Address", "", ""], rows)] if rows else []),
    )


@command(app, "add")
def add(
    session: Session,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The whole address.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")],
    note: Annotated[str, typer.Option("--note", help="Anything you want to remember about it.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Show what it has beside your accounts.")] = False,
) -> None:
    """Give an address a name, or change what is known about it."""
    services = session.services
    passphrase.unlock(session)
    alike = services.address_book.look_alikes(address)
    if alike:
        known = alike[0]
        session.approve(
            "cli.looks_alike", address=address, name=known.name or known.address, known=known.address
        )
    _show(session, services.address_book.add(address, name, note, watch))


@command(app, "watch")
def watch(
    session: Session,
    contact: ContactArgument,
    stop: Annotated[bool, typer.Option("--off", help="Do not watch it any longer.")] = False,
) -> None:
    """Show what an address has beside your own accounts, which cannot sign for it."""
    passphrase.unlock(session)
    _show(session, session.services.address_book.watch(contact, watched=not stop))


@command(app, "remove")
def remove(session: Session, contact: ContactArgument) -> None:
    """Take an entry out of the address book. Money is not touched."""
    session.services.address_book.remove(contact)
    session.show({"removed": contact}, words("cli.contact_removed", name=contact))


@command(app, "check")
def check(
    session: Session,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address that you were given.")],
) -> int:
    """Look at an address before you use it. Exit code 1 for one that only looks like another."""
    services = session.services
    passphrase.unlock(session)
    found = session.run(lambda _: services.reviews.check_recipient(address))
    known = services.address_book.identify(address)
    verified = services.wallet.status().verified
    if known is not None and not verified:
        session.note("cli.contacts_not_verified")
    told = [(words(one.code, "title", **one.params), words(one.code, "text", **one.params)) for one in found]
    lines: list[output.Part] = []
    if known is not None:
        lines.append(output.facts([("Known", f"{known.name} ({words(f'address.{known.known_as.value}')})")]))
    for title, text in told:
        lines += [title, text]
    session.show(
        {
            "known": known,
            "verified": verified,
            "warnings": [{"code": one.code, "weight": one.weight} for one in found],
        },
        *lines,
    )
    return FAILED if any(one.weight.value == "danger" for one in found) else 0
