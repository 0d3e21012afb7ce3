"""The comparison is arithmetic on known prices: checked here against fractions, with nobody asked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.networks import Network, load_networks, network
from desktop_app.chain.own_actions import OwnAction
from desktop_app.chain.prices import ActionFee, PriceReading
from desktop_app.core.amounts import Amount, cost_text, significant
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.comparison import Comparison, Fit, Plan, Row, compare, in_money, parse_worth
from desktop_app.services.comparison_text import day_text, duration_text
from desktop_app.services.network_prices import Prices

NOW = 1_800_000_000
MAIN = tuple(one for one in load_networks().values() if one.kind == "main")
WEI = st.integers(0, 10**15)


def prices(
    execution: int = 10**12,
    data: int = 10**10,
    posted: int | None = 300,
    base_fee: int | None = 2 * 10**8,
    age: int = 60,
    **more: object,
) -> Prices:
    fees = tuple(ActionFee(action, 100_000, execution, data, 5, posted) for action in OwnAction)
    reading = PriceReading(10**7, fees, base_fee, base_fee and 10**7, **more)  # type: ignore[arg-type]
    return Prices(reading, NOW - age, "node.example", shipped=False)


def row_of(found: Comparison, key: str) -> Row:
    return next(row for row in found.rows if row.network.key == key)


@st.composite
def readings(draw: st.DrawFn) -> Prices:
    fees = tuple(
        ActionFee(action, 100_000, draw(WEI), draw(WEI), draw(WEI), draw(st.integers(0, 10**4)))
        for action in OwnAction
    )
    return Prices(PriceReading(1, fees, draw(WEI), draw(WEI)), NOW, "node", shipped=False)


@given(
    found=readings(),
    works=st.integers(0, 10**6),
    payments=st.integers(0, 10**6),
    claims=st.integers(0, 10**6),
)
def test_a_plan_costs_what_its_actions_cost(found: Prices, works: int, payments: int, claims: int) -> None:
    plan = Plan(works, payments, claims)
    cost = row_of(compare(MAIN, {"base": found}, plan, NOW), "base").cost
    assert cost is not None
    by_action = {fee.action: fee for fee in found.reading.fees}
    counts = (works, works, payments, claims)
    times = dict(zip(OwnAction, counts, strict=True))
    assert cost.total.units == sum(times[one] * by_action[one].total for one in OwnAction)
    assert cost.payers.units == payments * by_action[OwnAction.PAY].total
    assert cost.total.units == cost.execution.units + cost.data.units + cost.operator.units
    posted = sum(times[one] * (by_action[one].posted or 0) for one in OwnAction)
    assert cost.posted == posted
    base_fee, blob_fee = found.reading.l1_base_fee, found.reading.blob_base_fee
    assert base_fee is not None
    assert blob_fee is not None
    if base_fee:
        assert cost.calldata == Amount(posted * 16 * base_fee, network("base").native)
        assert cost.blobs == Amount(posted * blob_fee, network("base").native)
        assert cost.before_dencun is not None
        assert cost.before_dencun.units == cost.total.units - cost.data.units + posted * 16 * base_fee


@pytest.mark.parametrize("plan", [(-1, 0, 0), (0, 10**6 + 1, 0), (0, 0, -5)])
def test_a_plan_has_bounds(plan: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInputError, match=r"compare\.plan_out_of_range"):
        Plan(*plan)


def test_dencun_changed_nothing_on_ethereum_nor_where_the_data_goes_elsewhere() -> None:
    every = {key: prices(posted=None) for key in ("ethereum", "celo", "mantle")}
    found = compare(MAIN, every, Plan(), NOW)
    assert all(row_of(found, key).cost.before_dencun is None for key in every)  # type: ignore[union-attr]


def test_a_network_that_does_not_tell_ethereums_price_is_reckoned_with_ethereums_own() -> None:
    every = {"arbitrum": prices(base_fee=None), "ethereum": prices(posted=None, base_fee=777)}
    cost = row_of(compare(MAIN, every, Plan(0, 1, 0), NOW), "arbitrum").cost
    assert cost is not None
    assert cost.calldata == Amount(300 * 16 * 777, network("arbitrum").native)
    alone = row_of(compare(MAIN, {"arbitrum": prices(base_fee=None)}, Plan(0, 1, 0), NOW), "arbitrum").cost
    assert alone is not None
    assert (alone.calldata, alone.blobs, alone.before_dencun) == (None, None, None)


def test_the_cheapest_comes_first_and_the_unknown_last() -> None:
    every = {"base": prices(3 * 10**12), "optimism": prices(2 * 10**12), "scroll": prices(10**12)}
    names = [row.network.key for row in compare(MAIN, every, Plan(), NOW).rows]
    assert names[:3] == ["scroll", "optimism", "base"]
    assert set(names) == {one.key for one in MAIN}


def test_other_coins_are_compared_only_when_their_worth_is_known() -> None:
    every = {"base": prices(10**15), "celo": prices(10**12)}
    found = compare(MAIN, every, Plan(), NOW)
    assert [row.network.key for row in found.rows][:2] == ["base", "celo"]
    assert "warning.coins_not_comparable" in [one.code for one in found.notices]
    worth = dict(map(parse_worth, ["eth=2500", "CELO=0.30"]))
    found = compare(MAIN, every, Plan(), NOW, worth)
    assert [row.network.key for row in found.rows][:2] == ["celo", "base"]
    base = row_of(found, "base")
    assert base.cost is not None
    assert base.money == base.cost.total.units * 2500 * 10**6 // 10**18
    assert "warning.coins_not_comparable" not in [one.code for one in found.notices]


@given(st.integers(0, 10**24), st.integers(0, 10**8))
def test_money_is_exact_to_the_millionth(units: int, worth: int) -> None:
    told = in_money(Amount(units, network("base").native), worth)
    assert told == int(Fraction(units, 10**18) * Fraction(worth, 100) * 10**6)


@pytest.mark.parametrize("text", ["", "ETH", "=5", "ETH=", "ETH=five", "ETH=1.234", "ETH=-5", "ETH=1e3"])
def test_what_a_coin_is_worth_is_read_strictly(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_worth(text)


def test_the_choice_is_the_cheapest_of_those_on_which_everything_works() -> None:
    every = {
        "optimism": prices(9 * 10**12),
        "arbitrum": prices(8 * 10**12),
        "scroll": prices(10**11),  # does not check proofs
        "zksync": prices(10**10),  # only compared
        "mantle": prices(10**9, posted=None),  # keeps its data elsewhere
    }
    found = compare(MAIN, every, Plan(), NOW)
    assert found.choice == "arbitrum"
    codes = [reason.code for reason in found.reasons]
    assert codes[0] == "compare.reason_cheapest"
    assert {"compare.reason_proofs", "compare.reason_stage", "compare.reason_dollars"} <= set(codes)
    elsewhere = next(one for one in found.reasons if one.code == "compare.reason_cheaper_elsewhere")
    assert "Scroll" in elsewhere.params["names"]
    assert "ZKsync" not in elsewhere.params["names"]


def test_without_any_prices_the_facts_choose_and_say_so() -> None:
    found = compare(MAIN, {}, Plan(), NOW)
    assert network(found.choice).stage == "1"
    assert found.reasons[-1].code == "compare.reason_no_prices"


def test_the_probe_is_trusted_over_what_is_written_down() -> None:
    every = {"base": prices(proof_on_chain=False), "scroll": prices(proof_on_chain=True)}
    found = compare(MAIN, every, Plan(), NOW)
    assert row_of(found, "base").features.proofs is Fit.NO
    assert row_of(found, "scroll").features.proofs is Fit.YES
    assert row_of(found, "ink").features.proofs is Fit.UNKNOWN
    assert row_of(found, "linea").features.proofs is Fit.YES


def test_a_lying_oracle_is_marked_and_never_recommended() -> None:
    lying = prices(10**11, base_fee=2 * 10**6)
    every = {"optimism": prices(9 * 10**12), "arbitrum": lying, "base": prices(), "ink": prices()}
    found = compare(MAIN, every, Plan(), NOW)
    assert [one.code for one in row_of(found, "arbitrum").notices] == ["warning.prices_outlier"]
    assert [one.code for one in row_of(found, "base").notices] == []
    assert found.choice != "arbitrum"
    doubtful = replace(prices(10**9), reading=replace(prices(10**9).reading, doubtful=True))
    found = compare(MAIN, {"optimism": doubtful, "arbitrum": prices(10**14)}, Plan(), NOW)
    assert [one.code for one in row_of(found, "optimism").notices] == ["warning.prices_doubtful"]
    assert found.choice == "arbitrum"


def test_old_and_mixed_days_are_said() -> None:
    every = {"base": prices(age=20 * 86_400), "optimism": prices()}
    found = compare(MAIN, every, Plan(), NOW)
    (old,) = row_of(found, "base").notices
    assert (old.code, old.params) == ("warning.prices_old", {"days": "20"})
    assert [one.code for one in found.notices] == ["warning.prices_of_different_days"]


def test_prices_of_another_day_make_nobody_an_outlier() -> None:
    every = {"base": prices(base_fee=10**5, age=5 * 86_400), "optimism": prices(), "ink": prices()}
    assert row_of(compare(MAIN, every, Plan(), NOW), "base").notices == ()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30, "30 seconds"), (60, "1 minute"), (768, "13 minutes"), (1464, "25 minutes"), (7200, "2 hours"),
     (10800, "3 hours"), (86_400, "1 day"), (432_000, "5 days"), (604_800, "7 days"), (5400, "90 minutes")],
)  # fmt: skip
def test_durations_are_told_in_units_of_daily_life(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text


@given(st.integers(0, 10**30))
def test_a_cost_never_looks_smaller_than_it_is(units: int) -> None:
    shown = Fraction(significant(units, 18))
    exact = Fraction(units, 10**18)
    assert exact <= shown
    assert shown <= exact * Fraction(101, 100) or shown - exact < Fraction(1, 10**15)


def test_costs_are_short() -> None:
    assert cost_text(Amount(102_345_678_901_234, network("base").native)) == "0.000103 ETH"
    assert day_text(None) == "Not asked yet"
    assert day_text(prices()) == "2027-01-15"


def usable() -> list[Network]:
    return [one for one in MAIN if one.usable]


def test_nothing_is_recommended_that_cannot_be_used() -> None:
    every = {one.key: prices(10**13) for one in MAIN}
    every["ethereum"] = prices(1, 0)
    assert compare(MAIN, every, Plan(), NOW).choice in [one.key for one in usable()]
    only = [one for one in MAIN if not one.usable]
    found = compare(only, every, Plan(), NOW)
    assert (found.choice, found.reasons) == ("", ())
