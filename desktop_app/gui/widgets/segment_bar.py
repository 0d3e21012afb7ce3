"""A row of buttons of which one is on: which part of a page is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.surfaces import SPACE


class SegmentBar(QWidget):
    """`chosen` gives the key of the button that was pressed."""

    chosen = Signal(str)

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        """Keys with their words."""
        super().__init__()
        self.buttons: dict[str, Button] = {}
        group = QButtonGroup(self)
        group.setExclusive(True)
        line = Flow(gap=SPACE.hair)
        for key, words in parts:
            button = Button(words, "segment")
            button.setCheckable(True)
            button.setAutoExclusive(True)  # a screen reader then says that one of several is chosen
            button.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
            group.addButton(button)
            line.addWidget(button)
            self.buttons[key] = button
        self.setLayout(line)
        self.buttons[parts[0][0]].setChecked(True)

    def select(self, key: str) -> None:
        self.buttons[key].setChecked(True)
        self.chosen.emit(key)
