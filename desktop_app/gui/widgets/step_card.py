"""One stage of a work's path: a card that is next, or done."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import Card, Item, clear, fill, row


class StepCard(Card):
    """Call `set_todo` or `set_done`; `acted` fires when its button is pressed."""

    acted = Signal()

    def __init__(self, heading: str) -> None:
        super().__init__(heading, " ")
        self._chip = Chip()
        self.side.addWidget(self._chip)
        self.button: Button | None = None

    def set_todo(self, text: str, action: str, icon: str, *, primary: bool = True) -> None:
        self._start(text)
        self._button(action, "primary" if primary else "secondary", icon)

    def set_done(
        self, text: str, *items: Item, chip: str = "", tone: str = "success", action: str = ""
    ) -> None:
        self._start(text)
        self._chip.setVisible(bool(chip))
        self._chip.set(chip, tone)
        fill(self.body, items)
        if action:
            self._button(action, "secondary", "plus")

    def _start(self, text: str) -> None:
        clear(self.body)
        self.button = None
        self.subtitle.setText(text)
        self._chip.hide()

    def _button(self, text: str, kind: str, icon: str) -> None:
        self.button = Button(text, kind, icon)
        self.button.clicked.connect(self.acted)
        self.body.addLayout(row(self.button, None))
