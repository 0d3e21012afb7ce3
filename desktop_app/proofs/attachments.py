"""What a certificate carries besides statement and proof, because the statement is about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.canonical_json import Json, read_dataclass, write_dataclass
from desktop_app.proofs.encoding import from_base64, from_hex, to_base64, to_hex
from desktop_app.proofs.ring import Ring

LEAF_SALT_SIZE = 16
HASH_SIZE = 32


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

    def ring(self) -> Ring:
        """Raises InvalidInputError."""
        return Ring(from_base64(self.commitments))

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, **write_dataclass(self)}


Attachment = ExcerptAttachment | RingAttachment

_KINDS: dict[str, type[Attachment]] = {kind.kind: kind for kind in (ExcerptAttachment, RingAttachment)}


def read_attachments(value: Json) -> tuple[Attachment, ...]:
    """Raises InvalidInputError for a kind that this version does not know."""
    if not isinstance(value, list):
        raise InvalidInputError("certificate.wrong_form", where="attachments")
    return tuple(map(_read, value))


def _read(value: Json) -> Attachment:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidInputError("certificate.unknown_attachment")
    return read_dataclass(_KINDS[kind], value, "kind")
