"""A button that opens a short list of further actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from desktop_app.gui.widgets.buttons import Button


class MoreButton(Button):
    """Add each action with its words and what it does."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "quiet", "more")
        self.list = QMenu(self)
        self.list.setAccessibleName(text)
        self.clicked.connect(self._open)

    def add(self, text: str, function: Callable[[], object]) -> None:
        self.list.addAction(text).triggered.connect(lambda _checked: function())

    def _open(self) -> None:
        self.list.popup(self.mapToGlobal(self.rect().bottomLeft()))
