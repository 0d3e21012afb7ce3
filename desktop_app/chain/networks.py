"""The networks that the app knows: facts from resources/networks.toml, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, cast

from desktop_app.chain.wire import checksummed
from desktop_app.core.amounts import Currency
from desktop_app.core.errors import BugError, NotFoundError
from desktop_app.core.paths import resource

Kind = Literal["practice", "test", "main"]

COIN_DECIMALS = 18


@dataclass(frozen=True)
class Network:
    """One network. `None` means that the fact is not established, never that it is false.

    `rpc_urls` are public endpoints, `block_time_ms` milliseconds between blocks, `proof_on_chain` whether the
    registration proof can be checked there (EIP-2537), `data_fee` how the network charges the cost of data on
    Ethereum apart from gas ("op-stack"); `sources` names where each fact was read.
    """

    key: str
    name: str
    kind: Kind
    chain_id: int
    rpc_urls: tuple[str, ...]
    native: Currency
    dollar: Currency | None
    explorer: str | None
    block_time_ms: int | None
    proof_on_chain: bool | None
    data_fee: str | None
    sources: Mapping[str, str]

    @property
    def is_real(self) -> bool:
        """True where money is worth something."""
        return self.kind == "main"

    def transaction_url(self, tx_hash: str) -> str | None:
        return f"{self.explorer}/tx/{tx_hash}" if self.explorer else None

    def address_url(self, address: str) -> str | None:
        return f"{self.explorer}/address/{address}" if self.explorer else None

    def currency(self, address: str) -> Currency | None:
        """The known currency with that contract address ("" for the coin), or None."""
        for known in (self.native, self.dollar):
            if known is not None and known.address.lower() == address.lower():
                return known
        return None


@cache
def load_networks() -> Mapping[str, Network]:
    """All networks by key, the practice network first."""
    with resource("networks.toml").open("rb") as file:
        listed = tomllib.load(file)
    return MappingProxyType({key: _network(key, facts) for key, facts in listed.items()})


def network(key: str) -> Network:
    """One network by its key. Raises NotFoundError."""
    found = load_networks().get(key)
    if found is None:
        raise NotFoundError("chain.unknown_network", key=key)
    return found


def _network(key: str, facts: dict[str, Any]) -> Network:
    chain_id = facts["chain_id"]
    kind = facts["kind"]
    if kind not in ("practice", "test", "main"):
        raise BugError(f"networks.toml: {key}.kind is {kind}")
    dollar = facts.get("dollar")
    return Network(
        key=key,
        name=facts["name"],
        kind=cast(Kind, kind),
        chain_id=chain_id,
        rpc_urls=tuple(facts["rpc_urls"]),
        native=Currency(chain_id, facts["coin"], COIN_DECIMALS),
        dollar=_practice_dollar(chain_id) if kind == "practice" else _dollar(chain_id, dollar),
        explorer=facts.get("explorer"),
        block_time_ms=facts.get("block_time_ms"),
        proof_on_chain=facts.get("proof_on_chain"),
        data_fee=facts.get("data_fee"),
        sources=MappingProxyType(dict(facts.get("sources", {}))),
    )


def _dollar(chain_id: int, facts: dict[str, Any] | None) -> Currency | None:
    if facts is None:
        return None
    return Currency(chain_id, facts["symbol"], facts["decimals"], checksummed(facts["address"].lower()))


def _practice_dollar(chain_id: int) -> Currency | None:
    from desktop_app.chain.artifacts import contract_address

    return Currency(chain_id, "tUSD", 6, contract_address("TestDollar"))
