"""One stage of a work's path: a card that is next, or done."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal

from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.long_list import LongList, called, give_keyboard, keyboard_in
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
        self._held = ""

    def set_todo(self, text: str, action: str, icon: str, *, primary: bool = True) -> None:
        held = self._start(text)
        self._button(action, "primary" if primary else "secondary", icon)
        self._focus_again(held)

    def set_done(
        self, text: str, *items: Item, chip: str = "", tone: str = "success", action: str = ""
    ) -> None:
        held = self._start(text)
        self._chip.setVisible(bool(chip))
        self._chip.set(chip, tone)
        fill(self.body, items)
        if action:
            self._button(action, "secondary", "plus")
        self._focus_again(held)

    def _start(self, text: str) -> bool:
        """Whether something here had the keyboard and goes now; the card has it until there is a new one."""
        held = keyboard_in(self)
        if held is not None and held is not self:
            self._held = called(held)
            self.setFocus()
        clear(self.body)
        self.button = None
        self.subtitle.setText(text)
        self._chip.hide()
        return held is not None

    def _focus_again(self, held: bool) -> None:
        """Give the keyboard to what has the same name, or else to the main action."""

        def focus() -> None:
            at = keyboard_in(self)
            if at is not None and at in (self, self.button):  # nobody has gone on from there
                give_keyboard(*([self.button] if self.button else []), self, name=self._held)

        def soon() -> None:
            QTimer.singleShot(0, self, focus)  # what is new is not shown before

        if held:
            soon()
            for listed in self.findChildren(LongList):
                listed.filled.connect(soon)  # it may bring it even later

    def _button(self, text: str, kind: str, icon: str) -> None:
        self.button = Button(text, kind, icon)
        self.button.clicked.connect(self.acted)
        self.body.addLayout(row(self.button, None))
