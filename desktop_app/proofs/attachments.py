"""What a certificate carries besides statement and proof, because the statement is about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.canonical_json import Json, read_dataclass, write_dataclass
from desktop_app.proofs.encoding import from_base64, from_hex, to_base64, to_hex
from desktop_app.proofs.ring import Ring

LEAF_SALT_SIZE = 16
HASH_SIZE = 32
SIGNATURE_SIZE = 65


@dataclass(frozen=True)
class ExcerptAttachment:
    """Consecutive chunks of a work, with the salt of each and the path from its leaf to the root."""

    kind: ClassVar[str] = "excerpt"

    chunks: tuple[str, ...] = field(repr=False)
    """Base64."""
    salts: tuple[str, ...] = field(repr=False)
    """16 bytes each, 0x-hex."""
    paths: tuple[tuple[str, ...], ...] = field(repr=False)
    """Hashes of 32 bytes, the lowest first, 0x-hex."""

    @classmethod
    def of(
        cls, chunks: Sequence[bytes], salts: Sequence[bytes], paths: Sequence[Sequence[bytes]]
    ) -> ExcerptAttachment:
        return cls(
            tuple(map(to_base64, chunks)),
            tuple(map(to_hex, salts)),
            tuple(tuple(map(to_hex, path)) for path in paths),
        )

    def chunk_bytes(self) -> list[bytes]:
        """Raises InvalidInputError."""
        return [from_base64(chunk) for chunk in self.chunks]

    def salt_bytes(self) -> list[bytes]:
        """Raises InvalidInputError."""
        return [from_hex(salt, LEAF_SALT_SIZE) for salt in self.salts]

    def path_bytes(self) -> list[list[bytes]]:
        """Raises InvalidInputError."""
        return [[from_hex(node, HASH_SIZE) for node in path] for path in self.paths]

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, **write_dataclass(self)}


@dataclass(frozen=True)
class RingAttachment:
    """The commitments among which one is the prover's, so that the certificate can be checked offline."""

    kind: ClassVar[str] = "ring"

    commitments: str = field(repr=False)
    """Base64 of their 48-byte encodings, one after the other."""

    @classmethod
    def of(cls, ring: Ring) -> RingAttachment:
        return cls(to_base64(ring.data))

    @cached_property
    def ring(self) -> Ring:
        """Raises InvalidInputError."""
        return Ring(from_base64(self.commitments))

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, **write_dataclass(self)}


@dataclass(frozen=True)
class SubjectSignature:
    """An EIP-712 signature by the statement's subject; see `subject_signature`."""

    kind: ClassVar[str] = "subject-signature"

    signature: str = field(repr=False)
    """r || s || v, 65 bytes, 0x-hex."""

    def __post_init__(self) -> None:
        self.signature_bytes()

    def signature_bytes(self) -> bytes:
        return from_hex(self.signature, SIGNATURE_SIZE)

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, **write_dataclass(self)}


Attachment = ExcerptAttachment | RingAttachment
"""What a statement needs. A signature by its subject may follow, last."""

_KINDS: dict[str, type[Attachment | SubjectSignature]] = {
    kind.kind: kind for kind in (ExcerptAttachment, RingAttachment, SubjectSignature)
}


def read_attachments(value: Json) -> tuple[tuple[Attachment, ...], SubjectSignature | None]:
    """Raises InvalidInputError for a kind that this version does not know, and for a second signature."""
    if not isinstance(value, list):
        raise InvalidInputError("certificate.wrong_form", where="attachments")
    entries = [_read(entry) for entry in value]
    last = entries.pop() if entries and isinstance(entries[-1], SubjectSignature) else None
    signature = last if isinstance(last, SubjectSignature) else None
    evidence = tuple(entry for entry in entries if not isinstance(entry, SubjectSignature))
    if len(evidence) != len(entries):
        raise InvalidInputError("certificate.wrong_form", where="attachments")
    return evidence, signature


def _read(value: Json) -> Attachment | SubjectSignature:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidInputError("certificate.unknown_attachment")
    return read_dataclass(_KINDS[kind], value, "kind")
