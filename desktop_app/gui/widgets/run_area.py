"""The running jobs of one page, each with progress and cancel; hidden while there are none."""

from __future__ import annotations

from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.stages import stage_words
from desktop_app.gui.widgets.states import ProgressRow
from desktop_app.gui.widgets.surfaces import SPACE, Card


class RunArea(Card):
    def __init__(self) -> None:
        super().__init__(margin=SPACE.inset)
        self._rows: dict[JobHandle, ProgressRow] = {}
        self.body.setSpacing(SPACE.medium)
        self.hide()

    @property
    def count(self) -> int:
        return len(self._rows)

    def add(self, handle: JobHandle) -> None:
        """Show a job until it ends."""
        progress = ProgressRow(handle.title)
        progress.start(handle.title)
        progress.cancelled.connect(handle.cancel)
        handle.progressed.connect(
            lambda done, total, stage: progress.update_progress(done, total, stage_words(stage))
        )
        handle.finished.connect(lambda: self._remove(handle))
        self._rows[handle] = progress
        self.body.addWidget(progress)
        self.show()

    def _remove(self, handle: JobHandle) -> None:
        progress = self._rows.pop(handle, None)
        if progress is not None:
            progress.hide()
            self.body.removeWidget(progress)
            progress.deleteLater()
        self.setVisible(bool(self._rows))
