"""What a month costs on each network, now and before Dencun: two dots on one line for each (pyqtgraph).

The scale is logarithmic, since networks differ a thousandfold; and dots, because a bar's length would lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

    def make_plots(self) -> Iterator[None]:
        self._plot = self.plain_plot(0, grid_x=True)
        self._plot.getAxis("bottom").setHeight(48)
        yield
        self._lines = self._plot.plot([], [], connect="pairs", antialias=True)
        self._before, self._now = self._pg.ScatterPlotItem(), self._pg.ScatterPlotItem()
        for dots in (self._before, self._now):
            self._plot.addItem(dots)

    def fill_plots(self) -> None:
        now, before = [], []
        ends: list[tuple[float, int]] = []
        for place, point in enumerate(self._points):
            now.append((log10(point.now), -place))
            if point.before is not None:
                before.append((log10(point.before), -place))
                ends += (now[-1], before[-1])
        colour = self._theme.colour
        line = self._pg.mkPen(colour("line_strong"), width=2)
        self._lines.setData([x for x, _y in ends], [y for _x, y in ends], pen=line)
        self._set_dots(self._before, before, colour("surface"), colour("ink_muted"))
        self._set_dots(self._now, now, colour("accent"), colour("accent"))
        every = [x for x, _y in (*now, *before)]
        low, high = floor(min(every)), ceil(max(every))
        high = max(high, low + 1)
        self._plot.setXRange(low - 0.1, high + 0.1, padding=0)
        self._plot.setYRange(0.6 - len(self._points), 0.6, padding=0)
        step = -(-(high - low + 1) // MOST_LABELS)
        left, bottom = (self._plot.getAxis(side) for side in ("left", "bottom"))
        bottom.setTicks([[(n, _power(n)) for n in range(low, high + 1, step)]])
        left.setTicks([[(-n, point.name) for n, point in enumerate(self._points)]])
        font = self.caption_font()
        left.setWidth(max(QFontMetrics(font).horizontalAdvance(point.name) for point in self._points) + 24)
        unit = self._unit or self._t("your_money")
        self._plot.setLabel("bottom", self._t("axis", unit=unit), color=colour("ink_muted").name())
        bottom.label.setFont(font)

    def _set_dots(self, dots: Any, places: Sequence[tuple[float, int]], fill: Any, edge: Any) -> None:
        dots.setData(
            x=[x for x, _y in places],
            y=[y for _x, y in places],
            size=DOT,
            brush=self._pg.mkBrush(fill),
            pen=self._pg.mkPen(edge, width=2),
            antialias=True,
        )


def _power(exponent: int) -> str:
    """10 to the power of it, written out: "0.001"."""
    return grouped(10**exponent) if exponent >= 0 else decimal(f"0.{1:0{-exponent}d}")
