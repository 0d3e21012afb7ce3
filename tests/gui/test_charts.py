"""Charts are drawn again and again in the same plots: to take plots down has crashed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from gui.conftest import User

from desktop_app.core.amounts import Amount, Currency
from desktop_app.gui.models.comparison import Point
from desktop_app.gui.widgets.chart import Chart
from desktop_app.gui.widgets.cost_chart import CostChart
from desktop_app.gui.widgets.income_chart import IncomeChart
from desktop_app.gui.widgets.loss_chart import LossChart
from desktop_app.services.earnings import Income

EURO = Currency(1, "EUR", 2)
NONE = Amount(0, EURO)


def cost(chart: Any, many: int) -> None:
    points = [Point(f"Net {n}", f"{n}", 0.01 * (n + 1), 0.1 if n % 2 else None, n == 0) for n in range(many)]
    chart.show_points("ETH", points)


def income(chart: Any, many: int) -> None:
    sums = [
        Income(f"2026-01-{n + 1:02d}", "", Amount(100, EURO), *[NONE] * 3, 1, Amount(100 * n + 100, EURO))
        for n in range(many)
    ]
    chart.show_history("day", sums)


def loss(chart: Any, many: int) -> None:
    chart.show_losses([1 / (n + 1) for n in range(many)], 30)


@pytest.mark.parametrize(
    ("kind", "show"),
    [(CostChart, cost), (IncomeChart, income), (LossChart, loss)],
    ids=["cost", "income", "loss"],
)
def test_a_chart_is_filled_anew_and_its_plots_stay(
    user: User, kind: type[Any], show: Callable[[Any, int], None]
) -> None:
    session = user.window.session
    chart: Chart = kind(session.theme, session.jobs)
    user.main.current.body.addWidget(chart)
    show(chart, 3)
    user.wait(lambda: chart._ready, "the chart's library")
    plots = list(chart._plots)
    show(chart, 25)
    most = len(chart._canvas.scene().items())
    for many in (1, 7, 0, 3, 25) * 6:
        show(chart, many)
        user.app.processEvents()
        assert chart._layers.currentIndex() == (1 if many else 0)
    for mode in ("dark", "contrast", "light"):
        session.theme.set_mode(mode)
        user.settle(0)
        assert chart._canvas.backgroundBrush().color() == session.theme.colour("surface")
    assert chart._plots == plots
    assert len(chart._canvas.scene().items()) <= most
