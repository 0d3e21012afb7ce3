"""How the loss of a training fell, step by step (pyqtgraph, loaded when first needed)."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.text import label

HEIGHT = 220


class LossChart(QWidget):
    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__()
        self._t = texts("training")
        self._theme = theme
        self._jobs = jobs
        self._losses: Sequence[float] = ()
        self._pg: Any = None
        self._canvas: Any = None
        self._asked = False
        self._layers = QStackedLayout(self)
        self._words = label(self._t("chart_loading"), "muted")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layers.addWidget(self._words)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._draw)

    def show_losses(self, losses: Sequence[float]) -> None:
        """One loss for each step, in order."""
        self._losses = losses
        self.setAccessibleName(self._t("chart"))
        self.setAccessibleDescription(
            self._t("chart_words", steps=len(losses), first=f"{losses[0]:.4f}", last=f"{losses[-1]:.4f}")
        )
        if self._pg is not None:
            self._draw()
        elif not self._asked:
            self._asked = True
            self._jobs.run(self, lambda _task: importlib.import_module("pyqtgraph"), self._loaded)

    def _loaded(self, library: Any) -> None:
        self._pg = library
        self._canvas = library.GraphicsLayoutWidget()
        self._canvas.setFrameShape(self._canvas.Shape.NoFrame)
        self._canvas.setAccessibleName(self._t("chart"))
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._layers.addWidget(self._canvas)
        self._layers.setCurrentWidget(self._canvas)
        self._draw()

    def _draw(self) -> None:
        if self._canvas is None or not self._losses:
            return
        pg, colour = self._pg, self._theme.colour
        self._canvas.clear()
        self._canvas.setBackground(colour("surface"))
        plot = self._canvas.addPlot()
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(colour("line")))
            axis.setTextPen(pg.mkPen(colour("ink_muted")))
            axis.setStyle(tickFont=self._theme.font(self._theme.tokens.type.caption))
        steps = list(range(1, len(self._losses) + 1))
        plot.plot(steps, list(self._losses), pen=pg.mkPen(colour("accent"), width=2), antialias=True)
        plot.setYRange(0, max(self._losses) * 1.08, padding=0)
        plot.setXRange(1, max(2, len(self._losses)), padding=0.01)
