"""What only some need, shown on request."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE, column, row


class Fold(QWidget):
    """A button with the words of `more` or `less`, and `content` below it. `toggled` fires at each change."""

    toggled = Signal()

    def __init__(self, more: str, less: str, content: QWidget) -> None:
        super().__init__()
        self._words = {False: more, True: less}
        self.content = content
        self.button = Button(more, "quiet", "chevron-down")
        self.button.clicked.connect(lambda: self.set_open(not self.is_open))
        self.setLayout(column(row(self.button, None), content, gap=SPACE.small))
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        return not self.content.isHidden()

    def set_open(self, open_: bool) -> None:
        self.content.setVisible(open_)
        self.button.set_text(self._words[open_])
        self.toggled.emit()
