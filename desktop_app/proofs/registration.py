"""The proof that the Registry contract checks: an opening of C under a Keccak-256 suite.

The same relation as the opening certificate; the EVM has no SHAKE.

challenge = keccak256(tag || chain id || registry || sender || G0 || G1 || H || C || T) mod r, all packed,
numbers in 32 bytes, points in the 128-byte form of EIP-2537. The contract rebuilds T with one G1MSM call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from eth_hash.auto import keccak

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs.address import address_bytes
from desktop_app.proofs.commitment import Opening, commit, commitment_id, generators
from desktop_app.proofs.group import ORDER, Group, P, check_scalar, default_group
from desktop_app.proofs.sigma_protocol import NonceSource, hedged_nonces

TAG = keccak(b"colophon/v1/register/keccak256/bls12381")


@dataclass(frozen=True)
class Registration:
    """What `Registry.register` takes."""

    commitment: bytes
    """C in 128 bytes (EIP-2537)."""
    challenge: int
    responses: tuple[int, int, int]
    """For content, owner key and blinding."""

    @property
    def commitment_id(self) -> bytes:
        """32 bytes."""
        return commitment_id(self.commitment)


def make(
    chain_id: int,
    registry: str,
    sender: str,
    opening: Opening,
    *,
    group: Group[P] | None = None,
    nonces: NonceSource = hedged_nonces,
) -> Registration:
    """Commit and prove, for one sender ("0x...") at one contract of one chain."""
    chosen: Group[P] = group or default_group()
    base = generators(chosen)
    context = _context(chain_id, registry, sender)
    commitment = chosen.encode_for_chain(commit(opening, chosen))
    while True:  # the contract refuses challenge 0, which comes once in 2^255 times
        masks = nonces(TAG, context + commitment, opening.scalars())
        mask_point = chosen.encode_for_chain(chosen.msm([base.content, base.owner, base.blinding], masks))
        challenge = _challenge(chosen, context, commitment, mask_point)
        if challenge:
            break
    content, owner, blinding = (
        (mask + challenge * secret) % ORDER for mask, secret in zip(masks, opening.scalars(), strict=True)
    )
    return Registration(commitment, challenge, (content, owner, blinding))


def verify(
    chain_id: int,
    registry: str,
    sender: str,
    commitment: bytes,
    challenge: int,
    responses: Sequence[int],
    *,
    group: Group[P] | None = None,
) -> bool:
    """What the contract checks, in Python. False for any malformed proof.

    Raises InvalidInputError where an address is malformed.
    """
    chosen: Group[P] = group or default_group()
    base = generators(chosen)
    context = _context(chain_id, registry, sender)
    try:
        point = chosen.decode_from_chain(commitment)
        if len(responses) != 3 or check_scalar(challenge) == 0:
            return False
        mask_point = chosen.encode_for_chain(
            chosen.msm([base.content, base.owner, base.blinding, point], [*responses, ORDER - challenge])
        )
        return challenge == _challenge(chosen, context, commitment, mask_point)
    except InvalidInputError:
        return False


def _context(chain_id: int, registry: str, sender: str) -> bytes:
    return TAG + chain_id.to_bytes(32, "big") + address_bytes(registry) + address_bytes(sender)


def _challenge(group: Group[P], context: bytes, commitment: bytes, mask_point: bytes) -> int:
    digest = keccak(context + _generators_for_chain(group) + commitment + mask_point)
    return int.from_bytes(digest, "big") % ORDER


@cache
def _generators_for_chain(group: Group[P]) -> bytes:
    base = generators(group)
    return b"".join(map(group.encode_for_chain, (base.content, base.owner, base.blinding)))
