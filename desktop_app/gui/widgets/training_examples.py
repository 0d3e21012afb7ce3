"""Four worked examples on public data, each from a table to a proof that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.localised import decimal, grouped, size
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.surfaces import SPACE, Card, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.training_examples import ExampleResult

NAMES = ("health", "finance", "owners", "creators")


class TrainingExamples(QWidget):
    """`wanted` gives the name of an example, `check` the proof that was made."""

    wanted = Signal(str)
    check = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._t = texts("training_examples")
        self.card = Card(self._t("title"), self._t("text"))
        self.buttons: dict[str, Button] = {}
        for name in NAMES:
            button = Button(self._t("start"), "secondary")
            button.setAccessibleName(f"{self._t('start')}: {self._t(name)}")
            button.clicked.connect(lambda _on=False, name=name: self.wanted.emit(name))
            self.buttons[name] = button
            said = column(
                label(self._t(name), "strong", wrap=True),
                label(words(f"training.example_{name}"), "muted", wrap=True),
                gap=SPACE.line,
            )
            line = row(gap=SPACE.medium)
            line.addLayout(said, 1)
            line.addWidget(button)
            self.card.body.addLayout(line)
        self.result = Card(self._t("result"))
        self.facts = Facts()
        self.see = Button(self._t("check"), "primary", "verify")
        self.result.body.addWidget(self.facts)
        self.result.body.addWidget(label(words("training.what_it_says"), "caption", wrap=True))
        self.result.body.addLayout(row(None, self.see))
        self.result.hide()
        self.see.clicked.connect(self._check)
        self._done: ExampleResult | None = None
        self.setLayout(column(self.card, self.result, gap=SPACE.medium))

    def set_running(self, running: bool) -> None:
        for button in self.buttons.values():
            button.setEnabled(not running)

    def show_result(self, done: ExampleResult) -> None:
        self._done = done
        self.facts.clear()
        shares = [decimal(f"{100 * part:.1f}") for part in (done.hits / done.rows, done.sklearn_agrees)]
        for name, value in (
            ("example", self._t(done.name)),
            ("data", self._t("data_value", rows=grouped(done.rows), columns=done.features)),
            ("owners", ", ".join(done.owners)),
            ("steps", grouped(done.steps)),
            ("right", f"{grouped(done.hits)} ({shares[0]} %)"),
            ("same", self._t("same_value", share=shares[1])),
            ("made", self._t("seconds", seconds=decimal(f"{done.seconds_to_prove:.1f}"))),
            ("checked", self._t("seconds", seconds=decimal(f"{done.seconds_to_verify:.1f}"))),
            ("size", size(done.size)),
            ("proof", str(done.certificate)),
        ):
            self.facts.text(self._t(f"fact_{name}"), value)
        self.result.show()

    def _check(self) -> None:
        if self._done is not None:
            self.check.emit(self._done.certificate)
