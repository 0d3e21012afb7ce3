"""The vault file, version 1: canonical JSON around AES-256-GCM, with a public header as associated data.

    checksum     SHA-256 of everything else: tells damage from a wrong passphrase
    locked       set by "lock", cleared by "unlock"; not authenticated, as locking must work without the key
    header       public facts (addresses, names), key id, key commitment, wrapped key in passphrase mode
    nonce, sealed   the phrase entropy

The file must be exactly the canonical encoding of what it says, so that no byte of it can change unnoticed.
Until the vault is open the header is only as trustworthy as the disk; opening authenticates it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from typing import Any

from desktop_app.core.errors import CorruptError, InvalidInputError, RefusedError
from desktop_app.wallet.accounts import MAX_ACCOUNTS
from desktop_app.wallet.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    Argon2Cost,
    WrappedKey,
    key_commitment,
    seal,
    unseal,
)
from desktop_app.wallet.strict_json import Fields, canonical, parse

FORMAT = "colophon-vault"
VERSION = 1
MAX_FILE_BYTES = 1 << 20
MAX_NAME = 60
_CORRUPT = "wallet.corrupt"
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_PATH = re.compile(r"44'/60'/[0-9]{1,10}'?(/[0-9]{1,10}'?){0,2}")
DEVICES = "devices"
_HEADER_NAMES = (
    "key_id",
    "key_commitment",
    "created_at",
    "accounts",
    "active",
    "backup_confirmed",
    "protection",
)
WRAPPED_KEY_NAMES = ("kdf", "memory_kib", "passes", "lanes", "salt", "check", "nonce", "wrapped_key")


@dataclass(frozen=True)
class Account:
    """A BIP-44 account: its index, the name that the user gave it, its EIP-55 address."""

    index: int
    name: str
    address: str


@dataclass(frozen=True)
class DeviceAccount:
    """An account whose key is in a hardware wallet: name, EIP-55 address, BIP-32 path on the device."""

    name: str
    address: str
    path: str


@dataclass(frozen=True)
class Header:
    """What may be read while the vault is locked.

    `key_id` names the vault key in the keyring; a new key always gets a new id, so that no keyring entry is
    ever overwritten. `wrapped_key` is None in keyring mode.
    """

    key_id: str
    key_commitment: bytes
    created_at: int
    accounts: tuple[Account, ...]
    active: str
    backup_confirmed: bool
    wrapped_key: WrappedKey | None
    devices: tuple[DeviceAccount, ...] = ()

    @property
    def protection(self) -> str:
        return "keyring" if self.wrapped_key is None else "passphrase"

    def account(self, address: str) -> Account | DeviceAccount | None:
        """Of the phrase or of a device."""
        wanted = address.lower()
        known: tuple[Account | DeviceAccount, ...] = (*self.accounts, *self.devices)
        return next((one for one in known if one.address.lower() == wanted), None)


@dataclass(frozen=True)
class Vault:
    """A vault file as read: the header is public, the rest needs the key."""

    header: Header
    locked: bool
    nonce: bytes
    sealed: bytes

    def fits(self, key: bytes) -> bool:
        """Whether this vault is committed to `key`."""
        commitment = key_commitment(key, self.header.key_id.encode())
        return hmac.compare_digest(commitment, self.header.key_commitment)

    def open(self, key: bytes) -> bytes:
        """The phrase entropy; raises CorruptError when the key or any byte is not the one that was sealed."""
        if not self.fits(key):
            raise CorruptError("wallet.wrong_key")
        plain = unseal(key, self.nonce, self.sealed, _bound(self.header))
        if plain is None:
            raise CorruptError(_CORRUPT, detail="seal")
        if len(plain) not in (16, 32):
            raise CorruptError(_CORRUPT, detail="content")
        return plain

    def marked(self, locked: bool) -> Vault:
        """The same vault with or without the lock marker; needs no key."""
        return replace(self, locked=locked)

    def encode(self) -> bytes:
        document: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "locked": self.locked,
            "header": _header_document(self.header),
            "nonce": self.nonce.hex(),
            "sealed": self.sealed.hex(),
        }
        document["checksum"] = _checksum(document)
        return canonical(document)


def seal_vault(header: Header, key: bytes, entropy: bytes, *, locked: bool = False) -> Vault:
    """A vault of `entropy` under `key`, with `header` bound to it (its key commitment is filled in)."""
    header = replace(header, key_commitment=key_commitment(key, header.key_id.encode()))
    nonce, sealed = seal(key, entropy, _bound(header))
    return Vault(header, locked, nonce, sealed)


def decode(data: bytes) -> Vault:
    """Read a vault file.

    Raises CorruptError("wallet.corrupt"), or RefusedError("wallet.newer_version") for the file of a later
    version of the app.
    """
    if len(data) > MAX_FILE_BYTES:
        raise CorruptError(_CORRUPT, detail="size")
    document = parse(data, _CORRUPT)
    version = document.get("version")
    if document.get("format") != FORMAT or type(version) is not int or version < 1:
        raise CorruptError(_CORRUPT, detail="format")
    if version > VERSION:
        raise RefusedError("wallet.newer_version", version=min(version, 10**9), known=VERSION)
    stated = document.pop("checksum", None)
    if type(stated) is not str or not hmac.compare_digest(_checksum(document).encode(), stated.encode()):
        raise CorruptError(_CORRUPT, detail="checksum")
    fields = Fields(document, _CORRUPT, "format", "version", "locked", "header", "nonce", "sealed")
    vault = Vault(
        header=_read_header(fields.inner("header", *_HEADER_NAMES, *fields.optional("header", DEVICES))),
        locked=fields.boolean("locked"),
        nonce=fields.octets("nonce", NONCE_BYTES),
        sealed=fields.octets("sealed", 16 + TAG_BYTES, 32 + TAG_BYTES),
    )
    if vault.encode() != data:
        fields.bad("encoding")
    return vault


def name_is_usable(name: str) -> bool:
    """1 to 60 printable characters without spaces at the ends."""
    return 0 < len(name) <= MAX_NAME and name == name.strip() and name.isprintable()


def wrap_label(key_id: str) -> bytes:
    """What a wrapped vault key is bound to."""
    return b"colophon/v1/vault/" + key_id.encode()


def _checksum(document: object) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()


def _bound(header: Header) -> bytes:
    return canonical({"format": FORMAT, "version": VERSION, "header": _header_document(header)})


def _header_document(header: Header) -> dict[str, Any]:
    protection: dict[str, Any] = {"kind": header.protection}
    if header.wrapped_key is not None:
        protection |= wrapped_key_document(header.wrapped_key)
    return {
        "key_id": header.key_id,
        "key_commitment": header.key_commitment.hex(),
        "created_at": header.created_at,
        "accounts": accounts_document(header.accounts),
        "active": header.active,
        "backup_confirmed": header.backup_confirmed,
        "protection": protection,
        **devices_document(header.devices),
    }


def _read_header(fields: Fields) -> Header:
    accounts = read_accounts(fields)
    header = Header(
        key_id=fields.octets("key_id", 16).hex(),
        key_commitment=fields.octets("key_commitment", 32),
        created_at=fields.integer("created_at"),
        accounts=accounts,
        active=fields.text("active"),
        backup_confirmed=fields.boolean("backup_confirmed"),
        wrapped_key=_read_protection(fields),
        devices=read_devices(fields, accounts),
    )
    if header.account(header.active) is None:
        fields.bad("active")
    return header


def _read_protection(fields: Fields) -> WrappedKey | None:
    kind = fields.kind_of("protection")
    if kind == "keyring":
        fields.inner("protection", "kind")
        return None
    if kind != "passphrase":
        fields.bad("protection")
    return read_wrapped_key(fields.inner("protection", "kind", *WRAPPED_KEY_NAMES))


def accounts_document(accounts: tuple[Account, ...]) -> list[dict[str, Any]]:
    return [{"index": one.index, "name": one.name, "address": one.address} for one in accounts]


def read_accounts(fields: Fields) -> tuple[Account, ...]:
    """The field "accounts": at least one, no index or address twice."""
    accounts = []
    for item in fields.items("accounts", MAX_ACCOUNTS):
        entry = fields.each(item, "index", "name", "address")
        account = Account(entry.integer("index"), entry.text("name"), entry.text("address"))
        usable = _ADDRESS.fullmatch(account.address) and name_is_usable(account.name)
        if not usable or account.index >= MAX_ACCOUNTS:
            fields.bad("accounts")
        accounts.append(account)
    for distinct in ({one.index for one in accounts}, {one.address for one in accounts}):
        if not accounts or len(distinct) != len(accounts):
            fields.bad("accounts")
    return tuple(accounts)


def devices_document(devices: tuple[DeviceAccount, ...]) -> dict[str, Any]:
    """The field "devices", which is left out where there are none."""
    if not devices:
        return {}
    return {DEVICES: [{"name": one.name, "address": one.address, "path": one.path} for one in devices]}


def read_devices(fields: Fields, accounts: tuple[Account, ...]) -> tuple[DeviceAccount, ...]:
    """The field "devices", if it is there: no address twice, none of the phrase's."""
    if not fields.has(DEVICES):
        return ()
    devices = []
    taken = {one.address for one in accounts}
    for item in fields.items(DEVICES, MAX_ACCOUNTS):
        entry = fields.each(item, "name", "address", "path")
        device = DeviceAccount(entry.text("name"), entry.text("address"), entry.text("path"))
        usable = _ADDRESS.fullmatch(device.address) and name_is_usable(device.name)
        if not usable or device.address in taken or not path_is_usable(device.path):
            fields.bad(DEVICES)
        taken.add(device.address)
        devices.append(device)
    return tuple(devices)


