"""All work of this session: what runs, with time left and a way to stop it, and how the rest ended."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop_app.gui.job_list import Ended, JobList, State
from desktop_app.gui.stages import stage_words
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.gui.widgets.states import Chip, ProgressRow
from desktop_app.gui.widgets.surfaces import SPACE, clear, column, row
from desktop_app.gui.widgets.text import ElidedLabel, label

_TONES = {State.DONE: "success", State.FAILED: "danger", State.STOPPED: "neutral"}


class JobsDialog(Dialog):
    def __init__(self, parent: QWidget, jobs: JobList) -> None:
        self._t = texts("jobs")
        super().__init__(parent, self._t("title"), self._t("subtitle"))
        self._jobs = jobs
        self.rows: list[ProgressRow] = []
        self._lines = column(gap=SPACE.small)
        self.body.addLayout(self._lines)
        self.body.addStretch(1)
        self.scroll_content(sizes().list)
        close = self.add_button(texts("common")("close"), "primary")
        close.clicked.connect(self.accept)
        jobs.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        clear(self._lines)
        self.rows = []
        for handle in self._jobs.running:
            shown = ProgressRow(handle.title)
            shown.start(handle.title)
            shown.cancelled.connect(handle.cancel)
            handle.progressed.connect(partial(_show, shown))
            self.rows.append(shown)
            self._lines.addWidget(shown)
        if self._jobs.ended:
            self._lines.addWidget(label(self._t("ended"), "eyebrow"))
        for one in self._jobs.ended:
            self._lines.addWidget(self._line(one))
        if not self._jobs.running and not self._jobs.ended:
            self._lines.addWidget(label(self._t("nothing"), "strong", wrap=True))
        self.fit()

    def _line(self, one: Ended) -> QWidget:
        line = QWidget()
        name = ElidedLabel(one.title)
        chip = Chip(self._t(one.state.value), _TONES[one.state])
        line.setLayout(row(name, None, label(one.when, "caption"), chip))
        line.setAccessibleName(f"{one.title}: {self._t(one.state.value)}, {one.when}")
        return line


def _show(row: ProgressRow, done: int, total: int, stage: str) -> None:
    if isValid(row):  # the list may have been filled anew, or closed
        row.update_progress(done, total, stage_words(stage))
