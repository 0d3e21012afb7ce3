"""What came in over time: the running total above, each day, month or year below it (pyqtgraph).

pyqtgraph takes a moment to load: it is imported on a worker when the chart is first needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.text import amount_text, label
from desktop_app.services.earnings import Income

HEIGHT = 330
AXIS_WIDTH = 64
MOST_LABELS = 6
_FORMS = {"day": ("%Y-%m-%d", 86_400), "month": ("%Y-%m", 86_400 * 28), "year": ("%Y", 86_400 * 340)}


class IncomeChart(QWidget):
    """`show_history` may be called before the library is there; the newest history is then drawn."""

    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__()
        self._t = texts("payouts")
        self._theme = theme
        self._jobs = jobs
        self._by = "day"
        self._history: Sequence[Income] = ()
        self._pg: Any = None
        self._canvas: Any = None
        self._asked = False
        self._layers = QStackedLayout(self)
        self._words = label(self._t("chart_loading"), "muted")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layers.addWidget(self._words)
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._draw)

    def show_history(self, by: str, history: Sequence[Income]) -> None:
        """`by` is day, month or year; the sums are of one currency, in order of time."""
        self._by, self._history = by, history
        self.setAccessibleName(self._t("chart"))
        self.setAccessibleDescription(self._in_words())
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

    def _in_words(self) -> str:
        if not self._history:
            return self._t("chart_empty")
        last = self._history[-1]
        return self._t(
            "chart_words", first=self._history[0].key, last=last.key, total=amount_text(last.running)
        )

    def _draw(self) -> None:
        if self._canvas is None:
            return
        if not self._history:
            self._words.setText(self._t("chart_empty"))
            self._layers.setCurrentIndex(0)
            return
        self._layers.setCurrentIndex(1)
        pg, colour = self._pg, self._theme.colour
        self._canvas.clear()
        self._canvas.setBackground(colour("surface"))
        form, width = _FORMS[self._by]
        times = [datetime.strptime(one.key, form).replace(tzinfo=UTC).timestamp() for one in self._history]
        # Only here money becomes floats: places on the screen.
        sums = [_height(one.running.units, one) for one in self._history]
        parts = [_height(one.received.units, one) for one in self._history]
        start, end = times[0] - width, times[-1] + width * 1.5
        above = self._plot(0, self._t("chart_running", symbol=self._history[0].received.currency.symbol))
        steps_x = [start, *(time for time in times for _ in (0, 1)), end]
        steps_y = [0.0, 0.0, *(value for value in sums for _ in (0, 1))]
        line = pg.mkPen(colour("accent"), width=2)
        area = colour("accent_soft")
        above.plot(steps_x, steps_y, pen=line, fillLevel=0, brush=pg.mkBrush(area), antialias=True)
        below = self._plot(1, self._t(f"chart_{self._by}"))
        bars = pg.BarGraphItem(
            x0=times, width=width * 0.8, height=parts, brush=pg.mkBrush(colour("accent")), pen=pg.mkPen(None)
        )
        below.addItem(bars)
        for plot, values in ((above, sums), (below, parts)):
            plot.setXRange(start, end, padding=0)
            plot.setYRange(0, max(values) * 1.08 or 1, padding=0)
        every = max(1, -(-len(times) // MOST_LABELS))
        shown = [(times[i] + width * 0.4, self._history[i].key) for i in range(0, len(times), every)]
        above.getAxis("bottom").setTicks([[(place, "") for place, _ in shown]])
        below.getAxis("bottom").setTicks([shown])

    def _plot(self, row: int, title: str) -> Any:
        pg, colour, font = self._pg, self._theme.colour, self._theme.font
        plot = self._canvas.addPlot(row=row, col=0)
        size = self._theme.tokens.type.caption
        plot.setTitle(title, color=colour("ink_muted").name(), size=f"{size}px", justify="left")
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.14)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(colour("line_strong")))
            axis.setTextPen(pg.mkPen(colour("ink_muted")))
            axis.setTickFont(font(size))
            axis.enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(AXIS_WIDTH)
        return plot


def _height(units: int, one: Income) -> float:
    return float(units) / 10.0**one.received.currency.decimals
