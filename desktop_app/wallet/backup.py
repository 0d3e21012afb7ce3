"""The encrypted backup file, version 1: the wallet and any other files, under a passphrase of its own.

"colophon-backup\\n", length of the header (4 bytes, big-endian), header (JSON), SHA-256 of the header,
then a STREAM, with all that as associated data, of:
length of the list of contents (4 bytes), list of contents (JSON), the files one after another.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.core.errors import CorruptError, InvalidInputError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.wallet.durable import replacing
from desktop_app.wallet.redacted import WalletContents
from desktop_app.wallet.sealing import (
    Argon2Cost,
    check_new_passphrase,
    key_commitment,
    new_key,
    unwrap_key,
    wrap_key,
)
from desktop_app.wallet.stream import CHUNK_BYTES, PREFIX_BYTES, StreamOpener, StreamSealer, new_prefix
from desktop_app.wallet.strict_json import Fields, canonical, parse
from desktop_app.wallet.vault import (
    DEVICES,
    WRAPPED_KEY_NAMES,
    Account,
    accounts_document,
    devices_document,
    read_accounts,
    read_devices,
    read_wrapped_key,
    wrapped_key_document,
)

MAGIC = b"colophon-backup\n"
VERSION = 1
MAX_FILES = 20_000
_MAX_HEADER = 1 << 16
_MAX_LIST = 1 << 24
_LABEL = b"colophon/v1/backup"
_CORRUPT = "wallet.backup_corrupt"
_UNSAFE = set('\\:*?"<>|')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(10))}


@dataclass(frozen=True)
class BackupFile:
    """One file inside: its name relative to the data folder, its size in bytes, its SHA-256."""

    name: str
    size: int
    sha256: bytes


@dataclass(frozen=True)
class BackupSummary:
    """What a backup holds, without the secrets."""

    created_at: int
    accounts: tuple[Account, ...]
    files: tuple[BackupFile, ...]


def create_backup(
    path: Path,
    passphrase: str,
    wallet: WalletContents,
    files: Mapping[str, Path],
    created_at: int,
    task: Task | None = None,
    cost: Argon2Cost | None = None,
) -> BackupSummary:
    """Write `wallet` and `files` (name inside: place on disk) to `path`, replacing it whole or not at all.

    A live database must be handed over as a snapshot: a file that changes meanwhile is refused.
    """
    task = task or Task()
    check_new_passphrase(passphrase)
    try:
        entries = tuple(_described(name, files[name], task) for name in sorted(files))
        _check_names([entry.name for entry in entries])
        listing = canonical(_list_document(wallet, entries))
        key, prefix = new_key(), new_prefix()
        header = canonical(
            {
                "version": VERSION,
                "created_at": created_at,
                "key_commitment": key_commitment(key, _LABEL).hex(),
                "prefix": prefix.hex(),
                **wrapped_key_document(wrap_key(passphrase, key, cost or Argon2Cost(), _LABEL)),
            }
        )
        start = _framed(header)
        with replacing(path) as write:
            write(start)
            sealer = StreamSealer(key, prefix, start, write)
            sealer.add(len(listing).to_bytes(4, "big") + listing)
            done, total = 0, sum(entry.size for entry in entries)
            for entry in entries:
                for chunk in _unchanged(entry, files[entry.name]):
                    sealer.add(chunk)
                    done += len(chunk)
                    task.report(done, total)
            sealer.finish()
    except OSError as error:
        raise UnavailableError("wallet.backup_unwritable", detail=error.strerror or "") from error
    return BackupSummary(created_at, wallet.accounts, entries)


def check_backup(path: Path, passphrase: str, task: Task | None = None) -> BackupSummary:
    """Read all of a backup and verify every byte of it."""
    task = task or Task()
    with open_backup(path, passphrase) as backup:
        done, total = 0, sum(entry.size for entry in backup.summary.files)
        for entry in backup.summary.files:
            for chunk in backup.content(entry):
                done += len(chunk)
                task.report(done, total)
        backup.finish()
        return backup.summary


class OpenBackup:
    """A backup whose passphrase was right. Read the files in their order, then call `finish`."""

    def __init__(self, summary: BackupSummary, wallet: WalletContents, body: StreamOpener) -> None:
        self.summary = summary
        self.wallet = wallet
        self._body = body

    def content(self, entry: BackupFile) -> Iterator[bytes]:
        """The bytes of the next file, authenticated piece by piece."""
        digest, left = hashlib.sha256(), entry.size
        while left:
            chunk = self._body.read_some(left)
            digest.update(chunk)
            left -= len(chunk)
            yield chunk
        if digest.digest() != entry.sha256:
            raise CorruptError(_CORRUPT, detail="file")

    def finish(self) -> None:
        self._body.finish()


@contextlib.contextmanager
def open_backup(path: Path, passphrase: str) -> Iterator[OpenBackup]:
    """Open a backup for reading.

    Raises InvalidInputError ("wallet.not_a_backup", "wallet.wrong_passphrase"), RefusedError
    ("wallet.backup_newer"), CorruptError ("wallet.backup_corrupt") or UnavailableError.
    """
    with _Source(path) as source:
        start, header = _read_start(source)
        key = _read_key(header, passphrase)
        body = StreamOpener(key, header.octets("prefix", PREFIX_BYTES), start, source, _CORRUPT)
        size = int.from_bytes(body.read(4), "big")
        if size > _MAX_LIST:
            header.bad("list")
        wallet, entries = _read_list(body.read(size))
        yield OpenBackup(BackupSummary(header.integer("created_at"), wallet.accounts, entries), wallet, body)


class _Source:
    """The backup file; its troubles are told apart from those of the place it is restored to."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise UnavailableError("wallet.backup_unreadable", detail=error.strerror or "") from error

    def __enter__(self) -> _Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise UnavailableError("wallet.backup_unreadable", detail=error.strerror or "") from error


