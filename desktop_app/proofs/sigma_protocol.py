"""Non-interactive proofs of linear relations, both flavours (draft-irtf-cfrg-sigma-protocols-03).

Compact: challenge || responses. Batchable: commitments || responses, and many are verified at once.
The tag holds everything the proof is bound to; it must contain the flavour and the suite verbatim.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs.codec import decode_field, serialize_string
from desktop_app.proofs.group import (
    ORDER,
    SCALAR_SIZE,
    Group,
    P,
    decode_scalars,
    encode_scalar,
)
from desktop_app.proofs.linear_relation import LinearRelation
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

CHALLENGE_BYTES = SCALAR_SIZE + 16
BATCH_FACTOR_BYTES = 16
BATCH_TAG = b"irtf-cfrg-sigma-protocols/batch-verify"

ScalarSource = Callable[[int, bytes, bytes, Sequence[int]], list[int]]
"""(how many, session id, public data, secrets) -> as many random scalars"""

NonceSource = Callable[[bytes, bytes, Sequence[int]], list[int]]
"""(session id, serialized relation, witness) -> one nonce for each scalar of the witness"""


class Flavor(StrEnum):
    COMPACT = "CMPT"
    BATCHABLE = "DSFS"


def hedged_nonces(
    session_id: bytes,
    statement: bytes,
    witness: Sequence[int],
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    order: int = ORDER,
) -> list[int]:
    """One nonce for each scalar of the witness, by `hedged_scalars`."""
    return hedged_scalars(len(witness), session_id, statement, witness, random_bytes, order)


def hedged_scalars(
    count: int,
    session_id: bytes,
    statement: bytes,
    witness: Sequence[int],
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    order: int = ORDER,
) -> list[int]:
    """Scalars from 48 random bytes each, hashed with witness and statement.

    A generator that repeats itself then repeats a scalar only for the very same proof, and leaks nothing.
    """
    size = CHALLENGE_BYTES * count
    secret = b"".join(encode_scalar(scalar, order) for scalar in witness)
    stream = hashlib.shake_256(
        b"".join(
            map(serialize_string, (b"colophon/v1/nonces", random_bytes(size), secret, session_id, statement))
        )
    ).digest(size)
    return [
        int.from_bytes(stream[i : i + CHALLENGE_BYTES], "big") % order
        for i in range(0, size, CHALLENGE_BYTES)
    ]


def prove(
    flavor: Flavor,
    tag: bytes,
    relation: LinearRelation[P],
    witness: Sequence[int],
    nonces: NonceSource | None = None,
) -> bytes:
    """A proof that the prover knows a witness of the relation; `nonces` by `hedged_nonces` unless given.

    Raises InvalidInputError for an invalid relation, and where the witness does not fulfil it.
    """
    group, order = relation.group, relation.group.order
    _check_tag(flavor, tag, group)
    relation.check()
    if not all(map(group.equal, relation.map(witness), relation.image())):
        raise InvalidInputError("proofs.witness_does_not_fit")
    session_id, statement = derive_session_id(tag), relation.serialize()
    if nonces is None:
        masks = hedged_nonces(session_id, statement, witness, order=order)
    else:
        masks = nonces(session_id, statement, witness)
    commitment = b"".join(map(group.encode, relation.map(masks)))
    challenge = _challenge(session_id, statement, commitment, order)
    responses = b"".join(
        encode_scalar((mask + challenge * secret) % order, order)
        for mask, secret in zip(masks, witness, strict=True)
    )
    return (encode_scalar(challenge, order) if flavor is Flavor.COMPACT else commitment) + responses


def verify(flavor: Flavor, tag: bytes, relation: LinearRelation[P], proof: bytes) -> bool:
    """True for a valid proof. Malformed proofs and invalid relations are False, never an exception."""
    _check_tag(flavor, tag, relation.group)
    try:
        relation.check()
        if flavor is Flavor.COMPACT:
            return _verify_compact(tag, relation, proof)
        transcript = _read_batchable(Batched(tag, relation, proof))
    except InvalidInputError:
        return False
    expected = relation.simulate_commitment(transcript.responses, transcript.challenge)
    return all(map(relation.group.equal, transcript.commitment, expected))


@dataclass(frozen=True)
class Batched(Generic[P]):
    """One batchable proof with what it is about."""

    tag: bytes
    relation: LinearRelation[P]
    proof: bytes


def verify_batch(batch: Sequence[Batched[P]]) -> bool:
    """True where every proof of the batch is valid; one multiplication for the whole batch.

    An empty batch is False: the draft accepts it, but here nothing proved is never a success.
    """
    if not 0 < len(batch) < 2**32:
        return False
    group = batch[0].relation.group
    sponge = DuplexSponge(derive_session_id(BATCH_TAG))
    transcripts = []
    for item in batch:
        _check_tag(Flavor.BATCHABLE, item.tag, group)
        if item.relation.group is not group:
            raise BugError("a batch lies in one group")
        try:
            item.relation.check()
            transcripts.append(_read_batchable(item))
        except InvalidInputError:
            return False
        sponge.absorb(derive_session_id(item.tag))
        sponge.absorb(item.relation.serialize())
        sponge.absorb(item.proof)
    equations = sum(len(item.relation.equations) for item in batch)
    randomness = sponge.squeeze(BATCH_FACTOR_BYTES * equations)
    factors = (
        int.from_bytes(randomness[i : i + BATCH_FACTOR_BYTES], "little")
        for i in range(0, len(randomness), BATCH_FACTOR_BYTES)
    )
    # Points that occur in many relations, such as generators, are multiplied once: collected by identity.
    points: dict[int, P] = {}
    weights: dict[int, int] = defaultdict(int)

    def collect(point: P, weight: int) -> None:
        points[id(point)] = point
        weights[id(point)] += weight

    for item, transcript in zip(batch, transcripts, strict=True):
        for equation, commitment in zip(item.relation.equations, transcript.commitment, strict=True):
            factor = next(factors)
            collect(commitment, factor)
            for element, weight in item.relation.commitment_terms(
                equation, transcript.responses, transcript.challenge
            ):
                collect(item.relation.elements[element], -factor * weight)
    total = group.msm(list(points.values()), [weight % group.order for weight in weights.values()])
    return group.is_identity(total)


@dataclass(frozen=True)
class _Transcript(Generic[P]):
    commitment: list[P]
    challenge: int
    responses: list[int]


def _read_batchable(item: Batched[P]) -> _Transcript[P]:
    relation, size = item.relation, item.relation.group.point_size
    split = size * len(relation.equations)
    if len(item.proof) != split + SCALAR_SIZE * relation.num_scalars:
        raise InvalidInputError("proofs.proof_length")
    head = item.proof[:split]
    return _Transcript(
        [relation.group.decode(head[i : i + size]) for i in range(0, split, size)],
        _challenge(derive_session_id(item.tag), relation.serialize(), head, relation.group.order),
        decode_scalars(item.proof[split:], relation.group.order),
    )


def _verify_compact(tag: bytes, relation: LinearRelation[P], proof: bytes) -> bool:
    if len(proof) != SCALAR_SIZE * (1 + relation.num_scalars):
        raise InvalidInputError("proofs.proof_length")
    order = relation.group.order
    challenge, *responses = decode_scalars(proof, order)
    points = relation.simulate_commitment(responses, challenge)
    commitment = b"".join(map(relation.group.encode, points))  # refuses the identity
    return challenge == _challenge(derive_session_id(tag), relation.serialize(), commitment, order)


def _challenge(session_id: bytes, statement: bytes, commitment: bytes, order: int) -> int:
    sponge = DuplexSponge(session_id)
    sponge.absorb(statement)
    sponge.absorb(commitment)
    return decode_field(sponge.squeeze(CHALLENGE_BYTES), order)


def _check_tag(flavor: Flavor, tag: bytes, group: Group[P]) -> None:
    if flavor.encode() not in tag or group.suite.encode() not in tag:
        raise BugError("the tag names flavour and suite")
