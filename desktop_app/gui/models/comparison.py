"""The comparison of networks as tables and as points of a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop_app.core.amounts import cost_text, significant
from desktop_app.gui.texts import texts
from desktop_app.services.app import Services
from desktop_app.services.comparison import MONEY_DECIMALS, Comparison, Plan, Row, compare, in_money
from desktop_app.services.comparison_text import (
    day_text,
    dencun_text,
    final_text,
    money_text,
    stage_text,
    withdrawal_text,
)
from desktop_app.services.networks import Network
from desktop_app.services.wording import words

COLUMNS = (
    "network", "a_month", "in_money", "before_dencun", "final", "withdrawal", "stage_name", "prices_of",
)  # fmt: skip
NUMBERS = (1, 2, 3)
BILLIONTHS = 9
PARTS = ("action", "running", "data", "operator", "together")
GIVE_WAY = ("stage_name", "withdrawal", "final", "prices_of")
"""Columns that hide in a narrow window, the first ones first; all of it is in the details below the table."""


@dataclass(frozen=True)
class View:
    """What the page shows. `worth` is in hundredths of the user's money, by coin."""

    found: Comparison
    active: Network
    worth: Mapping[str, int]
    coins: tuple[str, ...]

    def row(self, key: str) -> Row | None:
        return next((row for row in self.found.rows if row.network.key == key), None)


@dataclass(frozen=True)
class Point:
    """A network's month in the unit of the chart. The only floats: places on the screen."""

    name: str
    words: str
    now: float
    before: float | None
    chosen: bool


def read_view(services: Services, plan: Plan, worth: Mapping[str, int]) -> View:
    """Compare by the last known prices; asks nobody."""
    networks = services.prices.comparable()
    found = compare(networks, services.prices.last(), plan, services.clock.now(), worth)
    coins = tuple(dict.fromkeys(one.native.symbol for one in networks))
    return View(found, services.networks.active, worth, coins)


def cells(view: View) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Texts and tooltips of the table, a row for each network."""
    rows: list[tuple[str, ...]] = []
    tips: list[tuple[str, ...]] = []
    for row in view.found.rows:
        cost = row.cost
        rows.append(
            (
                row.network.name,
                cost_text(cost.total) if cost else "–",
                money_text(row.money) if row.money is not None else "–",
                dencun_text(row) or "–",
                final_text(row.network) or "–",
                withdrawal_text(row.network) or "–",
                stage_text(row.network) or "–",
                day_text(row.prices, short=True) if row.prices else "–",
            )
        )
        source = row.prices.source if row.prices else ""
        exact = cost.before_dencun if cost else None
        tips.append(
            (
                row.network.name,
                str(cost.total) if cost else "",
                "",
                str(exact) if exact else "",
                _source(row.network, "final_after_s"),
                _source(row.network, "withdrawal_s"),
                _source(row.network, "stage"),
                source,
            )
        )
    return rows, tips


def fee_cells(row: Row) -> list[tuple[str, ...]]:
    """What each action costs on a network, its parts apart (PARTS), in billionths of its coin."""
    if row.prices is None:
        return []
    decimals = row.network.native.decimals - BILLIONTHS
    return [
        (
            words(f"compare.action_{fee.action.value}"),
            *(significant(units, decimals) for units in (fee.execution, fee.data, fee.operator, fee.total)),
        )
        for fee in row.prices.reading.fees
    ]


def points(view: View) -> tuple[str, tuple[Point, ...]]:
    """The unit, "" for the user's own money, and the networks that can be drawn in it, the cheapest first.

    What costs nothing has no place on a logarithmic scale and is left out.
    """
    rows = view.found.rows
    with_money = any(row.money for row in rows)
    drawn = []
    for row in rows:
        cost, coin = row.cost, row.network.native
        if cost is None or not cost.total.units:
            continue
        then = cost.before_dencun
        if with_money and row.money:
            before = in_money(then, view.worth[coin.symbol]) if then else 0
            drawn.append(_point(view, row, (row.money, before), MONEY_DECIMALS))
        elif not with_money and coin.symbol == "ETH":
            drawn.append(_point(view, row, (cost.total.units, then.units if then else 0), coin.decimals))
    return "" if with_money else "ETH", tuple(drawn)


def _point(view: View, row: Row, units: tuple[int, int], decimals: int) -> Point:
    t, name = texts("compare"), row.network.name
    now, before = (significant(each, decimals) for each in units)
    said = t("point_both" if units[1] else "point_now", name=name, now=now, before=before)
    place = units[1] / 10.0**decimals if units[1] else None
    return Point(name, said, units[0] / 10.0**decimals, place, row.network.key == view.found.choice)


def _source(network: Network, fact: str) -> str:
    source = network.sources.get(fact, "")
    date = network.dates.get(fact, "")
    return f"{source} ({date})" if date else source
