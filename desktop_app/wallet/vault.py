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
import json
import re
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from desktop_app.core.errors import ColophonError, CorruptError, RefusedError
from desktop_app.wallet.accounts import MAX_ACCOUNTS
from desktop_app.wallet.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    SALT_BYTES,
    Argon2Cost,
    WrappedKey,
    key_commitment,
    seal,
    unseal,
)

FORMAT = "colophon-vault"
VERSION = 1
MAX_FILE_BYTES = 1 << 20
MAX_NAME = 60
_TAG_BYTES = 16
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")


@dataclass(frozen=True)
class Account:
    """A BIP-44 account: its index, the name that the user gave it, its EIP-55 address."""

    index: int
    name: str
    address: str


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

    @property
    def protection(self) -> str:
        return "keyring" if self.wrapped_key is None else "passphrase"

    def account(self, address: str) -> Account | None:
        wanted = address.lower()
        return next((a for a in self.accounts if a.address.lower() == wanted), None)


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
            raise CorruptError("wallet.corrupt", detail="seal")
        if len(plain) not in (16, 32):
            raise CorruptError("wallet.corrupt", detail="content")
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
        return _canonical(document)


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
        _bad("size")
    document = _parse(data)
    if document.get("format") != FORMAT:
        _bad("format")
    version = document.get("version")
    if type(version) is not int or version < 1:
        _bad("version")
    if version > VERSION:
        raise RefusedError("wallet.newer_version", version=min(version, 10**9), known=VERSION)
    stated = document.pop("checksum", None)
    if type(stated) is not str or not hmac.compare_digest(_checksum(document).encode(), stated.encode()):
        _bad("checksum")
    _keys(document, "format", "version", "locked", "header", "nonce", "sealed")
    vault = Vault(
        header=_read_header(_dict(document, "header")),
        locked=_bool(document, "locked"),
        nonce=_hex(document, "nonce", NONCE_BYTES),
        sealed=_hex(document, "sealed", None),
    )
    if len(vault.sealed) not in (16 + _TAG_BYTES, 32 + _TAG_BYTES):
        _bad("sealed")
    if vault.encode() != data:
        _bad("encoding")
    return vault


def name_is_usable(name: str) -> bool:
    """1 to 60 printable characters without spaces at the ends."""
    return 0 < len(name) <= MAX_NAME and name == name.strip() and name.isprintable()


def wrap_label(key_id: str) -> bytes:
    """What a wrapped vault key is bound to."""
    return b"colophon/v1/vault/" + key_id.encode()


def _canonical(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def _checksum(document: object) -> str:
    return hashlib.sha256(_canonical(document)).hexdigest()


def _bound(header: Header) -> bytes:
    return _canonical({"format": FORMAT, "version": VERSION, "header": _header_document(header)})


def _header_document(header: Header) -> dict[str, Any]:
    wrapped = header.wrapped_key
    protection: dict[str, Any] = {"kind": header.protection}
    if wrapped is not None:
        protection |= {
            "kdf": "argon2id",
            "memory_kib": wrapped.cost.memory,
            "passes": wrapped.cost.passes,
            "lanes": wrapped.cost.lanes,
            "salt": wrapped.salt.hex(),
            "check": wrapped.check.hex(),
            "nonce": wrapped.nonce.hex(),
            "wrapped_key": wrapped.wrapped.hex(),
        }
    return {
        "key_id": header.key_id,
        "key_commitment": header.key_commitment.hex(),
        "created_at": header.created_at,
        "accounts": [{"index": a.index, "name": a.name, "address": a.address} for a in header.accounts],
        "active": header.active,
        "backup_confirmed": header.backup_confirmed,
        "protection": protection,
    }


def _read_header(document: dict[str, Any]) -> Header:
    _keys(
        document,
        "key_id", "key_commitment", "created_at", "accounts", "active", "backup_confirmed", "protection",
    )  # fmt: skip
    entries = document["accounts"]
    if type(entries) is not list or not 1 <= len(entries) <= MAX_ACCOUNTS:
        _bad("accounts")
    accounts = tuple(_read_account(entry) for entry in entries)
    header = Header(
        key_id=_hex(document, "key_id", 16).hex(),
        key_commitment=_hex(document, "key_commitment", 32),
        created_at=_int(document, "created_at"),
        accounts=accounts,
        active=_str(document, "active"),
        backup_confirmed=_bool(document, "backup_confirmed"),
        wrapped_key=_read_protection(_dict(document, "protection")),
    )
    if header.account(header.active) is None:
        _bad("active")
    if any(len({getattr(a, field) for a in accounts}) != len(accounts) for field in ("index", "address")):
        _bad("accounts")
    return header


def _read_account(entry: object) -> Account:
    if type(entry) is not dict:
        _bad("accounts")
    _keys(entry, "index", "name", "address")
    account = Account(_int(entry, "index"), _str(entry, "name"), _str(entry, "address"))
    usable = _ADDRESS.fullmatch(account.address) and name_is_usable(account.name)
    if not usable or account.index >= MAX_ACCOUNTS:
        _bad("accounts")
    return account


def _read_protection(document: dict[str, Any]) -> WrappedKey | None:
    kind = document.get("kind")
    if kind == "keyring":
        _keys(document, "kind")
        return None
    _keys(document, "kind", "kdf", "memory_kib", "passes", "lanes", "salt", "check", "nonce", "wrapped_key")
    if kind != "passphrase" or document["kdf"] != "argon2id":
        _bad("protection")
    try:
        cost = Argon2Cost(_int(document, "memory_kib"), _int(document, "passes"), _int(document, "lanes"))
    except ColophonError as error:
        raise CorruptError("wallet.corrupt", detail="argon2 cost") from error
    return WrappedKey(
        cost=cost,
        salt=_hex(document, "salt", SALT_BYTES),
        check=_hex(document, "check", 32),
        nonce=_hex(document, "nonce", NONCE_BYTES),
        wrapped=_hex(document, "wrapped_key", KEY_BYTES + _TAG_BYTES),
    )


def _parse(data: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) != len(pairs):
            raise ValueError("duplicate name")
        return names

    # A library of ours raises Python's recursion limit, so json would overflow the C stack on deep nesting.
    outside_strings = _STRING.sub(b"", data)
    if outside_strings.count(b"[") + outside_strings.count(b"{") > MAX_ACCOUNTS + 8:
        _bad("JSON")
    try:
        document = json.loads(data.decode("ascii"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise CorruptError("wallet.corrupt", detail="JSON") from error
    if type(document) is not dict:
        _bad("JSON")
    return document


def _bad(detail: str) -> NoReturn:
    raise CorruptError("wallet.corrupt", detail=detail)


def _keys(document: dict[str, Any], *names: str) -> None:
    if set(document) != set(names):
        _bad("names")


def _int(document: dict[str, Any], name: str) -> int:
    value = document[name]
    if type(value) is not int or not 0 <= value < 2**53:
        _bad(name)
    return value


def _str(document: dict[str, Any], name: str) -> str:
    value = document[name]
    if type(value) is not str:
        _bad(name)
    return value


def _bool(document: dict[str, Any], name: str) -> bool:
    value = document[name]
    if type(value) is not bool:
        _bad(name)
    return value


def _dict(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document[name]
    if type(value) is not dict:
        _bad(name)
    return value


def _hex(document: dict[str, Any], name: str, size: int | None) -> bytes:
    text = _str(document, name)
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if value.hex() != text or (size is not None and len(value) != size):
        _bad(name)
    return value
