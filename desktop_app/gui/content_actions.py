"""What a work's page offers beside registration and royalties: describing, signing, packing, witnesses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.dialogs.confirm_witness import ConfirmWitnessDialog
from desktop_app.gui.dialogs.describe import DescribeDialog
from desktop_app.gui.dialogs.sign_copy import SignDialog
from desktop_app.gui.dialogs.witness import WitnessDialog
from desktop_app.gui.flows import with_wallet
from desktop_app.gui.formatting import kind_of
from desktop_app.gui.models.work_view import WorkView
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.about_card import AboutCard
from desktop_app.gui.widgets.handing_card import HandingCard
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.services.credentials import SigningProposal
from desktop_app.services.details import Training
from desktop_app.services.packages import Package
from desktop_app.services.wording import words


class ContentActions(QObject):
    """Owns the two cards of a page and the dialogs behind them; `show_work` fills them."""

    def __init__(self, session: Session, page: Page, running: RunArea) -> None:
        super().__init__(page)
        self._t = texts("handing")
        self._session = session
        self._page = page
        self._running = running
        self._view: WorkView | None = None
        self.about = AboutCard()
        self.about.describe.connect(self._describe)
        self.about.look.connect(self._look)
        self.about.rule_chosen.connect(self._say_rule)
        self.about.work_wanted.connect(session.work_opened)
        self.handing = HandingCard()
        self.handing.sign.connect(self._sign)
        self.handing.pack.connect(self._pack)
        self.handing.ask.connect(self._ask)
        self.handing.publish.connect(self._publish)
        self.handing.key.connect(self._key)
        self.handing.complete.connect(self._complete)
        self.handing.confirm.connect(self._confirm)
        self.handing.trust.connect(self._trust)
        self.handing.export.connect(self._export)

    def show_work(self, view: WorkView) -> None:
        self._view = view
        work = view.work
        self.about.show_work(
            work.title,
            work.sha256.hex(),
            kind_of(work.media_type)[0],
            view.portrait,
            view.picture,
            view.similar,
        )
        self.handing.show_work(view.packages, view.witnesses, view.registration is not None)

    def _describe(self) -> None:
        if self._view is None:
            return
        dialog = DescribeDialog(self._session, self._view.work, self._view.portrait.metadata, self._page)
        dialog.saved.connect(self._session.works_changed)
        dialog.open()

    def _say_rule(self, rule: Training) -> None:
        """Kept at once: there is nothing to confirm, and it can be said anew at any time."""
        if self._view is None:
            return
        details, work_id = self._session.services.details, self._view.work.id

        def keep(_task: Task) -> None:
            details.set_metadata(work_id, replace(details.metadata(work_id), training=rule))

        self._session.jobs.run(
            self._page, keep, lambda _nothing: self._session.works_changed.emit(), self._page.show_error
        )

    def _look(self) -> None:
        if self._view is None:
            return
        details, work = self._session.services.details, self._view.work
        self._running.add(
            self._session.jobs.run(
                self._page,
                lambda task: details.look(work.id, task),
                lambda _portrait: self._session.works_changed.emit(),
                self._page.show_error,
                title=self._t("looking", title=work.title),
            )
        )

    def _sign(self) -> None:
        if self._view is None:
            return
        view, credentials = self._view, self._session.services.credentials

        def ask(proposal: SigningProposal) -> None:
            dialog = SignDialog(self._session, view.work, view.registration, proposal, self._page)
            dialog.propose(view.portrait.metadata.training)
            dialog.signed.connect(lambda path: self._page.show_notice(self._t("signed"), str(path)))
            dialog.open()

        def begin() -> None:
            self._session.jobs.run(
                self._page, lambda _task: credentials.proposal(view.work.id), ask, self._page.show_error
            )

        with_wallet(self._session, self._page, begin, self._page.show_error)

    def _pack(self) -> None:
        if self._view is None:
            return
        work, packages = self._view.work, self._session.services.packages

        def choose(suggested: Path) -> None:
            name, _ = QFileDialog.getSaveFileName(
                self._page,
                self._t("pack_action"),
                str(suggested),
                options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
            )
            if name:
                self.pack(work.id, work.title, Path(name))

        def begin() -> None:
            self._session.jobs.run(
                self._page, lambda _task: packages.suggested_path(work.id), choose, self._page.show_error
            )

        with_wallet(self._session, self._page, begin, self._page.show_error)

    def pack(self, work_id: str, title: str, path: Path) -> None:
        """Make a package at `path`, in the background."""
        packages = self._session.services.packages
        self._running.add(
            self._session.jobs.run(
                self._page,
                lambda task: packages.create(work_id, path, task),
                self._packed,
                self._failed,
                title=self._t("packing", title=title),
            )
        )

    def _packed(self, made: Package) -> None:
        self._session.works_changed.emit()
        self._page.show_notice(self._t("packed"), str(made.path))

    def _failed(self, error: BaseException) -> None:
        self._session.works_changed.emit()
        self._page.show_error(error)

    def _key(self, package_id: str) -> None:
        dialog = ConfirmDialog(
            self._t("key_title"), words("package.key_warning"), self._t("key_action"), self._page
        )
        dialog.agreed.connect(
            lambda: with_wallet(
                self._session, self._page, lambda: self._choose_key_place(package_id), self._page.show_error
            )
        )
        dialog.open()

    def _choose_key_place(self, package_id: str) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self._page, self._t("key_action"), "", options=QFileDialog.Option.DontConfirmOverwrite
        )
        if name:
            packages, path = self._session.services.packages, Path(name)
            self._session.jobs.run(
                self._page,
                lambda _task: packages.write_key(package_id, path),
                lambda _nothing: self._page.show_notice(self._t("key_written"), str(path)),
                self._page.show_error,
            )

    def _publish(self) -> None:
        if self._view is None:
            return
        work, token = self._view.work, self._view.token
        name, _ = QFileDialog.getSaveFileName(
            self._page,
            self._t("publish_action"),
            str(work.path.with_suffix(".json")),
            options=QFileDialog.Option.DontConfirmOverwrite,  # nothing is ever replaced
        )
        if name:
            details, path = self._session.services.details, Path(name)
            symbol = token.symbol if token else ""
            self._session.jobs.run(
                self._page,
                lambda _task: details.write_description(work.id, symbol, path),
                lambda _nothing: self._page.show_notice(self._t("published"), str(path)),
                self._page.show_error,
            )

    def _ask(self) -> None:
        if self._view is None:
            return
        dialog = WitnessDialog(self._session, self._view.work, self._page)
        dialog.witnessed.connect(lambda _view: self._session.works_changed.emit())
        dialog.open()

    def _complete(self, witness_id: str) -> None:
        witnesses = self._session.services.witnesses
        self._running.add(
            self._session.jobs.run(
                self._page,
                lambda task: witnesses.complete(witness_id, task),
                lambda _view: self._session.works_changed.emit(),
                self._page.show_error,
                title=self._t("completing"),
            )
        )

    def _confirm(self, witness_id: str) -> None:
        dialog = ConfirmWitnessDialog(self._session, witness_id, self._page)
        dialog.confirmed.connect(self._session.works_changed)
        dialog.open()

    def _trust(self, witness_id: str) -> None:
        """Check an authority's timestamp against a root certificate that the user trusts."""
        name, _ = QFileDialog.getOpenFileName(self._page, self._t("trust"))
        if name:
            witnesses, roots = self._session.services.witnesses, Path(name)
            self._session.jobs.run(
                self._page,
                lambda task: witnesses.confirm(witness_id, roots=roots, task=task),
                lambda _view: self._session.works_changed.emit(),
                self._page.show_error,
            )

    def _export(self, witness_id: str) -> None:
        name = QFileDialog.getExistingDirectory(self._page, self._t("export"))
        if name:
            witnesses, folder = self._session.services.witnesses, Path(name)
            self._session.jobs.run(
                self._page,
                lambda _task: witnesses.export(witness_id, folder),
                lambda paths: self._page.show_notice(self._t("exported"), "\n".join(map(str, paths))),
                self._page.show_error,
            )
