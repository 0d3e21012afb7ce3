"""A small table in a card: names of columns above, words and amounts below, numbers to the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.long_list import STEP, ListFoot
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.gui.widgets.text import label


class Columns(QWidget):
    """Names that start with ">" are numbers. A cell is text or a widget; the first column takes the room.

    `filled`: all lines that `fill` is to show are there.
    """

    filled = Signal()

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE.large)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._grid.setColumnStretch(0, 1)
        self._filled = 0
        self._sides = [
            Qt.AlignmentFlag.AlignRight if name.startswith(">") else Qt.AlignmentFlag.AlignLeft
            for name in names
        ]
        for place, (name, side) in enumerate(zip(names, self._sides, strict=True)):
            self._grid.addWidget(label(name.removeprefix(">"), "eyebrow"), 0, place, side)

    def fill(self, items: Sequence[Any], cells: Callable[[Any], Sequence[str | QWidget]]) -> None:
        """A line for each item; of many the first ones, and further ones when they are asked for."""
        self._foot = ListFoot()
        self._foot.wanted.connect(lambda: in_turns(self, self._go_on(items, cells)))
        in_turns(self, self._go_on(items, cells))

    def _go_on(
        self, items: Sequence[Any], cells: Callable[[Any], Sequence[str | QWidget]]
    ) -> Iterator[None]:
        self._foot.hide()
        self._grid.removeWidget(self._foot)
        for item in items[self._filled : self._filled + STEP]:
            self.add(*cells(item))
            yield
        self._filled = min(self._filled + STEP, len(items))
        self._grid.addWidget(self._foot, self._grid.rowCount(), 0, 1, len(self._sides))
        self._foot.tell(self._filled, len(items), STEP)
        self.filled.emit()

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
