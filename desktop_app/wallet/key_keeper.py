"""Where the vault's key is: in the system keyring, or in the vault itself, wrapped by a passphrase."""

from __future__ import annotations

import logging
import secrets

from desktop_app.core.errors import ColophonError, InvalidInputError
from desktop_app.wallet.keyring_backend import KeyStore
from desktop_app.wallet.sealing import (
    Argon2Cost,
    WrappedKey,
    check_new_passphrase,
    new_key,
    unwrap_key,
    wrap_key,
)
from desktop_app.wallet.vault import Header, wrap_label

_log = logging.getLogger(__name__)

PROTECTIONS = ("keyring", "passphrase")


class KeyKeeper:
    """`cost` is what a new passphrase costs to try."""

    def __init__(self, keyring: KeyStore, cost: Argon2Cost) -> None:
        self._keyring = keyring
        self._cost = cost

    def new(self, protection: str, passphrase: str | None) -> tuple[bytes, str, WrappedKey | None]:
        """A new key under a new id, kept by the keyring or wrapped by the passphrase."""
        key, key_id = new_key(), secrets.token_hex(16)
        if protection == "keyring":
            self._keyring.put(_entry(key_id), key)
            return key, key_id, None
        if protection != "passphrase":
            raise InvalidInputError("wallet.unknown_protection", choices=", ".join(PROTECTIONS))
        return key, key_id, wrap_key(check_new_passphrase(passphrase), key, self._cost, wrap_label(key_id))

    def fetch(self, header: Header, passphrase: str | None) -> bytes:
        """The key of a vault; in keyring mode `passphrase` is not looked at."""
        if header.wrapped_key is None:
            return self._keyring.get(_entry(header.key_id))
        if passphrase is None:
            raise InvalidInputError("wallet.passphrase_needed")
        return unwrap_key(passphrase, header.wrapped_key, wrap_label(header.key_id))

    def forget(self, key_id: str) -> None:
        """Take a key that no vault needs any more out of the keyring."""
        # A key left behind opens no file that is still there, so this is not worth failing for.
        try:
            self._keyring.remove(_entry(key_id))
        except ColophonError as error:
            _log.warning("an unused entry stays in the keyring: %s", error.code)


def _entry(key_id: str) -> str:
    return f"vault {key_id}"
