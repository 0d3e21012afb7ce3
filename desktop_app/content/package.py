"""Encrypting works into packages; `package_format` describes the format, `package_reading` opens them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count, cycle
from pathlib import Path
from secrets import token_bytes

from desktop_app.content.chunk_tree import ChunkTreeHeader
from desktop_app.content.one_ahead import one_ahead
from desktop_app.content.package_format import (
    CHUNK_SIZE,
    CHUNKS_IN_BLOCK,
    HEADER_SIZE,
    KEY_SIZE,
    OVERHEAD,
    PREFIX_SIZE,
    RECORD_SIZE,
    ChunkCipher,
    PackageFacts,
    PackageHeader,
    Roots,
    content_nodes,
    record_leaves,
)
from desktop_app.content.steady_file import SteadyFile, open_steady
from desktop_app.content.whole_file import DifferentContentError, WholeFile, whole_file
from desktop_app.core.errors import CorruptError, InvalidInputError
from desktop_app.core.progress import Task

PACKING = "package.packing"


def new_key() -> bytes:
    """A random key (32 bytes), one for each version of a work."""
    return token_bytes(KEY_SIZE)


def create_package(source: Path, destination: Path, key: bytes, work_salt: bytes, task: Task) -> PackageFacts:
    """Encrypt the file at `source`; `work_salt` is that of its fingerprint. Progress in content bytes.

    Interrupted or cancelled, it goes on where it was when called again with the same arguments; see
    `whole_file.discard_partial` for giving up. Raises RefusedError("content.exists"),
    UnavailableError("content.write_failed"), InvalidInputError("package.too_large"), CancelledError, and
    what `open_steady` raises.
    """
    with whole_file(destination) as output:
        with open_steady(source) as file:
            header = _header_of_earlier_attempt(output, key, file.size, work_salt)
            if header is not None:
                try:
                    return _pack(file, output, header, key, work_salt, task)
                except DifferentContentError:
                    # Under the same prefix one nonce would see two contents.
                    pass
        output.restart()
        with open_steady(source) as file:
            header = PackageHeader.seal(key, file.size, token_bytes(PREFIX_SIZE), work_salt)
            return _pack(file, output, header, key, work_salt, task)


def _header_of_earlier_attempt(
    output: WholeFile, key: bytes, size: int, work_salt: bytes
) -> PackageHeader | None:
    try:
        earlier = PackageHeader.decode(output.peek(HEADER_SIZE))
    except (InvalidInputError, CorruptError):
        return None
    fits = earlier == PackageHeader.seal(key, size, earlier.nonce_prefix, work_salt)
    return earlier if fits else None


def _pack(
    file: SteadyFile, output: WholeFile, header: PackageHeader, key: bytes, work_salt: bytes, task: Task
) -> PackageFacts:
    roots, done = Roots(header), 0
    output.put(header.encode())
    task.report(0, header.size, PACKING)
    with ThreadPoolExecutor(2, "package") as pool:

        def sealed() -> Iterator[memoryview]:
            cipher = ChunkCipher(header, key)
            room = min(CHUNKS_IN_BLOCK, header.chunk_count) * RECORD_SIZE
            buffers = cycle([memoryview(bytearray(room)) for _ in range(2)])
            blocks = zip(count(0, CHUNKS_IN_BLOCK), file.blocks(CHUNKS_IN_BLOCK * CHUNK_SIZE))
            hashing = partial(content_nodes, work_salt, ChunkTreeHeader.for_size(header.size))
            for (first, block), nodes in one_ahead(pool, hashing, blocks):
                records, end = next(buffers), 0
                for offset, node in enumerate(nodes):
                    chunk = block[offset * CHUNK_SIZE : (offset + 1) * CHUNK_SIZE]
                    start, end = end, end + len(chunk) + OVERHEAD
                    cipher.seal_into(first + offset, chunk, node, records[start:end])
                yield records[:end]

        for records, leaves in one_ahead(pool, record_leaves, sealed()):
            roots.add(records, leaves)
            output.put(records)
            done += len(records) - len(leaves) * OVERHEAD
            task.report(done, header.size, PACKING)
    return roots.facts()
