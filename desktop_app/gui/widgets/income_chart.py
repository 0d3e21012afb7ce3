"""What came in over time: the running total above, each day, month or year below it (pyqtgraph)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtWidgets import QSizePolicy

from desktop_app.core.amounts import amount_text
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.texts import texts
from desktop_app.gui.theme import Theme
from desktop_app.gui.widgets.chart import Chart
from desktop_app.services.earnings import Income

HEIGHT = 330
AXIS_WIDTH = 64
MOST_LABELS = 6
_FORMS = {"day": ("%Y-%m-%d", 86_400), "month": ("%Y-%m", 86_400 * 28), "year": ("%Y", 86_400 * 340)}


class IncomeChart(Chart):
    def __init__(self, theme: Theme, jobs: JobBridge) -> None:
        super().__init__(theme, jobs, texts("payouts"))
        self._by = "day"
        self._history: Sequence[Income] = ()
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_history(self, by: str, history: Sequence[Income]) -> None:
        """`by` is day, month or year; the sums are of one currency, in order of time."""
        self._by, self._history = by, history
        self.show_newest(self._in_words() if history else "")

    def is_empty(self) -> bool:
        return not self._history

    def _in_words(self) -> str:
        first, last = self._history[0], self._history[-1]
        return self._t("chart_words", first=first.key, last=last.key, total=amount_text(last.running))

    def make_plots(self) -> Iterator[None]:
        self._above = self.plain_plot(0, grid_y=True)
        yield
        self._below = self.plain_plot(1, grid_y=True)
        yield
        for plot in (self._above, self._below):
            plot.getAxis("left").setWidth(AXIS_WIDTH)
        self._total = self._above.plot([], [], fillLevel=0, antialias=True)
        self._bars = self._pg.BarGraphItem(x0=[], width=1, height=[])
        self._below.addItem(self._bars)

    def fill_plots(self) -> None:
        pg, colour, history = self._pg, self._theme.colour, self._history
        form, width = _FORMS[self._by]
        times = [datetime.strptime(one.key, form).replace(tzinfo=UTC).timestamp() for one in history]
        # Only here money becomes floats: places on the screen.
        sums = [_height(one.running.units, one) for one in history]
        parts = [_height(one.received.units, one) for one in history]
        start, end = times[0] - width, times[-1] + width * 1.5
        steps_x = [start, *(time for time in times for _ in (0, 1)), end]
        steps_y = [0.0, 0.0, *(value for value in sums for _ in (0, 1))]
        self._total.setData(
            steps_x, steps_y, pen=pg.mkPen(colour("accent"), width=2), brush=pg.mkBrush(colour("accent_soft"))
        )
        self._bars.setOpts(
            x0=times, width=width * 0.8, height=parts, brush=pg.mkBrush(colour("accent")), pen=pg.mkPen(None)
        )
        symbol = history[0].received.currency.symbol
        self._set_title(self._above, self._t("chart_running", symbol=symbol))
        self._set_title(self._below, self._t(f"chart_{self._by}"))
        for plot, values in ((self._above, sums), (self._below, parts)):
            plot.setXRange(start, end, padding=0)
            plot.setYRange(0, max(values) * 1.08 or 1, padding=0)
        every = max(1, -(-len(times) // MOST_LABELS))
        shown = [(times[i] + width * 0.4, history[i].key) for i in range(0, len(times), every)]
        self._above.getAxis("bottom").setTicks([[(place, "") for place, _ in shown]])
        self._below.getAxis("bottom").setTicks([shown])

    def _set_title(self, plot: Any, title: str) -> None:
        colour, size = self._theme.colour("ink_muted").name(), self._theme.tokens.type.caption
        plot.setTitle(title, color=colour, size=f"{size}px", justify="left")


def _height(units: int, one: Income) -> float:
    return float(units) / 10.0**one.received.currency.decimals