def path_is_usable(path: str) -> bool:
    """Whether a BIP-32 path is one that Ethereum accounts are kept under: 44'/60'/... of at most 5 parts."""
    return _PATH.fullmatch(path) is not None and all(
        int(part.rstrip("'")) < 2**31 for part in path.split("/")
    )


def wrapped_key_document(wrapped: WrappedKey) -> dict[str, Any]:
    return {
        "kdf": "argon2id",
        "memory_kib": wrapped.cost.memory,
        "passes": wrapped.cost.passes,
        "lanes": wrapped.cost.lanes,
        "salt": wrapped.salt.hex(),
        "check": wrapped.check.hex(),
        "nonce": wrapped.nonce.hex(),
        "wrapped_key": wrapped.wrapped.hex(),
    }


def read_wrapped_key(fields: Fields) -> WrappedKey:
    if fields.text("kdf") != "argon2id":
        fields.bad("kdf")
    try:
        cost = Argon2Cost(fields.integer("memory_kib"), fields.integer("passes"), fields.integer("lanes"))
    except InvalidInputError:
        fields.bad("argon2 cost")
    return WrappedKey(
        cost=cost,
        salt=fields.octets("salt", SALT_BYTES),
        check=fields.octets("check", 32),
        nonce=fields.octets("nonce", NONCE_BYTES),
        wrapped=fields.octets("wrapped_key", KEY_BYTES + TAG_BYTES),
    )
