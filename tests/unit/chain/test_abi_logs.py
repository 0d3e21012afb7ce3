"""Generic decoding of rare events: exact, and strict with what no honest node sends."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain.abi_codec import printable
from desktop_app.chain.abi_logs import decode_abi_log, event_topic
from desktop_app.chain.wire import ZERO_ADDRESS, to_data
from desktop_app.core.errors import UnavailableError

ADDRESS = st.binary(min_size=20, max_size=20).map(to_checksum_address)
PARTS = st.lists(st.tuples(ADDRESS, st.integers(0, 10**6)), max_size=4)
TERMS_TYPES = ["address", "address[]", "(address,uint256)[]", "(address,uint256)[]", "uint256", "string"]
TOKEN = to_checksum_address(b"\x12" * 20)


def raw_log(topics: list[str], data: bytes) -> dict[str, Any]:
    return {
        "address": "0x" + "ab" * 20,
        "topics": topics,
        "data": to_data(data),
        "blockNumber": "0x10",
        "blockHash": "0x" + "0a" * 32,
        "transactionHash": "0x" + "0b" * 32,
        "transactionIndex": "0x2",
        "logIndex": "0x3",
    }


def terms_log(data: bytes) -> dict[str, Any]:
    topics = [event_topic("RoyaltyFactory", "TermsFixed"), to_data(encode(["address"], [TOKEN]))]
    return raw_log(topics, data)


@given(ADDRESS, st.lists(ADDRESS, max_size=3), PARTS, PARTS, st.integers(0, 2**256 - 1), st.text(max_size=30))
def test_the_terms_of_a_token_come_back(
    registrant: str, currencies: list[str], ours: Any, parents: Any, share: int, uri: str
) -> None:
    values = [registrant, currencies, ours, parents, share, uri]
    event = decode_abi_log("RoyaltyFactory", terms_log(encode(TERMS_TYPES, values)))
    assert event is not None
    assert event.name == "TermsFixed"
    assert event.place.log_index == 3
    assert event.values == {
        "token": TOKEN,
        "registrant": registrant,
        "currencies": tuple(currencies),
        "collaborators": tuple(ours),
        "parents": tuple(parents),
        "resale_share": share,
        "uri": printable(uri),
    }


def test_a_text_that_is_not_utf_8_is_shown_as_well_as_it_goes() -> None:
    data = encode(TERMS_TYPES, [TOKEN, [], [], [], 0, "abc"]).replace(b"abc", b"a\xff\xfe")
    event = decode_abi_log("RoyaltyFactory", terms_log(data))
    assert event is not None
    assert event.values["uri"] == "a��"


def test_a_licence_that_was_bought_is_read() -> None:
    kinds = ["address", "uint256", "uint256", "uint256", "address", "uint256", "uint64"]
    data = encode(kinds, [TOKEN, 1, 2, 10, ZERO_ADDRESS, 700, 5])
    who = to_data(encode(["address"], [TOKEN]))
    topics = [event_topic("Licences", "Bought"), to_data((7).to_bytes(32, "big")), who, who]
    event = decode_abi_log("Licences", raw_log(topics, data))
    assert event is not None
    assert event.values["licence_id"] == 7
    assert list(event.values)[-1] == "expires_at"
    assert decode_abi_log("RoyaltyToken", raw_log(topics, data)) is None
    assert decode_abi_log("Licences", raw_log([], b"")) is None


GOOD = encode(TERMS_TYPES, [TOKEN, [], [(TOKEN, 1)], [], 0, ""])


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log.update(topics=log["topics"][:1]),
        lambda log: log.update(topics=[*log["topics"], log["topics"][1]]),
        lambda log: log.update(topics=[log["topics"][0], "0x12"]),
        lambda log: log.update(topics=[log["topics"][0], "0x" + "ff" * 32]),
        lambda log: log.update(topics=None),
        lambda log: log.update(data=to_data(GOOD[:-32])),
        lambda log: log.update(data="0x" + "f" * 64),
        lambda log: log.update(data="no hex"),
        lambda log: log.pop("data"),
        lambda log: log.update(logIndex="3"),
    ],
)
def test_a_malformed_log_is_an_answer_that_cannot_be_used(change: Any) -> None:
    log = terms_log(GOOD)
    change(log)
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        decode_abi_log("RoyaltyFactory", log)
