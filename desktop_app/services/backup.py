"""Backups of everything: phrase, accounts, record salts, database, settings, certificates; and back again.

The phrase alone brings back the accounts and their money. The records of works open only with their salts,
which are in the database: so the backup file is more than the phrase.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from desktop_app.chain.networks import network
from desktop_app.core.clock import Clock
from desktop_app.core.errors import CorruptError, RefusedError, UnavailableError
from desktop_app.core.paths import AppPaths, expanded
from desktop_app.core.progress import Task
from desktop_app.services.wallet import WalletService, WalletState
from desktop_app.store.backups import BackupRecord, BackupRepository
from desktop_app.store.certificates import CertificateRepository
from desktop_app.store.snapshot import row_counts, snapshot
from desktop_app.wallet.backup import BackupSummary, create_backup, open_backup, safe_name
from desktop_app.wallet.sealing import Argon2Cost

__all__ = ["BackupCheck", "BackupRecord", "BackupService", "BackupState", "BackupStatus", "BackupSummary"]

DATABASE, SETTINGS, PRACTICE, CERTIFICATES = "colophon.db", "settings.toml", "practice.db", "certificates"
SUFFIX = ".colophon-backup"


class BackupState(StrEnum):
    """ "backup.<state>" words it."""

    NO_WALLET = "no_wallet"
    NEEDED = "needed"
    """Neither the phrase is confirmed nor is there a backup: a broken disk would take everything."""
    PHRASE_ONLY = "phrase_only"
    """Money is safe with the phrase, the records of works are not."""
    OUTDATED = "outdated"
    """Something that a backup has to hold came after the last one."""
    DONE = "done"


@dataclass(frozen=True)
class BackupStatus:
    """`last` is the newest backup of this wallet; the counts are what came after it.

    `only_practice`: no record is on any other network than the practice network.
    """

    state: BackupState
    phrase_confirmed: bool = False
    last: BackupRecord | None = None
    new_accounts: int = 0
    new_registrations: int = 0
    new_sale_secrets: int = 0
    only_practice: bool = False

    @property
    def is_pressing(self) -> bool:
        """Whether something is not in a backup that would be missed: practice records are worth nothing."""
        return self.remind and bool(self.new_secrets) and not self.only_practice

    @property
    def new_secrets(self) -> int:
        """What came after the last backup and the phrase does not bring back."""
        return self.new_registrations + self.new_sale_secrets

    @property
    def remind(self) -> bool:
        """Whether to show the reminder."""
        return self.state in (BackupState.NEEDED, BackupState.PHRASE_ONLY, BackupState.OUTDATED)


@dataclass(frozen=True)
class BackupCheck:
    """What a backup file holds, every byte of it verified. `of_this_wallet`: None without a wallet."""

    summary: BackupSummary
    works: int
    registrations: int
    certificates: int
    payouts: int
    of_this_wallet: bool | None


class BackupService:
    """`copy_practice` writes the practice network's state to a file; False when there is none yet."""

    def __init__(
        self,
        paths: AppPaths,
        wallet: WalletService,
        backups: BackupRepository,
        certificates: CertificateRepository,
        copy_practice: Callable[[Path], bool],
        clock: Clock,
        cost: Argon2Cost | None = None,
    ) -> None:
        self._paths = paths
        self._wallet = wallet
        self._backups = backups
        self._certificates = certificates
        self._copy_practice = copy_practice
        self._clock = clock
        self._cost = cost

    def status(self) -> BackupStatus:
        """Whether a backup is due. Reads two small files; for the reminder, at any time."""
        wallet = self._wallet.status()
        if wallet.state is WalletState.ABSENT or not wallet.accounts:
            return BackupStatus(BackupState.NO_WALLET)
        confirmed = wallet.backup_confirmed
        last = self._backups.newest(wallet.accounts[0].address)
        records, sales = self._backups.registrations(), self._backups.sale_secrets()
        practice = not self._backups.registrations(but_on=network("practice").chain_id)
        if last is None:
            if not confirmed:
                return BackupStatus(
                    BackupState.NEEDED, False, None, len(wallet.accounts), records, sales, practice
                )
            state = BackupState.PHRASE_ONLY if records or sales else BackupState.DONE
            return BackupStatus(state, True, None, 0, records, sales, practice)
        accounts = max(0, len(wallet.accounts) - last.accounts)
        records = max(0, records - last.registrations)
        sales = max(0, sales - last.sale_secrets)
        state = BackupState.OUTDATED if accounts or records or sales else BackupState.DONE
        return BackupStatus(state, confirmed, last, accounts, records, sales, practice)

    def ready_for_real_money(self) -> bool:
        """Whether the wallet would survive the loss of this computer."""
        return self.status().state not in (BackupState.NEEDED, BackupState.NO_WALLET)

    def suggested_name(self) -> str:
        """A file name for today's backup."""
        from desktop_app.core.clock import iso_utc

        return f"Colophon {iso_utc(self._clock.now())[:10]}{SUFFIX}"

    def check_target(self, path: Path, *, overwrite: bool = False) -> Path:
        """Where a backup at `path` would be. Raises RefusedError as `create` does, before any question."""
        target = expanded(path).absolute()
        if target.resolve().is_relative_to(self._paths.home.resolve()):
            raise RefusedError("backup.in_data_folder", path=str(self._paths.home))
        if target.exists() and not overwrite:
            raise RefusedError("backup.file_exists", path=str(target))
        return target

    def create(
        self, path: Path, passphrase: str, task: Task | None = None, *, overwrite: bool = False
    ) -> BackupSummary:
        """Write everything to `path`, under a passphrase of its own. The wallet has to be open.

        Raises RefusedError ("wallet.locked", "backup.file_exists", "backup.in_data_folder"),
        InvalidInputError for an unfit passphrase, UnavailableError.
        """
        task = task or Task()
        target = self.check_target(path, overwrite=overwrite)
        contents = self._wallet.contents()
        now = self._clock.now()
        records, sales = self._backups.registrations(), self._backups.sale_secrets()
        with self._workspace() as folder:
            task.report(0, 0, "stage.copying")
            files = self._gathered(folder)
            task.report(0, 0, "stage.encrypting")
            summary = create_backup(target, passphrase, contents, files, now, task, self._cost)
        first = contents.accounts[0].address
        self._backups.add(BackupRecord(first, now, target, len(contents.accounts), records, sales))
        return summary

    def check(self, path: Path, passphrase: str, task: Task | None = None) -> BackupCheck:
        """Read all of a backup, verify every byte, and look into its database. Restores nothing."""
        task = task or Task()
        with self._workspace() as folder, open_backup(path, passphrase) as backup:
            done, total = 0, sum(entry.size for entry in backup.summary.files)
            copy = folder / DATABASE
            for entry in backup.summary.files:
                with (copy if entry.name == DATABASE else folder / "other").open("wb") as file:
                    for chunk in backup.content(entry):
                        if entry.name == DATABASE:
                            file.write(chunk)
                        done += len(chunk)
                        task.report(done, total, "stage.checking_backup")
            backup.finish()
            if not copy.exists():
                raise CorruptError("wallet.backup_corrupt", detail="no database")
            counts = row_counts(copy)
            summary = backup.summary
        own = self._wallet.status().accounts
        return BackupCheck(
            summary,
            works=counts["works"],
            registrations=counts["registrations"],
            certificates=counts["certificates"],
            payouts=counts["payouts"],
            of_this_wallet=summary.accounts[0].address == own[0].address if own else None,
        )

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        """A folder for plain copies beside the originals, gone afterwards."""
        try:
            folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=self._paths.home))
        except OSError as error:
            raise UnavailableError("wallet.backup_unwritable", detail=error.strerror or "") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _gathered(self, folder: Path) -> dict[str, Path]:
        """Name inside the backup to the file to put there."""
        files = {DATABASE: folder / DATABASE}
        snapshot(self._paths.database, files[DATABASE])
        if self._paths.settings.exists():
            files[SETTINGS] = self._paths.settings
        if self._copy_practice(folder / PRACTICE):
            files[PRACTICE] = folder / PRACTICE
        known = {row.path for row in self._certificates.newest(limit=1_000_000)}
        inside = {path for path in self._paths.certificates.rglob("*") if path.is_file()}
        taken: set[str] = set()
        for number, path in enumerate(sorted(known | inside)):
            if not path.is_file():
                continue
            name = f"{CERTIFICATES}/{path.name}"
            if not safe_name(name) or name.casefold() in taken:
                name = f"{CERTIFICATES}/{number:05}{path.suffix if path.suffix.isascii() else ''}"
            taken.add(name.casefold())
            files[name] = path
        return files
