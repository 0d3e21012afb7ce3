"""What a royalty token is made with, checked before anything is signed, and put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.chain.wire import parse_address
from desktop_app.core.amounts import SHARE_SCALE, Currency, format_share
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.wording import words
from desktop_app.store.tokens import Collaborator

MAX_SUPPLY = 2**96 - 1
MAX_COLLABORATORS = 16
MAX_PARENTS = 16
MAX_CURRENCIES = 8
MAX_ALBUM = 32


@dataclass(frozen=True)
class Parent:
    """A work that this one builds on, by its royalty token, and its part of every payment (ppm)."""

    token: str
    share_ppm: int
    name: str = ""


@dataclass(frozen=True)
class MintTerms:
    """The terms of one royalty token, fixed for ever.

    `currencies` empty: the network's coin and its dollar. `resale_share_ppm` is what a marketplace is told to
    pay of a resale price (ERC-2981), 0 for nothing. `uri` is the address of a public description (ERC-7572).
    """

    work_id: str
    name: str
    symbol: str
    supply: int
    collaborators: tuple[Collaborator, ...] = ()
    parents: tuple[Parent, ...] = ()
    currencies: tuple[Currency, ...] = ()
    resale_share_ppm: int = 0
    uri: str = ""


def checked(terms: MintTerms) -> MintTerms:
    """The same with cleaned texts and addresses. Raises InvalidInputError for what no contract would take."""
    if not 0 < terms.supply <= MAX_SUPPLY:
        raise InvalidInputError("royalties.supply_out_of_range", maximum=MAX_SUPPLY)
    people = _collaborators(terms.collaborators)
    parents = _parents(terms.parents, people)
    total = sum(each.share_ppm for each in people) + sum(each.share_ppm for each in parents)
    if total > SHARE_SCALE:
        raise InvalidInputError("royalties.shares_over_one", total=format_share(total))
    if not 0 <= terms.resale_share_ppm <= SHARE_SCALE:
        raise InvalidInputError("royalties.resale_share_out_of_range")
    if len(set(terms.currencies)) != len(terms.currencies) or len(terms.currencies) > MAX_CURRENCIES:
        raise InvalidInputError("royalties.currencies_unusable", limit=MAX_CURRENCIES)
    return MintTerms(
        work_id=terms.work_id,
        name=_text("name", terms.name, 64),
        symbol=_text("symbol", terms.symbol, 16),
        supply=terms.supply,
        collaborators=people,
        parents=parents,
        currencies=terms.currencies,
        resale_share_ppm=terms.resale_share_ppm,
        uri=_uri(terms.uri),
    )


def in_words(terms: MintTerms) -> str:
    """Who gets which part of every payment: what the user approves for ever."""
    parts = []
    for each in terms.collaborators:
        who = f"{each.name} ({each.address})" if each.name else each.address
        parts.append(words("review.mint_part", share=format_share(each.share_ppm), who=who))
    for parent in terms.parents:
        what = f"“{parent.name}” ({parent.token})" if parent.name else parent.token
        parts.append(words("review.mint_parent", share=format_share(parent.share_ppm), what=what))
    rest = SHARE_SCALE - sum(each.share_ppm for each in terms.collaborators)
    rest -= sum(each.share_ppm for each in terms.parents)
    if rest:
        parts.append(words("review.mint_rest", share=format_share(rest)))
    else:
        parts.append(words("review.mint_nothing_left"))
    if terms.resale_share_ppm:
        parts.append(words("review.mint_resale", share=format_share(terms.resale_share_ppm)))
    taken = ", ".join(_currency(each) for each in terms.currencies)
    parts.append(words("review.mint_currencies", currencies=taken))
    if terms.uri:
        parts.append(words("review.mint_uri", uri=terms.uri))
    return "; ".join(parts)


def _currency(currency: Currency) -> str:
    """A contract that is called by the beginning of its address, with the whole of it."""
    return currency.address if currency.symbol.startswith("0x") else currency.symbol


def _collaborators(given: Sequence[Collaborator]) -> tuple[Collaborator, ...]:
    people = tuple(Collaborator(parse_address(each.address), each.share_ppm, each.name) for each in given)
    if len(people) > MAX_COLLABORATORS:
        raise InvalidInputError("royalties.too_many_collaborators", limit=MAX_COLLABORATORS)
    if len({each.address for each in people}) != len(people):
        raise InvalidInputError("royalties.collaborator_twice")
    if any(not 0 < each.share_ppm <= SHARE_SCALE for each in people):
        raise InvalidInputError("amount.share_out_of_range", text="0")
    return people


def _parents(given: Sequence[Parent], people: Sequence[Collaborator]) -> tuple[Parent, ...]:
    parents = tuple(Parent(parse_address(each.token), each.share_ppm, each.name) for each in given)
    if len(parents) > MAX_PARENTS:
        raise InvalidInputError("royalties.too_many_parents", limit=MAX_PARENTS)
    named = [each.token for each in parents] + [each.address for each in people]
    if len(set(named)) != len(named):
        raise InvalidInputError("royalties.parent_twice")
    if any(not 0 < each.share_ppm <= SHARE_SCALE for each in parents):
        raise InvalidInputError("amount.share_out_of_range", text="0")
    return parents


def _text(field: str, text: str, limit: int) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned.encode()) > limit or not cleaned.isprintable():
        raise InvalidInputError(f"royalties.{field}_unusable", limit=limit)
    return cleaned


def _uri(text: str) -> str:
    cleaned = text.strip()
    if cleaned and (len(cleaned.encode()) > 256 or not cleaned.isprintable() or " " in cleaned):
        raise InvalidInputError("royalties.uri_unusable", limit=256)
    return cleaned
