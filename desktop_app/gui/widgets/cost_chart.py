"""What a month costs on each network, now and before Dencun: two dots on one line for each (pyqtgraph).

The scale is logarithmic, since networks differ a thousandfold; and dots, because a bar's length would lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QSizePolicy

from desktop_app.core.localised import decimal, grouped
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.models.comparison import Point
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.chart import Chart

LINE = 30
FRAME = 64
DOT = 11
MOST_LABELS = 7


class CostChart(Chart):
    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__(theme, jobs, texts("compare"))
        self._unit = ""
        self._points: Sequence[Point] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(FRAME + 3 * LINE)

    def show_points(self, unit: str, points: Sequence[Point]) -> None:
        """`unit` is a coin, "" for the user's own money; the cheapest first."""
        self._unit, self._points = unit, points
        self.setFixedHeight(FRAME + max(3, len(points)) * LINE)
        axis = self._t("axis", unit=unit or self._t("your_money"))
        self.show_newest(" ".join([axis, *(one.words for one in points)]))

    def is_empty(self) -> bool:
        return not self._points

    def paint_chart(self) -> None:
        pg, colour = self._pg, self._theme.colour
        plot = self._plot()
        now, before = [], []
        ends: list[tuple[float, int]] = []
        for place, point in enumerate(self._points):
            now.append((log10(point.now), -place))
            if point.before is not None:
                before.append((log10(point.before), -place))
                ends += (now[-1], before[-1])
        if ends:
            line = pg.mkPen(colour("line_strong"), width=2)
            xs, ys = zip(*ends, strict=True)
            plot.plot(xs, ys, connect="pairs", pen=line, antialias=True)
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
        font = self.caption_font()
        plot = self.plain_plot(0, grid_x=True)
        widest = max(QFontMetrics(font).horizontalAdvance(point.name) for point in self._points)
        plot.getAxis("left").setWidth(widest + 24)
        plot.getAxis("bottom").setHeight(48)
        unit = self._unit or self._t("your_money")
        plot.setLabel("bottom", self._t("axis", unit=unit), color=self._theme.colour("ink_muted").name())
        plot.getAxis("bottom").label.setFont(font)
        return plot


def _power(exponent: int) -> str:
    """10 to the power of it, written out: "0.001"."""
    return grouped(10**exponent) if exponent >= 0 else decimal(f"0.{1:0{-exponent}d}")
