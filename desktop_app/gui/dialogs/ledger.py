"""Find the accounts of a Ledger, and add one to the wallet's list."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.states import InlineMessage
from desktop_app.gui.widgets.surfaces import clear, column
from desktop_app.gui.widgets.toggles import Radio


class LedgerDialog(Dialog):
    def __init__(self, session: Session, parent: QWidget) -> None:
        self._t = texts("ledger")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        self._session = session
        self._wallet = session.services.wallet
        self._found: tuple[tuple[str, str], ...] = ()
        self._group = QButtonGroup(self)
        note = InlineMessage("warn")
        note.show_text(self._t("not_verified_title"), self._t("not_verified_text"))
        self._list = QWidget()
        self._list_layout = column()
        self._list.setLayout(self._list_layout)
        self._list.hide()
        self.name = Field(self._t("name"), line_edit(text=self._t("first_name"), limit=60))
        self.name.hide()
        for part in (note, self._list, self.name):
            self.body.addWidget(part)
        self.add_cancel()
        self.next = self.add_button(self._t("look"), "primary")
        self.next.clicked.connect(self._look)

    def _look(self) -> None:
        self.set_busy(True, self._t("looking"))
        self._session.jobs.run(
            self, lambda _task: self._wallet.device_accounts(), self._looked, self.show_error
        )

    def _looked(self, found: tuple[tuple[str, str], ...]) -> None:
        self.set_busy(False)
        self._found = found
        clear(self._list_layout)
        for number, (_path, address) in enumerate(found):
            choice = Radio(address)
            choice.setChecked(number == 0)
            self._group.addButton(choice, number)
            self._list_layout.addWidget(choice)
        self._list.show()
        self.name.show()
        self.next.set_text(self._t("add"))
        self.next.clicked.disconnect()
        self.next.clicked.connect(self._add)
        self.fit()

    def _add(self) -> None:
        path, address = self._found[self._group.checkedId()]
        name = self.name.text()
        self.set_busy(True, self._t("adding"))
        self._session.jobs.run(
            self, lambda _task: self._wallet.add_device(name, address, path), self._added, self.show_error
        )

    def _added(self, _account: object) -> None:
        self._session.wallet_changed.emit()
        self.accept()
