"""Before a work is erased: what goes, what stays, and that it cannot be undone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.privacy import Erasure

LONG = 5
HEIGHT = 340
WIDTH = 680
"""Enough for the number of a record in one line."""


class EraseDialog(Dialog):
    """`agreed` fires when the user has read it and wants it. The safe choice has the focus."""

    agreed = Signal()

    def __init__(self, plan: Erasure, parent: QWidget) -> None:
        t = texts("erase")
        super().__init__(parent, t("title", title=plan.work.title), t("subtitle"), width=WIDTH)
        for heading, sentences in ((t("goes"), plan.goes), (t("stays"), plan.stays)):
            self.body.addWidget(label(heading, "eyebrow"))
            for sentence in sentences:
                self.body.addWidget(label(f"• {sentence}", "", wrap=True))
        self.body.addStretch(1)
        if len(plan.goes) + len(plan.stays) > LONG:
            self.scroll_content(HEIGHT)
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
