"""May AI be trained with the work? Three answers side by side, none chosen at first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.flow import Flow
from desktop_app.gui.widgets.surfaces import SPACE, column
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import Radio
from desktop_app.services.details import Training


class TrainingChoice(QWidget):
    """`chosen` gives the Training that the user picked."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        t = texts("ai")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self.answers: dict[Training, Radio] = {}
        line = Flow(gap=SPACE.medium)
        for rule in Training:
            answer = Radio(t(rule.name.lower()))
            answer.setAccessibleName(f"{t('question')} {answer.text()}")
            answer.clicked.connect(lambda _on=False, rule=rule: self.chosen.emit(rule))
            self._group.addButton(answer)
            line.addWidget(answer)
            self.answers[rule] = answer
        hint = label(t("hint"), "caption", wrap=True)
        self.setLayout(column(label(t("question"), "strong", wrap=True), line, hint, gap=SPACE.hair))

    def rule(self) -> Training | None:
        return next((rule for rule, answer in self.answers.items() if answer.isChecked()), None)

    def set_rule(self, rule: Training | None) -> None:
        self._group.setExclusive(False)  # otherwise none can be taken back
        for each, answer in self.answers.items():
            answer.setChecked(each is rule)
        self._group.setExclusive(True)
