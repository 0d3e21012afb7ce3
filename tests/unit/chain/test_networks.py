from __future__ import annotations

import tomllib

import pytest

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.networks import load_networks, network
from desktop_app.chain.wire import parse_address
from desktop_app.core.errors import NotFoundError
from desktop_app.core.paths import resource


def test_the_practice_network_comes_first_and_needs_no_node() -> None:
    first = next(iter(load_networks().values()))
    assert (first.key, first.kind, first.chain_id, first.rpc_urls) == ("practice", "practice", 6516588, ())
    assert first.dollar is not None
    assert (first.dollar.symbol, first.dollar.decimals) == ("tUSD", 6)
    assert first.dollar.address == contract_address("TestDollar")


def test_every_fact_of_a_real_network_has_a_source() -> None:
    with resource("networks.toml").open("rb") as file:
        listed = tomllib.load(file)
    for key, facts in listed.items():
        if key != "practice":
            stated = set(facts) - {"name", "kind", "sources"}
            assert stated == set(facts["sources"]), key
            assert all(facts["sources"].values()), key


def test_chain_ids_are_different_and_currencies_carry_them() -> None:
    networks = load_networks().values()
    assert len({n.chain_id for n in networks}) == len(networks)
    for one in networks:
        assert one.native.is_native
        assert one.native.chain_id == one.chain_id
        if one.dollar is not None:
            assert one.dollar.chain_id == one.chain_id
            assert parse_address(one.dollar.address) == one.dollar.address


def test_networks_that_are_gone_or_no_evm_are_not_offered() -> None:
    assert not {n.chain_id for n in load_networks().values()} & {1101, 324, 300}


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
