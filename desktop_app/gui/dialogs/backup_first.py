"""Before real money: a backup, by phrase or by file, so that a broken disk takes nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.errors import RefusedError
from desktop_app.gui.dialogs.backup_file import BackupFileDialog
from desktop_app.gui.dialogs.wallet_backup import WalletBackupDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.surfaces import column
from desktop_app.gui.widgets.toggles import Radio
from desktop_app.services.wording import message


class BackupFirstDialog(Dialog):
    """`completed` fires once there is a backup."""

    completed = Signal()

    def __init__(self, session: Session, network: str, parent: QWidget) -> None:
        t = texts("backup")
        said = message(RefusedError("backup.first", network=network))
        super().__init__(parent, said.title, f"{said.reason} {said.next_step}")
        self._session = session
        self.by_file = Radio(t("first_file"))
        self.by_phrase = Radio(t("first_phrase"))
        self.by_file.setChecked(True)
        choice = QWidget()
        choice.setLayout(column(self.by_file, self.by_phrase))
        self.body.addWidget(choice)
        self.add_cancel()
        self.next = self.add_button(t("first_next"), "primary")
        self.next.clicked.connect(self._next)

    def _next(self) -> None:
        wallet = self._session.services.wallet
        self._session.jobs.run(self, lambda _task: wallet.status().protection, self._open, self.show_error)

    def _open(self, protection: str) -> None:
        parent = self.parentWidget()
        dialog: BackupFileDialog | WalletBackupDialog
        if self.by_file.isChecked():
            dialog = BackupFileDialog(self._session, parent)
        else:
            dialog = WalletBackupDialog(self._session, protection, parent)
        dialog.completed.connect(self._done)
        dialog.open()

    def _done(self) -> None:
        self.accept()
        self.completed.emit()
