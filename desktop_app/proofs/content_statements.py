"""Statements that open what a commitment holds: the whole file, or an excerpt. The content is public in them.

The relation is C - m*G0 = k*G1 + r*H with m rebuilt from the chunk tree's root and size. Leaf i of that
tree (RFC 9162) is the hash of salt_i (16 bytes) || chunk_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.leaf_size import leaf_size_of
from desktop_app.core.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from desktop_app.proofs.attachments import Attachment, ExcerptAttachment
from desktop_app.proofs.commitment import SALT_SIZE, content_scalar, generators
from desktop_app.proofs.encoding import from_hex
from desktop_app.proofs.group import Group, P
from desktop_app.proofs.linear_relation import LinearRelation, RelationBuilder
from desktop_app.proofs.statements import Statement, Work, check_integer


@dataclass(frozen=True)
class Content:
    """The salted chunk tree of a work. `size` and `leaf_size` in bytes, the root as 0x-hex."""

    root: str
    size: int
    leaf_size: int

    def __post_init__(self) -> None:
        from_hex(self.root, HASH_SIZE)
        for number in (self.size, self.leaf_size):
            check_integer(number)
        # m holds root and size only: with chunks of a free length, one root could be a tree of two shapes,
        # and one commitment show different bytes at the same place.
        if self.leaf_size != leaf_size_of(self.size):
            raise InvalidInputError("certificate.leaf_size")

    @property
    def leaf_count(self) -> int:
        return -(-self.size // self.leaf_size)

    def chunk_length(self, index: int) -> int:
        return min(self.leaf_size, self.size - index * self.leaf_size)

    def scalar(self) -> int:
        """m."""
        return content_scalar(from_hex(self.root, HASH_SIZE), self.size)


@dataclass(frozen=True)
class ContentStatement(Statement):
    """The commitment of `work` holds `content`. Witness: (k, r)."""

    work: Work
    content: Content

    def relation(self, group: Group[P]) -> LinearRelation[P]:
        base, builder = generators(group), RelationBuilder(group)
        owner, blinding = builder.scalars(2)
        g0, g1, h, commitment = builder.elements(
            base.content, base.owner, base.blinding, self.work.point(group)
        )
        builder.equation([commitment, (g0, -self.content.scalar())], [(owner, g1), (blinding, h)])
        return builder.build()


@dataclass(frozen=True)
class FileStatement(ContentStatement):
    """This very file is inside the commitment: with the salt, anyone who has the file rebuilds the root."""

    kind: ClassVar[str] = "file"

    salt: str
    """The work's salt, 32 bytes as 0x-hex."""

    def __post_init__(self) -> None:
        super().__post_init__()
        from_hex(self.salt, SALT_SIZE)


@dataclass(frozen=True)
class ExcerptStatement(ContentStatement):
    """The attached chunks are in the work, from chunk `first` on. Nothing else of it is shown."""

    kind: ClassVar[str] = "excerpt"

    first: int
    """Number of the first chunk, from 0."""
    count: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.first < 0 or self.count < 1 or self.first + self.count > self.content.leaf_count:
            raise InvalidInputError("certificate.excerpt_outside")

    def check_attachments(self, attachments: Sequence[Attachment]) -> None:
        if len(attachments) != 1 or not isinstance(attachments[0], ExcerptAttachment):
            raise InvalidInputError("certificate.excerpt_missing")
        chunks, salts = attachments[0].chunk_bytes(), attachments[0].salt_bytes()
        paths = attachments[0].path_bytes()
        if not len(chunks) == len(salts) == len(paths) == self.count:
            raise InvalidInputError("certificate.excerpt_missing")
        root = from_hex(self.content.root, HASH_SIZE)
        for index, (chunk, salt, path) in enumerate(zip(chunks, salts, paths, strict=True), self.first):
            leaf = leaf_hash(salt + chunk)
            if len(chunk) != self.content.chunk_length(index) or not verify_inclusion(
                leaf, index, self.content.leaf_count, path, root
            ):
                raise InvalidInputError("certificate.excerpt_not_of_this_work")
