"""What protects the wallet: another passphrase, or a move between keyring and passphrase."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, SecretEdit
from desktop_app.services.wallet import MIN_PASSPHRASE


class ProtectionDialog(Dialog):
    """`change`: "passphrase" (another one), "to_passphrase" or "to_keyring"."""

    def __init__(self, session: Session, change: str, parent: QWidget) -> None:
        self._t = texts("protection")
        title, text = self._t(f"{change}_title"), self._t(f"{change}_text")
        super().__init__(parent, title, text, width=sizes().dialog_small)
        self._session = session
        self._change = change
        self.current = Field(self._t("current"), SecretEdit())
        self.first = Field(self._t("new"), SecretEdit(), self._t("new_hint", count=MIN_PASSPHRASE))
        self.second = Field(self._t("again"), SecretEdit())
        self.current.setVisible(change != "to_passphrase")
        self.first.setVisible(change != "to_keyring")
        self.second.setVisible(change != "to_keyring")
        for part in (self.current, self.first, self.second):
            self.body.addWidget(part)
        self.add_cancel()
        self.act = self.add_button(self._t(f"{change}_action"), "primary", "check")
        self.act.clicked.connect(self._act)
        (self.first if change == "to_passphrase" else self.current).control.setFocus()

    def _act(self) -> None:
        current, new, again = (
            part.control.text()  # type: ignore[attr-defined]
            for part in (self.current, self.first, self.second)
        )
        if self._change != "to_keyring":
            if len(new) < MIN_PASSPHRASE:
                self.first.error(self._t("too_short", count=MIN_PASSPHRASE))
                return
            if new != again:
                self.second.error(self._t("not_equal"))
                return
        wallet = self._session.services.wallet
        changes: dict[str, Callable[[], None]] = {
            "passphrase": lambda: wallet.change_passphrase(current, new),
            "to_passphrase": lambda: wallet.change_protection("passphrase", new),
            "to_keyring": lambda: wallet.change_protection("keyring", current),
        }
        act = changes[self._change]

        def change(_task: Task) -> None:
            act()

        self.set_busy(True, self._t("working"))
        self._session.jobs.run(self, change, self._done, self._failed)

    def _done(self, _nothing: object) -> None:
        for part in (self.current, self.first, self.second):
            part.control.clear()  # type: ignore[attr-defined]
        self._session.wallet_changed.emit()
        self.accept()

    def _failed(self, error: BaseException) -> None:
        self.current.control.clear()  # type: ignore[attr-defined]
        self.show_error(error)
