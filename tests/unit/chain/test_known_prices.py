from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from desktop_app.chain.known_prices import known_prices, parse_known_prices
from desktop_app.chain.own_actions import OwnAction
from desktop_app.core.errors import BugError
from desktop_app.core.paths import resource


def listed() -> dict[str, Any]:
    with resource("network_prices.toml").open("rb") as file:
        return tomllib.load(file)


def test_shipped_prices_have_a_day_and_a_source() -> None:
    for key, known in known_prices().items():
        assert known.source.strip(), key
        assert datetime(2025, 1, 1, tzinfo=UTC).timestamp() < known.taken_at
        assert [fee.action for fee in known.reading.fees] == list(OwnAction)
        assert all(fee.total > 0 for fee in known.reading.fees)
        # Nobody has probed anything yet.
        assert known.reading.proof_on_chain is None
        assert known.reading.contracts_there is None


def test_shipped_data_fees_follow_the_published_formula() -> None:
    facts = listed()["base"]
    price = facts["scalar"] * 16 * facts["l1_base_fee"] + facts["blob_scalar"] * facts["blob_base_fee"]
    for fee in known_prices()["base"].reading.fees:
        assert fee.posted is not None
        assert 0 <= fee.posted * price // 10**6 - fee.data <= 2
        assert fee.execution == fee.gas * facts["gas_price"]


@pytest.mark.parametrize(
    "change",
    [{"gas_price": "5"}, {"gas_price": -5}, {"gas_price": True}, {"source": " "}, {"scalar": None}, {"x": 1}],
)
def test_a_damaged_file_stops_the_app_at_the_start(change: dict[str, Any]) -> None:
    facts = {**listed()["base"], **change}
    with pytest.raises(BugError, match=r"network_prices\.toml"):
        parse_known_prices({"base": {name: value for name, value in facts.items() if value is not None}})
    with pytest.raises(BugError, match=r"network_prices\.toml"):
        parse_known_prices({"nowhere": listed()["base"]})
