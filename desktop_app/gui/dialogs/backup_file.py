"""A backup of everything in one encrypted file: made, and looked into."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_app.core.errors import ColophonError
from desktop_app.core.localised import grouped
from desktop_app.core.paths import expanded
from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.formatting import local_time
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, SecretEdit, line_edit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.services.backup import BackupCheck, BackupSummary
from desktop_app.services.wallet import MIN_PASSPHRASE


class FileChoice(Field):
    """A path that is typed or chosen; `save` for one that need not be there yet."""

    def __init__(self, name: str, title: str, pattern: str, *, save: bool, hint: str = "") -> None:
        self._title, self._pattern, self._save = title, pattern, save
        self.edit = line_edit(limit=4000)
        super().__init__(name, self.edit, hint)
        self.browse = Button(texts("backup")("browse"), icon="folder")
        self.browse.setAccessibleName(f"{self.browse.text()}: {name}")
        self.browse.clicked.connect(self._browse)
        layout = self.layout()
        assert layout is not None
        self._line = row(gap=SPACE.tight)
        layout.removeWidget(self.edit)
        self._line.addWidget(self.edit, 1)
        self._line.addWidget(self.browse)
        layout.insertLayout(1, self._line)  # type: ignore[attr-defined]

    def path(self) -> Path | None:
        text = self.text()
        return expanded(Path(text)) if text else None

    def _browse(self) -> None:
        # Whether it may be written over is asked by the dialog itself, in its own words.
        options = QFileDialog.Option.DontConfirmOverwrite
        ask = QFileDialog.getSaveFileName if self._save else QFileDialog.getOpenFileName
        chosen, _ = ask(self, self._title, self.text(), self._pattern, options=options)
        if chosen:
            self.edit.setText(chosen)
            self.error("")


class BackupFileDialog(Dialog):
    """`completed` fires once the backup is on the disk."""

    completed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._t = texts("backup")
        super().__init__(parent, self._t("file_title"), self._t("file_subtitle"))
        self._session = session
        self._backup = session.services.backup
        self.file = FileChoice(
            self._t("file"), self._t("save_as"), self._t("pattern"), save=True, hint=self._t("file_hint")
        )
        place = Path.home() / self._backup.suggested_name()
        self.file.edit.setText(str(place))
        self.first = Field(self._t("passphrase"), SecretEdit(), self._t("passphrase_hint"))
        self.second = Field(self._t("again"), SecretEdit())
        for part in (self.file, self.first, self.second):
            self.body.addWidget(part)
        self.add_cancel()
        self.make = self.add_button(self._t("make"), "primary", "check")
        self.make.clicked.connect(lambda: self._make(overwrite=False))
        self.first.control.setFocus()

    def _make(self, *, overwrite: bool) -> None:
        path, secret = self.file.path(), self.first.control.text()  # type: ignore[attr-defined]
        if path is None:
            self.file.error(self._t("no_file"))
            return
        if len(secret) < MIN_PASSPHRASE:
            self.first.error(self._t("too_short", count=MIN_PASSPHRASE))
            return
        if secret != self.second.control.text():  # type: ignore[attr-defined]
            self.second.error(self._t("not_equal"))
            return
        self.set_busy(True, self._t("making"))
        self._session.jobs.run(
            self,
            lambda task: self._backup.create(path, secret, task, overwrite=overwrite),
            lambda summary: self._made(path, summary),
            self._failed,
        )

    def _failed(self, error: BaseException) -> None:
        if not (isinstance(error, ColophonError) and error.code == "backup.file_exists"):
            self.show_error(error)
            return
        self.set_busy(False)
        name = self.file.text()
        ask = ConfirmDialog(
            self._t("replace_title"), self._t("replace_text", path=name), self._t("replace"), self
        )
        ask.agreed.connect(lambda: self._make(overwrite=True))
        ask.open()

    def _made(self, path: Path, summary: BackupSummary) -> None:
        self.set_busy(False)
        for part in (self.first, self.second):
            part.control.clear()  # type: ignore[attr-defined]
        for part in (self.file, self.first, self.second):
            part.hide()
        self.set_title(self._t("made_title"), self._t("made_text"))
        facts = Facts()
        facts.text(self._t("file"), str(path))
        facts.text(self._t("holds"), self._t("holds_text", accounts=len(summary.accounts)))
        note = InlineMessage("warn")
        note.show_text(self._t("keep_title"), self._t("keep_text"))
        self.body.addWidget(facts)
        self.body.addWidget(note)
        self.make.set_text(self._t("close"))
        self.make.clicked.disconnect()
        self.make.clicked.connect(self._close)
        self.cancel.hide()
        self._session.wallet_changed.emit()
        self.fit()
        self._finished = True

    def _close(self) -> None:
        self.accept()
        self.completed.emit()

    def reject(self) -> None:
        if getattr(self, "_finished", False):
            self._close()
        else:
            super().reject()


class BackupCheckDialog(Dialog):
    """Opens a backup and verifies every byte; restores nothing."""

    def __init__(self, session: Session, path: Path | None = None, parent: QWidget | None = None) -> None:
        self._t = texts("backup")
        super().__init__(parent, self._t("check_title"), self._t("check_subtitle"))
        self._session = session
        self.file = FileChoice(self._t("file"), self._t("open"), self._t("pattern"), save=False)
        if path is not None:
            self.file.edit.setText(str(path))
        self.secret = SecretEdit()
        self.field = Field(self._t("passphrase_of"), self.secret)
        self.verdict = InlineMessage("success")
        self.verdict.hide()
        self._facts = Facts()
        self._facts.hide()
        for part in (self.file, self.field, self.verdict, self._facts):
            self.body.addWidget(part)
        self.add_cancel()
        self.look = self.add_button(self._t("check"), "primary", "verify")
        self.look.clicked.connect(self._look)
        self.secret.returnPressed.connect(self._look)

    def _look(self) -> None:
        path, secret = self.file.path(), self.secret.text()
        if path is None:
            self.file.error(self._t("no_file"))
            return
        self.secret.clear()
        self.verdict.hide()
        self._facts.hide()
        self.set_busy(True, self._t("checking"))
        backup = self._session.services.backup
        self._session.jobs.run(
            self, lambda task: backup.check(path, secret, task), self._looked, self.show_error
        )

    def _looked(self, found: BackupCheck) -> None:
        self.set_busy(False)
        other = found.of_this_wallet is False
        self.verdict.show_text(
            self._t("other_wallet" if other else "whole"),
            self._t("other_wallet_text" if other else "whole_text"),
            tone="warn" if other else "success",
        )
        self._facts.clear()
        facts = self._facts
        facts.text(self._t("made_at"), local_time(found.summary.created_at))
        facts.text(self._t("accounts"), ", ".join(one.name for one in found.summary.accounts))
        for name, count in (
            ("works", found.works),
            ("records", found.registrations),
            ("certificates", found.certificates),
            ("payouts", found.payouts),
        ):
            facts.text(self._t(name), grouped(count))
        facts.show()
        self.fit()
