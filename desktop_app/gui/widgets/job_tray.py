"""The running jobs at the foot of the side bar: they outlive their page, and can be stopped here."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.stages import stage_words
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.states import ProgressRow


class JobTray(QFrame):
    """Shows at most three jobs; hidden while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "well")
        self.setAccessibleName(texts("common")("running"))
        self._rows: dict[JobHandle, ProgressRow] = {}
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(10, 8, 6, 10)
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
        self._outer.addWidget(progress)
        self._refresh()

    def _remove(self, handle: JobHandle) -> None:
        progress = self._rows.pop(handle, None)
        if progress is not None:
            progress.hide()
            progress.deleteLater()
        self._refresh()

    def _refresh(self) -> None:
        for index, progress in enumerate(self._rows.values()):
            progress.setVisible(index < 3)
        self.setVisible(bool(self._rows))
