"""The phrase once more, for a backup, and the check that it was written down."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.clipboard import CLEAR_AFTER_SECONDS
from desktop_app.gui.dialogs.phrase_check import PhraseCheck, word_positions
from desktop_app.gui.dialogs.wallet_create import PhraseGrid
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, SecretEdit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import row
from desktop_app.gui.widgets.text import label


class WalletBackupDialog(Dialog):
    """`completed` fires once it was shown that the phrase was written down."""

    completed = Signal()

    def __init__(self, session: Session, protection: str, parent: QWidget | None = None) -> None:
        self._t = texts("wallet")
        super().__init__(parent, self._t("backup_title"), self._t("backup_subtitle"))
        self._session = session
        self._wallet = session.services.wallet
        self._by_passphrase = protection == "passphrase"
        self.secret = SecretEdit()
        self._field = Field(self._t("passphrase"), self.secret)
        self._field.setVisible(self._by_passphrase)
        self.body.addWidget(self._field)
        self.add_cancel()
        self.action = self.add_button(self._t("show_phrase"), "primary", "eye")
        self.action.clicked.connect(self._reveal)

    def _reveal(self) -> None:
        passphrase = self.secret.text() if self._by_passphrase else None
        self.secret.clear()
        self.set_busy(True, self._t("checking"))
        self._session.jobs.run(
            self, lambda _task: self._wallet.reveal_phrase(passphrase), self._shown, self.show_error
        )

    def _shown(self, phrase: str) -> None:
        self.set_busy(False)
        self._field.hide()
        self.set_title(self._t("phrase_title"), self._t("phrase_subtitle"))
        self._grid = PhraseGrid(phrase)
        self._warning = InlineMessage("warn")
        self._warning.show_text(self._t("phrase_warning_title"), self._t("phrase_warning"))
        self._copy = Button(self._t("copy_phrase"), "quiet", "copy")
        self._copy.clicked.connect(lambda: self._copied(phrase))
        self._copied_text = label(self._t("copy_hint"), "caption", wrap=True)
        self.body.addWidget(self._grid)
        line = row(self._copy)
        line.addWidget(self._copied_text, 1)
        self.body.addLayout(line)
        self.body.addWidget(self._warning)
        self._count = len(phrase.split())
        self.action.set_text(self._t("next"))
        self.action.clicked.disconnect()
        self.action.clicked.connect(self._ask)
        self.fit()

    def _copied(self, phrase: str) -> None:
        self._session.clipboard.copy(phrase)
        self._copied_text.setText(self._t("copied_phrase", seconds=CLEAR_AFTER_SECONDS))

    def _ask(self) -> None:
        for part in (self._grid, self._warning, self._copy, self._copied_text):
            part.hide()
            part.deleteLater()
        self.set_title(self._t("confirm_title"), self._t("confirm_subtitle"))
        self.check = PhraseCheck(word_positions(self._count))
        self.body.addWidget(self.check)
        self.action.set_text(self._t("confirm_action"))
        self.action.clicked.disconnect()
        self.action.clicked.connect(self._confirm)
        self.fit()
        self.check.focus_first()

    def _confirm(self) -> None:
        typed = self.check.words()
        self.set_busy(True, self._t("checking"))
        self._session.jobs.run(
            self, lambda _task: self._wallet.confirm_backup(typed), self._confirmed, self.show_error
        )

    def _confirmed(self, _nothing: object) -> None:
        self._session.wallet_changed.emit()
        self.accept()
        self.completed.emit()
