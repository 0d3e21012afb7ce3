"""What a certificate states, in words for people who read it on paper: `resources/i18n/en/page.toml`.

The web page says the same from the same file; see `resources/verifier/src/facts.js`. Both are in English,
whatever the app speaks: whoever gets a certificate may be anywhere, and the page is built once.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from desktop_app.core.paths import resource
from desktop_app.proofs.content_statements import ContentStatement, ExcerptStatement
from desktop_app.proofs.membership import MembershipStatement
from desktop_app.proofs.statements import OpeningStatement, SameWorkStatement, Statement, Work


@dataclass(frozen=True)
class Fact:
    """A row of the list of facts; a row without value is a heading."""

    label: str
    value: str = ""
    is_code: bool = False


def word(section: str, name: str, /, **params: object) -> str:
    return str(_toml("i18n/en/page.toml")[section][name]).format_map(params)


def lines(section: str, name: str, /, **params: object) -> list[str]:
    return word(section, name, **params).split("\n")


def meaning(statement: Statement, name: str) -> list[str]:
    """The sentences of the kind: `name` is "title", "claim", "shows" or "hides"."""
    if isinstance(statement, MembershipStatement):
        return lines(statement.kind, name, count=f"{statement.ring_size:,}", scope=statement.scope)
    return lines(statement.kind, name)


def facts(statement: Statement) -> list[Fact]:
    """Every field that a reader may want to compare."""
    return list(_facts(statement))


def printable_title(title: str) -> str:
    """A title from anywhere, on one line and without control signs."""
    shown = (sign for sign in title if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", " ".join("".join(shown).split()))


def moment(seconds: int) -> str:
    """Seconds since 1970 as day and time in UTC."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.day} {at:%B} {at.year}, {at:%H:%M} UTC"


def _facts(statement: Statement) -> Iterator[Fact]:
    (kind,) = meaning(statement, "title")
    yield Fact(_label("kind"), kind)
    yield Fact(_label("audience"), statement.audience or _label("nobody"))
    challenge = statement.challenge or _label("no_challenge")
    yield Fact(_label("challenge"), challenge, is_code=bool(statement.challenge))
    yield Fact(_label("issued"), moment(statement.issued_at))
    yield Fact(_label("expires"), moment(statement.expires_at))
    if statement.subject:
        yield Fact(_label("subject"), statement.subject, is_code=True)
    if isinstance(statement, OpeningStatement | ContentStatement | SameWorkStatement):
        yield from _work(statement.work)
    if isinstance(statement, SameWorkStatement):
        yield Fact(_label("other"))
        yield from _work(statement.other)
    if isinstance(statement, ContentStatement):
        yield from _content(statement)
    if isinstance(statement, MembershipStatement):
        yield from _membership(statement)


def _work(work: Work) -> Iterator[Fact]:
    yield Fact(_label("network"), _network(work.chain_id))
    yield Fact(_label("contract"), work.contract, is_code=True)
    yield Fact(_label("registrant"), work.registrant, is_code=True)
    yield Fact(_label("record"), work.commitment_id, is_code=True)
    yield Fact(_label("commitment"), work.commitment, is_code=True)


def _content(statement: ContentStatement) -> Iterator[Fact]:
    content = statement.content
    if isinstance(statement, ExcerptStatement):
        start = statement.first * content.leaf_size
        end = min(start + statement.count * content.leaf_size, content.size)
        places = {"first": f"{start:,}", "last": f"{end - 1:,}", "size": f"{content.size:,}"}
        yield Fact(_label("place"), _label("place_text", **places))
    else:
        yield Fact(_label("size"), _label("bytes", count=f"{content.size:,}"))
    yield Fact(_label("root"), content.root, is_code=True)


def _membership(statement: MembershipStatement) -> Iterator[Fact]:
    yield Fact(_label("scope"), statement.scope)
    yield Fact(_label("nullifier"), statement.nullifier, is_code=True)
    yield Fact(_label("network"), _network(statement.chain_id))
    yield Fact(_label("contract"), statement.contract, is_code=True)
    yield Fact(_label("block"), f"{statement.block:,}")
    places = {"first": f"{statement.first + 1:,}", "last": f"{statement.first + statement.ring_size:,}"}
    yield Fact(_label("ring"), _label("ring_text", count=f"{statement.ring_size:,}", **places))
    yield Fact(_label("ring_digest"), statement.ring_digest, is_code=True)


def _label(name: str, /, **params: object) -> str:
    return word("facts", name, **params)


def _network(chain_id: int) -> str:
    for network in _toml("networks.toml").values():
        if network["chain_id"] == chain_id:
            return _label("practice") if network["kind"] == "practice" else str(network["name"])
    return _label("network_other", number=chain_id)


@cache
def _toml(name: str) -> dict[str, Any]:
    with resource(name).open("rb") as file:
        return tomllib.load(file)
