"""`colophon mint`: the royalty token of a registered work, or of a whole album in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase
from desktop_app.cli.command import command
from desktop_app.cli.library import WorksArgument
from desktop_app.cli.licences import licence_kind
from desktop_app.cli.royalties import token_facts
from desktop_app.cli.session import Session
from desktop_app.core.amounts import parse_amount, parse_share
from desktop_app.core.errors import InvalidInputError

if TYPE_CHECKING:
    from desktop_app.services.licences import LicenceTerms
    from desktop_app.services.royalties import Collaborator, Parent


def add_to(app: typer.Typer, panel: str) -> None:
    command(app, "mint", panel)(mint)


def mint(
    session: Session,
    works: WorksArgument,
    symbol: Annotated[
        str,
        typer.Option("--symbol", help="A short sign for it, e.g. SONG; an album gets SONG1, SONG2, ..."),
    ],
    name: Annotated[
        str, typer.Option("--name", help="Their name; without this, the work's title.")
    ] = "",
    supply: Annotated[
        int, typer.Option("--supply", min=1, help="How many shares there are; all go to you.")
    ] = 1000,
    collaborator: Annotated[
        list[str] | None,
        typer.Option(
            "--collaborator",
            metavar="ADDRESS=SHARE",
            help="Gets this percentage of every payment at once, e.g. 0x…=12.5 or Ben=12.5 (a contact). "
            "Can be given up to 16 times; the holders of the shares get the rest.",
        ),
    ] = None,
    parent: Annotated[
        list[str] | None,
        typer.Option(
            "--parent",
            metavar="TOKEN=SHARE",
            help="A work that this one builds on gets this percentage of every payment, e.g. 0x…=10.",
        ),
    ] = None,
    currency: Annotated[
        list[str] | None,
        typer.Option(
            "--currency",
            help="A currency that it takes, by symbol or contract address; without this, coin and dollar.",
        ),
    ] = None,
    resale: Annotated[
        str, typer.Option("--resale", metavar="SHARE", help="What markets should pay of a resale, e.g. 10.")
    ] = "",
    description: Annotated[
        str, typer.Option("--url", metavar="ADDRESS", help="Where a public description can be read.")
    ] = "",
    licence: Annotated[
        list[str] | None,
        typer.Option(
            "--licence",
            metavar="TERMS",
            help="Offer licences with it, e.g. download=5 tUSD or plays=0.1 tUSD; can be repeated.",
        ),
    ] = None,
) -> None:
    """Mint the royalty shares of a registered work.

    Several works, up to 32, get theirs in one transaction, all on the same terms.
    """
    from desktop_app.services.royalties import MintTerms

    services = session.services
    royalties = services.royalties
    found = [services.library.get(work) for work in works]
    people = tuple(_collaborator(session, text) for text in collaborator or [])
    parents = tuple(parent_of(session, text) for text in parent or [])
    currencies = session.run(lambda _: tuple(royalties.currency(text) for text in currency or []))
    resale_share = parse_share(resale) if resale else 0
    offered = [_licence(session, text) for text in licence or []]
    if len(found) > 1 and (name or offered):
        raise InvalidInputError("cli.album_options")
    passphrase.unlock(session)
    if len(found) == 1:
        action = session.run(
            lambda _: royalties.prepare_mint(
                found[0].id,
                name or found[0].title[:64],
                symbol,
                supply,
                people,
                parents=parents,
                currencies=currencies,
                resale_share_ppm=resale_share,
                uri=description,
                licences=offered,
            )
        )
        token = session.carry_out(action)
        session.show({"token": token}, output.facts(token_facts(token)))
        return
    album = [
        MintTerms(
            work.id,
            work.title[:64],
            f"{symbol}{number}",
            supply,
            people,
            parents,
            currencies,
            resale_share,
            description,
        )
        for number, work in enumerate(found, start=1)
    ]
    tokens = session.carry_out(session.run(lambda _: royalties.prepare_album(album)))
    parts: list[output.Part] = []
    for token in tokens:
        parts += [output.facts(token_facts(token)), ""]
    session.show({"tokens": tokens}, *parts[:-1])


def _collaborator(session: Session, text: str) -> Collaborator:
    from desktop_app.services.royalties import Collaborator

    who, equals, share = text.rpartition("=")
    if not equals:
        raise InvalidInputError("cli.collaborator_form", text=text[:120])
    part = parse_share(share)
    return Collaborator(session.services.address_book.resolve(who.strip()), part)


def parent_of(session: Session, text: str) -> Parent:
    """A parent work from TOKEN=SHARE, the token by address, symbol or title."""
    from desktop_app.services.royalties import Parent

    reference, equals, share = text.rpartition("=")
    if not equals:
        raise InvalidInputError("cli.parent_form", text=text[:120])
    part = parse_share(share)
    wanted = reference.strip()
    if not wanted.lower().startswith("0x"):
        wanted = session.run(lambda _: session.services.royalties.token(wanted)).address
    return Parent(wanted, part)


def _licence(session: Session, text: str) -> LicenceTerms:
    from desktop_app.services.licences import LicenceTerms

    kind, equals, price = text.partition("=")
    amount, _, symbol = price.strip().partition(" ")
    if not equals or not symbol:
        raise InvalidInputError("cli.licence_form", text=text[:120])
    money = session.run(lambda _: session.services.royalties.currency(symbol))
    return LicenceTerms(licence_kind(kind), parse_amount(amount, money))
