"""What a certificate states, as frozen data: every field is bound by the proof.

Each kind is a subclass of `Statement` that rebuilds its linear relation from its own fields; `kinds` knows
them all.
"""

from __future__ import annotations

import hashlib
import unicodedata
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import sigma_protocol
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.attachments import Attachment
from desktop_app.proofs.canonical_json import MAX_INTEGER, Json, write, write_dataclass
from desktop_app.proofs.commitment import Opening, commit, commitment_id, generators
from desktop_app.proofs.encoding import from_hex, to_hex
from desktop_app.proofs.group import POINT_SIZE, SUITE, Group, P, default_group
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.sigma_protocol import Flavor

LAST_TIME = 253_402_300_799
"""The end of the year 9999, after which calendars on computers end."""

MAX_TEXT = 200
"""Characters of audience and challenge."""

_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"
"""Invisible, but needed by some scripts and by emoji."""


def normalized(text: str) -> str:
    """Audience or challenge as a certificate holds it: NFC, no blanks around it."""
    return unicodedata.normalize("NFC", text).strip()


@dataclass(frozen=True)
class Work:
    """A registered commitment: where, by whom, which. Addresses in lower case, bytes as 0x-hex."""

    chain_id: int
    contract: str
    registrant: str
    commitment: str
    """C, 48 bytes compressed."""
    commitment_id: str
    """Keccak-256 of C in 128 bytes, the key of the record."""

    def __post_init__(self) -> None:
        check_integer(self.chain_id)
        for address in (self.contract, self.registrant):
            check_address(address)
        from_hex(self.commitment, POINT_SIZE)
        from_hex(self.commitment_id, 32)

    @classmethod
    def of(cls, opening: Opening, chain_id: int, contract: str, registrant: str) -> Work:
        """The public side of an opening; the addresses may be checksummed."""
        group = default_group()
        point = commit(opening, group)
        return cls(
            chain_id,
            to_hex(address_bytes(contract)),
            to_hex(address_bytes(registrant)),
            to_hex(group.encode(point)),
            to_hex(commitment_id(group.encode_for_chain(point))),
        )

    def point(self, group: Group[P]) -> P:
        """C; raises InvalidInputError where it is no point, or the commitment id belongs to another one."""
        point = group.decode(from_hex(self.commitment, POINT_SIZE))
        if to_hex(commitment_id(group.encode_for_chain(point))) != self.commitment_id:
            raise InvalidInputError("certificate.commitment_id_differs")
        return point


@dataclass(frozen=True)
class Statement:
    """What all kinds have in common. Times are seconds since 1970 UTC."""

    kind: ClassVar[str]

    subject: str
    """Address of the one who presents the certificate."""
    audience: str
    """Whom it is for; empty: nobody in particular."""
    challenge: str
    """What the audience asked to be included; empty: the certificate is transferable."""
    issued_at: int
    expires_at: int

    def __post_init__(self) -> None:
        self.check_subject()
        for text in (self.audience, self.challenge):
            check_text(text)
        for time in (self.issued_at, self.expires_at):
            check_integer(time)
            if time > LAST_TIME:
                raise InvalidInputError("certificate.number_out_of_range")
        if self.expires_at <= self.issued_at:
            raise InvalidInputError("certificate.expires_before_issue")

    def check_subject(self) -> None:
        check_address(self.subject)

    @abstractmethod
    def relation(self, group: Group[P]) -> LinearRelation[P]:
        """What is proved; raises InvalidInputError where the fields make no valid relation."""

    def check_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Raises InvalidInputError unless the certificate carries what this kind needs, and it is true."""
        if attachments:
            raise InvalidInputError("certificate.unknown_attachment")

    def prove(self, group: Group[P], witness: Sequence[int], attachments: Sequence[Attachment]) -> bytes:
        """The proof's bytes; raises InvalidInputError where the witness does not fit."""
        return sigma_protocol.prove(Flavor.COMPACT, self.tag(), self.relation(group), witness)

    def is_proved_by(self, group: Group[P], proof: bytes, attachments: Sequence[Attachment]) -> bool:
        """Whether the proof holds, once `check_attachments` has passed.

        Raises InvalidInputError where the fields make no valid relation.
        """
        return sigma_protocol.verify(Flavor.COMPACT, self.tag(), self.relation(group), proof)

    def anchored(self) -> tuple[Statement, ...]:
        """One statement for each registration that this one speaks of, the registration being its `work`."""
        return (self,)

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, **write_dataclass(self)}

    def digest(self) -> bytes:
        """SHA-256 of the canonical statement."""
        return hashlib.sha256(write(self.to_json())).digest()

    def tag(self) -> bytes:
        """The proof's application tag: name, version, kind, flavour, suite, and the digest."""
        head = f"COLOPHON-V01-{self.kind}-{Flavor.COMPACT}-with-{SUITE}-"
        return (head + self.digest().hex()).encode("ascii")


@dataclass(frozen=True)
class OpeningStatement(Statement):
    """I know what is inside C. Witness: (m, k, r)."""

    kind: ClassVar[str] = "opening"

    work: Work

    def relation(self, group: Group[P]) -> LinearRelation[P]:
        base, builder = generators(group), RelationBuilder(group)
        content, owner, blinding = builder.scalars(3)
        g0, g1, h, commitment = builder.elements(
            base.content, base.owner, base.blinding, self.work.point(group)
        )
        builder.equation([commitment], [(content, g0), (owner, g1), (blinding, h)])
        return builder.build()


@dataclass(frozen=True)
class SameWorkStatement(Statement):
    """I know what is inside both commitments, and it is the same content. Witness: (m, k, r, k', r').

    Both openings are proved: C - C' = d*H alone could be made by anyone who adds d*H to a stranger's C.
    """

    kind: ClassVar[str] = "same-work"

    work: Work
    other: Work

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.work == self.other:
            raise InvalidInputError("certificate.same_registration")

    def relation(self, group: Group[P]) -> LinearRelation[P]:
        base, builder = generators(group), RelationBuilder(group)
        content, owner, blinding, other_owner, other_blinding = builder.scalars(5)
        g0, g1, h, commitment, other = builder.elements(
            base.content, base.owner, base.blinding, self.work.point(group), self.other.point(group)
        )
        builder.equation([commitment], [(content, g0), (owner, g1), (blinding, h)])
        builder.equation([other], [(content, g0), (other_owner, g1), (other_blinding, h)])
        return builder.build()

    def anchored(self) -> tuple[Statement, ...]:
        return self, replace(self, work=self.other, other=self.work)


def check_integer(number: int) -> None:
    """Raises InvalidInputError unless positive and exact in every JSON reader."""
    if not 0 < number <= MAX_INTEGER:
        raise InvalidInputError("certificate.number_out_of_range")


def check_address(text: str) -> None:
    """Raises InvalidInputError unless it is an address in lower case."""
    if text != text.lower():
        raise InvalidInputError("certificate.not_hex")
    address_bytes(text)


def check_text(text: str) -> None:
    """Raises InvalidInputError unless printable, normalized, without signs that hide or turn others."""
    hidden = any(unicodedata.category(sign) in _HIDDEN_CATEGORIES and sign not in _JOINERS for sign in text)
    if hidden or text != normalized(text) or len(text) > MAX_TEXT:
        raise InvalidInputError("certificate.text", maximum=MAX_TEXT)
