"""Rows of "what: value", for records that people read and copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.surfaces import SPACE, clear
from desktop_app.gui.widgets.text import HashLabel, label


class Facts(QWidget):
    """A two-column grid; add rows with `text`, `hash` or `widget`."""

    def __init__(self, name_width: int = 0) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE.medium)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._grid.setColumnMinimumWidth(0, name_width or sizes().name_long)
        self._grid.setColumnStretch(1, 1)

    def clear(self) -> None:
        clear(self._grid)

    def text(self, name: str, value: str, role: str = "") -> QLabel:
        shown = label(value, role, wrap=True)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.widget(name, shown)
        return shown

    def hash(self, name: str, value: str) -> HashLabel:
        shown = HashLabel(value, name)
        self.widget(name, shown)
        return shown

    def widget(self, name: str, value: QWidget) -> None:
        line = self._grid.rowCount()
        key = label(name, "muted", wrap=True)
        top = Qt.AlignmentFlag.AlignTop
        if isinstance(value, HashLabel):
            self._grid.addWidget(key, line, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(value, line, 1)
        else:
            self._grid.addWidget(key, line, 0, top)
            self._grid.addWidget(value, line, 1, top)
        if not value.accessibleName() and isinstance(value, QLabel):
            value.setAccessibleDescription(name)
