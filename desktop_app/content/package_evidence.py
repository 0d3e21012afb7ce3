"""One record of a package, shown to anyone who knows the published root, as proof that its chunk is wrong.

After Dziembowski, Eckey, Faust, "FairSwap" (CCS 2018): the complaint is as large as one chunk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from desktop_app.content.chunk_tree import ChunkTreeHeader
from desktop_app.content.package_format import (
    CHUNKS_IN_BLOCK,
    HEADER_SIZE,
    OVERHEAD,
    RECORD_SIZE,
    ChunkCipher,
    PackageHeader,
    content_nodes,
    key_commitment,
    record_leaves,
)
from desktop_app.content.steady_file import open_steady
from desktop_app.core.errors import ColophonError, CorruptError, InvalidInputError
from desktop_app.core.merkle import HASH_SIZE, inclusion_paths, leaf_hash, verify_inclusion
from desktop_app.core.progress import Task


@dataclass(frozen=True)
class RecordEvidence:
    """Record `index` (from 0) and the header of a package, with the paths from both to the package root."""

    header: bytes = field(repr=False)
    header_path: tuple[bytes, ...] = field(repr=False)
    index: int
    record: bytes = field(repr=False)
    record_path: tuple[bytes, ...] = field(repr=False)


def show_record(package: Path, index: int, task: Task) -> RecordEvidence:
    """Read the package once for the evidence on record `index`. Memory: 32 bytes for each chunk.

    Raises InvalidInputError("content.excerpt_range") where there is no such record, and as `check_package`
    does for a file that is no whole package.
    """
    with open_steady(package) as file:
        encoded = file.read(HEADER_SIZE)
        header = PackageHeader.decode(encoded)
        if not 0 <= index < header.chunk_count:
            raise InvalidInputError("content.excerpt_range", first=index, count=1, chunks=header.chunk_count)
        if file.size != header.package_size:
            raise CorruptError("package.other_package")
        leaves, record = [leaf_hash(encoded)], b""
        for first, block in zip(count(0, CHUNKS_IN_BLOCK), file.blocks(CHUNKS_IN_BLOCK * RECORD_SIZE)):
            task.check()
            leaves += record_leaves(block)
            if first <= index < first + CHUNKS_IN_BLOCK:
                start = (index - first) * RECORD_SIZE
                record = bytes(block[start : start + RECORD_SIZE])
    header_path, record_path = inclusion_paths(leaves, [0, index + 1])
    return RecordEvidence(encoded, tuple(header_path), index, record, tuple(record_path))


def record_is_wrong(evidence: RecordEvidence, key: bytes, package_root: bytes) -> bool:
    """Whether the record does not open to the chunk that its node promised: the maker's fault alone.

    Raises InvalidInputError("package.evidence") unless header and record are those of the package with this
    root and the key is the one that it commits to; then nothing is shown.
    """
    try:
        header = PackageHeader.decode(evidence.header)
    except ColophonError:
        raise InvalidInputError("package.evidence") from None
    leaves = header.chunk_count + 1
    header_leaf, record_leaf = leaf_hash(evidence.header), leaf_hash(evidence.record)
    if not (
        verify_inclusion(header_leaf, 0, leaves, evidence.header_path, package_root)
        and 0 <= evidence.index < header.chunk_count
        and verify_inclusion(record_leaf, evidence.index + 1, leaves, evidence.record_path, package_root)
        and key_commitment(key) == header.key_commitment
    ):
        raise InvalidInputError("package.evidence")
    try:
        work_salt = header.open_salt(key)
    except CorruptError:
        return True
    length = header.chunk_length(evidence.index)
    if len(evidence.record) != length + OVERHEAD:
        return True
    chunk = memoryview(bytearray(length))
    if not ChunkCipher(header, key).open_into(evidence.index, memoryview(evidence.record), chunk):
        return True
    tree = ChunkTreeHeader.for_size(header.size)
    return content_nodes(work_salt, tree, (evidence.index, chunk)) != [evidence.record[-HASH_SIZE:]]
