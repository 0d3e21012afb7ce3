"""The trainings made here: how far each is, and a way back to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.localised import grouped, moment
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.long_list import LongList
from desktop_app.gui.widgets.states import Chip
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
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
        self._list = LongList(self._row)
        self.body.addWidget(self._list)
        self.hide()

    @property
    def buttons(self) -> dict[str, Button]:
        """By the id of their training."""
        return {state.run.id: line.button for (state, _name), line in self._list.pairs}

    def show_all(self, found: Sequence[RunState], titles: Mapping[str, str]) -> None:
        """`titles` of data sets by id."""
        self._list.show_all(
            [(one, ", ".join(titles.get(each, each) for each in one.run.data_sets)) for one in found]
        )
        self.setVisible(bool(found))

    def _row(self, listed: tuple[RunState, str]) -> RunRow:
        line = RunRow(*listed)
        line.button.clicked.connect(partial(self.opened.emit, listed[0].run.id))
        return line


class RunRow(QWidget):
    def __init__(self, state: RunState, name: str) -> None:
        super().__init__()
        t = texts("training_runs")
        about = t(
            "network" if state.statement.hidden else state.statement.recipe.model,
            steps=grouped(state.trained),
            rows=grouped(state.statement.rows),
            time=moment(state.run.created_at),
        )
        self.button = Button(t("show"), "quiet")
        self.button.setAccessibleName(f"{t('show')}: {name}, {about}")
        title, told = label(name, "strong", wrap=True), label(about, "caption", wrap=True)
        line = row(gap=SPACE.medium)
        line.addLayout(column(title, told, gap=SPACE.line), 1)
        line.addWidget(Chip(*state_chip(state)))
        line.addWidget(self.button)
        self.setLayout(line)
