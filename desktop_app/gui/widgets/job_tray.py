"""The running jobs at the foot of the side bar: they outlive their page, and can be stopped here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.stages import stage_words
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.states import ProgressRow
from desktop_app.gui.widgets.surfaces import SPACE

SHOWN = 2


class JobTray(QFrame):
    """Shows the first jobs, and leads to all of them; hidden while there are none."""

    all_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._t = texts("common")
        self.setProperty("role", "well")
        self.setAccessibleName(self._t("running"))
        self._rows: dict[JobHandle, ProgressRow] = {}
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(SPACE.tight, SPACE.tight, SPACE.snug, SPACE.snug)
        self.all = Button(self._t("all_jobs"), "link")
        self.all.clicked.connect(self.all_wanted)
        self._outer.addWidget(self.all)
        self.hide()

    def add(self, handle: JobHandle) -> None:
        progress = ProgressRow(handle.title, narrow=True)
        progress.start(handle.title)
        progress.cancelled.connect(handle.cancel)
        handle.progressed.connect(
            lambda done, total, stage: progress.update_progress(done, total, stage_words(stage))
        )
        handle.finished.connect(lambda: self._remove(handle))
        self._rows[handle] = progress
        self._outer.insertWidget(self._outer.count() - 1, progress)
        self._refresh()

    def _remove(self, handle: JobHandle) -> None:
        progress = self._rows.pop(handle, None)
        if progress is not None:
            progress.hide()
            progress.deleteLater()
        self._refresh()

    def _refresh(self) -> None:
        for index, progress in enumerate(self._rows.values()):
            progress.setVisible(index < SHOWN)
        more = len(self._rows) - SHOWN
        self.all.setText(self._t("more_jobs", count=more) if more > 0 else self._t("all_jobs"))
        self.setVisible(bool(self._rows))
