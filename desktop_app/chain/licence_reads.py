"""What the Licences contract tells without a transaction: terms on offer, and licences that were sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop_app.chain import wire
from desktop_app.chain.abi_logs import AbiEvent, decode_abi_log, event_topic
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import LICENCES
from desktop_app.chain.log_search import search_raw_logs, topic_of
from desktop_app.chain.reads import read_contract, require_contract
from desktop_app.chain.wire import ZERO_ADDRESS, Json

_TERMS = "(uint256,address,uint256,uint64,bytes32,bytes32)"


@dataclass(frozen=True)
class OfferedTerms:
    """One version of terms of a royalty token; see `contracts.LicenceOffer`. `price` in the smallest unit.

    `terms_hash` is computed here from the terms that are shown, never taken from the node: a buyer names it.
    """

    token: str
    version: int
    kind: int
    currency: str
    price: int
    duration: int
    data_root: bytes
    document: bytes
    is_open: bool
    licensor: str
    terms_hash: bytes


@dataclass(frozen=True)
class LicenceRecord:
    """A licence that was sold. Times are Unix seconds; `expires_at` 0: never."""

    id: int
    licensee: str
    token: str
    version: int
    kind: int
    quantity: int
    used: int
    bought_at: int
    expires_at: int
    data_root: bytes
    document: bytes


def offered_terms(chain: Chain, token: str) -> list[OfferedTerms]:
    """All versions of a token's terms, oldest first, closed ones too."""
    require_contract(chain, LICENCES)
    address = contract_address(LICENCES)
    (count,) = read_contract(chain, address, LICENCES, "versions", token)
    found = []
    for version in range(1, count + 1):
        terms, is_open, licensor = read_contract(chain, address, LICENCES, "terms", token, version)
        kind, currency, price, duration, data_root, document = terms
        found.append(
            OfferedTerms(
                token=token,
                version=version,
                kind=kind,
                currency="" if currency == ZERO_ADDRESS else wire.address(currency),
                price=price,
                duration=duration,
                data_root=data_root,
                document=document,
                is_open=is_open,
                licensor=wire.address(licensor),
                terms_hash=_hash(token, terms),
            )
        )
    return found


def _hash(token: str, terms: tuple[Any, ...]) -> bytes:
    from eth_abi.abi import encode
    from eth_hash.auto import keccak

    return keccak(encode(["address", _TERMS], [token, terms]))


def licence(chain: Chain, licence_id: int) -> LicenceRecord | None:
    """One licence, None when there is none with that number."""
    require_contract(chain, LICENCES)
    (found,) = read_contract(chain, contract_address(LICENCES), LICENCES, "licence", licence_id)
    licensee, token, version, kind, quantity, used, bought_at, expires_at, data_root, document = found
    if licensee == ZERO_ADDRESS:
        return None
    return LicenceRecord(
        licence_id,
        wire.address(licensee),
        wire.address(token),
        version,
        kind,
        quantity,
        used,
        bought_at,
        expires_at,
        data_root,
        document,
    )


def term_addresses(chain: Chain, token: str, created_block: int) -> Mapping[int, str]:
    """Where the text of each version can be read, as its licensor says; "" where nothing was said."""
    topics = [event_topic(LICENCES, "Offered"), topic_of(token)]
    return {
        event.values["version"]: event.values["uri"] for event in _events(chain, created_block, topics)
    }


def bought(chain: Chain, *, token: str = "", licensee: str = "", first: int = 0) -> list[AbiEvent]:
    """The purchases (`Bought`) of a token's licences, of one licensee, or both, oldest first."""
    topics: list[Json] = [
        event_topic(LICENCES, "Bought"),
        None,
        topic_of(token) if token else None,
        topic_of(licensee) if licensee else None,
    ]
    while topics[-1] is None:
        topics.pop()
    return _events(chain, first, topics)


def _events(chain: Chain, first: int, topics: list[Json]) -> list[AbiEvent]:
    require_contract(chain, LICENCES)
    address = contract_address(LICENCES)
    found = search_raw_logs(chain, first, chain.block_number(), [address], topics)
    events = [decode_abi_log(LICENCES, log) for log in found]
    return [event for event in events if event is not None and event.place.contract == address]
