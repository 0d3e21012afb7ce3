"""The fingerprint of a file: SHA-256, BLAKE3 and the salted chunk tree in one pass, in constant memory."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from desktop_app.content.chunk_tree import ChunkTreeBuilder
from desktop_app.content.formats import HEAD_SIZE, media_type
from desktop_app.content.steady_file import SteadyFile, open_steady
from desktop_app.core.progress import Task

STAGE = "stage.hashing"
# A whole number of leaves of either size, so that none has to be put together from two blocks.
_BLOCK = 4 * 1024 * 1024
# Below this, starting threads costs more than they bring.
_THREADS_FROM = 2 * _BLOCK


@dataclass(frozen=True)
class Fingerprint:
    """`size` and `leaf_size` in bytes; the hashes have 32 bytes; `modified_ns` as in os.stat."""

    size: int
    sha256: bytes
    blake3: bytes
    leaf_size: int
    chunk_root: bytes
    media_type: str
    modified_ns: int


def fingerprint(path: Path, work_salt: bytes, task: Task) -> Fingerprint:
    """Read the file at `path` once; `work_salt` (32 bytes) hides its content behind the chunk root.

    Progress in bytes, stage "stage.hashing". Raises InvalidInputError "content.missing", "content.folder",
    "content.not_a_file", "content.unreadable", "content.empty"; UnavailableError "content.read_failed",
    "content.vanished", "content.changed" (the file must hold still meanwhile); CancelledError.
    """
    with open_steady(path) as file:
        hashes = _Hashes(work_salt, file.size)
        if file.size < _THREADS_FROM:
            head = _hash_here(file, hashes, task)
        else:
            head = _hash_on_threads(file, hashes, task)
    return Fingerprint(
        size=file.size,
        sha256=hashes.sha256.digest(),
        blake3=hashes.blake3.digest(),
        leaf_size=hashes.tree.header.leaf_size,
        chunk_root=hashes.tree.root(),
        media_type=media_type(path, head),
        modified_ns=file.modified_ns,
    )


class _Hashes:
    def __init__(self, work_salt: bytes, size: int) -> None:
        self.sha256 = hashlib.sha256()
        self.blake3 = blake3()
        self.tree = ChunkTreeBuilder(work_salt, size)


def _hash_here(file: SteadyFile, hashes: _Hashes, task: Task) -> bytes:
    head, done = b"", 0
    task.report(0, file.size, STAGE)
    for block in file.blocks(_BLOCK):
        head = head or bytes(block[:HEAD_SIZE])
        hashes.sha256.update(block)
        hashes.blake3.update(block)
        hashes.tree.update(block)
        done += len(block)
        task.report(done, file.size, STAGE)
    return head


def _hash_on_threads(file: SteadyFile, hashes: _Hashes, task: Task) -> bytes:
    """The two SHA-256 passes on a thread each; reading ahead and BLAKE3, the fastest, on this one."""
    head, done = b"", 0
    running: list[Future[None]] = []
    task.report(0, file.size, STAGE)
    with ThreadPoolExecutor(2, "fingerprint") as pool:
        # Two buffers: one is being hashed while the next is read.
        for block in file.blocks(_BLOCK):
            head = head or bytes(block[:HEAD_SIZE])
            _finish(running)
            running = [pool.submit(hashes.sha256.update, block), pool.submit(hashes.tree.update, block)]
            hashes.blake3.update(block)
            done += len(block)
            task.report(done, file.size, STAGE)
        _finish(running)
    return head


def _finish(running: list[Future[None]]) -> None:
    for future in running:
        future.result()
