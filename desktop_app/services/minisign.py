"""Signatures in the format of minisign (Frank Denis): Ed25519, RFC 8032, over a file or its BLAKE2b-512 hash.

    .pub       "untrusted comment: ...", base64("Ed" || key id (8) || public key (32))
    .minisig   "untrusted comment: ...", base64(algorithm (2) || key id (8) || signature (64)),
               "trusted comment: ...", base64(signature (64) over the signature above || trusted comment)

Algorithm "ED" signs the BLAKE2b-512 hash, the older "Ed" the file itself. Untrusted comments are ignored.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from desktop_app.core.errors import CorruptError, InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task

HASHED, LEGACY = b"ED", b"Ed"
TEXT_LIMIT = 4096
"""Bytes; minisign itself writes comments of at most 1,024 and 8,192 bytes together with the rest."""
LEGACY_LIMIT = 64 << 20
"""Bytes of a file that is signed whole, as that has to be in memory."""
_UNTRUSTED, _TRUSTED = b"untrusted comment: ", b"trusted comment: "
_CHUNK = 1 << 20


@dataclass(frozen=True)
class PublicKey:
    """`key_id`: 8 bytes, shown by minisign as a little-endian number; `key`: 32 bytes."""

    key_id: bytes
    key: bytes

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """From a .pub file or its second line. Raises InvalidInputError("updates.bad_key")."""
        lines = text.strip().splitlines()
        if not lines or len(lines) > 2 or (len(lines) == 2 and not lines[0].startswith(_UNTRUSTED.decode())):
            raise InvalidInputError("updates.bad_key")
        data = _decoded(lines[-1].strip().encode(), 42)
        if data is None or data[:2] != LEGACY:
            raise InvalidInputError("updates.bad_key")
        return cls(data[2:10], data[10:])

    @property
    def name(self) -> str:
        """The key id as minisign prints it."""
        return f"{int.from_bytes(self.key_id, 'little'):016X}"


@dataclass(frozen=True)
class Signature:
    """A .minisig file, taken apart; nothing of it has been checked."""

    algorithm: bytes
    key_id: bytes
    signature: bytes
    comment: bytes
    comment_signature: bytes

    @classmethod
    def parse(cls, data: bytes) -> Signature:
        """Raises CorruptError("updates.bad_signature_file")."""
        lines = [line.removesuffix(b"\r") for line in data.removesuffix(b"\n").split(b"\n")]
        if len(data) <= TEXT_LIMIT and len(lines) == 4:
            first, second = _decoded(lines[1], 74), _decoded(lines[3], 64)
            comments = lines[0].startswith(_UNTRUSTED) and lines[2].startswith(_TRUSTED)
            if comments and first is not None and second is not None and first[:2] in (HASHED, LEGACY):
                comment = lines[2].removeprefix(_TRUSTED)
                return cls(first[:2], first[2:10], first[10:], comment, second)
        raise CorruptError("updates.bad_signature_file")

    def check(self, key: PublicKey, data: bytes) -> str:
        """The trusted comment, when `key` has signed `data` and it.

        Raises CorruptError: "updates.other_key", "updates.wrong_signature".
        """
        return self._check(key, hashlib.blake2b(data).digest() if self.algorithm == HASHED else data)

    def check_file(self, key: PublicKey, path: Path, task: Task | None = None) -> str:
        """The same for a file of any size (64 MiB where it is signed whole).

        Raises as `check`, UnavailableError("updates.cannot_read"),
        RefusedError("updates.too_large_for_legacy").
        """
        task = task or Task()
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                if self.algorithm == LEGACY:
                    if size > LEGACY_LIMIT:
                        raise RefusedError("updates.too_large_for_legacy")
                    return self._check(key, file.read(LEGACY_LIMIT + 1))
                hashed, done = hashlib.blake2b(), 0
                while chunk := file.read(_CHUNK):
                    hashed.update(chunk)
                    done += len(chunk)
                    task.report(done, max(size, done), "stage.hashing")
        except OSError as error:
            raise UnavailableError("updates.cannot_read", path=str(path)) from error
        return self._check(key, hashed.digest())

    def _check(self, key: PublicKey, signed: bytes) -> str:
        if self.key_id != key.key_id:
            raise CorruptError("updates.other_key", expected=key.name)
        public = Ed25519PublicKey.from_public_bytes(key.key)
        try:
            public.verify(self.signature, signed)
            public.verify(self.comment_signature, self.signature + self.comment)
            return self.comment.decode()
        except (InvalidSignature, UnicodeDecodeError):
            raise CorruptError("updates.wrong_signature") from None


def _decoded(text: bytes, length: int) -> bytes | None:
    """The bytes of a canonical base64 line, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return data if len(data) == length and base64.b64encode(data) == text else None
