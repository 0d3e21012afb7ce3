from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.networks import load_networks, network, parse_networks
from desktop_app.chain.wire import parse_address
from desktop_app.core.errors import BugError, NotFoundError
from desktop_app.core.paths import resource


def test_the_practice_network_comes_first_and_needs_no_node() -> None:
    first = next(iter(load_networks().values()))
    assert (first.key, first.kind, first.chain_id, first.rpc_urls) == ("practice", "practice", 6516588, ())
    assert first.dollar is not None
    assert (first.dollar.symbol, first.dollar.decimals) == ("tUSD", 6)
    assert first.dollar.address == contract_address("TestDollar")


def listed() -> dict[str, Any]:
    with resource("networks.toml").open("rb") as file:
        return tomllib.load(file)


def test_every_fact_of_a_real_network_has_a_source_and_a_date() -> None:
    for key, facts in listed().items():
        if key != "practice":
            stated = set(facts) - {"name", "kind", "sources"}
            assert stated == set(facts["sources"]), key
            for source, day in facts["sources"].values():
                assert source.strip(), key
                assert date(2020, 1, 1) < date.fromisoformat(day) <= date(2026, 11, 26), key


def test_the_networks_of_the_plan_are_all_there_with_a_test_network_each() -> None:
    names = {one.name for one in load_networks().values() if one.kind == "main"}
    assert names >= {
        "Base", "OP Mainnet", "Arbitrum One", "Linea", "Scroll", "ZKsync Era", "Unichain", "Ink",
        "World Chain", "Soneium", "Mantle", "Celo", "Ethereum",
    }  # fmt: skip
    assert sum(one.kind == "test" for one in load_networks().values()) >= 12


def test_networks_that_are_only_compared_are_marked() -> None:
    marked = {one.key for one in load_networks().values() if not one.usable}
    assert marked == {"ethereum", "zksync", "zksync-sepolia"}


def changed(**facts: Any) -> dict[str, Any]:
    """The file with some facts of Base changed."""
    every = listed()
    every["base"].update(facts)
    return every


@pytest.mark.parametrize(
    "facts",
    [
        {"chain_id": "8453"}, {"chain_id": True}, {"chain_id": 0}, {"chain_id": 10},
        {"kind": "mainnet"}, {"coin": 5}, {"rpc_urls": ["http://base.org"]}, {"rpc_urls": "https://a"},
        {"explorer": "javascript:alert(1)"}, {"block_time_ms": 2.0}, {"block_time_ms": -1},
        {"proof_on_chain": "yes"}, {"data_fee": "bedrock"}, {"posts_to": "the moon"}, {"stage": "3"},
        {"withdrawal_s": [5]}, {"withdrawal_s": [9, 5]}, {"withdrawal_s": [0, 5]}, {"use": "no"},
        {"dollar": {"symbol": "USDC", "decimals": 6, "address": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA0291"}},
        {"dollar": {"symbol": "U", "decimals": 6, "address": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02914"}},
        {"dollar": {"symbol": "USDC", "address": "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"}},
        {"gas_token": "ETH"}, {"sources": {}},
    ],
)  # fmt: skip
def test_a_fact_that_is_not_as_promised_stops_the_app_at_the_start(facts: dict[str, Any]) -> None:
    with pytest.raises(BugError, match=r"networks\.toml"):
        parse_networks(changed(**facts))


@pytest.mark.parametrize(
    "source", ["docs", ["docs"], ["docs", "24 Nov 2026"], ["", "2026-11-24"], ["docs", "2026-13-01"]]
)
def test_a_source_without_text_or_date_is_refused(source: Any) -> None:
    every = listed()
    every["base"]["sources"]["coin"] = source
    with pytest.raises(BugError, match=r"base\.sources"):
        parse_networks(every)


def test_chain_ids_are_different_and_currencies_carry_them() -> None:
    networks = load_networks().values()
    assert len({n.chain_id for n in networks}) == len(networks)
    for one in networks:
        assert one.native.is_native
        assert one.native.chain_id == one.chain_id
        if one.dollar is not None:
            assert one.dollar.chain_id == one.chain_id
            assert parse_address(one.dollar.address) == one.dollar.address


def test_networks_that_are_gone_are_not_offered() -> None:
    assert not {n.chain_id for n in load_networks().values()} & {1101}
    assert "polygon" not in " ".join(load_networks()).lower()


def test_known_endpoints_are_encrypted() -> None:
    for one in load_networks().values():
        assert all(url.startswith("https://") for url in one.rpc_urls)
        assert one.kind == "practice" or one.rpc_urls


def test_a_network_finds_its_currencies_and_pages() -> None:
    base = network("base")
    assert base.is_real
    assert base.currency("") == base.native
    assert base.dollar is not None
    assert base.currency(base.dollar.address.lower()) == base.dollar
    assert base.currency("0x" + "11" * 20) is None
    assert base.transaction_url("0x12") == "https://basescan.org/tx/0x12"
    assert base.address_url("0x12") == "https://basescan.org/address/0x12"
    assert network("practice").transaction_url("0x12") is None


def test_an_unknown_network_is_named() -> None:
    with pytest.raises(NotFoundError, match=r"chain\.unknown_network"):
        network("polygon-zkevm")
