"""Looks at any file that is dropped: packages are checked and opened, of others credentials are shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_app.core.progress import Task
from desktop_app.gui.flows import with_wallet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.origin_card import OriginCard
from desktop_app.gui.widgets.page import Page
from desktop_app.services.credentials import CredentialView
from desktop_app.services.packages import PackageCheck


class OriginActions(QObject):
    """Owns the card; the page puts it where it belongs."""

    def __init__(self, session: Session, page: Page) -> None:
        super().__init__(page)
        self._t = texts("origin")
        self._session = session
        self._page = page
        self._file: Path | None = None
        self._package: Path | None = None
        self._made_here = False
        self.card = OriginCard()
        self.card.file.connect(self.look_at)
        self.card.open_wanted.connect(self._open)
        self.card.trust_wanted.connect(self._trust)

    def look_at(self, path: Path, trust: Path | None = None) -> None:
        """Show what a file is; `trust` names authorities (PEM) that count this time."""
        services = self._session.services

        def look(task: Task) -> CredentialView | PackageCheck:
            if services.packages.is_package(path):
                return services.packages.check(path, None, task)
            return services.credentials.read(path, trust=trust, task=task)

        self._page.notice.hide()
        self._session.jobs.run(
            self._page, look, lambda found: self._show(path, found), self._failed,
            title=self._t("looking", name=path.name),
        )  # fmt: skip

    def _trust(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._page, self._t("trust"))
        if name and self._file is not None:
            self.look_at(self._file, Path(name))

    def _show(self, path: Path, found: CredentialView | PackageCheck) -> None:
        self._file = path
        if isinstance(found, PackageCheck):
            self._package, self._made_here = path, found.work is not None
            self.card.show_package(path.name, found)
        else:
            self.card.show_credentials(path.name, found)

    def _failed(self, error: BaseException) -> None:
        self.card.empty()
        self._page.show_error(error)

    def _open(self) -> None:
        if self._made_here:
            with_wallet(self._session, self._page, self._choose_place, self._page.show_error)
        else:
            self._choose_place()  # Somebody else's package needs their key, and no wallet.

    def _choose_place(self) -> None:
        if self._package is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self._page, self._t("unpack"), "", options=QFileDialog.Option.DontConfirmOverwrite
        )
        if name:
            self.unpack(self._package, Path(name))

    def unpack(self, package: Path, output: Path) -> None:
        """Decrypt with the key in this library; where there is none, ask for a key file."""
        packages = self._session.services.packages

        def work(task: Task) -> Path:
            packages.open(package, output, None, task)
            return output

        self._session.jobs.run(
            self._page,
            work,
            lambda path: self._page.show_notice(self._t("unpacked"), str(path)),
            lambda error: self._without_key(error, package, output),
            title=self._t("unpacking", name=package.name),
        )

    def _without_key(self, error: BaseException, package: Path, output: Path) -> None:
        if getattr(error, "code", "") != "package.no_key":
            self._page.show_error(error)
            return
        name, _ = QFileDialog.getOpenFileName(self._page, self._t("key_file"))
        if not name:
            self._page.show_error(error)
            return
        packages, key_file = self._session.services.packages, Path(name)

        def work(task: Task) -> Path:
            packages.open(package, output, packages.read_key(key_file), task)
            return output

        self._session.jobs.run(
            self._page,
            work,
            lambda path: self._page.show_notice(self._t("unpacked"), str(path)),
            self._page.show_error,
            title=self._t("unpacking", name=package.name),
        )
