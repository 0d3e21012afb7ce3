"""How the loss of a training fell, step by step (pyqtgraph)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QSizePolicy

from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.chart import Chart

HEIGHT = 220


class LossChart(Chart):
    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__(theme, jobs, texts("training"))
        self._losses: Sequence[float] = ()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_losses(self, losses: Sequence[float]) -> None:
        """One loss for each step, in order."""
        self._losses = losses
        first, last = (f"{losses[place]:.4f}" for place in (0, -1))
        self.show_newest(self._t("chart_words", steps=len(losses), first=first, last=last))

    def is_empty(self) -> bool:
        return not self._losses

    def paint_chart(self) -> None:
        plot = self.plain_plot(0)
        line = self._pg.mkPen(self._theme.colour("accent"), width=2)
        steps = list(range(1, len(self._losses) + 1))
        plot.plot(steps, list(self._losses), pen=line, antialias=True)
        plot.setYRange(0, max(self._losses) * 1.08, padding=0)
        plot.setXRange(1, max(2, len(self._losses)), padding=0.01)
