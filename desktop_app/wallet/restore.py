"""Putting a backup in its place, whole or not at all.

Everything is first prepared in a folder inside the data folder. A marker in it is the point of no return:
before it, the folder is thrown away; after it, the files are moved over, and a power cut in between is made
good by `finish_restore` at the next start.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.wallet.backup import MAX_FILES, BackupSummary, open_backup, safe_name
from desktop_app.wallet.durable import exclusive, replace_file, replacing, sync_folder
from desktop_app.wallet.redacted import WalletContents
from desktop_app.wallet.strict_json import Fields, canonical, parse

STAGE = ".restoring"
MARKER = ".ready"
VAULT = "vault.json"
_CORRUPT = "wallet.backup_corrupt"


def restore_backup(
    path: Path,
    passphrase: str,
    home: Path,
    make_wallet: Callable[[Path, WalletContents], None],
    task: Task | None = None,
) -> BackupSummary:
    """Restore everything in the backup into `home`; what is there already is never replaced.

    `make_wallet(vault path, contents)` writes the vault, under the protection that the user chooses now.
    Raises RefusedError("wallet.backup_in_the_way") and what `open_backup` raises.
    """
    task = task or Task()
    with _alone(home):
        _finish(home)
        try:
            return _prepare_and_move(path, passphrase, home, make_wallet, task)
        finally:
            _discard_unready(home)


def finish_restore(home: Path) -> bool:
    """Complete a restore that was cut off after its marker, drop one cut off before. Call it at every start.

    True when something was put in place. Raises RefusedError("wallet.backup_in_the_way") when a file has been
    made meanwhile where one should go.
    """
    if not (home / STAGE).exists():
        return False
    with _alone(home):
        return _finish(home)


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    try:
        with exclusive(home / STAGE):
            yield
    except OSError as error:
        raise UnavailableError("wallet.backup_unwritable", detail=error.strerror or "") from error


def _prepare_and_move(
    path: Path,
    passphrase: str,
    home: Path,
    make_wallet: Callable[[Path, WalletContents], None],
    task: Task,
) -> BackupSummary:
    stage = home / STAGE
    with open_backup(path, passphrase) as backup:
        entries = backup.summary.files
        names = [VAULT, *(entry.name for entry in entries)]
        _check_free(home, names)
        stage.mkdir(mode=0o700)
        done, total = 0, sum(entry.size for entry in entries)
        for entry in entries:
            target = stage / entry.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with replacing(target) as write:
                for chunk in backup.content(entry):
                    write(chunk)
                    done += len(chunk)
                    task.report(done, total)
        backup.finish()
        make_wallet(stage / VAULT, backup.wallet)
        task.check()
        for folder in {(stage / entry.name).parent for entry in entries}:
            sync_folder(folder)
        replace_file(stage / MARKER, canonical({"names": names}))
        sync_folder(home)
    _finish(home)
    return backup.summary


def _finish(home: Path) -> bool:
    _discard_unready(home)
    stage = home / STAGE
    if not stage.exists():
        return False
    fields = Fields(parse((stage / MARKER).read_bytes(), _CORRUPT), _CORRUPT, "names")
    listed = fields.items("names", MAX_FILES + 1)
    names = [name for name in listed if isinstance(name, str) and safe_name(name)]
    waiting = [name for name in names if (stage / name).exists()]
    _check_free(home, waiting)
    for name in waiting:
        (home / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (stage / name).replace(home / name)
    for folder in {(home / name).parent for name in names}:
        sync_folder(folder)
    shutil.rmtree(stage)
    return bool(waiting)


def _discard_unready(home: Path) -> None:
    stage = home / STAGE
    if stage.exists() and not (stage / MARKER).exists():
        shutil.rmtree(stage, ignore_errors=True)


def _check_free(home: Path, names: list[str]) -> None:
    for name in names:
        if (home / name).exists():
            raise RefusedError("wallet.backup_in_the_way", name=name)
