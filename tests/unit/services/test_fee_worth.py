"""What a fee is worth: the network's own price feed says it, in the user's money, or nothing is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_abi import encode

from desktop_app.chain.connection import Chain
from desktop_app.chain.networks import network
from desktop_app.chain.price_feeds import load_price_feeds
from desktop_app.chain.rpc import RpcError
from desktop_app.core.amounts import Amount
from desktop_app.core.paths import AppPaths
from desktop_app.core.settings import MONEY
from desktop_app.services.app import Services, build_services

BASE = network("base")
NOW = 1_795_651_200
PRICES = {"ETH": 3_000, "EUR": 2}
"""In dollars."""
FEE = Amount(10**14, BASE.native)
"""0.0001 ETH."""


class Node:
    """A node of Base with its price feeds; `silent`: it knows no contract."""

    def __init__(self, silent: bool = False) -> None:
        self.silent = silent
        self.asked = 0

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.asked += 1
        if method == "eth_getBlockByNumber":
            word = "0x" + "11" * 32
            return {"number": "0x64", "hash": word, "parentHash": word, "timestamp": hex(NOW)}
        assert method == "eth_call"
        if self.silent:
            return "0x"
        to, data = params[0]["to"].lower(), params[0]["data"]
        base = next(name for (_, name), feed in load_price_feeds().items() if feed.address.lower() == to)
        if data == "0x7284e416":  # description()
            return "0x" + encode(["string"], [f"{base} / USD"]).hex()
        if data == "0x313ce567":  # decimals()
            return hex(8)[2:].rjust(64, "0").join(["0x", ""])
        answer = [7, PRICES[base] * 10**8, NOW - 60, NOW - 60, 7]
        return "0x" + encode(["uint80", "int256", "uint256", "uint256", "uint80"], answer).hex()

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        answers: list[Any] = []
        for method, params in calls:
            try:
                answers.append(self.call(method, params))
            except RpcError as refused:
                answers.append(refused)
        return answers

    def close(self) -> None:
        pass


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    built = build_services(AppPaths(tmp_path / "home"))
    yield built
    built.close()


@pytest.mark.parametrize(
    ("money", "units", "said"),
    [
        ("USD", 10**14, "0.30 USD"),
        ("EUR", 10**14, "0.15 EUR"),
        ("USD", 1, "0.01 USD"),  # a cent is the least that is said: the fee is the most that it can be
        ("none", 10**14, ""),
        ("USD", 0, ""),
    ],
)
def test_a_fee_is_told_in_the_users_money(services: Services, money: str, units: int, said: str) -> None:
    services.settings.set(MONEY, money)
    chain = Chain(BASE, Node())
    assert services.reviews._worth(chain, Amount(units, BASE.native)) == said


def test_where_the_network_tells_no_price_nothing_is_said(services: Services) -> None:
    assert services.reviews._worth(Chain(BASE, Node(silent=True)), FEE) == ""


def test_on_a_network_without_real_money_nobody_is_asked(services: Services) -> None:
    node = Node()
    for key in ("practice", "base-sepolia"):
        chain = Chain(network(key), node)
        assert services.reviews._worth(chain, Amount(10**14, chain.network.native)) == ""
    assert node.asked == 0
