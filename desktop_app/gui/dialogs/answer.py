"""Let a model with hidden weights answer the rows of a table, and prove it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.localised import grouped
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox

if TYPE_CHECKING:
    from desktop_app.services.hidden_models import HiddenModel


class AnswerDialog(Dialog):
    """`answered` gives the file that was made."""

    answered = Signal(object)

    def __init__(self, session: Session, model: HiddenModel, table: Path, rows: int, parent: QWidget) -> None:
        self._t = texts("answer")
        subtitle = self._t("subtitle", rows=grouped(rows), name=table.name)
        super().__init__(parent, self._t("title", label=model.schema.label), subtitle)
        self._session = session
        self._model = model
        self._table = table
        self.licence = Field(self._t("licence"), line_edit(limit=200), self._t("licence_hint"))
        self.challenge = Field(self._t("challenge"), line_edit(limit=200), self._t("challenge_hint"))
        total = model.answered + rows
        self.give_away = CheckBox(self._t("give_away"))
        self.give_away.setVisible(total >= model.weights)
        told = self._t("told", answered=grouped(total), weights=grouped(model.weights))
        self.body.addLayout(row(self.licence, self.challenge, gap=SPACE.medium))
        self.body.addWidget(label(told, "muted", wrap=True))
        self.body.addWidget(self.give_away)
        self.body.addStretch(1)
        self.add_cancel()
        self.go = self.add_button(self._t("go"), "primary")
        self.go.clicked.connect(self._go)

    def _go(self) -> None:
        hidden, model, table = self._session.services.training.hidden, self._model.id, self._table
        licence, challenge = self.licence.text(), self.challenge.text()
        agreed = self.give_away.isChecked()
        self.set_busy(True, self._t("answering"))
        self._session.jobs.run(
            self,
            lambda task: hidden.answer(
                model, table, licence=licence, challenge=challenge, may_be_worked_out=agreed, task=task
            ),
            self._done,
            self.show_error,
        )

    def _done(self, made: object) -> None:
        self.accept()
        self.answered.emit(made)
