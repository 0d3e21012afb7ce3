"""One stage of a work's path: a card that is next, or done."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

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
        """Whether the keyboard was on something here, which goes now."""
        focused = QApplication.focusWidget()
        held = focused is not None and self.isAncestorOf(focused)
        clear(self.body)
        self.button = None
        self.subtitle.setText(text)
        self._chip.hide()
        return held

    def _focus_again(self, held: bool) -> None:
        def focus() -> None:
            target = self.button or next((one for one in self.findChildren(Button) if one.isVisible()), None)
            if target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)

        if held:
            QTimer.singleShot(0, self, focus)  # what is new is not shown before

    def _button(self, text: str, kind: str, icon: str) -> None:
        self.button = Button(text, kind, icon)
        self.button.clicked.connect(self.acted)
        self.body.addLayout(row(self.button, None))
