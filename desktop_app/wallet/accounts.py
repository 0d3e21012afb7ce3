"""Accounts after BIP-44: m/44'/60'/0'/0/i, with libsecp256k1 (coincurve) underneath."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from desktop_app.core.errors import InvalidInputError

if TYPE_CHECKING:
    from eth_account import Account

PATH = "m/44'/60'/0'/0/{index}"
MAX_ACCOUNTS = 1000


@cache
def eth_account_on_coincurve() -> Account:
    """eth-account with the C library, whatever ECC_BACKEND_CLASS says."""
    from eth_account import Account
    from eth_keys.backends.coincurve import CoinCurveECCBackend

    account = Account()
    account.set_key_backend(CoinCurveECCBackend())
    return account


def private_key(seed: bytes, index: int) -> bytes:
    """The 32-byte key of account `index` (0 to 999) under a 64-byte BIP-39 seed."""
    if not 0 <= index < MAX_ACCOUNTS:
        raise InvalidInputError("wallet.too_many_accounts", limit=MAX_ACCOUNTS)
    from eth_account.hdaccount import key_from_seed

    return bytes(key_from_seed(seed, PATH.format(index=index)))


def address_of(key: bytes) -> str:
    """The EIP-55 address of a 32-byte private key."""
    return str(eth_account_on_coincurve().from_key(key).address)
