"""The networks that the app knows: facts from resources/networks.toml, each with its source and date."""

from __future__ import annotations

import re
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
DATA_FEES = ("op-stack", "mantle", "arbitrum", "scroll", "linea", "zksync")
DATA_PLACES = ("blobs", "ethereum", "eigenda")
PROOF_SYSTEMS = ("optimistic", "validity")
STAGES = ("0", "1", "2", "none")

_KINDS = ("practice", "test", "main")
_WITHOUT_SOURCE = {"name", "kind", "sources"}
_DATE = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_URL = re.compile(r"https://[a-z0-9.-]+(/[\w./-]*)?")


@dataclass(frozen=True)
class Network:
    """One network. `None` means that the fact is not established, never that it is false.

    `rpc_urls` are public endpoints, `block_time_ms` milliseconds between blocks, `proof_on_chain` whether the
    registration proof can be checked there (EIP-2537), `data_fee` how the network charges the cost of data on
    Ethereum (one of DATA_FEES), `posts_to` where that data goes (DATA_PLACES), `stage` L2BEAT's stage,
    `final_after_s` seconds until Ethereum has made a payment final, `withdrawal_s` the fastest and slowest
    way back to Ethereum in seconds; `usable` is False for what is listed for comparison only. `sources` names
    where each fact was read, `dates` the day for which it stands (YYYY-MM-DD).
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
    dates: Mapping[str, str]
    posts_to: str | None = None
    proof_system: str | None = None
    final_after_s: int | None = None
    withdrawal_s: tuple[int, int] | None = None
    stage: str | None = None
    usable: bool = True

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
        return parse_networks(tomllib.load(file))


def parse_networks(listed: Mapping[str, Any]) -> Mapping[str, Network]:
    """The networks of a parsed networks.toml; BugError for anything that is not exactly as promised."""
    found = {key: _network(key, facts) for key, facts in listed.items()}
    chain_ids = [network.chain_id for network in found.values()]
    if len(set(chain_ids)) != len(chain_ids):
        raise BugError("networks.toml: two networks with one chain id")
    return MappingProxyType(found)


def network(key: str) -> Network:
    """One network by its key. Raises NotFoundError."""
    found = load_networks().get(key)
    if found is None:
        raise NotFoundError("chain.unknown_network", key=key)
    return found


class _Facts:
    """Reads one network's facts; what is left over at the end is a mistake in the file."""

    def __init__(self, key: str, facts: object) -> None:
        self.key = key
        if not isinstance(facts, dict):
            raise self.wrong("")
        self._facts = dict(facts)

    def wrong(self, name: str) -> BugError:
        return BugError(f"networks.toml: {self.key}.{name} is not as promised")

    def take(self, name: str, kind: type | tuple[type, ...], needed: bool = False) -> Any:
        value = self._facts.pop(name, None)
        if value is None and not needed:
            return None
        # bool is an int to Python, not to us.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            raise self.wrong(name)
        return value

    def number(self, name: str, needed: bool = False) -> int | None:
        value = self.take(name, int, needed)
        if value is not None and value <= 0:
            raise self.wrong(name)
        return cast("int | None", value)

    def one_of(self, name: str, choices: tuple[str, ...], needed: bool = False) -> str | None:
        value = self.take(name, str, needed)
        if value is not None and value not in choices:
            raise self.wrong(name)
        return cast("str | None", value)

    def sources(self, stated: set[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        given = self.take("sources", dict, needed=True)
        if set(given) != stated:
            raise self.wrong("sources")
        for entry in given.values():
            if not isinstance(entry, list) or len(entry) != 2 or not all(isinstance(x, str) for x in entry):
                raise self.wrong("sources")
            if not entry[0].strip() or _DATE.fullmatch(entry[1]) is None:
                raise self.wrong("sources")
        texts = {name: f"{entry[0]} ({entry[1]})" for name, entry in given.items()}
        dates = {name: entry[1] for name, entry in given.items()}
        return MappingProxyType(texts), MappingProxyType(dates)

    def done(self) -> None:
        if self._facts:
            raise self.wrong(min(self._facts))


def _network(key: str, raw: object) -> Network:
    facts = _Facts(key, raw)
    stated = set(cast("dict[str, Any]", raw)) - _WITHOUT_SOURCE
    kind = facts.one_of("kind", _KINDS, needed=True)
    practice = kind == "practice"
    sources: tuple[Mapping[str, str], Mapping[str, str]] = (MappingProxyType({}), MappingProxyType({}))
    if not practice:
        sources = facts.sources(stated)
    chain_id = facts.number("chain_id", needed=True)
    assert chain_id is not None
    urls = facts.take("rpc_urls", list, needed=True)
    explorer = facts.take("explorer", str)
    places = [*urls, *([explorer] if explorer else [])]
    if not all(isinstance(url, str) and _URL.fullmatch(url) for url in places):
        raise facts.wrong("rpc_urls")
    dollar = facts.take("dollar", dict)
    withdrawal = facts.take("withdrawal_s", list)
    usable = facts.take("use", bool)
    found = Network(
        key=key,
        name=facts.take("name", str, needed=True),
        kind=cast(Kind, kind),
        chain_id=chain_id,
        rpc_urls=tuple(urls),
        native=Currency(chain_id, facts.take("coin", str, needed=True), COIN_DECIMALS),
        dollar=_practice_dollar(chain_id) if practice else _dollar(facts, chain_id, dollar),
        explorer=explorer,
        block_time_ms=facts.number("block_time_ms"),
        proof_on_chain=facts.take("proof_on_chain", bool),
        data_fee=facts.one_of("data_fee", DATA_FEES),
        sources=sources[0],
        dates=sources[1],
        posts_to=facts.one_of("posts_to", DATA_PLACES),
        proof_system=facts.one_of("proof_system", PROOF_SYSTEMS),
        final_after_s=facts.number("final_after_s"),
        withdrawal_s=None if withdrawal is None else _span(facts, withdrawal),
        stage=facts.one_of("stage", STAGES),
        usable=usable is not False,
    )
    facts.done()
    return found


def _span(facts: _Facts, value: list[Any]) -> tuple[int, int]:
    if len(value) != 2 or not all(type(part) is int for part in value) or not 0 < value[0] <= value[1]:
        raise facts.wrong("withdrawal_s")
    return value[0], value[1]


def _dollar(facts: _Facts, chain_id: int, value: dict[str, Any] | None) -> Currency | None:
    if value is None:
        return None
    address = value.get("address")
    if set(value) != {"symbol", "decimals", "address"} or not isinstance(address, str):
        raise facts.wrong("dollar")
    right = checksummed(address.lower())
    # A mixed-case address with a wrong checksum was mistyped.
    if re.fullmatch(r"0x[0-9a-fA-F]{40}", address) is None or address not in (address.lower(), right):
        raise facts.wrong("dollar")
    return Currency(chain_id, value["symbol"], value["decimals"], right)


def _practice_dollar(chain_id: int) -> Currency | None:
    from desktop_app.chain.artifacts import contract_address

    return Currency(chain_id, "tUSD", 6, contract_address("TestDollar"))
