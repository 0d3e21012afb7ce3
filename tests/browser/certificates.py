"""Certificates of every kind, made by the app's own prover: what the page and the PDF are tested with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from desktop_app.content.chunk_tree import ChunkTreeBuilder, open_excerpt
from desktop_app.proofs import certificate, membership
from desktop_app.proofs.attachments import ExcerptAttachment
from desktop_app.proofs.commitment import Opening, commit, content_scalar
from desktop_app.proofs.content_statements import Content, ExcerptStatement, FileStatement
from desktop_app.proofs.encoding import to_hex
from desktop_app.proofs.group import default_group
from desktop_app.proofs.statements import OpeningStatement, SameWorkStatement, Work

AUDIENCE = "Café Müller & <Söhne>, Köln"
CHALLENGE = "K7QM-2F9A-XW3P"
LASTS = 3600
SALT = bytes(range(100, 132))
CONTRACT, OTHER_CONTRACT = "0x" + "11" * 20, "0x" + "33" * 20
SIGNER = Account.from_key(b"\x07" * 32)
SUBJECT = SIGNER.address.lower()
PRACTICE, BASE = 6516588, 8453

TEXT = "".join(f"Verse {i}. The same song again, in ink on paper, for those who read.\n" for i in range(100))
FILE = TEXT.encode() + random.Random(7).randbytes(700)


@dataclass(frozen=True)
class Case:
    """A kind, and a certificate of that kind."""

    name: str
    data: bytes


@cache
def root() -> bytes:
    builder = ChunkTreeBuilder(SALT, len(FILE))
    builder.update(FILE)
    return builder.root()


@cache
def opening(number: int = 0) -> Opening:
    content = content_scalar(root(), len(FILE)) if number == 0 else 1000 + number
    return Opening(content, 4711 + number, 815 + number)


def make(kind: str, now: int, **changes: Any) -> bytes:
    """A certificate of the kind that is issued at `now` (seconds since 1970) and lasts an hour."""
    common: dict[str, Any] = {
        "audience": AUDIENCE,
        "challenge": CHALLENGE,
        "issued_at": now,
        "expires_at": now + LASTS,
    }
    ring_size = changes.pop("ring_size", 23)
    first, count = changes.pop("first", 2), changes.pop("count", 2)
    common |= changes
    m, k, r = opening().scalars()
    if kind == "membership":
        registered = [default_group().encode(commit(opening(i))) for i in range(ring_size)]
        of_ring = {"chain_id": BASE, "contract": CONTRACT, "block": 77, "scope": "Spring prize", **common}
        return certificate.issue(*membership.prepare(opening(), registered, **of_ring))
    common |= {"subject": SUBJECT, "work": Work.of(opening(), BASE, CONTRACT, SUBJECT)}
    content = Content(to_hex(root()), len(FILE), 1024)
    match kind:
        case "opening":
            return certificate.issue(OpeningStatement(**common), (m, k, r))
        case "signed":
            return certificate.sign(
                certificate.issue(OpeningStatement(**common), (m, k, r)),
                lambda message: bytes(SIGNER.sign_message(encode_typed_data(full_message=message)).signature),
            )
        case "file":
            return certificate.issue(FileStatement(**common, content=content, salt=to_hex(SALT)), (k, r))
        case "excerpt":
            part = open_excerpt([FILE], SALT, len(FILE), first, count)
            statement = ExcerptStatement(**common, content=content, first=first, count=count)
            return certificate.issue(
                statement, (k, r), [ExcerptAttachment.of(part.chunks, part.salts, part.paths)]
            )
        case "same-work":
            inside = Opening(m, k + 5, r + 5)
            other = Work.of(inside, PRACTICE, OTHER_CONTRACT, SUBJECT)
            return certificate.issue(SameWorkStatement(**common, other=other), (m, k, r, k + 5, r + 5))
    raise AssertionError(kind)


KINDS = ("opening", "signed", "file", "excerpt", "same-work", "membership")
