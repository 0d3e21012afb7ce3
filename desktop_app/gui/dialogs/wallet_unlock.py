"""Unlock the wallet, in passphrase mode with the passphrase."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, SecretEdit


class WalletUnlockDialog(Dialog):
    """`completed` fires once the wallet is open."""

    completed = Signal()

    def __init__(self, session: Session, protection: str, parent: QWidget | None = None) -> None:
        t = texts("wallet")
        by_passphrase = protection == "passphrase"
        text = t("unlock_subtitle" if by_passphrase else "unlock_keyring")
        super().__init__(parent, t("unlock_title"), text, width=sizes().dialog_small)
        self._session = session
        self._working = t("unlocking")
        self.secret = SecretEdit()
        self.field = Field(t("passphrase"), self.secret)
        self.field.setVisible(by_passphrase)
        self._by_passphrase = by_passphrase
        self.body.addWidget(self.field)
        self.add_cancel()
        self.unlock = self.add_button(t("unlock"), "primary", "unlock")
        self.unlock.clicked.connect(self._unlock)
        self.secret.returnPressed.connect(self._unlock)
        self.secret.setFocus()

    def _unlock(self) -> None:
        passphrase = self.secret.text() if self._by_passphrase else None
        self.secret.clear()
        self.set_busy(True, self._working)
        wallet = self._session.services.wallet
        self._session.jobs.run(self, lambda _task: wallet.unlock(passphrase), self._opened, self._failed)

    def _opened(self, _nothing: object) -> None:
        self._session.wallet_changed.emit()
        self.completed.emit()
        self.accept()

    def _failed(self, error: BaseException) -> None:
        self.show_error(error)
        self.secret.setFocus()
