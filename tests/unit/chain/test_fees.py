from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call
from desktop_app.chain.fees import GasPrices, call_fee_bound, gas_prices, quote_fee
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


ME = "0x" + "51" * 20
CALL = Call("0x" + "a7" * 20, b"\x12" * 100, 0, "action.pay")


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
    chain = Chain(network("practice"), Answers())
    quote = quote_fee(chain, gas, CALL, ME, GasPrices(base, tip))
    assert quote.gas_limit >= gas
    assert quote.worst_case.units == quote.gas_limit * quote.max_fee
    assert quote.expected.units <= quote.worst_case.units
    assert quote.max_fee >= 2 * base + quote.priority_fee
    assert quote.worst_case.currency == chain.network.native


def test_a_fee_out_of_bounds_is_refused() -> None:
    chain = Chain(network("practice"), Answers())
    with pytest.raises(RefusedError) as caught:
        quote_fee(chain, 10**6, CALL, ME, GasPrices(10**12, 1))
    assert caught.value.code == "chain.fee_too_high"
    assert caught.value.params["symbol"] == "ETH"


def test_the_data_on_ethereum_is_part_of_the_price_on_op_stack_networks() -> None:
    node = Answers(eth_call=to_data((123_456).to_bytes(32, "big")))
    chain = Chain(network("optimism"), node)
    quote = quote_fee(chain, 50_000, CALL, ME, GasPrices(100, 1))
    # The oracle says the same to all three questions: the data, its upper bound, and the operator's part.
    assert (quote.data_fee, quote.operator_fee, quote.data_in_gas) == (123_456, 123_456, False)
    assert quote.expected.units == 50_000 * 101 + 2 * 123_456
    # Nothing that is signed caps the data's price: twice as much is allowed for.
    assert quote.worst_case.units == quote.gas_limit * quote.max_fee + 2 * 123_456 + 123_456
    assert {message["to"] for _, (message, _) in node.asked} == {"0x420000000000000000000000000000000000000F"}
    assert node.asked[0][1][0]["data"].startswith("0x49948e0e")


@pytest.mark.parametrize("answer", ["0x", "0x12", RpcError("eth_call", 3, "execution reverted")])
@pytest.mark.parametrize("key", ["base", "mantle", "scroll"])
def test_a_missing_price_oracle_is_not_taken_for_free(answer: Any, key: str) -> None:
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        quote_fee(Chain(network(key), Answers(eth_call=answer)), 50_000, CALL, ME, GasPrices(100, 1))


def test_a_transaction_of_later_is_bounded_with_its_data() -> None:
    node = Answers(eth_call=to_data((1_000).to_bytes(32, "big")))
    chain = Chain(network("base"), node)
    quote = quote_fee(chain, 50_000, CALL, ME, GasPrices(100, 1))
    bound = call_fee_bound(chain, CALL, ME, 400_000, quote)
    assert bound.units == 400_000 * quote.max_fee + 3 * 1_000 + 1_000


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
