"""Make or restore the wallet: choose, protect, write the phrase down, show that it was written down."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPlainTextEdit, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.backup_file import FileChoice
from desktop_app.gui.dialogs.phrase_check import PhraseCheck, word_positions
from desktop_app.gui.restoring import RestoreRequest
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, SecretEdit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, Well, clear, column
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox, Radio
from desktop_app.services.restore import require_empty
from desktop_app.services.wallet import MIN_PASSPHRASE, KeyringState, KeyringStatus


class PhraseGrid(Well):
    """The words of a phrase, numbered, in three columns."""

    def __init__(self, phrase: str) -> None:
        super().__init__()
        self.setAccessibleName(texts("wallet")("phrase_name"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.large)
        grid.setVerticalSpacing(SPACE.tight)
        words = phrase.split()
        lines = -(-len(words) // 3)
        for index, word in enumerate(words):
            cell = label(f"{index + 1:>2}  {word}", "phraseWord")
            cell.setAccessibleName(f"{index + 1}: {word}")
            grid.addWidget(cell, index % lines, index // lines)
        self.body.addLayout(grid)


class WalletCreateDialog(Dialog):
    """`completed` fires once the wallet exists and is unlocked; the phrase is dropped with the dialog."""

    completed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._t = texts("wallet")
        super().__init__(parent, self._t("create_title"), self._t("create_subtitle"))
        self._session = session
        self._wallet = session.services.wallet
        self._phrase = ""
        self._build_choice()
        self._build_protection()
        self._phrase_box = QWidget()
        self._phrase_layout = column()
        self._phrase_box.setLayout(self._phrase_layout)
        self._phrase_box.hide()
        self.body.addWidget(self._phrase_box)
        self.body.addStretch(1)
        self._later = self.add_button(self._t("later"), "quiet")
        self._later.clicked.connect(self._finish)
        self._later.hide()
        self._cancel = self.add_cancel()
        self._next = self.add_button(self._t("create_action"), "primary")
        self._next.clicked.connect(self._make)
        networks = session.services.networks

        def look(_task: Task) -> tuple[KeyringStatus, bool]:
            return self._wallet.keyring_status(), networks.active.kind == "practice"

        self._next.setEnabled(False)  # a quick typist would get the words, where practice needs none
        session.jobs.run(self, look, self._known, self._not_known)
        self._refresh()

    def _build_choice(self) -> None:
        self.new = Radio(self._t("choice_new"))
        self.restore = Radio(self._t("choice_restore"))
        self.everything = Radio(self._t("choice_backup"))
        self.new.setChecked(True)
        group = QButtonGroup(self)
        for choice in (self.new, self.restore, self.everything):
            group.addButton(choice)
        group.buttonToggled.connect(lambda *_: self._refresh())
        self._phrase_edit = QPlainTextEdit()
        self._phrase_edit.setProperty("role", "mono")
        self._phrase_edit.setFixedHeight(sizes().few_lines)
        self._phrase_edit.setTabChangesFocus(True)
        self.phrase_field = Field(self._t("phrase_field"), self._phrase_edit, self._t("phrase_hint"))
        self._choice = QWidget()
        backup = texts("backup")
        self.file = FileChoice(backup("file"), backup("open"), backup("pattern"), save=False)
        self.file_secret = Field(self._t("backup_passphrase"), SecretEdit())
        for field in (self.file, self.file_secret):
            field.setContentsMargins(0, 0, 0, SPACE.hair)
        parts = (self.new, self.restore, self.everything, self.phrase_field, self.file, self.file_secret)
        self._choice.setLayout(column(*parts))
        self.body.addWidget(self._choice)

    def _build_protection(self) -> None:
        self.by_keyring = Radio(self._t("by_keyring"))
        self.by_passphrase = Radio(self._t("by_passphrase"))
        self.by_passphrase.setChecked(True)
        self.by_keyring.hide()
        group = QButtonGroup(self)
        group.addButton(self.by_keyring)
        group.addButton(self.by_passphrase)
        group.buttonToggled.connect(lambda *_: self._refresh())
        self._keyring_note = label("", "caption", wrap=True)
        self._keyring_note.hide()
        self.first = Field(
            self._t("passphrase"), SecretEdit(), self._t("passphrase_hint", count=MIN_PASSPHRASE)
        )
        self.second = Field(self._t("passphrase_again"), SecretEdit())
        self.words_now = CheckBox(self._t("words_now"))
        self.words_now.setChecked(True)
        self._words_hint = label(self._t("words_now_hint"), "caption", wrap=True)
        self._practice = False
        self._protection = QWidget()
        self._protection.setLayout(
            column(
                label(self._t("protect"), "section"),
                self.by_keyring,
                self.by_passphrase,
                self._keyring_note,
                self.first,
                self.second,
                self.words_now,
                self._words_hint,
            )
        )
        self.body.addWidget(self._protection)

    def _known(self, found: tuple[KeyringStatus, bool]) -> None:
        """On the practice network there is nothing that the recovery words would have to bring back."""
        status, self._practice = found
        self.words_now.setChecked(not self._practice)
        usable = status.state is KeyringState.USABLE
        self.by_keyring.setVisible(usable)
        self.by_passphrase.setVisible(usable)
        if usable:
            self.by_keyring.setChecked(True)
        else:
            self._keyring_note.setText(self._t("no_keyring"))
            self._keyring_note.show()
        self._next.setEnabled(True)
        self._refresh()
        if self.first.isVisible() and not self.second.control.hasFocus():
            self.first.control.setFocus()

    def _not_known(self, error: BaseException) -> None:
        self._next.setEnabled(True)
        self.show_error(error)

    def _refresh(self) -> None:
        restoring, everything = self.restore.isChecked(), self.everything.isChecked()
        self.phrase_field.setVisible(restoring)
        self.file.setVisible(everything)
        self.file_secret.setVisible(everything)
        self.subtitle.setVisible(not everything)  # room for the form on small screens
        by_passphrase = not self.by_keyring.isChecked()
        self.first.setVisible(by_passphrase)
        self.second.setVisible(by_passphrase)
        for part in (self.words_now, self._words_hint):
            part.setVisible(self._practice and self.new.isChecked())
        if hasattr(self, "_next"):
            action = "backup_action" if everything else "restore_action" if restoring else "create_action"
            self._next.set_text(self._t(action))
            self.fit()

    def _make(self) -> None:
        by_keyring = self.by_keyring.isChecked()
        passphrase = None if by_keyring else self.first.control.text()  # type: ignore[attr-defined]
        if passphrase is not None:
            if len(passphrase) < MIN_PASSPHRASE:
                self.first.error(self._t("too_short", count=MIN_PASSPHRASE))
                return
            if passphrase != self.second.control.text():  # type: ignore[attr-defined]
                self.second.error(self._t("not_equal"))
                return
        protection = "keyring" if by_keyring else "passphrase"
        wallet = self._wallet
        if self.everything.isChecked():
            self._restore_everything(protection, passphrase)
            return
        if self.restore.isChecked():
            phrase = " ".join(self.phrase_field.text().lower().split())
            self.set_busy(True, self._t("restoring"))
            self._session.jobs.run(
                self,
                lambda _task: wallet.restore(phrase, protection, passphrase),
                lambda _nothing: self._restored(phrase),
                self.show_error,
            )
            return
        self.set_busy(True, self._t("creating"))
        self._session.jobs.run(
            self, lambda _task: wallet.create(protection, passphrase), self._created, self.show_error
        )

    def _restore_everything(self, protection: str, passphrase: str | None) -> None:
        path, secret = self.file.path(), self.file_secret.control.text()  # type: ignore[attr-defined]
        if path is None:
            self.file.error(self._t("no_backup_file"))
            return
        services = self._session.services

        def look(task: Task) -> None:
            require_empty(services.paths)
            services.backup.check(path, secret, task)

        def looked(_nothing: object) -> None:
            self.file_secret.control.clear()  # type: ignore[attr-defined]
            self.accept()
            self._session.restore_wanted.emit(RestoreRequest(path, secret, protection, passphrase))

        self.set_busy(True, self._t("backup_reading"))
        self._session.jobs.run(self, look, looked, self.show_error)

    def _restored(self, phrase: str) -> None:
        # It may have been pasted from a password manager.
        self._session.clipboard.pasted(phrase)
        self._phrase_edit.clear()
        self._finish()

    def _created(self, phrase: str) -> None:
        self._phrase = phrase
        self._session.wallet_changed.emit()
        if not self.words_now.isChecked():
            self._finish()
            return
        self.set_busy(False)
        self._choice.hide()
        self._protection.hide()
        self._cancel.hide()
        self.set_title(self._t("phrase_title"), self._t("phrase_subtitle"))
        warning = InlineMessage("warn")
        warning.show_text(self._t("phrase_warning_title"), self._t("phrase_warning"))
        self.written = CheckBox(self._t("written"))
        self.written.toggled.connect(self._next.setEnabled)
        for part in (PhraseGrid(phrase), warning, self.written):
            self._phrase_layout.addWidget(part)
        self._phrase_box.show()
        self._later.show()
        self._next.set_text(self._t("next"))
        self._next.setEnabled(False)
        self._next.clicked.disconnect()
        self._next.clicked.connect(self._ask_words)
        self.fit()
        self.written.setFocus()

    def _ask_words(self) -> None:
        clear(self._phrase_layout)  # the words must be out of sight before they are asked for
        self.set_title(self._t("confirm_title"), self._t("confirm_subtitle"))
        self.check = PhraseCheck(word_positions(len(self._phrase.split())))
        self._phrase_layout.addWidget(self.check)
        self._next.set_text(self._t("confirm_action"))
        self._next.clicked.disconnect()
        self._next.clicked.connect(self._confirm)
        self.fit()
        self.check.focus_first()

    def _confirm(self) -> None:
        typed = self.check.words()
        self.set_busy(True, self._t("checking"))
        self._session.jobs.run(
            self,
            lambda _task: self._wallet.confirm_backup(typed),
            lambda _nothing: self._finish(),
            self.show_error,
        )

    def _finish(self) -> None:
        self._phrase = ""
        self._session.wallet_changed.emit()
        self.completed.emit()
        self.accept()

    def reject(self) -> None:
        """Closing after the wallet was made is "later": the wallet stays, the backup is asked for again."""
        if self._phrase:
            self._finish()
        else:
            super().reject()
