"""Before a work is erased: what goes, what stays, and that it cannot be undone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.formatting import shortened
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.text import bullet, label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.privacy import Erasure

LONG = 5


class EraseDialog(Dialog):
    """`agreed` fires when the user has read it and wants it. The safe choice has the focus."""

    agreed = Signal()

    def __init__(self, plan: Erasure, parent: QWidget) -> None:
        t = texts("erase")
        title = t("title", title=plan.work.title)
        super().__init__(parent, title, t("subtitle"), width=sizes().dialog_widest)
        for heading, sentences in ((t("goes"), plan.goes), (t("stays"), plan.stays)):
            self.body.addWidget(label(heading, "section"))
            for sentence in sentences:
                self.body.addLayout(bullet(shortened(sentence)))
        self.body.addStretch(1)
        if len(plan.goes) + len(plan.stays) > LONG:
            self.scroll_content(sizes().list)
        self.understood = CheckBox(t("understood"))
        self.outer.insertWidget(self.outer.count() - 2, self.understood)
        cancel = self.add_cancel()
        self.agree = self.add_button(t("agree"), "danger", "trash")
        self.agree.setDefault(False)
        self.agree.setEnabled(False)
        cancel.setDefault(True)
        cancel.setFocus()
        self.understood.toggled.connect(self.agree.setEnabled)
        self.agree.clicked.connect(self._agree)

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit()
