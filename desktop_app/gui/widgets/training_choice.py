"""May AI be trained with the work? Three answers side by side, none chosen at first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.details import Training


class TrainingChoice(QWidget):
    """`chosen` gives the Training that the user picked."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        t = texts("ai")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.answers: dict[Training, Button] = {}
        line = row(gap=SPACE.hair, margin=SPACE.hair)
        for rule in Training:
            answer = Button(t(rule.name.lower()), "segment")
            answer.setAccessibleName(f"{t('question')} {answer.text()}")
            answer.setCheckable(True)
            answer.clicked.connect(lambda _on=False, rule=rule: self.chosen.emit(rule))
            self._group.addButton(answer)
            line.addWidget(answer)
            self.answers[rule] = answer
        bar = QFrame()
        bar.setProperty("role", "well")
        bar.setLayout(line)
        hint = label(t("hint"), "caption", wrap=True)
        question = label(t("question"), "strong", wrap=True)
        self.setLayout(column(question, row(bar, None), hint, gap=SPACE.hair + 2))

    def rule(self) -> Training | None:
        return next((rule for rule, answer in self.answers.items() if answer.isChecked()), None)

    def set_rule(self, rule: Training | None) -> None:
        self._group.setExclusive(False)  # otherwise none can be taken back
        for each, answer in self.answers.items():
            answer.setChecked(each is rule)
        self._group.setExclusive(True)
