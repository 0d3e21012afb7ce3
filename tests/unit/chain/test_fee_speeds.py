from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.connection import Chain
from desktop_app.chain.fees import GasPrices, Speed, bumped, price_table, replacement_prices
from desktop_app.chain.networks import network
from desktop_app.chain.raw_transaction import decode
from desktop_app.core.errors import BugError, UnavailableError

PRICE = st.integers(0, 10**15)


class History:
    """A node that only knows its fee history."""

    def __init__(self, base_fee: int, rewards: list[list[int]]) -> None:
        self.answer = {
            "baseFeePerGas": [hex(base_fee)],
            "reward": [[hex(tip) for tip in row] for row in rewards],
        }

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        assert (method, params[2]) == ("eth_feeHistory", [10, 50, 90])
        return self.answer

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        return [self.call(*call) for call in calls]

    def close(self) -> None: ...


def table(base_fee: int, rewards: list[list[int]]) -> dict[Speed, GasPrices]:
    return price_table(Chain(network("base"), History(base_fee, rewards)))


def test_each_speed_pays_what_that_part_of_the_others_paid() -> None:
    prices = table(1000, [[1, 20, 300], [2, 30, 400], [3, 40, 500], [0, 0, 0]])
    assert {speed: one.priority_fee for speed, one in prices.items()} == {
        Speed.SLOW: 2, Speed.NORMAL: 30, Speed.FAST: 400,
    }  # fmt: skip
    assert [one.max_fee for one in prices.values()] == [1502, 2030, 3400]


@given(PRICE, st.lists(st.tuples(PRICE, PRICE, PRICE).map(sorted), max_size=20))
def test_no_speed_is_cheaper_than_a_slower_one(base_fee: int, rewards: list[list[int]]) -> None:
    slow, normal, fast = table(base_fee, rewards).values()
    assert 1 <= slow.priority_fee <= normal.priority_fee <= fast.priority_fee
    assert slow.max_fee <= normal.max_fee <= fast.max_fee


@pytest.mark.parametrize("row", [[], [1, 2], [1, 2, 3, 4]])
def test_a_history_with_other_columns_than_asked_is_refused(row: list[int]) -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        table(1, [row])


@given(st.integers(0, 2**80))
def test_a_bump_is_what_geth_asks_for_and_no_more_than_needed(price: int) -> None:
    # core/txpool/legacypool/list.go: strictly more, and at least old * 110 / 100 rounded down.
    assert bumped(price) > price
    assert bumped(price) >= price * 110 // 100
    assert bumped(price) <= price * 110 // 100 + 1


@given(PRICE, PRICE, PRICE, PRICE, st.sampled_from(Speed))
def test_a_new_version_beats_the_old_one_and_the_market(
    base_fee: int, tip: int, old_fee: int, old_tip: int, speed: Speed
) -> None:
    market = table(base_fee, [[tip] * 3])[speed]
    new = replacement_prices(market, max(old_fee, old_tip), old_tip)
    assert new.max_fee >= max(bumped(max(old_fee, old_tip)), market.max_fee)
    assert new.priority_fee >= max(bumped(old_tip), market.priority_fee)
    assert new.priority_fee <= new.max_fee


def test_only_our_own_kind_of_transaction_is_read() -> None:
    for raw in (b"", b"\x01\xc0", b"\x02\xc0"):
        with pytest.raises(BugError):
            decode(raw)
