"""One account or watched address: its name, its address, what it has, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.core.amounts import Amount
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, clear, column, row
from desktop_app.gui.widgets.text import AmountLabel, ElidedLabel, HashLabel, label


class AccountRow(QWidget):
    """`chips` are (text, tone); `actions` are (key, text). `acted` gives the key of a pressed button.

    Without `address` the row says that the address is shown once the wallet is open.
    """

    acted = Signal(str)

    def __init__(
        self,
        name: str,
        address: str,
        chips: Sequence[tuple[str, str]] = (),
        actions: Sequence[tuple[str, str]] = (),
        note: str = "",
    ) -> None:
        super().__init__()
        t = texts("accounts")
        self.setAccessibleName(name)
        head = row(label(name, "strong", wrap=False), *(Chip(*chip) for chip in chips), None)
        shown = HashLabel(address, t("address_of", name=name)) if address else label(t("hidden"), "muted")
        self._amounts = row(gap=SPACE.medium)
        amounts = row(gap=0)
        amounts.addLayout(self._amounts)
        amounts.addStretch(1)
        self.buttons: dict[str, Button] = {}
        buttons = row(gap=SPACE.hair)
        for key, text in actions:
            button = Button(text, "quiet")
            button.setAccessibleName(f"{text}: {name}")
            button.clicked.connect(partial(self._act, key))
            buttons.addWidget(button)
            self.buttons[key] = button
        words = column(head, shown, amounts, gap=SPACE.line)
        if note:
            words.addWidget(label(note, "caption", wrap=True))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.medium)
        outer.addLayout(words, 1)
        outer.addLayout(buttons)
        outer.setAlignment(buttons, Qt.AlignmentFlag.AlignVCenter)

    def _act(self, key: str, _on: bool = False) -> None:
        self.acted.emit(key)

    def await_amounts(self) -> None:
        """What the address has is being read."""
        self._say(texts("common")("loading"))

    def set_unknown(self) -> None:
        self._say(texts("accounts")("not_known"))

    def _say(self, text: str) -> None:
        clear(self._amounts)
        self._amounts.addWidget(ElidedLabel(text, "muted"))

    def set_amounts(self, amounts: Sequence[Amount]) -> None:
        """What the address has, dollars first."""
        clear(self._amounts)
        for amount in sorted(amounts, key=lambda one: one.currency.is_native):
            self._amounts.addWidget(AmountLabel(amount))


class Balances:
    """What addresses have, as it was read last, for rows that may be made later than it was read."""

    def __init__(self) -> None:
        self._amounts: dict[str, Sequence[Amount]] = {}
        self._troubled = False

    def forget(self) -> None:
        self._amounts, self._troubled = {}, False

    def known(self, amounts: Mapping[str, Sequence[Amount]]) -> None:
        self._amounts, self._troubled = dict(amounts), False

    def unknown(self) -> None:
        """What there was is not shown as if it were so now."""
        self._amounts, self._troubled = {}, True

    def tell(self, address: str, line: AccountRow) -> None:
        if self._troubled:
            line.set_unknown()
        elif address in self._amounts:
            line.set_amounts(self._amounts[address])
        else:
            line.await_amounts()
