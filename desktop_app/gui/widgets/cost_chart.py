"""What a month costs on each network, now and before Dencun: two dots on one line for each (pyqtgraph).

The scale is logarithmic, since networks differ a thousandfold; and dots, because a bar's length would lie.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.models.comparison import Point
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.text import label

LINE = 30
FRAME = 64
DOT = 11
MOST_LABELS = 7


class CostChart(QWidget):
    """`show_points` may be called before the library is there; the newest points are then drawn."""

    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__()
        self._t = texts("compare")
        self._theme = theme
        self._jobs = jobs
        self._unit = ""
        self._points: Sequence[Point] = ()
        self._pg: Any = None
        self._canvas: Any = None
        self._asked = False
        self._layers = QStackedLayout(self)
        self._words = label(self._t("chart_loading"), "muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layers.addWidget(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(FRAME + 3 * LINE)
        theme.changed.connect(self._draw)

    def show_points(self, unit: str, points: Sequence[Point]) -> None:
        """`unit` is a coin, "" for the user's own money; the cheapest first."""
        self._unit, self._points = unit, points
        self.setFixedHeight(FRAME + max(3, len(points)) * LINE)
        self.setAccessibleName(self._t("chart"))
        said = " ".join([self._t("axis", unit=unit or self._t("your_money")), *(one.words for one in points)])
        self.setAccessibleDescription(said if points else self._t("chart_empty"))
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
        self._draw()

    def _draw(self) -> None:
        if self._canvas is None:
            return
        if not self._points:
            self._words.setText(self._t("chart_empty"))
            self._layers.setCurrentIndex(0)
            return
        self._layers.setCurrentIndex(1)
        pg, colour = self._pg, self._theme.colour
        self._canvas.clear()
        self._canvas.setBackground(colour("surface"))
        plot = self._plot()
        now, before = [], []
        for place, point in enumerate(self._points):
            now.append((log10(point.now), -place))
            if point.before is None:
                continue
            before.append((log10(point.before), -place))
            plot.plot(
                [now[-1][0], before[-1][0]],
                [-place, -place],
                pen=pg.mkPen(colour("line_strong"), width=2),
                antialias=True,
            )
        self._dots(plot, before, colour("surface"), colour("ink_muted"))
        self._dots(plot, now, colour("accent"), colour("accent"))
        every = [x for x, _y in (*now, *before)]
        low, high = floor(min(every)), ceil(max(every))
        high = max(high, low + 1)
        plot.setXRange(low - 0.1, high + 0.1, padding=0)
        plot.setYRange(0.6 - len(self._points), 0.6, padding=0)
        step = -(-(high - low + 1) // MOST_LABELS)
        plot.getAxis("bottom").setTicks([[(n, _power(n)) for n in range(low, high + 1, step)]])
        plot.getAxis("left").setTicks([[(-n, point.name) for n, point in enumerate(self._points)]])

    def _dots(self, plot: Any, places: Sequence[tuple[float, int]], fill: Any, edge: Any) -> None:
        pg = self._pg
        dots = pg.ScatterPlotItem(
            x=[x for x, _y in places],
            y=[y for _x, y in places],
            size=DOT,
            brush=pg.mkBrush(fill),
            pen=pg.mkPen(edge, width=2),
            antialias=True,
        )
        plot.addItem(dots)

    def _plot(self) -> Any:
        pg, colour = self._pg, self._theme.colour
        size = self._theme.tokens.type.caption
        font = self._theme.font(size)
        plot = self._canvas.addPlot(row=0, col=0)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=True, y=False, alpha=0.14)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(colour("line_strong")))
            axis.setTextPen(pg.mkPen(colour("ink_muted")))
            axis.setTickFont(font)
            axis.enableAutoSIPrefix(False)
        widest = max(QFontMetrics(font).horizontalAdvance(point.name) for point in self._points)
        plot.getAxis("left").setWidth(widest + 24)
        plot.getAxis("bottom").setHeight(48)
        unit = self._unit or self._t("your_money")
        plot.setLabel("bottom", self._t("axis", unit=unit), color=colour("ink_muted").name())
        plot.getAxis("bottom").label.setFont(font)
        return plot


def _power(exponent: int) -> str:
    """10 to the power of it, written out: "0.001"."""
    return f"{10**exponent:,}" if exponent >= 0 else f"{10.0**exponent:.{-exponent}f}"