def safe_name(name: str) -> bool:
    """Whether a name stays inside the data folder and can exist on every system."""
    parts = name.split("/")
    return len(parts) <= 4 and all(
        0 < len(part) <= 120
        and part.isprintable()
        and not part.startswith(".")
        and not part.endswith((".", " "))
        and not _UNSAFE & set(part)
        and part.partition(".")[0].rstrip(" ").lower() not in _DEVICES
        for part in parts
    )


def _check_names(names: list[str]) -> None:
    for name in names:
        if not safe_name(name):
            raise InvalidInputError("wallet.backup_file_name", name=name[:120])
    if len({name.casefold() for name in names}) != len(names) or len(names) > MAX_FILES:
        raise InvalidInputError("wallet.backup_file_name", name="")


def _described(name: str, path: Path, task: Task) -> BackupFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            task.check()
            digest.update(chunk)
            size += len(chunk)
    return BackupFile(name, size, digest.digest())


def _unchanged(entry: BackupFile, path: Path) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while size <= entry.size and (chunk := file.read(CHUNK_BYTES)):
            digest.update(chunk)
            size += len(chunk)
            yield chunk
    if size != entry.size or digest.digest() != entry.sha256:
        raise RefusedError("wallet.backup_file_changed", name=entry.name)


def _framed(header: bytes) -> bytes:
    return MAGIC + len(header).to_bytes(4, "big") + header + hashlib.sha256(header).digest()


def _read_start(file: _Source) -> tuple[bytes, Fields]:
    """(everything before the stream, header)."""
    if file.read(len(MAGIC)) != MAGIC:
        raise InvalidInputError("wallet.not_a_backup")
    size = int.from_bytes(file.read(4), "big")
    header = file.read(min(size, _MAX_HEADER))
    # The checksum tells damage from a wrong passphrase.
    if len(header) != size or not hmac.compare_digest(file.read(32), hashlib.sha256(header).digest()):
        raise CorruptError(_CORRUPT, detail="header")
    document = parse(header, _CORRUPT)
    version = document.get("version")
    if type(version) is int and version > VERSION:
        raise RefusedError("wallet.backup_newer", version=min(version, 10**9), known=VERSION)
    names = ("version", "created_at", "key_commitment", "prefix", *WRAPPED_KEY_NAMES)
    fields = Fields(document, _CORRUPT, *names)
    if version != VERSION or canonical(document) != header:
        fields.bad("header")
    return _framed(header), fields


def _read_key(header: Fields, passphrase: str) -> bytes:
    wrapped = read_wrapped_key(header)
    try:
        key = unwrap_key(passphrase, wrapped, _LABEL)
    except CorruptError as error:
        raise CorruptError(_CORRUPT, detail="wrapped key") from error
    if not hmac.compare_digest(key_commitment(key, _LABEL), header.octets("key_commitment", 32)):
        header.bad("key")
    return key


def _list_document(wallet: WalletContents, entries: tuple[BackupFile, ...]) -> dict[str, Any]:
    return {
        "wallet": {
            "entropy": wallet.entropy.hex(),
            "accounts": accounts_document(wallet.accounts),
            "active": wallet.active,
            "created_at": wallet.created_at,
            "backup_confirmed": wallet.backup_confirmed,
            **devices_document(wallet.devices),
        },
        "files": [{"name": one.name, "size": one.size, "sha256": one.sha256.hex()} for one in entries],
    }


def _read_list(data: bytes) -> tuple[WalletContents, tuple[BackupFile, ...]]:
    # Written by whoever knew the passphrase: authentic, but still not to be trusted with paths.
    fields = Fields(parse(data, _CORRUPT, MAX_FILES + 2000), _CORRUPT, "wallet", "files")
    names = ("entropy", "accounts", "active", "created_at", "backup_confirmed")
    wallet = fields.inner("wallet", *names, *fields.optional("wallet", DEVICES))
    accounts = read_accounts(wallet)
    devices = read_devices(wallet, accounts)
    if wallet.text("active") not in [*(one.address for one in accounts), *(one.address for one in devices)]:
        fields.bad("active")
    contents = WalletContents(
        wallet.octets("entropy", 16, 32),
        accounts,
        wallet.text("active"),
        wallet.integer("created_at"),
        wallet.boolean("backup_confirmed"),
        devices,
    )
    entries = []
    for item in fields.items("files", MAX_FILES):
        entry = fields.each(item, "name", "size", "sha256")
        entries.append(BackupFile(entry.text("name"), entry.integer("size"), entry.octets("sha256", 32)))
    _check_names([entry.name for entry in entries])
    return contents, tuple(entries)
