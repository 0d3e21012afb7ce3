"""A small table in a card: names of columns above, words and amounts below, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import label


class Columns(QWidget):
    """Names that start with ">" are numbers. A cell is text or a widget; the first column takes the room."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE.large)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._grid.setColumnStretch(0, 1)
        self._sides = [
            Qt.AlignmentFlag.AlignRight if name.startswith(">") else Qt.AlignmentFlag.AlignLeft
            for name in names
        ]
        for place, (name, side) in enumerate(zip(names, self._sides, strict=True)):
            self._grid.addWidget(label(name.removeprefix(">"), "eyebrow"), 0, place, side)

    def add(self, *cells: str | QWidget) -> None:
        line = self._grid.rowCount()
        for place, (cell, side) in enumerate(zip(cells, self._sides, strict=True)):
            if isinstance(cell, QWidget):
                if place:
                    self._grid.addWidget(cell, line, place, side | Qt.AlignmentFlag.AlignVCenter)
                else:
                    self._grid.addWidget(cell, line, place)
            else:
                self._grid.addWidget(label(cell), line, place, side | Qt.AlignmentFlag.AlignVCenter)
