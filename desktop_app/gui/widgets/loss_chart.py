"""How the loss of a training falls, step by step, also while it falls (pyqtgraph)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtWidgets import QSizePolicy

from desktop_app.core.localised import decimal, grouped
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.chart import Chart

HEIGHT = 220
MOST_POINTS = 2000
"""More are thinned out: no screen shows them apart."""


class LossChart(Chart):
    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__(theme, jobs, texts("training_result"))
        self.losses: Sequence[float] = ()
        self._steps = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_losses(self, losses: Sequence[float], steps: int = 0) -> None:
        """One loss for each step so far; `steps`: how many there will be."""
        self.losses, self._steps = losses, max(steps, len(losses))
        first, last = (decimal(f"{losses[place]:.4f}") for place in (0, -1)) if losses else ("", "")
        self.show_newest(self._t("chart_words", steps=grouped(len(losses)), first=first, last=last))

    def is_empty(self) -> bool:
        return not self.losses

    def make_plots(self) -> Iterator[None]:
        self._plot = self.plain_plot(0, grid_y=True)
        yield
        self._curve = self._plot.plot([], [], antialias=True)
        self._plot.getAxis("bottom").setLabel(self._t("axis_steps"))
        self._plot.getAxis("left").setLabel(self._t("axis_loss"))

    def fill_plots(self) -> None:
        losses = self.losses
        every = -(-len(losses) // MOST_POINTS)
        places = sorted({*range(0, len(losses), every), len(losses) - 1})
        line = self._pg.mkPen(self._theme.colour("accent"), width=2)
        self._curve.setData([place + 1 for place in places], [losses[place] for place in places], pen=line)
        self._plot.setYRange(0, max(losses) * 1.08, padding=0)
        self._plot.setXRange(1, max(2, self._steps), padding=0.01)
