"""All kinds of statements that this version knows."""

from __future__ import annotations

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.canonical_json import Json, read_dataclass
from desktop_app.proofs.content_statements import ExcerptStatement, FileStatement
from desktop_app.proofs.membership import MembershipStatement
from desktop_app.proofs.statements import OpeningStatement, SameWorkStatement, Statement

KINDS: dict[str, type[Statement]] = {
    kind.kind: kind
    for kind in (OpeningStatement, FileStatement, ExcerptStatement, SameWorkStatement, MembershipStatement)
}


def read_statement(value: Json) -> Statement:
    """A statement of a known kind from its JSON; raises InvalidInputError."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInputError("certificate.unknown_kind")
    return read_dataclass(KINDS[kind], value, "kind")
