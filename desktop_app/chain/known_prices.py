"""Prices that ship with the app (resources/network_prices.toml), each with its source and its day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from desktop_app.chain.data_fees import Draft, fjord_fee, posted_bytes
from desktop_app.chain.networks import Network, load_networks
from desktop_app.chain.own_actions import SAMPLE_SENDER, OwnAction, steps
from desktop_app.chain.prices import ActionFee, PriceReading
from desktop_app.core.errors import BugError
from desktop_app.core.paths import resource

_PRICES = {"gas_price", "l1_base_fee", "blob_base_fee"}
_SCALARS = {"scalar", "blob_scalar"}


@dataclass(frozen=True)
class KnownPrices:
    """What a network's prices were on a day (Unix time of its beginning, UTC), and where that was read."""

    reading: PriceReading
    taken_at: int
    source: str


@cache
def known_prices() -> Mapping[str, KnownPrices]:
    """By network key."""
    with resource("network_prices.toml").open("rb") as file:
        return parse_known_prices(tomllib.load(file))


def parse_known_prices(listed: Mapping[str, Any]) -> Mapping[str, KnownPrices]:
    """The prices of a parsed network_prices.toml; BugError for anything that is not exactly as promised."""
    return MappingProxyType({key: _known(key, facts) for key, facts in listed.items()})


def _known(key: str, facts: dict[str, Any]) -> KnownPrices:
    network = load_networks().get(key)
    op_stack = network is not None and network.data_fee == "op-stack"
    wanted = _PRICES | {"date", "source"} | (_SCALARS if op_stack else set())
    if network is None or set(facts) != wanted or not str(facts["source"]).strip():
        raise BugError(f"network_prices.toml: {key} is not as promised")
    if any(type(facts[name]) is not int or facts[name] < 0 for name in wanted - {"date", "source"}):
        raise BugError(f"network_prices.toml: a price of {key} is no number")
    day = date.fromisoformat(facts["date"])
    taken_at = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    proof = network.proof_on_chain is True
    reading = PriceReading(
        gas_price=facts["gas_price"],
        fees=tuple(_fee(network, action, proof, facts) for action in OwnAction),
        l1_base_fee=facts["l1_base_fee"],
        blob_base_fee=facts["blob_base_fee"],
    )
    return KnownPrices(reading, taken_at, facts["source"])


def _fee(network: Network, action: OwnAction, proof: bool, facts: dict[str, Any]) -> ActionFee:
    gas = data = posted = 0
    for step in steps(network, action, proof):
        gas += step.gas
        if "scalar" not in facts:
            continue
        call, price = step.call, facts["gas_price"]
        draft = Draft(SAMPLE_SENDER, call.to, call.data, call.value, step.gas, step.gas, price, 1)
        size = posted_bytes(draft, network.chain_id)
        posted += size
        data += fjord_fee(
            size * 10**6, facts["l1_base_fee"], facts["blob_base_fee"], facts["scalar"], facts["blob_scalar"]
        )
    return ActionFee(action, gas, gas * facts["gas_price"], data, 0, posted if "scalar" in facts else None)
