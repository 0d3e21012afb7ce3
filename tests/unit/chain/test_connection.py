from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from desktop_app.chain.connection import Chain, parse_head
from desktop_app.chain.networks import network
from desktop_app.chain.practice import PracticeNode
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError, UnavailableError


class Altered:
    """The practice node, with some answers replaced."""

    def __init__(self, node: PracticeNode, **answers: Any) -> None:
        self.node = node
        self.answers = answers

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        return self.answers[method] if method in self.answers else self.node.call(method, params)

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        return [self.call(method, params) for method, params in calls]

    def close(self) -> None: ...


def test_a_node_of_another_network_is_refused(node: PracticeNode) -> None:
    with pytest.raises(RefusedError) as caught:
        Chain(network("base"), node).check_chain_id()
    assert caught.value.code == "chain.wrong_network"
    assert (caught.value.params["expected"], caught.value.params["found"]) == (8453, 6516588)


def test_balance_nonce_and_head_are_read(chain: Chain, funded: Any) -> None:
    chain.check_chain_id()
    assert chain.balance(funded.address) == Amount(100 * 10**18, chain.network.native)
    assert chain.nonce(funded.address) == chain.nonce(funded.address, "pending") == 0
    head = chain.head()
    assert head.number == chain.block_number() == 1
    assert chain.head("finalized") == head


def test_an_address_without_code_is_no_currency(chain: Chain) -> None:
    with pytest.raises(RefusedError, match=r"chain\.not_a_token"):
        chain.decimals("0x" + "11" * 20)


def test_nobody_holds_a_currency_that_is_not_there_yet(chain: Chain) -> None:
    assert chain.network.dollar is not None
    assert chain.balance("0x" + "11" * 20, chain.network.dollar).units == 0


def test_delegated_code_is_noticed(node: PracticeNode) -> None:
    code = "0xef0100" + "11" * 20
    assert Chain(network("practice"), Altered(node, eth_getCode=code)).is_delegated("0x" + "22" * 20)
    assert not Chain(network("practice"), node).is_delegated("0x" + "22" * 20)


@pytest.mark.parametrize("answer", ["0x", "0x" + "00" * 128, "0x" + "11" * 128, "0x" + "00" * 64])
def test_a_missing_or_wrong_precompile_is_noticed(node: PracticeNode, answer: str) -> None:
    assert not Chain(network("practice"), Altered(node, eth_call=answer)).has_precompile()


@pytest.mark.parametrize(
    ("method", "answer"),
    [("eth_getBalance", None), ("eth_getBalance", "12"), ("eth_chainId", {}), ("eth_blockNumber", [])],
)
def test_nonsense_from_a_node_is_never_a_number(node: PracticeNode, method: str, answer: Any) -> None:
    chain = Chain(network("practice"), Altered(node, **{method: answer}))
    read = {
        "eth_getBalance": lambda: chain.balance("0x" + "11" * 20),
        "eth_chainId": chain.check_chain_id,
        "eth_blockNumber": chain.block_number,
    }
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        read[method]()


@pytest.mark.parametrize(
    "damage", [{"number": None}, {"hash": "0x12"}, {"parentHash": 5}, {"timestamp": "now"}]
)
def test_a_damaged_block_is_refused(node: PracticeNode, damage: dict[str, Any]) -> None:
    block = node.call("eth_getBlockByNumber", ["latest", False])
    assert parse_head(block).number == 0
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        parse_head(block | damage)
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        parse_head(None)
