"""The wallet: a vault file that is absent, locked or unlocked, and what may be done in each state.

In keyring mode a wallet that is not marked as locked opens by itself when a key is first needed. In
passphrase mode each process asks once. Methods are synchronous: opening takes about a second (argon2id) or as
long as the keyring's own dialog stands, so callers use a job thread. `facts` never waits.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import (
    BugError,
    ColophonError,
    CorruptError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.wallet import phrase as phrases
from desktop_app.wallet.account_list import (
    AnyAccount,
    account_of,
    check_name,
    renamed,
    with_device,
    with_next,
    without_device,
)
from desktop_app.wallet.accounts import address_of, private_key
from desktop_app.wallet.facts import Facts, WalletState
from desktop_app.wallet.key_keeper import KeyKeeper
from desktop_app.wallet.keyring_backend import KeyStore
from desktop_app.wallet.ledger import LedgerSigner
from desktop_app.wallet.redacted import OpenVault, OwnerSecrets, WalletContents
from desktop_app.wallet.sealing import Argon2Cost, check_new_passphrase
from desktop_app.wallet.signer import AccountSigner, Signer
from desktop_app.wallet.vault import Account, DeviceAccount, Header, Vault, seal_vault
from desktop_app.wallet.vault_file import VaultFile

_log = logging.getLogger(__name__)

DeviceSigner = Callable[[str, str], Signer]
"""From the address and the path of an account of a hardware wallet to its signer."""

class Wallet:
    """One vault file. Thread-safe; several processes may use the same file."""

    def __init__(
        self,
        path: Path,
        keyring: KeyStore,
        clock: Clock,
        cost: Argon2Cost | None = None,
        device_signer: DeviceSigner = LedgerSigner,
    ) -> None:
        """`cost` is what a new passphrase costs to try; tests lower it."""
        self._device_signer = device_signer
        self._file = VaultFile(path)
        self._keys = KeyKeeper(keyring, cost or Argon2Cost())
        self._clock = clock
        self._open: OpenVault | None = None
        self._authentic: Vault | None = None
        """The last vault file that was found to be sealed under the key in memory."""
        self._lock = threading.RLock()
        self._used = (clock.now(), clock.monotonic())

    def __repr__(self) -> str:
        return f"Wallet({self._file.path})"

    # What can be known without a key

    def facts(self) -> Facts:
        """The state and the public header (None when absent).

        UNLOCKED also means keyring mode without the lock marker, as the wallet then opens when needed.
        Raises CorruptError or RefusedError for a file that cannot be used.
        """
        vault = self._read()
        if vault is None:
            return Facts(WalletState.ABSENT, None)
        opens_itself = vault.header.wrapped_key is None and not vault.locked
        authentic = self._held(vault) is not None
        state = WalletState.UNLOCKED if opens_itself or authentic else WalletState.LOCKED
        return Facts(state, vault.header, authentic)

    def verify(self) -> Facts:
        """As `facts`, with the header authenticated. Raises RefusedError("wallet.locked")."""
        self._ready()
        return self.facts()

    # Birth

    def create(
        self, entropy: bytes, name: str, protection: str, passphrase: str | None, backed_up: bool
    ) -> None:
        """Make the vault with one account called `name`; never replaces one ("wallet.exists")."""
        check_name(name)
        first = Account(0, name, address_of(private_key(phrases.seed_from_entropy(entropy), 0)))
        contents = WalletContents(entropy, (first,), first.address, self._clock.now(), backed_up)
        self.create_from(contents, protection, passphrase)

    def create_from(self, contents: WalletContents, protection: str, passphrase: str | None) -> None:
        """Make the vault of a backup, with all its accounts; never replaces one ("wallet.exists")."""
        seed = phrases.seed_from_entropy(contents.entropy)
        if any(address_of(private_key(seed, one.index)) != one.address for one in contents.accounts):
            raise CorruptError("wallet.corrupt", detail="address")
        with self._lock:
            if self._file.exists():
                raise RefusedError("wallet.exists", path=str(self._file.path))
            key, key_id, wrapped = self._keys.new(protection, passphrase)
            header = Header(
                key_id=key_id,
                key_commitment=b"",
                created_at=contents.created_at,
                accounts=contents.accounts,
                active=contents.active,
                backup_confirmed=contents.backup_confirmed,
                wrapped_key=wrapped,
                devices=contents.devices,
            )
            with self._undone_in_keyring(header), self._file.exclusively():
                if self._file.exists():
                    raise RefusedError("wallet.exists", path=str(self._file.path))
                sealed = seal_vault(header, key, contents.entropy)
                self._file.write(sealed)
            self._hold(OpenVault(key, contents.entropy, seed), sealed)
            _log.info("wallet made, protected by %s", protection)

    # Locking

    def unlock(self, passphrase: str | None = None) -> None:
        """Open the vault; also removes the lock marker.

        Raises InvalidInputError("wallet.wrong_passphrase" or "wallet.passphrase_needed"), CorruptError, or an
        error of the "keyring" namespace.
        """
        with self._lock:
            vault = self._existing()
            key = self._keys.fetch(vault.header, passphrase)
            self._hold(_opened(vault, key), vault.marked(False))
            if vault.locked:
                with self._file.exclusively():
                    self._file.write(self._existing().marked(False))
            _log.info("wallet unlocked")

    def lock(self) -> None:
        """Forget the secrets. In keyring mode the file is marked too, so that it holds for every process."""
        self._open = None
        with self._lock:
            self._open = None
            vault = self._read()
            if vault is not None and vault.header.wrapped_key is None and not vault.locked:
                with self._file.exclusively():
                    self._file.write(self._existing().marked(True))
            _log.info("wallet locked")

    def touch(self) -> None:
        """The user did something: the idle time starts again."""
        self._used = (self._clock.now(), self._clock.monotonic())

    def lock_if_idle(self, minutes: int) -> bool:
        """Lock after `minutes` without use (0: never); True when it did. Time asleep counts."""
        idle = max(self._clock.now() - self._used[0], self._clock.monotonic() - self._used[1])
        if minutes <= 0 or idle < minutes * 60 or self.facts()[0] is not WalletState.UNLOCKED:
            return False
        self.lock()
        return True

    # Accounts

    def add_account(self, name: str) -> Account:
        """The next unused account of the phrase, under a name not yet taken."""
        check_name(name)
        with self._changing() as (vault, opened):
            header, account = with_next(vault.header, opened.seed, name)
            self._reseal(header, opened)
            return account

    def add_device(self, name: str, address: str, path: str) -> DeviceAccount:
        """Note an account of a hardware wallet, which shall sign for it."""
        with self._changing() as (vault, opened):
            header, device = with_device(vault.header, name, address, path)
            self._reseal(header, opened)
            return device

    def remove_device(self, address: str) -> None:
        """Forget an account of a hardware wallet; its money stays where it is."""
        with self._changing() as (vault, opened):
            self._reseal(without_device(vault.header, address), opened)

    def rename_account(self, address: str, name: str) -> AnyAccount:
        with self._changing() as (vault, opened):
            header, account = renamed(vault.header, address, name)
            self._reseal(header, opened)
            return account

    def select_account(self, address: str) -> AnyAccount:
        """Make this account the active one."""
        with self._changing() as (vault, opened):
            account = account_of(vault.header, address)
            self._reseal(replace(vault.header, active=account.address), opened)
            return account

    # Secrets

    def signer(self, address: str | None = None) -> Signer:
        """A signer for `address` (by default the active account) that works until the wallet is locked."""
        vault, _ = self._ready()
        chosen = account_of(vault.header, address or vault.header.active)
        if isinstance(chosen, DeviceAccount):
            return self._device_signer(chosen.address, chosen.path)
        where = chosen.address
        return AccountSigner(where, lambda: self._key_of(where))

    def _key_of(self, address: str) -> bytes:
        vault, opened = self._ready()
        account = account_of(vault.header, address)
        if isinstance(account, DeviceAccount):
            raise BugError("the key of a hardware wallet is not here")
        key = private_key(opened.seed, account.index)
        if address_of(key) != address:
            raise CorruptError("wallet.corrupt", detail="address")
        return key

    def owner_secrets(self) -> OwnerSecrets:
        """The master seed for the derivations of the ownership proofs."""
        return OwnerSecrets(self._ready()[1].seed)

    def contact_seal(self, address: str, name: str) -> bytes:
        """32 bytes that tie a name to an address; only this wallet's phrase can make them (HMAC-SHA256)."""
        key = hmac.digest(self._ready()[1].seed, b"colophon/v1/address-book", "sha256")
        bound = bytes.fromhex(address.removeprefix("0x")) + name.encode()
        return hmac.digest(key, bound, "sha256")

    def reveal_phrase(self, passphrase: str | None = None) -> str:
        """The phrase again, for a backup; passphrase mode asks for the passphrase, unlocked or not."""
        vault = self._existing()
        if vault.header.wrapped_key is None:
            opened = self._ready()[1]
        else:
            opened = _opened(vault, self._keys.fetch(vault.header, passphrase))
        return phrases.phrase_from_entropy(opened.entropy)

    def contents(self) -> WalletContents:
        """Everything that a backup needs to make this wallet again."""
        vault, opened = self._ready()
        header = vault.header
        return WalletContents(
            opened.entropy,
            header.accounts,
            header.active,
            header.created_at,
            header.backup_confirmed,
            header.devices,
        )

    def confirm_backup(self, words: dict[int, str]) -> None:
        """Note that the user has the phrase: at least 3 `words`, by position from 1, all of them right."""
        with self._changing() as (vault, opened):
            expected = phrases.phrase_from_entropy(opened.entropy).split()
            if len(words) < 3:
                raise InvalidInputError("wallet.confirm_more_words", minimum=3)
            for position, word in sorted(words.items()):
                if not 1 <= position <= len(expected) or phrases.normalise(word) != expected[position - 1]:
                    raise InvalidInputError("wallet.phrase_mismatch", position=position)
            self._reseal(replace(vault.header, backup_confirmed=True), opened)

    # Protection

    def change_passphrase(self, current: str, new: str) -> None:
        """Put the vault under a new key and passphrase; `current` is asked even while unlocked."""
        check_new_passphrase(new)
        with self._lock:
            vault = self._file.existing()
            if vault.header.wrapped_key is None:
                raise RefusedError("wallet.no_passphrase_mode")
            opened = _opened(vault, self._keys.fetch(vault.header, current))
            self._rekey(vault, opened, "passphrase", new)

    def change_protection(self, protection: str, passphrase: str | None) -> None:
        """Move between "keyring" and "passphrase".

        `passphrase` is the new one when moving to passphrase mode, the present one when moving away from it.
        """
        with self._lock:
            vault = self._file.existing()
            if vault.header.protection == protection:
                raise RefusedError("wallet.same_protection", protection=protection)
            if vault.header.wrapped_key is None:
                opened = self._ready()[1]
            else:
                opened = _opened(vault, self._keys.fetch(vault.header, passphrase))
            self._rekey(vault, opened, protection, passphrase)
            if vault.header.wrapped_key is None:
                self._keys.forget(vault.header.key_id)

    def _rekey(self, vault: Vault, opened: OpenVault, protection: str, passphrase: str | None) -> None:
        key, key_id, wrapped = self._keys.new(protection, passphrase)
        header = replace(vault.header, key_id=key_id, wrapped_key=wrapped)
        sealed = seal_vault(header, key, opened.entropy)
        with self._undone_in_keyring(header), self._file.exclusively():
            # Another process may have changed the vault while argon2 ran.
            if self._file.existing() != vault:
                raise UnavailableError("wallet.busy")
            self._file.write(sealed)
        self._hold(OpenVault(key, opened.entropy, opened.seed), sealed)
        _log.info("wallet now protected by %s", protection)

    @contextlib.contextmanager
    def _undone_in_keyring(self, header: Header) -> Iterator[None]:
        """Take back the new keyring entry when the vault that needs it was not written."""
        try:
            yield
        except ColophonError:
            # A failed sync comes after the replacement: then the new file is in place and needs its key.
            if header.wrapped_key is None and self._file.certainly_lacks(header.key_id):
                self._keys.forget(header.key_id)
            raise

    # Inside

    def _ready(self) -> tuple[Vault, OpenVault]:
        """The vault, authenticated, and its secrets; opened from the keyring if that is allowed.

        Raises RefusedError("wallet.locked").
        """
        vault = self._existing()
        opened = self._held(vault)
        if opened is None:
            with self._lock:
                vault = self._existing()
                opened = self._held(vault)
                if opened is None:
                    if vault.header.wrapped_key is not None or vault.locked:
                        raise RefusedError("wallet.locked")
                    opened = _opened(vault, self._keys.fetch(vault.header, None))
                    self._hold(opened, vault)
        self.touch()
        return vault, opened

    def _held(self, vault: Vault) -> OpenVault | None:
        """The secrets in memory, if they still belong to this file; another process may have locked it.

        A file that changed since is authenticated anew: raises CorruptError when somebody without the key
        has changed it.
        """
        opened = self._open
        if opened is None:
            return None
        if (vault.locked and vault.header.wrapped_key is None) or not vault.fits(opened.key):
            self._open = None
            return None
        if vault != self._authentic:
            vault.open(opened.key)
            self._authentic = vault
        return opened

    def _hold(self, opened: OpenVault, vault: Vault) -> None:
        self._authentic = vault
        self._open = opened
        self.touch()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[tuple[Vault, OpenVault]]:
        """The present vault, authenticated, held against other processes until the block ends."""
        with self._lock:
            self._ready()
            with self._file.exclusively():
                yield self._ready()

    def _reseal(self, header: Header, opened: OpenVault) -> None:
        self._file.write(seal_vault(header, opened.key, opened.entropy))

    def _read(self) -> Vault | None:
        vault = self._file.read()
        if vault is None:
            self._open = None
        return vault

    def _existing(self) -> Vault:
        vault = self._read()
        if vault is None:
            raise NotFoundError("wallet.absent")
        return vault


def _opened(vault: Vault, key: bytes) -> OpenVault:
    entropy = vault.open(key)
    return OpenVault(key, entropy, phrases.seed_from_entropy(entropy))
