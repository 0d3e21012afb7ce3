"""Networks that tell their fees by a JSON-RPC method of their own, over HTTP as they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from unit.chain.fake_node import Answer, Refusal, fake_node

from desktop_app.chain import data_fees, prices
from desktop_app.chain.connection import Chain
from desktop_app.chain.data_fees import DataFee, Draft, data_fee, posted_bytes
from desktop_app.chain.fees import GasPrices, quote_fee
from desktop_app.chain.networks import network
from desktop_app.chain.own_actions import OwnAction, steps
from desktop_app.chain.prices import read_prices
from desktop_app.chain.rpc import HttpRpc
from desktop_app.chain.wire import checksummed
from desktop_app.core.errors import RefusedError, UnavailableError

ME = "0x" + "51" * 20
FIXED = 36_000_000  # 1.2 times 0.03 gwei


def draft(data: bytes = b"\x12\x34" * 80, gas: int = 90_000) -> Draft:
    return Draft(ME, "0x" + "a7" * 20, data, 7, gas, gas * 5 // 4, 12_000_000, 1_000_000)


def linea(variable: int, base_fee: int = 7) -> Answer:
    """linea_estimateGas by Linea's published formula; the compressed size is that of the data."""

    def estimate(params: list[Any]) -> dict[str, str]:
        size = len(params[0]["data"]) // 2 + 100
        gas = 50_000
        tip = (12 * (variable * size // gas + 30_000_000)) // 10
        return {"gasLimit": hex(gas), "baseFeePerGas": hex(base_fee), "priorityFeePerGas": hex(tip)}

    return estimate


HISTORY = {
    "oldestBlock": "0x1",
    "baseFeePerGas": ["0x7", "0x7"],
    "gasUsedRatio": [0.5],
    "reward": [["0x1", "0x2", "0x3"]],
}
COMMON: dict[str, Answer] = {
    "eth_feeHistory": lambda _: HISTORY,
    "eth_call": lambda _: "0x",
    "eth_getCode": lambda _: "0x",
}


@contextmanager
def chain_of(key: str, **answers: Answer) -> Iterator[tuple[Chain, list[tuple[str, list[Any]]]]]:
    known = network(key)
    every = {**COMMON, "eth_chainId": lambda _: hex(known.chain_id), **answers}
    with fake_node(every) as (url, asked):
        chain = Chain(known, HttpRpc(url))
        try:
            yield chain, asked
        finally:
            chain.close()


def test_every_selector_is_that_of_its_function() -> None:
    wanted = {
        data_fees._L1_FEE: "getL1Fee(bytes)",
        data_fees._L1_FEE_UPPER_BOUND: "getL1FeeUpperBound(uint256)",
        data_fees._OPERATOR_FEE: "getOperatorFee(uint256)",
        data_fees._TOKEN_RATIO: "tokenRatio()",
        data_fees._COMPONENTS: "gasEstimateComponents(address,bool,bytes)",
        data_fees._L1_COMPONENT: "gasEstimateL1Component(address,bool,bytes)",
        prices._L1_BASE_FEE: "l1BaseFee()",
        prices._BLOB_BASE_FEE: "blobBaseFee()",
        prices._L1_BLOB_BASE_FEE: "l1BlobBaseFee()",
        prices._SCALAR: "baseFeeScalar()",
        prices._BLOB_SCALAR: "blobBaseFeeScalar()",
    }
    for selector, name in wanted.items():
        assert selector == keccak(name.encode())[:4], name


def test_an_unsigned_transaction_is_the_real_one_without_its_signature() -> None:
    import rlp
    from eth_account import Account

    signed = Account.from_key(b"\x07" * 32).sign_transaction(
        {
            "type": 2, "chainId": 8453, "nonce": 500, "to": checksummed("0x" + "a7" * 20), "value": 7,
            "data": "0x" + "1234" * 80, "gas": 112_500, "maxFeePerGas": 12_000_000,
            "maxPriorityFeePerGas": 1_000_000,
        }
    )  # fmt: skip
    raw = bytes(signed.raw_transaction)
    assert rlp.decode(draft().unsigned(8453)[1:]) == rlp.decode(raw[1:])[:9]
    assert 0 <= len(draft().signed(8453)) - len(raw) <= 2


@given(variable=st.integers(0, 10**12), size=st.integers(0, 900), gas=st.integers(21_000, 10**6))
def test_linea_tells_data_and_running_apart(variable: int, size: int, gas: int) -> None:
    answer = linea(variable)
    chain = Chain(network("linea"), _Rpc({"linea_estimateGas": answer}))
    fee = data_fee(chain, draft(bytes(size), gas))
    # By the formula: 1.2 * variable * size, as far as whole wei per gas allow.
    exact = 12 * variable * (size + 101) // 10
    assert abs(fee.expected - exact) <= 2 * 50_000
    assert fee.in_gas
    assert fee.worst == fee.expected
    # The tip covers the data whatever the gas, and never less than the fixed price.
    assert fee.tip >= FIXED
    assert fee.tip * gas >= fee.expected
    assert fee.posted == posted_bytes(draft(bytes(size), gas), 59144)


class _Rpc:
    """In process, for property tests."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self._answers = answers

    def call(self, method: str, params: Any = ()) -> Any:
        return self._answers[method](list(params))

    def batch(self, calls: Any) -> list[Any]:
        return [self.call(*call) for call in calls]

    def close(self) -> None: ...


def test_a_transaction_on_linea_offers_the_tip_that_its_data_needs() -> None:
    with chain_of("linea", linea_estimateGas=linea(10**9)) as (chain, asked):
        call = steps(chain.network, OwnAction.REGISTER, True)[0].call
        quote = quote_fee(chain, 93_200, call, ME, GasPrices(7, 1))
        assert quote.priority_fee > FIXED
        assert quote.data_in_gas
        assert quote.expected.units == 93_200 * (7 + quote.priority_fee)
        assert 0 < quote.data_fee < quote.expected.units
        assert quote.worst_case.units == quote.gas_limit * quote.max_fee
        (message,) = next(params for method, params in asked if method == "linea_estimateGas")
        assert (message["from"], message["data"]) == (ME, "0x" + call.data.hex())


def test_a_node_of_linea_without_its_method_leaves_the_usual_price() -> None:
    with chain_of("linea") as (chain, _):
        call = steps(chain.network, OwnAction.REGISTER, True)[0].call
        quote = quote_fee(chain, 93_200, call, ME, GasPrices(7, 5))
        assert (quote.priority_fee, quote.data_fee) == (5, 0)


@pytest.mark.parametrize(
    "answer",
    [None, [], "0x12", {}, {"gasLimit": "0x1"}, {"gasLimit": 5, "priorityFeePerGas": "0x1"},
     {"gasLimit": "0x1", "priorityFeePerGas": "0xzz"}, {"gasLimit": "-0x1", "priorityFeePerGas": "0x1"}],
)  # fmt: skip
def test_nonsense_from_linea_is_no_price(answer: Any) -> None:
    with (
        chain_of("linea", linea_estimateGas=lambda _: answer) as (chain, _),
        pytest.raises(UnavailableError, match=r"chain\.bad_answer"),
    ):
        data_fee(chain, draft())


def test_absurd_prices_of_linea_are_not_believed() -> None:
    with chain_of("linea", linea_estimateGas=linea(10**15)) as (chain, _):
        with pytest.raises(RefusedError, match=r"chain\.prices_absurd"):
            read_prices(chain, ())
        call = steps(chain.network, OwnAction.REGISTER, True)[0].call
        with pytest.raises(RefusedError, match=r"chain\.fee_too_high"):
            quote_fee(chain, 93_200, call, ME, GasPrices(7, 1))


def zksync(price: int, per_byte: int) -> Answer:
    return lambda _: {
        "gas_limit": "0x1ea9a9",
        "max_fee_per_gas": hex(price),
        "max_priority_fee_per_gas": "0x0",
        "gas_per_pubdata_limit": hex(per_byte),
    }


def test_zksync_charges_for_what_changes_in_storage() -> None:
    with chain_of("zksync", zks_estimateFee=zksync(45_250_000, 800)) as (chain, asked):
        reading = read_prices(chain, ())
        register = next(fee for fee in reading.fees if fee.action is OwnAction.REGISTER)
        # One new slot of 65 bytes, and three changed ones of 38 for nonce and balances.
        assert register.posted == 65 + 3 * 38
        assert register.data == register.posted * 800 * 45_250_000
        assert register.execution == register.gas * 45_250_000
        assert {method for method, _ in asked} >= {"zks_estimateFee"}
        # The probe says that the precompile is not there, so a work would be anchored.
        assert (reading.proof_on_chain, register.gas) == (False, 51_000)


@pytest.mark.parametrize("answer", [None, {"max_fee_per_gas": "0x1"}, {"max_fee_per_gas": 3}, "0x1"])
def test_nonsense_from_zksync_is_no_price(answer: Any) -> None:
    with (
        chain_of("zksync", zks_estimateFee=lambda _: answer) as (chain, _),
        pytest.raises(UnavailableError, match=r"chain\.bad_answer"),
    ):
        read_prices(chain, ())


def test_arbitrum_without_its_interface_still_sends() -> None:
    def refuse(_: list[Any]) -> Any:
        raise Refusal(3, "execution reverted")

    with chain_of("arbitrum", eth_call=refuse) as (chain, _):
        assert data_fee(chain, draft()) == DataFee(in_gas=True)


def test_a_network_that_charges_no_data_apart_is_not_asked() -> None:
    with chain_of("ethereum") as (chain, asked):
        assert data_fee(chain, draft()) == DataFee()
        assert asked == []


def test_ethereum_tells_its_own_prices() -> None:
    history = {**HISTORY, "baseFeePerBlobGas": ["0x5", "0x9"]}
    with chain_of("ethereum", eth_feeHistory=lambda _: history) as (chain, _):
        reading = read_prices(chain, ("Registry",))
        assert (reading.l1_base_fee, reading.blob_base_fee) == (7, 9)
        assert reading.contracts_there is False
        assert all((fee.data, fee.posted) == (0, None) for fee in reading.fees)


def test_prices_of_another_network_are_refused() -> None:
    with (
        chain_of("ethereum", eth_chainId=lambda _: "0x2105") as (chain, _),
        pytest.raises(RefusedError, match=r"chain\.wrong_network"),
    ):
        read_prices(chain, ())
