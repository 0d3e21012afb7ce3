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


class Chart(QWidget):
    """A subclass keeps what it shows, then calls `show_newest`, and draws it in `paint_chart`.

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
        self._asked = False
        self._layers = QStackedLayout(self)
        self._words = label(t("chart_loading"), "muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layers.addWidget(self._words)
        self._recoloured = False
        theme.changed.connect(self._recolour)

    def is_empty(self) -> bool:
        raise NotImplementedError

    def paint_chart(self) -> None:
        """Add plots to the empty canvas; called only when there is something to show."""
        raise NotImplementedError

    def show_newest(self, description: str) -> None:
        """Draw what is now to be shown, `description` says it to those who do not see it."""
        self.setAccessibleName(self._t("chart"))
        self.setAccessibleDescription(self._t("chart_empty") if self.is_empty() else description)
        if self._pg is not None:
            self._draw()
        elif not self._asked:
            self._asked = True
            in_turns(self, self._load())

    def _load(self) -> Iterator[None]:
        yield from make_classes()
        self._jobs.run(self, _library, self._loaded)

    def _loaded(self, library: Any) -> None:
        self._pg = library
        self._canvas = library.GraphicsLayoutWidget()
        self._canvas.setFrameShape(self._canvas.Shape.NoFrame)
        self._canvas.setAccessibleName(self._t("chart"))
        self._canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._layers.addWidget(self._canvas)
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
        self._recoloured = False
        if self._canvas is None:
            return
        if self.is_empty():
            self._words.setText(self._t("chart_empty"))
            self._layers.setCurrentIndex(0)
            return
        self._layers.setCurrentIndex(1)
        self._canvas.clear()
        self._canvas.setBackground(self._theme.colour("surface"))
        self.paint_chart()

    def plain_plot(self, row: int, *, grid_x: bool = False, grid_y: bool = False) -> Any:
        """A plot that only shows: nothing in it moves, and no menu opens."""
        pg, colour = self._pg, self._theme.colour
        plot = self._canvas.addPlot(row=row, col=0, enableMenu=False)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=grid_x, y=grid_y, alpha=0.14)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(colour("line_strong")))
            axis.setTextPen(pg.mkPen(colour("ink_muted")))
            axis.setTickFont(self.caption_font())
            axis.enableAutoSIPrefix(False)
        return plot

    def caption_font(self) -> Any:
        return self._theme.font("caption")


def _library(_task: Task) -> Any:
    """The chart's library; it takes long to load, so a worker does it."""
    with LOADING:
        return importlib.import_module("pyqtgraph")
