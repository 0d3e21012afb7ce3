"""What a signed EIP-1559 transaction says (EIP-2718 type 2, RLP)."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.chain.wire import address_of
from desktop_app.core.errors import BugError


@dataclass(frozen=True)
class Signed:
    """The fields that matter to us; amounts and prices in wei."""

    chain_id: int
    nonce: int
    priority_fee: int
    max_fee: int
    gas_limit: int
    to: str
    value: int
    data: bytes


def decode(raw: bytes) -> Signed:
    """The fields of a transaction that we signed ourselves; BugError for anything else."""
    import rlp

    if raw[:1] != b"\x02":
        raise BugError("not a transaction of type 2")
    fields = rlp.decode(raw[1:])
    if len(fields) != 12 or len(fields[5]) != 20:
        raise BugError("not a transaction of ours")
    chain_id, nonce, priority_fee, max_fee, gas_limit = (int.from_bytes(part, "big") for part in fields[:5])
    return Signed(
        chain_id=chain_id,
        nonce=nonce,
        priority_fee=priority_fee,
        max_fee=max_fee,
        gas_limit=gas_limit,
        to=address_of(bytes(fields[5])),
        value=int.from_bytes(fields[6], "big"),
        data=bytes(fields[7]),
    )
