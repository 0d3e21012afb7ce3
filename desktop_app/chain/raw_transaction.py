"""What a signed EIP-1559 transaction says (EIP-2718 type 2, RLP)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from desktop_app.chain.wire import address_of, to_data
from desktop_app.core.errors import BugError, CorruptError
from desktop_app.store.transactions import StoredTransaction
from desktop_app.wallet.accounts import eth_account_on_coincurve


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


@lru_cache(maxsize=1024)
def _signer_of(raw: bytes) -> str:
    """A list of transactions is read again and again, and each of them costs a millisecond."""
    return str(eth_account_on_coincurve().recover_transaction(raw))


def require_own(stored: StoredTransaction) -> Signed:
    """The fields of a transaction of ours, once it is certain that its account signed just these bytes.

    The journal lies open on the disk: a new version must not pay whom somebody has written there. Raises
    CorruptError("store.transaction_changed").
    """
    from eth_hash.auto import keccak

    try:
        signed = decode(stored.raw)
        signer = _signer_of(stored.raw)
    except Exception as error:
        raise CorruptError("store.transaction_changed", tx_hash=stored.tx_hash) from error
    ours = (
        to_data(keccak(stored.raw)) == stored.tx_hash.lower()
        and signer.lower() == stored.from_address.lower()
        and (signed.chain_id, signed.nonce) == (stored.chain_id, stored.nonce)
    )
    if not ours:
        raise CorruptError("store.transaction_changed", tx_hash=stored.tx_hash)
    return signed
