"""What can be done with a training beside proving it: signatures of those concerned, and its royalties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from desktop_app.gui.dialogs.mint_model import MintModelDialog
from desktop_app.gui.dialogs.sign_training import SignTrainingDialog
from desktop_app.gui.flows import approve, approve_form, review_and_run, with_wallet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.drop_zone import file_pattern
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.run_area import RunArea

if TYPE_CHECKING:
    from desktop_app.services.training_consents import ConsentFile, Terms
    from desktop_app.services.training_models import DataParent


class TrainingActions:
    """For one page; its running jobs are shown in `running`."""

    def __init__(self, session: Session, page: Page, running: RunArea) -> None:
        self._t = texts("training_actions")
        self._session = session
        self._page = page
        self._running = running

    # --- Signatures --------------------------------------------------------------------------------------

    def ask_owners(self, number: str) -> None:
        """Write the terms of a training to a file that its owners can sign."""
        folder = QFileDialog.getExistingDirectory(self._page, self._t("request_folder"))
        if not folder:
            return
        consents = self._session.services.training.consents
        self._session.jobs.run(
            self._page,
            lambda _task: consents.request(number, Path(folder)),
            lambda path: self._page.show_notice(
                self._t("requested"), str(path), self._t("requested_next")
            ),
            self._page.show_error,
        )

    def choose_request(self) -> None:
        """Sign what somebody asks to be signed."""
        name, _ = QFileDialog.getOpenFileName(
            self._page, self._t("choose_request"), "", file_pattern(self._t("requests"), "colophon")
        )
        if not name:
            return
        consents, path = self._session.services.training.consents, Path(name)

        def ask(terms: Terms) -> None:
            dialog = SignTrainingDialog(terms, self._page)
            dialog.agreed.connect(lambda as_trainer: self._sign(path, as_trainer))
            dialog.open()

        self._session.jobs.run(
            self._page, lambda _task: consents.read_request(path), ask, self._page.show_error
        )

    def _sign(self, request: Path, as_trainer: bool) -> None:
        consents = self._session.services.training.consents

        def prepare(_task: object) -> Any:
            from desktop_app.services.training_consents import Role

            role = Role.TRAINER if as_trainer else Role.OWNER
            return consents.prepare_sign(request, request.parent, role=role)

        approve(
            self._session, self._page, prepare, self._t("signing"), self._signed, self._page.show_error,
            self._running.add,
        )  # fmt: skip

    def _signed(self, made: ConsentFile) -> None:
        self._page.show_notice(self._t("signed"), str(made.path), self._t("signed_next"))

    # --- Royalties ---------------------------------------------------------------------------------------

    def register(self, number: str) -> None:
        """Register the model of a training as a work."""
        with_wallet(self._session, self._page, lambda: self._register(number))

    def _register(self, number: str) -> None:
        models = self._session.services.training.models

        def prepared(action: Any) -> None:
            if action is None:
                self._page.show_notice(self._t("registered_already"), tone="info")
                return
            review_and_run(
                self._session, self._page, action, self._t("registering"), self._registered,
                self._page.show_error, self._running.add,
            )  # fmt: skip

        handle = self._session.jobs.run(
            self._page,
            lambda task: models.prepare_registration(number, task=task),
            prepared,
            self._page.show_error,
            title=self._t("registering"),
        )
        self._running.add(handle)

    def _registered(self, _record: object) -> None:
        self._page.show_notice(self._t("registered"), self._t("registered_text"))
        self._session.works_changed.emit()

    def mint(self, number: str) -> None:
        """Mint the registered model as a child of its data sets."""
        models = self._session.services.training.models

        def ask(data: tuple[DataParent, ...]) -> None:
            approve_form(
                self._session,
                self._page,
                lambda: MintModelDialog(self._session, number, data, self._page),
                self._t("minting"),
                self._minted,
                self._page.show_error,
                self._running.add,
            )

        self._session.jobs.run(
            self._page, lambda _task: models.parents(number), ask, self._page.show_error
        )

    def _minted(self, _token: object) -> None:
        self._page.show_notice(self._t("minted"), self._t("minted_text"))
        self._session.works_changed.emit()
        self._session.money_changed.emit()
