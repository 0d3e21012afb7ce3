"""The fingerprint of a file: SHA-256, BLAKE3, the ISCC of its bytes (ISO 24138) and the salted chunk tree.

All in one pass and in constant memory.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.content.chunk_tree import ChunkTreeBuilder
from desktop_app.content.formats import HEAD_SIZE, media_type
from desktop_app.content.steady_file import SteadyFile, open_steady
from desktop_app.core.progress import Task

STAGE = "stage.hashing"
# A whole number of leaves of either size, so that none has to be put together from two blocks.
_BLOCK = 4 * 1024 * 1024
# Below this, starting threads costs more than they bring.
_THREADS_FROM = 2 * _BLOCK
_PIECE = 1024 * 1024
# The multihash codes for BLAKE3 and 32 bytes.
_BLAKE3_MULTIHASH = "1e20"


@dataclass(frozen=True)
class Fingerprint:
    """`size` and `leaf_size` in bytes; the hashes have 32 bytes; `modified_ns` as in os.stat.

    `data_code` and `instance_code` are ISCC units of 256 bits. They confirm a guess about the content, so
    they stay private.
    """

    size: int
    sha256: bytes
    blake3: bytes
    leaf_size: int
    chunk_root: bytes
    media_type: str
    modified_ns: int
    data_code: str = field(repr=False)
    instance_code: str = field(repr=False)


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
    data_code, instance_code, blake3 = hashes.of_the_bytes()
    return Fingerprint(
        size=file.size,
        sha256=hashes.sha256.digest(),
        blake3=blake3,
        leaf_size=hashes.tree.header.leaf_size,
        chunk_root=hashes.tree.root(),
        media_type=media_type(path, head),
        modified_ns=file.modified_ns,
        data_code=data_code,
        instance_code=instance_code,
    )


class _Hashes:
    def __init__(self, work_salt: bytes, size: int) -> None:
        from iscc_lib import SumHasher

        self.sha256 = hashlib.sha256()
        self.sum = SumHasher()
        self.tree = ChunkTreeBuilder(work_salt, size)

    def update_sum(self, block: memoryview) -> None:
        # It takes a copy, which is cheap in pieces that stay in the processor's cache.
        for start in range(0, len(block), _PIECE):
            self.sum.update(block[start : start + _PIECE])

    def of_the_bytes(self) -> tuple[str, str, bytes]:
        """Data-Code, Instance-Code and BLAKE3 hash: the Instance-Code hashes with BLAKE3 anyway."""
        found = self.sum.finalize(256, add_units=True)
        data_code, instance_code = found["units"]
        return data_code, instance_code, bytes.fromhex(found["datahash"].removeprefix(_BLAKE3_MULTIHASH))


def _hash_here(file: SteadyFile, hashes: _Hashes, task: Task) -> bytes:
    head, done = b"", 0
    task.report(0, file.size, STAGE)
    for block in file.blocks(_BLOCK):
        head = head or bytes(block[:HEAD_SIZE])
        hashes.sha256.update(block)
        hashes.update_sum(block)
        hashes.tree.update(block)
        done += len(block)
        task.report(done, file.size, STAGE)
    return head


def _hash_on_threads(file: SteadyFile, hashes: _Hashes, task: Task) -> bytes:
    """The two SHA-256 passes on a thread each; reading ahead and the rest on this one."""
    head, done = b"", 0
    running: list[Future[None]] = []
    task.report(0, file.size, STAGE)
    with ThreadPoolExecutor(2, "fingerprint") as pool:
        # Two buffers: one is being hashed while the next is read.
        for block in file.blocks(_BLOCK):
            head = head or bytes(block[:HEAD_SIZE])
            _finish(running)
            running = [pool.submit(hashes.sha256.update, block), pool.submit(hashes.tree.update, block)]
            hashes.update_sum(block)
            done += len(block)
            task.report(done, file.size, STAGE)
        _finish(running)
    return head


def _finish(running: list[Future[None]]) -> None:
    for future in running:
        future.result()
