"""Hand-written log decoding against eth_abi's encoding of the shipped ABIs."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils import keccak, to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain import logs
from desktop_app.chain.artifacts import load_artifact
from desktop_app.chain.wire import ZERO_ADDRESS, to_data
from desktop_app.core.errors import UnavailableError

ADDRESSES = st.binary(min_size=20, max_size=20).map(to_checksum_address)
WORDS = st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(0, 2**256 - 1)
CURRENCIES = ADDRESSES | st.just(ZERO_ADDRESS)

# Event, its contract and name in the ABI, and the field of each ABI input.
EVENTS: list[tuple[type, str, str, str]] = [
    (logs.Registered, "Registry", "Registered", "registrant commitment_id commitment uri_hash proved"),
    (logs.RecordTransferred, "Registry", "Transferred", "registrant commitment_id previous_holder holder"),
    (logs.TokenCreated, "RoyaltyFactory", "TokenCreated", "token creator work name symbol supply"),
    (logs.Payment, "RoyaltyToken", "Payment", "payer currency amount memo"),
    (logs.Pushed, "RoyaltyToken", "Pushed", "collaborator currency amount"),
    (logs.PushFailed, "RoyaltyToken", "PushFailed", "collaborator currency amount"),
    (logs.Claimed, "RoyaltyToken", "Claimed", "holder currency amount to"),
    (logs.Forwarded, "RoyaltyToken", "Forwarded", "parent currency amount"),
    (logs.Transfer, "RoyaltyToken", "Transfer", "sender receiver value"),
    (logs.Transfer, "TestDollar", "Transfer", "sender receiver value"),
]


def abi_event(contract: str, name: str) -> dict[str, Any]:
    return next(e for e in load_artifact(contract).abi if e["type"] == "event" and e["name"] == name)


def strategy(abi_input: dict[str, Any]) -> st.SearchStrategy[Any]:
    if abi_input["name"] == "currency":
        return CURRENCIES
    if abi_input["name"] == "commitment":
        return st.binary(min_size=128, max_size=128)
    limit = {"name": 64, "symbol": 16}.get(abi_input["name"], 0)
    text = st.text(max_size=limit).filter(lambda t: len(t.encode()) <= limit)
    kinds = {
        "address": ADDRESSES,
        "bytes32": WORDS,
        "uint256": NUMBERS,
        "bool": st.booleans(),
        "string": text,
    }
    return kinds[abi_input["type"]]


def raw_log(contract: str, name: str, values: list[Any]) -> dict[str, Any]:
    event = abi_event(contract, name)
    pairs = list(zip(event["inputs"], values, strict=True))
    signature = f"{name}({','.join(i['type'] for i in event['inputs'])})"
    plain = [(i["type"], v) for i, v in pairs if not i["indexed"]]
    return {
        "address": "0x" + "ab" * 20,
        "topics": [to_data(keccak(text=signature))]
        + [to_data(encode([i["type"]], [v])) for i, v in pairs if i["indexed"]],
        "data": to_data(encode([kind for kind, _ in plain], [v for _, v in plain])),
        "blockNumber": "0x10",
        "blockHash": "0x" + "0a" * 32,
        "transactionHash": "0x" + "0b" * 32,
        "transactionIndex": "0x2",
        "logIndex": "0x3",
        "removed": False,
    }


@pytest.mark.parametrize(("kind", "contract", "name", "fields"), EVENTS)
@given(drawn=st.data())
def test_every_event_decodes_to_what_was_encoded(
    kind: type, contract: str, name: str, fields: str, drawn: st.DataObject
) -> None:
    values = [drawn.draw(strategy(i)) for i in abi_event(contract, name)["inputs"]]
    event = logs.decode_log(raw_log(contract, name, values))
    assert type(event) is kind
    names = fields.split()
    expected = [
        "" if f == "currency" and v == ZERO_ADDRESS else v for f, v in zip(names, values, strict=True)
    ]
    assert [getattr(event, name) for name in names] == expected
    assert event.place == logs.LogPlace(
        to_checksum_address("0x" + "ab" * 20), 16, "0x" + "0a" * 32, "0x" + "0b" * 32, 2, 3
    )


@pytest.mark.parametrize(("kind", "contract", "name", "fields"), EVENTS)
@given(drawn=st.data())
def test_data_that_is_cut_short_or_longer_is_refused(
    kind: type, contract: str, name: str, fields: str, drawn: st.DataObject
) -> None:
    values = [drawn.draw(strategy(i)) for i in abi_event(contract, name)["inputs"]]
    log = raw_log(contract, name, values)
    whole = log["data"]
    cut = drawn.draw(st.integers(0, len(whole) - 1))
    for damaged in (whole[:cut], whole + "00", whole + "00" * 32, whole[:-1] + " ", whole[:-2] + "zz"):
        with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
            logs.decode_log(log | {"data": damaged})


@given(
    values=st.tuples(ADDRESSES, CURRENCIES, NUMBERS, WORDS),
    place=st.integers(0, 30),
    junk=st.integers(1, 255),
)
def test_dirt_above_an_address_is_refused(values: tuple[Any, ...], place: int, junk: int) -> None:
    log = raw_log("RoyaltyToken", "Payment", list(values))
    topic = bytearray.fromhex(log["topics"][1][2:])
    topic[place % 12] = junk
    log["topics"][1] = to_data(bytes(topic))
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        logs.decode_log(log)


@pytest.mark.parametrize(
    "damage",
    [
        {"address": "0x12"}, {"address": None}, {"topics": None}, {"topics": "0x12"},
        {"blockNumber": "16"}, {"blockNumber": None}, {"blockNumber": "0x"},
        {"blockNumber": "0x-1"}, {"logIndex": "0x" + "1" * 17}, {"blockHash": "0x12"},
        {"transactionHash": "0x" + "0B" * 32}, {"transactionHash": None}, {"data": None}, {"data": 5},
    ],
)  # fmt: skip
def test_a_log_with_a_damaged_part_is_refused(damage: dict[str, Any]) -> None:
    log = raw_log("RoyaltyToken", "Pushed", ["0x" + "11" * 20, ZERO_ADDRESS, 5])
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        logs.decode_log(log | damage)


@pytest.mark.parametrize(
    "missing", ["address", "data", "blockNumber", "blockHash", "transactionHash", "logIndex"]
)
def test_a_log_without_a_part_is_refused(missing: str) -> None:
    log = raw_log("RoyaltyToken", "Pushed", ["0x" + "11" * 20, ZERO_ADDRESS, 5])
    del log[missing]
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        logs.decode_log(log)


def test_topics_too_few_or_too_many_are_refused() -> None:
    log = raw_log("RoyaltyToken", "Payment", ["0x" + "11" * 20, ZERO_ADDRESS, 5, bytes(32)])
    for topics in (log["topics"][:2], [*log["topics"], log["topics"][1]]):
        with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
            logs.decode_log(log | {"topics": topics})


def test_events_of_others_are_left_out() -> None:
    ours = raw_log("RoyaltyToken", "Pushed", ["0x" + "11" * 20, ZERO_ADDRESS, 5])
    erc721 = raw_log("RoyaltyToken", "Transfer", ["0x" + "11" * 20, "0x" + "12" * 20, 5])
    erc721["topics"].append("0x" + "00" * 32)
    approval = raw_log("RoyaltyToken", "Approval", ["0x" + "11" * 20, "0x" + "12" * 20, 5])
    anonymous = ours | {"topics": []}
    assert [type(e) for e in logs.decode_logs([erc721, approval, anonymous, ours])] == [logs.Pushed]


def test_strings_in_another_layout_are_refused() -> None:
    log = raw_log(
        "RoyaltyFactory", "TokenCreated", ["0x" + "11" * 20, "0x" + "12" * 20, bytes(32), "ab", "c", 5]
    )
    data = bytes.fromhex(log["data"][2:])
    for place, value in ((31, 0x80), (63, 0x60), (127, 65), (130, 1), (191, 33)):
        damaged = bytearray(data)
        damaged[place] = value
        with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
            logs.decode_log(log | {"data": to_data(bytes(damaged))})


def test_a_name_that_is_no_utf_8_is_shown_as_such() -> None:
    log = raw_log(
        "RoyaltyFactory", "TokenCreated", ["0x" + "11" * 20, "0x" + "12" * 20, bytes(32), "ab", "c", 5]
    )
    damaged = bytearray.fromhex(log["data"][2:])
    damaged[128] = 0xFF
    event = logs.decode_log(log | {"data": to_data(bytes(damaged))})
    assert isinstance(event, logs.TokenCreated)
    assert event.name == "\N{REPLACEMENT CHARACTER}b"
