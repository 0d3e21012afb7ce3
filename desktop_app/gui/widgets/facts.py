"""Rows of "what: value", for records that people read and copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import HashLabel, label, set_property


class Facts(QWidget):
    """A two-column grid; add rows with `text`, `hash` or `widget`. After `clear`, texts take old rows."""

    def __init__(self, name_width: int = 0) -> None:
        super().__init__()
        self._rows: list[tuple[QLabel, QWidget]] = []
        self._next = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE.medium)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._grid.setColumnMinimumWidth(0, name_width or sizes().name_long)
        self._grid.setColumnStretch(1, 1)

    def clear(self) -> None:
        self._next = 0
        QTimer.singleShot(0, self, self._hide_the_rest)

    def _hide_the_rest(self) -> None:
        """Rows that were not used again. Not before: Qt lays the page out each time that one is shown."""
        for pair in self._rows[self._next :]:
            for part in pair:
                part.hide()

    def text(self, name: str, value: str, role: str = "") -> QLabel:
        old = self._rows[self._next][1] if self._next < len(self._rows) else None
        if type(old) is not QLabel:
            shown = label(value, role, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.widget(name, shown)
            return shown
        key = self._rows[self._next][0]
        self._next += 1
        key.setText(name)
        old.setText(value)
        old.setToolTip("")
        old.setAccessibleDescription(name)
        if (old.property("role") or "") != role:
            set_property(old, "role", role)
        for part in (key, old):
            if part.isHidden():
                part.show()
        return old

    def hash(self, name: str, value: str) -> HashLabel:
        shown = HashLabel(value, name)
        self.widget(name, shown)
        return shown

    def widget(self, name: str, value: QWidget) -> None:
        line, self._next = self._next, self._next + 1
        key = label(name, "muted", wrap=True)
        if line < len(self._rows):
            for part in self._rows[line]:
                self._grid.removeWidget(part)
                part.hide()
                part.deleteLater()
        self._rows[line : line + 1] = [(key, value)]
        top = Qt.AlignmentFlag.AlignTop
        if isinstance(value, HashLabel):
            self._grid.addWidget(key, line, 0, Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(value, line, 1)
        else:
            self._grid.addWidget(key, line, 0, top)
            self._grid.addWidget(value, line, 1, top)
        if not value.accessibleName() and isinstance(value, QLabel):
            value.setAccessibleDescription(name)
