from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.connection import Chain
from desktop_app.chain.fees import GasPrices, gas_prices, quote_fee
from desktop_app.chain.networks import network
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import to_data, to_quantity
from desktop_app.core.errors import RefusedError, UnavailableError


class Answers:
    """A node that answers from a table."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.asked.append((method, params))
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        return [self.call(*call) for call in calls]

    def close(self) -> None: ...


def history(fees: list[int], tips: list[int]) -> dict[str, Any]:
    return {
        "oldestBlock": "0x1",
        "baseFeePerGas": [to_quantity(fee) for fee in fees],
        "gasUsedRatio": [0.5] * (len(fees) - 1),
        "reward": [[to_quantity(tip)] * 3 for tip in tips],
    }


def test_the_next_base_fee_and_the_usual_tip_count() -> None:
    node = Answers(eth_feeHistory=history([5, 6, 7], [0, 30, 10]))
    prices = gas_prices(Chain(network("base"), node))
    assert prices == GasPrices(7, 30)
    assert prices.max_fee == 44


@pytest.mark.parametrize("tips", [[], [0, 0]])
def test_without_any_tips_the_least_is_offered(tips: list[int]) -> None:
    prices = gas_prices(Chain(network("base"), Answers(eth_feeHistory=history([5], tips))))
    assert prices.priority_fee == 1


@pytest.mark.parametrize(
    "answer", [None, {}, {"baseFeePerGas": []}, {"baseFeePerGas": [5]}, {"baseFeePerGas": "0x5"}]
)
def test_a_damaged_history_is_refused(answer: Any) -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        gas_prices(Chain(network("base"), Answers(eth_feeHistory=answer)))


@given(gas=st.integers(21_000, 10**7), base=st.integers(0, 10**8), tip=st.integers(1, 10**7))
def test_the_worst_case_covers_every_outcome(gas: int, base: int, tip: int) -> None:
    chain = Chain(network("arbitrum"), Answers())
    quote = quote_fee(chain, gas, 100, GasPrices(base, tip))
    assert quote.gas_limit >= gas
    assert quote.worst_case.units == quote.gas_limit * quote.max_fee
    assert quote.expected.units <= quote.worst_case.units
    assert quote.max_fee >= 2 * base + quote.priority_fee
    assert quote.worst_case.currency == chain.network.native


def test_a_fee_out_of_bounds_is_refused() -> None:
    chain = Chain(network("arbitrum"), Answers())
    with pytest.raises(RefusedError) as caught:
        quote_fee(chain, 10**6, 0, GasPrices(10**12, 1))
    assert caught.value.code == "chain.fee_too_high"
    assert caught.value.params["symbol"] == "ETH"


def test_the_data_on_ethereum_is_part_of_the_price_on_op_stack_networks() -> None:
    node = Answers(eth_call=to_data((123_456).to_bytes(32, "big")))
    chain = Chain(network("optimism"), node)
    quote = quote_fee(chain, 50_000, 1000, GasPrices(100, 1))
    assert quote.data_fee == 123_456
    assert quote.worst_case.units == quote.gas_limit * quote.max_fee + 123_456
    assert quote.expected.units == 50_000 * 101 + 123_456
    (_, (message, _)) = node.asked[0]
    assert message["to"] == "0x420000000000000000000000000000000000000F"
    assert int(message["data"][-64:], 16) == 1200


@pytest.mark.parametrize("answer", ["0x", "0x12", RpcError("eth_call", 3, "execution reverted")])
def test_a_missing_price_oracle_is_not_taken_for_free(answer: Any) -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        quote_fee(Chain(network("base"), Answers(eth_call=answer)), 50_000, 10, GasPrices(100, 1))


def test_a_real_quote_is_enough_for_the_real_transaction(
    chain: Chain, sender: Any, make_signer: Callable[..., Any]
) -> None:
    from desktop_app.chain.contracts import send_call
    from desktop_app.core.amounts import Amount

    call = send_call("0x" + "33" * 20, Amount(5, chain.network.native))
    quote = sender.quote(call)
    receipt = sender.send(call, quote)
    assert 0 < receipt.fee.units <= quote.expected.units <= quote.worst_case.units
    assert receipt.gas_used == 21_000
