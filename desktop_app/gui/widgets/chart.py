"""What all charts share: pyqtgraph, words instead of an empty frame, and plots in the theme's colours.

pyqtgraph takes a moment to load: it is imported on a worker when a chart is first needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.loading import LOADING, make_classes
from desktop_app.gui.theme import Theme
from desktop_app.gui.turns import in_turns
from desktop_app.gui.widgets.text import label

AFTER_MS = 150
"""The page around it is laid out first."""


class Chart(QWidget):
    """A subclass makes its plots once in `make_plots`, keeps what it shows, then calls `show_newest`, and
    gives the plots what is to be seen in `fill_plots`. Plots are never taken down while the chart is there:
    to do so takes long, and pyqtgraph has crashed on it.

    `t` words `chart`, `chart_loading` and `chart_empty`. What is shown before the library is there is drawn
    once it is.
    """

    def __init__(self, theme: Theme, jobs: JobBridge, t: Callable[..., str]) -> None:
        super().__init__()
        self._t = t
        self._theme = theme
        self._jobs = jobs
        self._pg: Any = None
        self._canvas: Any = None
        self._plots: list[Any] = []
        self._asked = self._ready = False
        self._layers = QStackedLayout(self)
        self._words = label(t("chart_loading"), "muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layers.addWidget(self._words)
        self._recoloured = False
        theme.changed.connect(self._recolour)

    def is_empty(self) -> bool:
        raise NotImplementedError

    def make_plots(self) -> Iterator[None]:
        """Add plots without anything in them to the canvas, a yield after each: one fills a turn."""
        raise NotImplementedError

    def fill_plots(self) -> None:
        """Show what there is in the colours of now; called only when there is something."""
        raise NotImplementedError

    def show_newest(self, description: str) -> None:
        """Draw what is now to be shown, `description` says it to those who do not see it."""
        self.setAccessibleName(self._t("chart"))
        self.setAccessibleDescription(self._t("chart_empty") if self.is_empty() else description)
        if self._ready:
            self._draw()
        elif not self._asked:
            self._asked = True
            QTimer.singleShot(AFTER_MS, self, lambda: in_turns(self, self._load()))

    def _load(self) -> Iterator[None]:
        yield from make_classes()
        self._jobs.run(self, _library, self._loaded)

    def _loaded(self, library: Any) -> None:
        self._pg = library
        in_turns(self, self._make())

    def _make(self) -> Iterator[None]:
        self._canvas = self._pg.GraphicsLayoutWidget()
        self._canvas.setFrameShape(self._canvas.Shape.NoFrame)
        self._canvas.setAccessibleName(self._t("chart"))
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._layers.addWidget(self._canvas)
        yield
        yield from self.make_plots()
        self._ready = True
        self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._recoloured:
            QTimer.singleShot(0, self, self._draw)

    def _recolour(self) -> None:
        """The colours are others: draw again, in a turn of its own, once it is seen."""
        self._recoloured = True
        if self.isVisible():
            QTimer.singleShot(0, self, self._draw)

    def _draw(self) -> None:
        if not self._ready:
            return
        self._recoloured = False
        if self.is_empty():
            self._words.setText(self._t("chart_empty"))
            self._layers.setCurrentIndex(0)
            return
        self._canvas.setBackground(self._theme.colour("surface"))
        for plot in self._plots:
            self._colour_axes(plot)
        self.fill_plots()
        self._layers.setCurrentIndex(1)

    def plain_plot(self, row: int, *, grid_x: bool = False, grid_y: bool = False) -> Any:
        """A plot that only shows: nothing in it moves, and no menu opens."""
        plot = self._canvas.addPlot(row=row, col=0, enableMenu=False)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=grid_x, y=grid_y, alpha=0.14)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setTickFont(self.caption_font())
            axis.enableAutoSIPrefix(False)
        self._plots.append(plot)
        return plot

    def _colour_axes(self, plot: Any) -> None:
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(self._pg.mkPen(self._theme.colour("line_strong")))
            axis.setTextPen(self._pg.mkPen(self._theme.colour("ink_muted")))

    def caption_font(self) -> Any:
        return self._theme.font("caption")


def _library(_task: Task) -> Any:
    """The chart's library; it takes long to load, so a worker does it."""
    with LOADING:
        return importlib.import_module("pyqtgraph")
