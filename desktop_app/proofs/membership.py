"""Membership: one of these N registered works is mine, and not which; one owner counts once in each scope.

The target C' is the commitment with a fresh blinding. Its opening and the nullifier k*H2(scope) are proved
in the transcript of the one-out-of-many proof, so that the same owner key k is in all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.attachments import Attachment, RingAttachment
from desktop_app.proofs.commitment import Opening, commit, generators
from desktop_app.proofs.encoding import from_hex, to_hex
from desktop_app.proofs.group import ORDER, POINT_SIZE, Group, P, default_group, encode_scalar
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.one_out_of_many import OneOutOfMany
from desktop_app.proofs.ring import Ring, window
from desktop_app.proofs.sigma_protocol import hedged_scalars
from desktop_app.proofs.statements import (
    Statement,
    check_address,
    check_integer,
    check_text,
    normalized,
)

SCOPE_DST = b"COLOPHON-V01-SCOPE-BLS12381G1_XMD:SHA-256_SSWU_RO_"


@dataclass(frozen=True)
class MembershipStatement(Statement):
    """One work of the ring is mine. Witness: (m, k, r', r' - r, index). The subject is empty."""

    kind: ClassVar[str] = "membership"

    chain_id: int
    contract: str
    block: int
    """The list holds all registrations up to this block, each commitment once, the oldest first."""
    first: int
    """The ring is this part of the list: `ring_size` entries from number `first` on, counted from 0."""
    ring_size: int
    ring_digest: str
    scope: str
    """Within one scope every owner has one nullifier; nullifiers of two scopes cannot be linked."""
    nullifier: str
    commitment: str
    """C', 48 bytes compressed."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for number in (self.chain_id, self.block, self.ring_size):
            check_integer(number)
        if self.first < 0:
            raise InvalidInputError("certificate.number_out_of_range")
        check_address(self.contract)
        check_text(self.scope)
        if not self.scope:
            raise InvalidInputError("certificate.scope_missing")
        from_hex(self.ring_digest, 32)
        for point in (self.nullifier, self.commitment):
            from_hex(point, POINT_SIZE)

    def check_subject(self) -> None:
        if self.subject:
            raise InvalidInputError("certificate.subject_not_empty")

    def relation(self, group: Group[P]) -> LinearRelation[P]:
        """The opening of C' and the nullifier, from the same owner key."""
        base, builder = generators(group), RelationBuilder(group)
        content, owner, blinding = builder.scalars(3)
        g0, g1, h, scope, commitment, nullifier = builder.elements(
            base.content,
            base.owner,
            base.blinding,
            scope_base(group, self.scope),
            group.decode(from_hex(self.commitment, POINT_SIZE)),
            group.decode(from_hex(self.nullifier, POINT_SIZE)),
        )
        builder.equation([commitment], [(content, g0), (owner, g1), (blinding, h)])
        builder.equation([nullifier], [(owner, scope)])
        return builder.build()

    def check_attachments(self, attachments: Sequence[Attachment]) -> None:
        ring = _ring(attachments)
        if ring.size != self.ring_size or to_hex(ring.digest) != self.ring_digest:
            raise InvalidInputError("certificate.ring_differs")

    def anchored(self) -> tuple[Statement, ...]:
        return ()

    def prove(self, group: Group[P], witness: Sequence[int], attachments: Sequence[Attachment]) -> bytes:
        *opening, difference, index = witness
        return self._protocol(group, attachments).prove(index, difference, opening)

    def is_proved_by(self, group: Group[P], proof: bytes, attachments: Sequence[Attachment]) -> bool:
        return self._protocol(group, attachments).verify(proof)

    def _protocol(self, group: Group[P], attachments: Sequence[Attachment]) -> OneOutOfMany[P]:
        target = group.decode(from_hex(self.commitment, POINT_SIZE))
        return OneOutOfMany(self.tag(), _ring(attachments), target, self.relation(group))


@lru_cache(maxsize=16)
def scope_base(group: Group[P], scope: str) -> P:
    """H2(scope): a generator of which nobody knows the logarithm."""
    return group.hash_to_curve(scope.encode("utf-8"), SCOPE_DST)


def prepare(
    opening: Opening,
    registered: Sequence[bytes],
    *,
    chain_id: int,
    contract: str,
    block: int,
    scope: str,
    audience: str,
    challenge: str,
    issued_at: int,
    expires_at: int,
) -> tuple[MembershipStatement, tuple[int, ...], list[Attachment]]:
    """Statement, witness and attachments for `certificate.issue`, with a fresh C'.

    `registered` are the 48-byte commitments of all registrations up to `block`, the oldest first; the ring is
    the whole list, or a part of it where it is longer than a ring may be. Raises InvalidInputError where the
    commitment is not in the list.
    """
    group = default_group()
    own = commit(opening, group)
    encoded = group.encode(own)
    if encoded not in registered:
        raise InvalidInputError("certificate.not_in_ring")
    secret = encode_scalar(opening.owner) + encoded
    part = window(registered.index(encoded), len(registered), secret, normalized(scope))
    ring = Ring.of(registered[part.start : part.stop])
    index = ring.index(encoded)
    context = "\0".join((normalized(scope), normalized(audience), normalized(challenge), str(issued_at)))
    (difference,) = hedged_scalars(1, ring.digest, context.encode(), opening.scalars())
    target = group.add(own, group.multiply(generators(group).blinding, difference))
    statement = MembershipStatement(
        subject="",
        audience=normalized(audience),
        challenge=normalized(challenge),
        issued_at=issued_at,
        expires_at=expires_at,
        chain_id=chain_id,
        contract=to_hex(address_bytes(contract)),
        block=block,
        first=part.start,
        ring_size=ring.size,
        ring_digest=to_hex(ring.digest),
        scope=normalized(scope),
        nullifier=to_hex(group.encode(group.multiply(scope_base(group, normalized(scope)), opening.owner))),
        commitment=to_hex(group.encode(target)),
    )
    blinding = (opening.blinding + difference) % ORDER
    witness = (opening.content, opening.owner, blinding, difference, index)
    return statement, witness, [RingAttachment.of(ring)]


def _ring(attachments: Sequence[Attachment]) -> Ring:
    if len(attachments) != 1 or not isinstance(attachments[0], RingAttachment):
        raise InvalidInputError("certificate.ring_missing")
    return attachments[0].ring
