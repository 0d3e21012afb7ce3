"""What the chain layer gets instead of a key: an object that signs.

A hardware wallet can stand behind the same protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from desktop_app.core.errors import InvalidInputError
from desktop_app.wallet.accounts import eth_account_on_coincurve


class Signer(Protocol):
    """Signs for one address. Raises RefusedError("wallet.locked") once the wallet is locked."""

    @property
    def address(self) -> str:
        """EIP-55 address."""
        ...

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The raw signed transaction, ready for eth_sendRawTransaction. `chainId` is required (EIP-155)."""
        ...

    def sign_typed_data(self, full_message: Mapping[str, Any]) -> bytes:
        """65 bytes r || s || v over an EIP-712 message (types, primaryType, domain, message)."""
        ...


class AccountSigner:
    """Signs with a key of the vault, fetched anew for each signature so that locking takes effect at once."""

    def __init__(self, address: str, key: Callable[[], bytes]) -> None:
        self._address = address
        self._key = key

    @property
    def address(self) -> str:
        return self._address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        if not transaction.get("chainId"):
            raise InvalidInputError("wallet.no_chain_id")
        signed = eth_account_on_coincurve().sign_transaction(dict(transaction), self._key())
        return bytes(signed.raw_transaction)

    def sign_typed_data(self, full_message: Mapping[str, Any]) -> bytes:
        signed = eth_account_on_coincurve().sign_typed_data(self._key(), full_message=dict(full_message))
        return bytes(signed.signature)

    def __repr__(self) -> str:
        return f"AccountSigner({self._address})"
