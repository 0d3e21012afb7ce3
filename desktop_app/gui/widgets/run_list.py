"""The trainings made here: how far each is, and a way back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop_app.core.localised import grouped, moment
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, clear, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.training_result import state_chip

if TYPE_CHECKING:
    from desktop_app.services.training_runs import RunState


class RunList(Card):
    """`opened` gives the id of the training that the user wants to see."""

    opened = Signal(str)

    def __init__(self) -> None:
        self._t = texts("training_runs")
        super().__init__(self._t("title"), self._t("text"))
        self._list = column(gap=SPACE.small)
        self.body.addLayout(self._list)
        self.buttons: dict[str, Button] = {}
        self.hide()

    def show_all(self, found: Sequence[RunState], titles: Mapping[str, str]) -> None:
        """`titles` of data sets by id."""
        clear(self._list)
        self.buttons = {}
        for state in found:
            run = state.run
            name = ", ".join(titles.get(each, each) for each in run.data_sets)
            about = self._t(
                "network" if state.statement.hidden else state.statement.recipe.model,
                steps=grouped(state.trained),
                rows=grouped(state.statement.rows),
                time=moment(run.created_at),
            )
            button = Button(self._t("show"), "quiet")
            button.setAccessibleName(f"{self._t('show')}: {name}, {about}")
            button.clicked.connect(lambda _on=False, number=run.id: self.opened.emit(number))
            self.buttons[run.id] = button
            title, told = label(name, "strong", wrap=True), label(about, "caption", wrap=True)
            words = column(title, told, gap=SPACE.line)
            line = row(gap=SPACE.medium)
            line.addLayout(words, 1)
            line.addWidget(Chip(*state_chip(state)))
            line.addWidget(button)
            self._list.addLayout(line)
        self.setVisible(bool(found))
