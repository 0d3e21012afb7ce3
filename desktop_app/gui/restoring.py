"""Restoring a whole backup: all services are closed first, and opened anew afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop_app.core.paths import AppPaths
from desktop_app.core.progress import Task
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.jobs import JobRunner
from desktop_app.services.restore import restore


class RestoreRequest:
    """What is to be restored, under which protection. It is never printed: it holds passphrases."""

    __slots__ = ("own_passphrase", "passphrase", "path", "protection")

    def __init__(self, path: Path, passphrase: str, protection: str, own_passphrase: str | None) -> None:
        self.path = path
        self.passphrase = passphrase
        self.protection = protection
        self.own_passphrase = own_passphrase

    def __repr__(self) -> str:
        return "RestoreRequest([redacted])"


class RestoringDialog(Dialog):
    """Runs the restore with a progress bar; `problem` is what went wrong, None when everything is back."""

    def __init__(self, paths: AppPaths, request: RestoreRequest, parent: QWidget | None = None) -> None:
        t = texts("backup")
        super().__init__(parent, t("restoring"), "", width=sizes().dialog_small)
        self.problem: BaseException | None = None
        self._runner = JobRunner()
        self._jobs = JobBridge(self._runner, self)
        self.set_busy(True, t("restoring"))

        def work(task: Task) -> None:
            restore(
                paths, request.path, request.passphrase, request.protection, request.own_passphrase, task
            )

        self._jobs.run(self, work, lambda _nothing: self.accept(), self._failed)

    def _failed(self, error: BaseException) -> None:
        self.problem = error
        self.accept()

    def reject(self) -> None:
        """Closing it stops the restore, which then leaves everything as it was."""
        self._jobs.close()
        if not self._jobs.busy:
            super().reject()

    def _stopped(self) -> None:
        super().reject()

    def close_jobs(self) -> None:
        self._jobs.close()
        self._runner.close()


def restore_with_progress(paths: AppPaths, request: RestoreRequest) -> BaseException | None:
    """Bring everything back while no services are open; returns what went wrong."""
    dialog = RestoringDialog(paths, request)
    try:
        dialog.exec()
        return dialog.problem
    finally:
        dialog.close_jobs()
