"""What the proof of a training shows: in how many pieces, tested on what, with its weights or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QWidget

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.drop_zone import file_pattern
from desktop_app.gui.widgets.fields import Field, Select, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, column, row
from desktop_app.gui.widgets.text import label
from desktop_app.gui.widgets.toggles import CheckBox, Radio
from desktop_app.services.wording import words

if TYPE_CHECKING:
    from desktop_app.services.data_sets import PrivateDataSet
    from desktop_app.services.training_runs import RunState

ANSWERS = (1, 4, 8, 16)


@dataclass(frozen=True)
class ProofWish:
    """What was chosen. `answers`: of a model with hidden weights, else 0."""

    segments: int
    tests: tuple[str, ...]
    answers: int
    consents: tuple[Path, ...] = ()
    """Files with signatures."""


class ProveTrainingDialog(Dialog):
    """`chosen` gives the wish. `others`: data sets that the result can be tested on."""

    chosen = Signal(object)

    def __init__(self, state: RunState, others: Sequence[PrivateDataSet], parent: QWidget) -> None:
        self._t = texts("prove_training")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        self._state = state
        self._consents: tuple[Path, ...] = ()
        self.shown = Radio(self._t("shown"))
        self.shown.setChecked(True)
        self.hidden = Radio(self._t("hidden"))
        group = QButtonGroup(self)
        for choice in (self.shown, self.hidden):
            group.addButton(choice)
        self.segments = Field(
            self._t("segments"), line_edit(text=str(state.run.segments), limit=4), self._t("segments_hint")
        )
        self.tests: dict[str, CheckBox] = {}
        tested = column(label(self._t("tests"), "strong"), label(self._t("tests_hint"), "caption", wrap=True))
        for each in others:
            box = CheckBox(each.title)
            self.tests[each.id] = box
            tested.addWidget(box)
        if not others:
            tested.addWidget(label(self._t("no_tests"), "muted", wrap=True))
        self._public = QWidget()
        self._public.setLayout(column(self.segments, tested, gap=SPACE.medium))
        self.answers = Select([(self._t("answers_count", count=count), count) for count in ANSWERS])
        self.answers.setCurrentIndex(1)
        self._private = QWidget()
        self._private.setLayout(
            column(
                Field(self._t("answers"), self.answers, self._t("answers_hint")),
                label(self._t("hidden_text"), "caption", wrap=True),
                gap=SPACE.medium,
            )
        )
        self._private.hide()
        self.body.addLayout(column(self.shown, self.hidden, gap=SPACE.hair))
        self.body.addWidget(self._public)
        self.body.addWidget(self._private)
        self.sign = Button(self._t("signatures"), "quiet", "seal")
        self.sign.clicked.connect(self._choose_signatures)
        self._signed = label("", "caption", wrap=True)
        self._signed.hide()
        self.body.addLayout(row(self.sign, None))
        self.body.addWidget(self._signed)
        self.body.addWidget(label(words("training.what_it_says"), "caption", wrap=True))
        self.body.addStretch(1)
        self.add_cancel()
        self.next = self.add_button(self._t("next"), "primary")
        self.next.clicked.connect(self._next)
        self.hidden.toggled.connect(self._kind_chosen)

    def _choose_signatures(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, self._t("signatures"), "", file_pattern(self._t("signature_files"), "colophon")
        )
        self._consents = tuple(Path(name) for name in names)
        self._signed.setText(", ".join(path.name for path in self._consents))
        self._signed.setVisible(bool(names))
        self.fit()

    def _kind_chosen(self, hidden: bool) -> None:
        self._public.setVisible(not hidden)
        self._private.setVisible(hidden)
        self.fit()

    def _next(self) -> None:
        if self.hidden.isChecked():
            wish = ProofWish(1, (), int(str(self.answers.value())), self._consents)
        else:
            typed = self.segments.text()
            steps = self._state.trained
            if not typed.isdecimal() or not 1 <= int(typed) <= steps:
                self.segments.error(self._t("segments_wrong", steps=steps))
                return
            tests = tuple(number for number, box in self.tests.items() if box.isChecked())
            wish = ProofWish(int(typed), tests, 0, self._consents)
        self.accept()
        self.chosen.emit(wish)

