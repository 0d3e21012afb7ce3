"""OpenTimestamps proofs (opentimestamps.org) of a commitment: begun with a calendar, completed by Bitcoin.

The file that is stamped is the 48-byte commitment, never the content or its hash. A random nonce goes
between, so that a calendar learns nothing that it could find again, not even on the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from desktop_app.core.errors import CorruptError, InvalidInputError

SIZE_LIMIT = 64 * 1024
"""No honest proof comes near this many bytes."""
HEADER_SIZE = 80
"""Bytes of a Bitcoin block header."""
_NONCE_SIZE = 16
# Blocks have taken 2**68 hashes and more since OpenTimestamps began (2016).
_EASIEST = 2 ** (256 - 68)


@dataclass(frozen=True)
class Attested:
    """A proof leads to block `height` of Bitcoin, if that block's Merkle root is `merkle_root` (32 bytes)."""

    height: int
    merkle_root: bytes


class OpenTimestamp:
    """A detached timestamp of one commitment. It grows: a calendar's promise, then a block of Bitcoin."""

    def __init__(self, detached: Any) -> None:
        self._detached = detached

    @classmethod
    def begin(cls, commitment: bytes) -> tuple[OpenTimestamp, bytes]:
        """A new proof, and the 32 bytes to submit to a calendar."""
        from opentimestamps.core.op import OpAppend, OpSHA256
        from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

        stamp = Timestamp(hashlib.sha256(commitment).digest())
        blinded = stamp.ops.add(OpAppend(token_bytes(_NONCE_SIZE))).ops.add(OpSHA256())
        return cls(DetachedTimestampFile(OpSHA256(), stamp)), bytes(blinded.msg)

    @classmethod
    def decode(cls, data: bytes) -> OpenTimestamp:
        """A .ots file. Raises CorruptError("witness.not_a_timestamp")."""
        from opentimestamps.core.serialize import BytesDeserializationContext, DeserializationError
        from opentimestamps.core.timestamp import DetachedTimestampFile

        if len(data) > SIZE_LIMIT:
            raise CorruptError("witness.not_a_timestamp")
        try:
            return cls(DetachedTimestampFile.deserialize(BytesDeserializationContext(data)))
        except (DeserializationError, ValueError, TypeError, OverflowError, MemoryError) as error:
            raise CorruptError("witness.not_a_timestamp") from error

    def encode(self) -> bytes:
        """The .ots file, as every OpenTimestamps client reads it."""
        from opentimestamps.core.serialize import BytesSerializationContext

        context = BytesSerializationContext()
        self._detached.serialize(context)
        return bytes(context.getbytes())

    def is_of(self, commitment: bytes) -> bool:
        """Whether this is a timestamp of just this commitment."""
        return bool(
            self._detached.file_digest == hashlib.sha256(commitment).digest()
            and self._detached.file_hash_op.TAG_NAME == "sha256"
        )

    def add(self, message: bytes, answer: bytes) -> None:
        """Put in what a calendar answered about `message`. Raises CorruptError("witness.bad_answer")."""
        from opentimestamps.core.serialize import BytesDeserializationContext, DeserializationError
        from opentimestamps.core.timestamp import Timestamp

        for place in _walk(self._detached.timestamp):
            if place.msg == message:
                break
        else:
            raise CorruptError("witness.bad_answer")
        try:
            context = BytesDeserializationContext(answer)
            found = Timestamp.deserialize(context, message)
            context.assert_eof()
            place.merge(found)
        except (DeserializationError, ValueError, TypeError, OverflowError, MemoryError) as error:
            raise CorruptError("witness.bad_answer") from error
        if not self.promises and not self.attested:
            raise CorruptError("witness.bad_answer")

    @property
    def promises(self) -> tuple[tuple[str, bytes], ...]:
        """Calendars that have promised the proof for later: address, and the message to ask them about."""
        from opentimestamps.core.notary import PendingAttestation

        return tuple(
            (str(one.uri), bytes(place.msg))
            for place in _walk(self._detached.timestamp)
            for one in place.attestations
            if isinstance(one, PendingAttestation)
        )

    @property
    def attested(self) -> tuple[Attested, ...]:
        """Blocks of Bitcoin that the proof leads to, the earliest first. Each is still to be looked up."""
        from opentimestamps.core.notary import BitcoinBlockHeaderAttestation

        found = {
            Attested(one.height, bytes(place.msg))
            for place in _walk(self._detached.timestamp)
            for one in place.attestations
            if isinstance(one, BitcoinBlockHeaderAttestation) and len(place.msg) == 32
        }
        return tuple(sorted(found, key=lambda one: one.height))


def block_time(attested: Attested, header: bytes, easiest: int = _EASIEST) -> int:
    """The time (Unix seconds) at which the block with this header was made, once it fits the proof.

    The header must hold the Merkle root and the work that a block takes, so a server cannot invent one
    cheaply. `easiest` is the highest target that counts. Raises CorruptError: "witness.no_header",
    "witness.other_block", "witness.no_work".
    """
    if len(header) != HEADER_SIZE:
        raise CorruptError("witness.no_header")
    if header[36:68] != attested.merkle_root:
        raise CorruptError("witness.other_block", height=attested.height)
    exponent, mantissa = header[75], int.from_bytes(header[72:75], "little")
    target = mantissa << (8 * (exponent - 3)) if exponent >= 3 else mantissa >> (8 * (3 - exponent))
    digest = hashlib.sha256(hashlib.sha256(header).digest()).digest()
    if not 0 < target <= easiest or int.from_bytes(digest, "little") > target:
        raise CorruptError("witness.no_work", height=attested.height)
    return int.from_bytes(header[68:72], "little")


def _walk(stamp: Any) -> Iterator[Any]:
    waiting = [stamp]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(here.ops.values())


def commitment_from(data: bytes) -> bytes:
    """The commitment in a file that was exported beside its timestamp. Raises InvalidInputError."""
    if len(data) != 48:
        raise InvalidInputError("witness.no_commitment")
    return data
