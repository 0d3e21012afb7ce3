"""Putting a backup back on a machine that has nothing of Colophon yet.

A function, not a service: it runs before the services are built, while nothing holds the database.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import file_digest
from pathlib import Path

from desktop_app.core.clock import Clock, SystemClock
from desktop_app.core.errors import RefusedError
from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.services.backup import CERTIFICATES, DATABASE, PRACTICE, SETTINGS
from desktop_app.store.backups import BackupRecord, BackupRepository
from desktop_app.store.database import Database
from desktop_app.store.opening_budget import use_up_openings
from desktop_app.store.snapshot import row_counts
from desktop_app.wallet.backup import BackupSummary
from desktop_app.wallet.keyring_backend import KeyStore, SystemKeyring
from desktop_app.wallet.redacted import WalletContents
from desktop_app.wallet.restore import finish_restore, restore_backup
from desktop_app.wallet.sealing import Argon2Cost
from desktop_app.wallet.wallet import Wallet

__all__ = [
    "BackupSummary",
    "finish_restore",
    "keyring_is_usable",
    "may_restore",
    "require_empty",
    "restore",
]

_BESIDE = ("", "-wal", "-shm")


def may_restore(paths: AppPaths) -> bool:
    """Whether nothing is here that a restore would have to replace: an app that was only started counts."""
    if paths.vault.exists() or any(path.is_file() for path in paths.certificates.rglob("*")):
        return False
    if not paths.database.exists() or paths.database.stat().st_size == 0:
        return True
    return not any(row_counts(paths.database).values())


def require_empty(paths: AppPaths) -> None:
    """Raises RefusedError("backup.not_empty") where `may_restore` says no."""
    paths.create()
    finish_restore(paths.home)
    if not may_restore(paths):
        raise RefusedError("backup.not_empty", path=str(paths.home))


def keyring_is_usable() -> bool:
    """Whether the wallet can be put under the protection of the system keyring. May take seconds."""
    return SystemKeyring().status().usable


def restore(
    paths: AppPaths,
    path: Path,
    passphrase: str,
    protection: str,
    wallet_passphrase: str | None = None,
    task: Task | None = None,
    *,
    clock: Clock | None = None,
    keyring: KeyStore | None = None,
    cost: Argon2Cost | None = None,
) -> BackupSummary:
    """Bring back everything in the backup at `path`, whole or not at all. Close all services first.

    The wallet is put under `protection` ("keyring", or "passphrase" with `wallet_passphrase`). Raises
    RefusedError("backup.not_empty"), and what `wallet.restore.restore_backup` and the database raise.
    """
    clock = clock or SystemClock()
    require_empty(paths)

    def prepare(vault: Path, contents: WalletContents) -> None:
        stage = vault.parent
        # Opening it now finds a damaged or newer database before anything is in its place.
        database = Database(stage / DATABASE, paths.backups, clock)
        try:
            # More may have been shown since the backup was made: see the opening budget of training proofs.
            use_up_openings(database)
            backups = BackupRepository(database)
            backups.move_certificates(_certificates(stage, paths.certificates))
            first = contents.accounts[0].address
            records, sales = backups.registrations(), backups.sale_secrets()
            made_at = clock.now()
            backups.add(BackupRecord(first, made_at, path.absolute(), len(contents.accounts), records, sales))
        finally:
            database.close()
        Wallet(vault, keyring or SystemKeyring(), clock, cost).create_from(
            contents, protection, wallet_passphrase
        )

    aside = _set_aside(paths, clock)
    try:
        return restore_backup(path, passphrase, paths.home, prepare, task)
    except BaseException:
        for saved in aside.iterdir():
            place = paths.home / saved.name
            if not place.exists():
                saved.rename(place)
        raise
    finally:
        with suppress(OSError):
            aside.rmdir()


def _set_aside(paths: AppPaths, clock: Clock) -> Path:
    """Move the files of an app that was only started out of the way; where they are now."""
    folder = paths.backups / f"before-restore-{clock.now()}"
    count = 0
    while folder.exists():
        count += 1
        folder = paths.backups / f"before-restore-{clock.now()}-{count}"
    folder.mkdir(mode=0o700)
    for name in (DATABASE, PRACTICE, SETTINGS):
        for suffix in _BESIDE:
            place = paths.home / f"{name}{suffix}"
            if place.exists():
                place.rename(folder / place.name)
    return folder


def _certificates(stage: Path, home: Path) -> dict[bytes, Path]:
    """Where each restored certificate file will be, by SHA-256."""
    places = {}
    for found in sorted((stage / CERTIFICATES).rglob("*")):
        if found.is_file():
            with found.open("rb") as file:
                digest = file_digest(file, "sha256").digest()
            places[digest] = home / found.relative_to(stage / CERTIFICATES)
    return places
