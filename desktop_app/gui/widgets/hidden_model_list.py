"""Models with hidden weights: how much they may still answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop_app.core.localised import grouped, moment
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import Chip, EmptyState
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import HashLabel, label

if TYPE_CHECKING:
    from desktop_app.services.hidden_models import HiddenModel


class HiddenModelList(Card):
    """`asked` gives the model that shall answer a table."""

    asked = Signal(object)

    def __init__(self) -> None:
        self._t = texts("hidden_models")
        super().__init__(self._t("title"), self._t("text"))
        self._empty = EmptyState("eye", self._t("empty_title"), self._t("empty_text"))
        self._list = column(gap=SPACE.medium)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)
        self.buttons: dict[str, Button] = {}

    def show_all(self, found: Sequence[HiddenModel]) -> None:
        clear(self._list)
        self.buttons = {}
        for model in found:
            name = self._t("name", label=model.schema.label, time=moment(model.created_at))
            left = model.proofs_left()
            chip = Chip(self._t("left_one" if left == 1 else "left", count=left))
            if left <= 1:
                chip.set(chip.text(), "warn" if left else "danger")
            button = Button(self._t("answer"), "secondary")
            button.setAccessibleName(f"{self._t('answer')}: {name}")
            button.setEnabled(left > 0)
            button.clicked.connect(lambda _on=False, model=model: self.asked.emit(model))
            self.buttons[model.id] = button
            told = self._t(
                "told", answered=grouped(model.answered), weights=grouped(model.weights)
            )
            words = column(
                label(name, "strong", wrap=True),
                HashLabel(model.identity, self._t("identity")),
                label(told, "caption", wrap=True),
                gap=SPACE.line,
            )
            line = row(gap=SPACE.medium)
            line.addLayout(words, 1)
            line.addWidget(chip)
            line.addWidget(button)
            self._list.addLayout(line)
        self._empty.setVisible(not found)
