"""Holders of secrets that cannot be printed, pickled or compared by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from desktop_app.wallet.vault import Account, DeviceAccount


class Redacted:
    """Base of objects with secrets in their slots."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}([redacted])"

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets are not pickled")


class OwnerSecrets(Redacted):
    """What the ownership proofs derive their keys from."""

    __slots__ = ("seed",)

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        """The 64-byte BIP-39 seed."""


class OpenVault(Redacted):
    """Everything that an unlocked wallet knows and a locked one does not."""

    __slots__ = ("entropy", "key", "seed")

    def __init__(self, key: bytes, entropy: bytes, seed: bytes) -> None:
        self.key = key
        self.entropy = entropy
        self.seed = seed


class WalletContents(Redacted):
    """A whole wallet, to be put into a backup or made from one."""

    __slots__ = ("accounts", "active", "backup_confirmed", "created_at", "devices", "entropy")

    def __init__(
        self,
        entropy: bytes,
        accounts: tuple[Account, ...],
        active: str,
        created_at: int,
        backup_confirmed: bool,
        devices: tuple[DeviceAccount, ...] = (),
    ) -> None:
        self.entropy = entropy
        self.accounts = accounts
        self.active = active
        self.created_at = created_at
        self.backup_confirmed = backup_confirmed
        self.devices = devices
