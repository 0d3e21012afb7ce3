"""The wallet: a vault file that is absent, locked or unlocked, and what may be done in each state.

In keyring mode a wallet that is not marked as locked opens by itself when a key is first needed. In
passphrase mode each process asks once. Methods are synchronous: opening takes about a second (argon2id) or as
long as the keyring's own dialog stands, so callers use a job thread. `facts` never waits.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path

from desktop_app.core.clock import Clock
from desktop_app.core.errors import (
    ColophonError,
    CorruptError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from desktop_app.wallet import phrase as phrases
from desktop_app.wallet.accounts import address_of, private_key
from desktop_app.wallet.durable import exclusive, remove_leftovers, replace_file
from desktop_app.wallet.keyring_backend import KeyStore
from desktop_app.wallet.redacted import OpenVault, OwnerSecrets, WalletContents
from desktop_app.wallet.sealing import (
    Argon2Cost,
    WrappedKey,
    check_new_passphrase,
    new_key,
    unwrap_key,
    wrap_key,
)
from desktop_app.wallet.signer import AccountSigner, Signer
from desktop_app.wallet.vault import (
    MAX_FILE_BYTES,
    Account,
    Header,
    Vault,
    decode,
    name_is_usable,
    seal_vault,
    wrap_label,
)

_log = logging.getLogger(__name__)

PROTECTIONS = ("keyring", "passphrase")


class WalletState(Enum):
    ABSENT = "absent"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class Wallet:
    """One vault file. Thread-safe; several processes may use the same file."""

    def __init__(self, path: Path, keyring: KeyStore, clock: Clock, cost: Argon2Cost | None = None) -> None:
        """`cost` is what a new passphrase costs to try; tests lower it."""
        self._path = path
        self._keyring = keyring
        self._clock = clock
        self._cost = cost or Argon2Cost()
        self._open: OpenVault | None = None
        self._lock = threading.RLock()
        self._used = (clock.now(), clock.monotonic())

    def __repr__(self) -> str:
        return f"Wallet({self._path})"

    # What can be known without a key

    def facts(self) -> tuple[WalletState, Header | None]:
        """The state and the public header (None when absent).

        UNLOCKED also means keyring mode without the lock marker, as the wallet then opens when needed.
        Raises CorruptError or RefusedError for a file that cannot be used.
        """
        vault = self._read()
        if vault is None:
            return WalletState.ABSENT, None
        opens_itself = vault.header.wrapped_key is None and not vault.locked
        is_open = opens_itself or self._held(vault) is not None
        return WalletState.UNLOCKED if is_open else WalletState.LOCKED, vault.header

    # Birth

    def create(
        self, entropy: bytes, name: str, protection: str, passphrase: str | None, backed_up: bool
    ) -> None:
        """Make the vault with one account called `name`; never replaces one ("wallet.exists")."""
        _check_name(name)
        first = Account(0, name, address_of(private_key(phrases.seed_from_entropy(entropy), 0)))
        contents = WalletContents(entropy, (first,), first.address, self._clock.now(), backed_up)
        self.create_from(contents, protection, passphrase)

    def create_from(self, contents: WalletContents, protection: str, passphrase: str | None) -> None:
        """Make the vault of a backup, with all its accounts; never replaces one ("wallet.exists")."""
        seed = phrases.seed_from_entropy(contents.entropy)
        if any(address_of(private_key(seed, one.index)) != one.address for one in contents.accounts):
            raise CorruptError("wallet.corrupt", detail="address")
        with self._lock:
            if self._exists():
                raise RefusedError("wallet.exists", path=str(self._path))
            key, key_id, wrapped = self._protect(protection, passphrase)
            header = Header(
                key_id=key_id,
                key_commitment=b"",
                created_at=contents.created_at,
                accounts=contents.accounts,
                active=contents.active,
                backup_confirmed=contents.backup_confirmed,
                wrapped_key=wrapped,
            )
            with self._undone_in_keyring(header), self._exclusively():
                if self._exists():
                    raise RefusedError("wallet.exists", path=str(self._path))
                self._write(seal_vault(header, key, contents.entropy))
            self._hold(OpenVault(key, contents.entropy, seed))
            _log.info("wallet made, protected by %s", protection)

    # Locking

    def unlock(self, passphrase: str | None = None) -> None:
        """Open the vault; also removes the lock marker.

        Raises InvalidInputError("wallet.wrong_passphrase" or "wallet.passphrase_needed"), CorruptError, or an
        error of the "keyring" namespace.
        """
        with self._lock:
            vault = self._existing()
            key = self._fetch_key(vault.header, passphrase)
            self._hold(_opened(vault, key))
            if vault.locked:
                with self._exclusively():
                    self._write(self._existing().marked(False))
            _log.info("wallet unlocked")

    def lock(self) -> None:
        """Forget the secrets. In keyring mode the file is marked too, so that it holds for every process."""
        self._open = None
        with self._lock:
            self._open = None
            vault = self._read()
            if vault is not None and vault.header.wrapped_key is None and not vault.locked:
                with self._exclusively():
                    self._write(self._existing().marked(True))
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
        _check_name(name)
        with self._changing() as (vault, opened):
            header = vault.header
            _check_unused(name, header.accounts)
            index = max(account.index for account in header.accounts) + 1
            account = Account(index, name, address_of(private_key(opened.seed, index)))
            self._reseal(replace(header, accounts=(*header.accounts, account)), opened)
            return account

    def rename_account(self, address: str, name: str) -> Account:
        _check_name(name)
        with self._changing() as (vault, opened):
            header = vault.header
            old = _account(header, address)
            others = tuple(account for account in header.accounts if account != old)
            _check_unused(name, others)
            new = replace(old, name=name)
            accounts = tuple(new if account == old else account for account in header.accounts)
            self._reseal(replace(header, accounts=accounts), opened)
            return new

    def select_account(self, address: str) -> Account:
        """Make this account the active one."""
        with self._changing() as (vault, opened):
            account = _account(vault.header, address)
            self._reseal(replace(vault.header, active=account.address), opened)
            return account

    # Secrets

    def signer(self, address: str | None = None) -> Signer:
        """A signer for `address` (by default the active account) that works until the wallet is locked."""
        vault, _ = self._ready()
        chosen = _account(vault.header, address or vault.header.active).address
        return AccountSigner(chosen, lambda: self._key_of(chosen))

    def _key_of(self, address: str) -> bytes:
        vault, opened = self._ready()
        key = private_key(opened.seed, _account(vault.header, address).index)
        if address_of(key) != address:
            raise CorruptError("wallet.corrupt", detail="address")
        return key

    def owner_secrets(self) -> OwnerSecrets:
        """The master seed for the derivations of the ownership proofs."""
        return OwnerSecrets(self._ready()[1].seed)

    def reveal_phrase(self, passphrase: str | None = None) -> str:
        """The phrase again, for a backup; passphrase mode asks for the passphrase, unlocked or not."""
        vault = self._existing()
        if vault.header.wrapped_key is None:
            opened = self._ready()[1]
        else:
            opened = _opened(vault, self._fetch_key(vault.header, passphrase))
        return phrases.phrase_from_entropy(opened.entropy)

    def contents(self) -> WalletContents:
        """Everything that a backup needs to make this wallet again."""
        vault, opened = self._ready()
        header = vault.header
        return WalletContents(
            opened.entropy, header.accounts, header.active, header.created_at, header.backup_confirmed
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
            vault = self._existing()
            if vault.header.wrapped_key is None:
                raise RefusedError("wallet.no_passphrase_mode")
            opened = _opened(vault, self._fetch_key(vault.header, current))
            self._rekey(vault, opened, "passphrase", new)

    def change_protection(self, protection: str, passphrase: str | None) -> None:
        """Move between "keyring" and "passphrase".

        `passphrase` is the new one when moving to passphrase mode, the present one when moving away from it.
        """
        with self._lock:
            vault = self._existing()
            if vault.header.protection == protection:
                raise RefusedError("wallet.same_protection", protection=protection)
            if vault.header.wrapped_key is None:
                opened = self._ready()[1]
            else:
                opened = _opened(vault, self._fetch_key(vault.header, passphrase))
            self._rekey(vault, opened, protection, passphrase)
            if vault.header.wrapped_key is None:
                self._forget_in_keyring(vault.header.key_id)

    def _rekey(self, vault: Vault, opened: OpenVault, protection: str, passphrase: str | None) -> None:
        key, key_id, wrapped = self._protect(protection, passphrase)
        header = replace(vault.header, key_id=key_id, wrapped_key=wrapped)
        with self._undone_in_keyring(header), self._exclusively():
            # Another process may have changed the vault while argon2 ran.
            if self._existing() != vault:
                raise UnavailableError("wallet.busy")
            self._write(seal_vault(header, key, opened.entropy))
        self._hold(OpenVault(key, opened.entropy, opened.seed))
        _log.info("wallet now protected by %s", protection)

    def _protect(self, protection: str, passphrase: str | None) -> tuple[bytes, str, WrappedKey | None]:
        """A new key under a new id, kept by the keyring or wrapped by the passphrase."""
        key, key_id = new_key(), secrets.token_hex(16)
        if protection == "keyring":
            self._keyring.put(_entry(key_id), key)
            return key, key_id, None
        if protection != "passphrase":
            raise InvalidInputError("wallet.unknown_protection", choices=", ".join(PROTECTIONS))
        return key, key_id, wrap_key(check_new_passphrase(passphrase), key, self._cost, wrap_label(key_id))

    # Inside

    def _fetch_key(self, header: Header, passphrase: str | None) -> bytes:
        if header.wrapped_key is None:
            return self._keyring.get(_entry(header.key_id))
        if passphrase is None:
            raise InvalidInputError("wallet.passphrase_needed")
        return unwrap_key(passphrase, header.wrapped_key, wrap_label(header.key_id))

    def _ready(self) -> tuple[Vault, OpenVault]:
        """The vault and its secrets, opened from the keyring if that is allowed; else "wallet.locked"."""
        vault = self._existing()
        opened = self._held(vault)
        if opened is None:
            with self._lock:
                vault = self._existing()
                opened = self._held(vault)
                if opened is None:
                    if vault.header.wrapped_key is not None or vault.locked:
                        raise RefusedError("wallet.locked")
                    opened = _opened(vault, self._fetch_key(vault.header, None))
                    self._hold(opened)
        self.touch()
        return vault, opened

    def _held(self, vault: Vault) -> OpenVault | None:
        """The secrets in memory, if they still belong to this file; another process may have locked it."""
        opened = self._open
        if opened is None:
            return None
        if (vault.locked and vault.header.wrapped_key is None) or not vault.fits(opened.key):
            self._open = None
            return None
        return opened

    def _hold(self, opened: OpenVault) -> None:
        self._open = opened
        self.touch()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[tuple[Vault, OpenVault]]:
        """The present vault, authenticated, held against other processes until the block ends."""
        with self._lock:
            self._ready()
            with self._exclusively():
                vault, opened = self._ready()
                yield vault, _opened(vault, opened.key)

    def _reseal(self, header: Header, opened: OpenVault) -> None:
        self._write(seal_vault(header, opened.key, opened.entropy))

    @contextlib.contextmanager
    def _undone_in_keyring(self, header: Header) -> Iterator[None]:
        """Take back the new keyring entry when the vault that needs it was not written."""
        try:
            yield
        except ColophonError:
            # A failed sync comes after the replacement: then the new file is in place and needs its key.
            if header.wrapped_key is None and self._is_certainly_not_on_disk(header.key_id):
                self._forget_in_keyring(header.key_id)
            raise

    def _is_certainly_not_on_disk(self, key_id: str) -> bool:
        try:
            vault = self._read()
        except ColophonError:
            return False
        return vault is None or vault.header.key_id != key_id

    def _forget_in_keyring(self, key_id: str) -> None:
        # A key left behind opens no file that is still there, so this is not worth failing for.
        try:
            self._keyring.remove(_entry(key_id))
        except ColophonError as error:
            _log.warning("an unused entry stays in the keyring: %s", error.code)

    # The file

    def _exists(self) -> bool:
        return self._path.exists()

    def _read(self) -> Vault | None:
        try:
            with self._path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            self._open = None
            return None
        except OSError as error:
            raise UnavailableError("wallet.unreadable", detail=error.strerror or "") from error
        return decode(data)

    def _existing(self) -> Vault:
        vault = self._read()
        if vault is None:
            raise NotFoundError("wallet.absent")
        return vault

    @contextlib.contextmanager
    def _exclusively(self) -> Iterator[None]:
        try:
            with exclusive(self._path):
                remove_leftovers(self._path)
                yield
        except OSError as error:
            raise UnavailableError("wallet.unwritable", detail=error.strerror or "") from error

    def _write(self, vault: Vault) -> None:
        replace_file(self._path, vault.encode())


def _opened(vault: Vault, key: bytes) -> OpenVault:
    entropy = vault.open(key)
    return OpenVault(key, entropy, phrases.seed_from_entropy(entropy))


def _entry(key_id: str) -> str:
    return f"vault {key_id}"


def _account(header: Header, address: str) -> Account:
    account = header.account(address)
    if account is None:
        raise NotFoundError("wallet.unknown_account", address=address[:60])
    return account


def _check_name(name: str) -> None:
    if not name_is_usable(name):
        raise InvalidInputError("wallet.account_name")


def _check_unused(name: str, accounts: tuple[Account, ...]) -> None:
    if any(account.name.casefold() == name.casefold() for account in accounts):
        raise RefusedError("wallet.account_name_taken", name=name)
