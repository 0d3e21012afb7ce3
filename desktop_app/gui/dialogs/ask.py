"""Two small questions: are you sure, and what shall it be called."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit


class ConfirmDialog(Dialog):
    """`agreed` fires when the user wants what cannot be undone, or tells something to others.

    The safe choice has the focus. `kind` is the kind of the other button.
    """

    agreed = Signal()

    def __init__(self, title: str, text: str, action: str, parent: QWidget, kind: str = "danger") -> None:
        super().__init__(parent, title, text, width=sizes().dialog_small)
        cancel = self.add_cancel()
        self.agree = self.add_button(action, kind)
        self.agree.setDefault(False)
        cancel.setDefault(True)
        self.agree.clicked.connect(self._agree)
        cancel.setFocus()

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit()


class TextDialog(Dialog):
    """`entered` gives one line of text."""

    entered = Signal(str)

    def __init__(self, title: str, field: str, text: str, action: str, parent: QWidget) -> None:
        super().__init__(parent, title, width=sizes().dialog_small)
        self.edit = line_edit(text=text)
        self.edit.selectAll()
        self.body.addWidget(Field(field, self.edit))
        self.add_cancel()
        save = self.add_button(action, "primary")
        save.clicked.connect(self._save)
        self.edit.returnPressed.connect(self._save)
        self.edit.setFocus()

    def _save(self) -> None:
        self.accept()
        self.entered.emit(self.edit.text())
