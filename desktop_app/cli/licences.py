"""`colophon licence`: sell downloads, plays and AI training of a work, and buy them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command, new_app
from desktop_app.cli.royalties import TokenArgument, token_currency
from desktop_app.cli.session import Session
from desktop_app.core.amounts import cost_text, parse_amount
from desktop_app.core.clock import iso_utc
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import grouped
from desktop_app.core.paths import expanded
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.licences import Licence, LicenceKind, Offer

app = new_app("Licences of works: downloads, plays, AI training. The money is split like every payment.")

VersionArgument = Annotated[
    int, typer.Argument(metavar="VERSION", min=1, help="The version of the terms, as licence offers shows.")
]
IdArgument = Annotated[int, typer.Argument(metavar="LICENCE", min=1, help="The number of the licence.")]
TEXT_HELP = "A file with the text of the licence, UTF-8."


def licence_kind(text: str) -> LicenceKind:
    """A kind of licence by its word."""
    from desktop_app.services.licences import LicenceKind

    try:
        return LicenceKind(text.strip().lower())
    except ValueError:
        choices = ", ".join(LicenceKind)
        raise InvalidInputError("cli.licence_kind", text=text[:40], choices=choices) from None


def read_text(path: Path) -> str:
    """A text file, whole."""
    try:
        return expanded(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError("cli.text_file", path=str(path)) from None


@command(app, "offer")
def offer(
    session: Session,
    token: TokenArgument,
    kind: Annotated[str, typer.Argument(metavar="download|plays|training", help="What is sold.")],
    price: Annotated[str, typer.Argument(metavar="PRICE", help="For one copy, play or training run.")],
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="One that the work takes.")],
    days: Annotated[
        int, typer.Option("--days", min=0, help="How long it lasts from the purchase; 0 has no limit.")
    ] = 0,
    data_set: Annotated[
        str,
        typer.Option("--data-set", metavar="ROOT", help="For training: the root of the data set, in hex."),
    ] = "",
    terms: Annotated[
        Path | None,
        typer.Option("--terms", metavar="FILE", help=TEXT_HELP + " Without it, a short standard text."),
    ] = None,
    address: Annotated[
        str, typer.Option("--url", metavar="ADDRESS", help="Where that text can be read. Public.")
    ] = "",
    replaces: Annotated[
        int, typer.Option("--replaces", metavar="VERSION", min=0, help="Close this version at once.")
    ] = 0,
) -> None:
    """Offer licences of your work. Anyone can buy on these terms until you withdraw them."""
    from desktop_app.services.licences import LicenceTerms

    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    wanted = LicenceTerms(
        kind=licence_kind(kind),
        price=parse_amount(price, token_currency(session, found, currency)),
        text=read_text(terms) if terms else "",
        days=days,
        data_root=data_set,
        uri=address,
    )
    passphrase.unlock(session)
    action = session.run(lambda _: services.licences.prepare_offer(found, wanted, replaces))
    made = session.carry_out(action)
    session.show({"offer": made}, output.facts(_offer_facts(made)))


def _offer_facts(one: Offer) -> list[tuple[str, object]]:
    return [
        ("Version", one.version),
        ("What", one.in_words),
        ("Price", one.price),
        ("Lasts", one.duration_in_words),
        ("Data set", "0x" + one.data_root.hex() if one.data_root else ""),
        ("On sale", words("cli.yes" if one.is_open else "cli.no")),
        ("Offered by", one.licensor),
        ("Text", one.text),
        ("Text at", one.uri),
        ("Hash of the text", "0x" + one.document.hex()),
    ]


@command(app, "offers")
def offers(
    session: Session,
    token: TokenArgument,
    closed: Annotated[bool, typer.Option("--closed", help="Show closed terms, too.")] = False,
) -> None:
    """List the terms on which licences of a work are sold."""
    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    known = session.run(lambda _: services.licences.offers(found, closed=closed))
    if not known:
        session.note("cli.no_offers", name=found.name)
    parts: list[output.Part] = []
    for one in known:
        parts += [output.facts(_offer_facts(one)), ""]
    session.show({"offers": known}, *parts[:-1])


@command(app, "withdraw")
def withdraw(session: Session, token: TokenArgument, version: VersionArgument) -> None:
    """Sell no more licences on these terms. Those that were sold stay valid."""
    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    passphrase.unlock(session)
    made = session.carry_out(session.run(lambda _: services.licences.prepare_withdraw(found, version)))
    session.show({"offer": made}, output.facts(_offer_facts(made)))


@command(app, "buy")
def buy(
    session: Session,
    token: TokenArgument,
    version: VersionArgument,
    quantity: Annotated[
        int, typer.Option("--quantity", "-n", min=1, help="How many copies, plays or training runs.")
    ] = 1,
    licensee: Annotated[
        str, typer.Option("--for", metavar="ADDRESS", help="Who gets the licence; without this, you.")
    ] = "",
    terms: Annotated[
        Path | None,
        typer.Option("--terms", metavar="FILE", help=TEXT_HELP + " Buy only if these are its terms."),
    ] = None,
) -> None:
    """Buy a licence: exactly the terms that are shown, at their price, or nothing."""
    services = session.services
    found = session.run(lambda _: services.royalties.token(token))
    text = read_text(terms) if terms else None
    owner = services.address_book.resolve(licensee) if licensee else ""
    passphrase.unlock(session)
    action = session.run(
        lambda _: services.licences.prepare_buy(found, version, quantity, owner, text)
    )
    done = session.carry_out(action)
    session.show(
        done,
        output.facts(
            [
                *_licence_facts(done.licence),
                ("Paid", done.paid),
                ("Fee", cost_text(done.fee)),
                ("Transaction", done.tx_hash),
            ]
        ),
    )


def _licence_facts(one: Licence) -> list[tuple[str, object]]:
    ends = iso_utc(one.expires_at) if one.expires_at else words("licence.for_ever")
    return [
        ("Licence", one.id),
        ("What", one.in_words),
        ("Belongs to", one.licensee),
        ("Work's token", one.token),
        ("Terms", words("cli.version", number=one.version)),
        ("Used", _used(one)),
        ("Data set", "0x" + one.data_root.hex() if one.data_root else ""),
        ("Bought", iso_utc(one.bought_at)),
        ("Ends", ends + (" " + words("cli.licence_ended") if one.expired else "")),
    ]


@command(app, "list")
def list_licences(
    session: Session,
    token: Annotated[
        str, typer.Argument(metavar="[TOKEN]", help="All licences sold of this work; without it, your own.")
    ] = "",
) -> None:
    """List the licences that you bought, or all that were sold of a work."""
    services = session.services
    if token:
        found = session.run(lambda _: services.royalties.token(token))
        known = session.run(lambda _: services.licences.sold(found))
    else:
        known = session.run(lambda _: services.licences.mine())
    if not known:
        session.note("cli.no_licences")
    rows = [
        (
            one.id,
            words(f"licence.{one.kind.value}"),
            f"{grouped(one.used)} / " * (one.kind == "plays") + grouped(one.quantity),
            one.licensee,
            one.token,
            iso_utc(one.expires_at) if one.expires_at else "",
        )
        for one in known
    ]
    columns = [">Number", "Kind", ">How many", "Belongs to", "Work's token", "Ends"]
    session.show({"licences": known}, *([output.listing(columns, rows)] if rows else []))


@command(app, "show")
def show(session: Session, licence: IdArgument) -> None:
    """Show one licence, as the network has it."""
    found = session.run(lambda _: session.services.licences.licence(licence))
    session.show({"licence": found}, output.facts(_licence_facts(found)))


@command(app, "sign-plays")
def sign_plays(
    session: Session,
    licence: IdArgument,
    total: Annotated[int, typer.Argument(metavar="TOTAL", min=1, help="All plays so far.")],
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
) -> None:
    """Sign how many plays of your licence are used so far, for free. Only the newest file counts."""
    services = session.services
    target = expanded(file or Path(f"licence-{licence}-plays-{total}.json")).resolve()
    if target.exists():
        raise InvalidInputError("cli.file_exists", path=str(target))
    passphrase.unlock(session)
    action = session.run(lambda _: services.licences.prepare_voucher(licence, total))
    voucher = session.carry_out(action)
    services.licences.write_voucher(voucher, target)
    session.show(
        {"voucher": voucher, "path": target},
        output.facts([("Licence", licence), ("Plays used", total), ("File", target)]),
    )


@command(app, "redeem")
def redeem(
    session: Session,
    licence: IdArgument,
    total: Annotated[
        int, typer.Argument(metavar="[TOTAL]", min=0, help="All plays so far; with a file, as it says.")
    ] = 0,
    voucher: Annotated[
        Path | None,
        typer.Option("--voucher", metavar="FILE", help="What the licensee signed; without it, your own."),
    ] = None,
) -> None:
    """Write down on the network how many plays of a licence are used."""
    services = session.services
    signed = services.licences.read_voucher(voucher) if voucher else None
    used = total or (signed.total if signed else 0)
    passphrase.unlock(session)
    action = session.run(lambda _: services.licences.prepare_redeem(licence, used, signed))
    found = session.carry_out(action)
    session.show({"licence": found}, output.facts(_licence_facts(found)))


def _used(one: Licence) -> str:
    """How many plays of a licence are used; "" for licences that have none."""
    if one.kind != "plays":
        return ""
    return words("cli.part_of", part=grouped(one.used), whole=grouped(one.quantity))
