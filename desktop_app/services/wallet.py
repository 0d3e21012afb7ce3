"""The wallet as window and command line see it. Opening and changing it takes seconds: use a job thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.settings import AUTO_LOCK, Settings
from desktop_app.services.wording import words as wording
from desktop_app.wallet import ledger
from desktop_app.wallet import phrase as phrases
from desktop_app.wallet.account_list import AnyAccount
from desktop_app.wallet.facts import Facts, WalletState
from desktop_app.wallet.key_keeper import PROTECTIONS
from desktop_app.wallet.keyring_backend import KeyringState, KeyringStatus, KeyStore, SystemKeyring
from desktop_app.wallet.redacted import OwnerSecrets, WalletContents
from desktop_app.wallet.sealing import MIN_PASSPHRASE, Argon2Cost
from desktop_app.wallet.signer import Signer
from desktop_app.wallet.vault import Account as AccountInfo
from desktop_app.wallet.vault import DeviceAccount
from desktop_app.wallet.wallet import Wallet

__all__ = [
    "MIN_PASSPHRASE",
    "PROTECTIONS",
    "AccountInfo",
    "AnyAccount",
    "DeviceAccount",
    "KeyringState",
    "KeyringStatus",
    "OwnerSecrets",
    "Signer",
    "WalletService",
    "WalletState",
    "WalletStatus",
]


@dataclass(frozen=True)
class WalletStatus:
    """What may be shown while the wallet is locked. `protection`: "keyring", "passphrase", "" when absent.

    `accounts` are those of the phrase, then those of hardware wallets. `verified`: they were authenticated
    with the wallet's key. Until then somebody who can write to the data folder may have put other addresses
    there, so do not offer them as places to send money to.
    """

    state: WalletState
    protection: str = ""
    accounts: tuple[AnyAccount, ...] = ()
    active: str | None = None
    backup_confirmed: bool = False
    verified: bool = False

    @property
    def active_account(self) -> AnyAccount | None:
        return next((one for one in self.accounts if one.address == self.active), None)


class WalletService:
    """One wallet per data folder."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        clock: Clock,
        keyring: KeyStore | None = None,
        cost: Argon2Cost | None = None,
    ) -> None:
        self._settings = settings
        self._keyring = keyring or SystemKeyring()
        self._wallet = Wallet(path, self._keyring, clock, cost)

    def status(self) -> WalletStatus:
        """Reads one small file; never asks the keyring. UNLOCKED: can sign without asking the user."""
        return _status(self._wallet.facts())

    def status_to_show(self) -> WalletStatus:
        """The status, verified where the wallet opens without asking the user; may ask the keyring."""
        status = self.status()
        if status.state is not WalletState.UNLOCKED or status.verified:
            return status
        try:
            return self.verified_status()
        except (RefusedError, UnavailableError):
            # A keyring that does not answer now is asked again when something needs it.
            return self.status()

    def verified_status(self) -> WalletStatus:
        """The status with accounts that are certainly the user's own; may ask the keyring.

        Raises RefusedError("wallet.locked"), CorruptError when the file was changed without its key.
        """
        return _status(self._wallet.verify())

    def keyring_status(self) -> KeyringStatus:
        """Whether keyring mode can be offered; asks the user nothing. May take seconds."""
        return self._keyring.status()

    def create(self, protection: str, passphrase: str | None = None, words: int = 12) -> str:
        """Make a wallet; returns its phrase of 12 or 24 words, to be shown once. Never replaces a wallet."""
        entropy = phrases.new_entropy(words)
        name = wording("wallet.first_account")
        self._wallet.create(entropy, name, protection, passphrase, backed_up=False)
        return phrases.phrase_from_entropy(entropy)

    def restore(self, phrase: str, protection: str, passphrase: str | None = None) -> None:
        """Make the wallet of an existing phrase. Never replaces a wallet."""
        entropy = phrases.entropy_from_phrase(phrase)
        name = wording("wallet.first_account")
        self._wallet.create(entropy, name, protection, passphrase, backed_up=True)

    def check_phrase(self, phrase: str) -> None:
        """Raises what is wrong with a typed phrase, naming a wrong word by position only."""
        phrases.entropy_from_phrase(phrase)

    def word_suggestions(self, prefix: str) -> tuple[str, ...]:
        """Words that a phrase can hold, while one is typed."""
        return phrases.words_starting_with(prefix)

    def reveal_phrase(self, passphrase: str | None = None) -> str:
        """The phrase again, for a backup; passphrase mode asks for the passphrase each time."""
        return self._wallet.reveal_phrase(passphrase)

    def confirm_backup(self, phrase: str | Mapping[int, str]) -> None:
        """Note that the user has the phrase: typed whole, or at least three words by position from 1."""
        if isinstance(phrase, str):
            phrases.entropy_from_phrase(phrase)
            phrase = dict(enumerate(phrase.split(), start=1))
        self._wallet.confirm_backup(dict(phrase))

    def unlock(self, passphrase: str | None = None) -> None:
        """Open the wallet; may raise "wallet.passphrase_needed" or "wallet.wrong_passphrase"."""
        self._wallet.unlock(passphrase)

    def lock(self) -> None:
        """Forget the secrets; in keyring mode this holds for every process until `unlock`."""
        self._wallet.lock()

    def touch(self) -> None:
        """The user did something: the idle time starts again."""
        self._wallet.touch()

    def lock_if_idle(self) -> bool:
        """Lock after the minutes of the setting; True when it did. Call it about once a minute."""
        return self._wallet.lock_if_idle(self._settings.number(AUTO_LOCK))

    def add_account(self, name: str) -> AccountInfo:
        return self._wallet.add_account(name.strip())

    @staticmethod
    def device_accounts(count: int = 5) -> tuple[tuple[str, str], ...]:
        """(path, address) of the first accounts of the Ledger that is plugged in. Slow."""
        return ledger.addresses(count)

    def add_device(self, name: str, address: str, path: str) -> AnyAccount:
        """Note an account of a hardware wallet; the device then signs for it."""
        return self._wallet.add_device(name.strip(), address, path)

    def remove_device(self, address: str) -> None:
        """Take an account of a hardware wallet out of the list; its money stays where it is."""
        self._wallet.remove_device(address)

    def show_on_device(self, address: str) -> None:
        """Let a hardware wallet show its address, for comparison; waits for the button on it."""
        signer = self._wallet.signer(address)
        if isinstance(signer, ledger.LedgerSigner):
            signer.show_address()

    def rename_account(self, address: str, name: str) -> AnyAccount:
        return self._wallet.rename_account(address, name.strip())

    def select_account(self, address: str) -> AnyAccount:
        return self._wallet.select_account(address)

    def signer(self, address: str | None = None) -> Signer:
        """Signs for `address`, or for the active account; raises RefusedError("wallet.locked")."""
        return self._wallet.signer(address)

    def owner_secrets(self) -> OwnerSecrets:
        """The master seed for ownership proofs; raises RefusedError("wallet.locked")."""
        return self._wallet.owner_secrets()

    def contact_seal(self, address: str, name: str) -> bytes | None:
        """What ties a name in the address book to its address; None while the wallet is not open."""
        if self.status().state is not WalletState.UNLOCKED:
            return None
        return self._wallet.contact_seal(address, name)

    def contents(self) -> WalletContents:
        """Everything that a backup needs; raises RefusedError("wallet.locked")."""
        return self._wallet.contents()

    def change_passphrase(self, current: str, new: str) -> None:
        self._wallet.change_passphrase(current, new)

    def change_protection(self, protection: str, passphrase: str | None = None) -> None:
        """Move to "keyring" (give the present passphrase) or to "passphrase" (give the new one)."""
        self._wallet.change_protection(protection, passphrase)


def _status(facts: Facts) -> WalletStatus:
    header = facts.header
    if header is None:
        return WalletStatus(facts.state)
    return WalletStatus(
        facts.state,
        header.protection,
        (*header.accounts, *header.devices),
        header.active,
        header.backup_confirmed,
        facts.authentic,
    )
