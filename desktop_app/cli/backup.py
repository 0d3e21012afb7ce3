"""`colophon backup`: everything into one encrypted file, looked into, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop_app.cli import output, passphrase, progress
from desktop_app.cli.command import Overwrite, command, new_app
from desktop_app.cli.protection import Protection, ProtectionOption, chosen_protection
from desktop_app.cli.session import FAILED, Session
from desktop_app.core.clock import iso_utc
from desktop_app.core.home_lock import AloneInHome
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.backup import BackupStatus

app = new_app(
    "Backups: phrase, accounts, the secrets of your records, works, certificates and settings in one "
    f"encrypted file.\n\n{passphrase.BACKUP_HELP}"
)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup file.")]


@command(app, "status")
def status(session: Session) -> int:
    """Say whether a backup is due. Exit code 1 if it is."""
    found = session.services.backup.status()
    session.show(found, output.facts(_facts(found)))
    return FAILED if found.remind else 0


def _facts(found: BackupStatus) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [
        ("State", words(f"backup.{found.state.value}")),
        ("Phrase kept safe", words("cli.yes" if found.phrase_confirmed else "cli.not_confirmed")),
    ]
    if found.last is not None:
        rows += [("Last backup", iso_utc(found.last.created_at)), ("File", found.last.path)]
    rows += [("New accounts", found.new_accounts or ""), ("New records", found.new_registrations or "")]
    rows.append(("New files for sale", found.new_sale_secrets or ""))
    return rows


@command(app, "create")
def create(
    session: Session,
    file: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE",
            help="Where to write it; without this, a file with today's date here.",
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Save everything to one encrypted file. Keep it away from this computer."""
    backup = session.services.backup
    target = file if file is not None else Path.cwd() / backup.suggested_name()
    if target.is_dir():
        target /= backup.suggested_name()
    backup.check_target(target, overwrite=overwrite)
    passphrase.unlock(session)
    secret = passphrase.new_backup(session)
    summary = session.run(lambda task: backup.create(target, secret, task, overwrite=overwrite))
    session.show(
        {"path": target, "accounts": summary.accounts, "files": len(summary.files)},
        output.facts([("Backup", target), ("Accounts", len(summary.accounts))]),
        words("cli.keep_backup"),
    )


@command(app, "check")
def check(session: Session, file: FileArgument) -> int:
    """Read a whole backup and verify every byte of it. Restores nothing. Exit code 1 for another wallet's."""
    secret = passphrase.of_backup(session)
    found = session.run(lambda task: session.services.backup.check(file, secret, task))
    own = {None: "", True: words("cli.yes"), False: words("cli.no")}[found.of_this_wallet]
    session.show(
        found,
        words("cli.backup_is_whole"),
        output.facts(
            [
                ("Made", iso_utc(found.summary.created_at)),
                ("Of this wallet", own),
                ("Accounts", ", ".join(one.name for one in found.summary.accounts)),
                ("Works", found.works),
                ("Records", found.registrations),
                ("Certificates", found.certificates),
                ("Payouts", found.payouts),
            ]
        ),
    )
    return FAILED if found.of_this_wallet is False else 0


@command(app, "restore")
def restore(session: Session, file: FileArgument, protection: ProtectionOption = None) -> None:
    """Bring everything in a backup back, where nothing of Colophon is yet."""
    session.start_log()
    with AloneInHome(session.paths.home):
        _restore(session, file, protection)


def _restore(session: Session, file: Path, protection: Protection | None) -> None:
    from desktop_app.services import restore as restoring
    from desktop_app.services.jobs import JobRunner

    restoring.require_empty(session.paths)
    secret = passphrase.of_backup(session)
    kind, own = chosen_protection(session, protection, restoring.keyring_is_usable)
    jobs = JobRunner()
    try:
        job = jobs.submit(
            "restore", lambda task: restoring.restore(session.paths, file, secret, kind, own, task)
        )
        summary = progress.wait(job, session.err)
    finally:
        jobs.close()
    status = session.services.wallet.status()
    session.show(
        {"restored": len(summary.files), "wallet": status},
        words("cli.restored"),
        output.facts([("Address", status.active), ("Accounts", len(status.accounts))]),
    )
