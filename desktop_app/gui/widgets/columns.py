"""A small table in a card: names of columns above, words and amounts below, numbers to the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.long_list import STEP, ListFoot, called, give_keyboard, keyboard_in
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import label

Cells = Sequence[str | QWidget]


class Columns(QWidget):
    """Names that start with ">" are numbers. A cell is text or a widget; the first column takes the room.

    `filled`: all lines that `fill` is to show are there, or a line has failed.
    """

    filled = Signal()

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE.large)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._grid.setColumnStretch(0, 1)
        self._foot = ListFoot()
        self._foot.wanted.connect(self._show_more)
        self.setLayout(column(self._grid, self._foot))
        self._items: Sequence[Any] = ()
        self._lines: list[tuple[Any, Cells, list[QWidget]]] = []
        self._limit = STEP
        self._next = 0  # the line that is to be filled
        self._before = 0  # lines, when more were asked for
        self._turn = 0
        self._sides = [
            Qt.AlignmentFlag.AlignRight if name.startswith(">") else Qt.AlignmentFlag.AlignLeft
            for name in names
        ]
        for place, (name, side) in enumerate(zip(names, self._sides, strict=True)):
            self._grid.addWidget(label(name.removeprefix(">"), "eyebrow"), 0, place, side)

    def begin(self) -> None:
        """What is filled in next is about something else: it begins short."""
        self._limit = STEP

    def fill(self, items: Sequence[Any], cells: Callable[[Any], Cells]) -> None:
        """A line for each item; of many the first ones, and further ones when they are asked for.

        Filled anew, as many as before are shown, and a line of the same words stays as it is.
        """
        self._items, self._cells = items, cells
        self._next = 0
        while len(self._lines) > min(len(items), self._limit):
            self._take_out(len(self._lines) - 1)
        self._go_on()

    def add(self, *cells: str | QWidget) -> None:
        self._put(len(self._lines), None, cells)

    def _show_more(self) -> None:
        self._before = len(self._lines)
        self._limit += STEP
        self._go_on()

    def _go_on(self) -> None:
        self._turn += 1
        in_turns(self, self._fill(self._turn))

    def _fill(self, turn: int) -> Iterator[None]:
        """Line by line, unless there is something newer."""
        while self._next < min(len(self._items), self._limit):
            item = self._items[self._next]
            try:
                self._put(self._next, item, self._cells(item))
            except Exception:
                self._end()
                raise
            self._next += 1
            yield
            if turn != self._turn:
                return
        self._end()

    def _put(self, place: int, item: Any, cells: Cells) -> None:
        held = None
        if place < len(self._lines):
            old, shown, _widgets = self._lines[place]
            if shown == tuple(cells):
                return
            held = self._take_out(place)
            if old != item:
                held = None
        widgets = [cell if isinstance(cell, QWidget) else label(cell) for cell in cells]
        self._lines.insert(place, (item, tuple(cells), widgets))
        for at, (cell, widget, side) in enumerate(zip(cells, widgets, self._sides, strict=True)):
            if at or cell is not widget:
                self._grid.addWidget(widget, place + 1, at, side | Qt.AlignmentFlag.AlignVCenter)
            else:
                self._grid.addWidget(widget, place + 1, at)
        if held is not None:
            give_keyboard(*widgets, name=held)

    def _take_out(self, place: int) -> str | None:
        """The name of what had the keyboard in this line; the table has it now."""
        name = None
        for widget in self._lines.pop(place)[2]:
            if (held := keyboard_in(widget)) is not None:
                name = called(held)
                self.setFocus()
            widget.hide()
            self._grid.removeWidget(widget)
            widget.deleteLater()
        return name

    def _end(self) -> None:
        """Tell what is there."""
        if 0 < self._before < len(self._lines):
            self._foot.lead_to(*self._lines[self._before][2])
            self._before = 0
        self._foot.tell(len(self._lines), len(self._items), STEP)
        self.filled.emit()
