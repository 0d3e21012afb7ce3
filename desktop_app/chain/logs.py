"""Our contracts' events and ERC-20 transfers from raw JSON logs, decoded by hand and strictly.

Generic ABI decoding manages a thousand logs a second; following payouts needs a hundred thousand. A log with
one of our topics but another shape raises UnavailableError `chain.bad_answer`: no honest node sends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from desktop_app.chain.wire import Json, bad_answer, checksummed

# keccak256 of the event signatures; a test computes them again from the shipped ABIs.
REGISTERED = "0x8f244dd6d686bfd420d8186a15631d404768c30746ef58835b94d671c4c5b0b2"
TRANSFERRED = "0x177ace29bab9d65065e8956641db782bebd6c7f146867b41dc50a6f5b640ef24"
CREATED = "0x8e05c6571be4f89dab3ea50429ed14f61bcba76693c1c1cf28edfff5ee86d88a"
PAYMENT = "0x77e1d0d8689317ec14af806725490695c9224469afdfa7503596456f2e5c0e8c"
PUSHED = "0x309b6ff7c796d92b2e93ed2e36f9e0a60c6f15ad0baea02f68da16974159af53"
PUSH_FAILED = "0x07f3dc560d015c495d7d7926cd49653afc999a29327cf6ebacf18e147d91f5b4"
CLAIMED = "0x0ffa55c11cec5055a4f567b0ff6e1e0eef2af17baafddd35f31ab4ed1afb7546"
FORWARDED = "0x0571d85fc9cce8d2ebf18e983becef6cc884e37503f377f9b6383d65850f96d2"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


class LogPlace(NamedTuple):
    """Where a log is. `contract` emitted it; hashes are 0x hex in lower case; `log_index` counts through
    the block and changes when a transaction is mined again after a reorg."""

    contract: str
    block_number: int
    block_hash: str
    tx_hash: str
    tx_index: int
    log_index: int


@dataclass(frozen=True, slots=True)
class Registered:
    """A work was registered; `proved` when the proof was checked on chain."""

    place: LogPlace
    registrant: str
    commitment_id: bytes
    commitment: bytes
    uri_hash: bytes
    proved: bool


@dataclass(frozen=True, slots=True)
class RecordTransferred:
    """A registration record passed to another holder."""

    place: LogPlace
    registrant: str
    commitment_id: bytes
    previous_holder: str
    holder: str


@dataclass(frozen=True, slots=True)
class TokenCreated:
    """A royalty token was made."""

    place: LogPlace
    token: str
    creator: str
    work: bytes
    name: str
    symbol: str
    supply: int


@dataclass(frozen=True, slots=True)
class Payment:
    """`payer` paid `amount` units of a currency ("" for the coin)."""

    place: LogPlace
    payer: str
    currency: str
    amount: int
    memo: bytes


@dataclass(frozen=True, slots=True)
class Pushed:
    """A collaborator received his part at once."""

    place: LogPlace
    collaborator: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class PushFailed:
    """A recipient could not be paid; the amount stays owed."""

    place: LogPlace
    collaborator: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """What `holder` had earned went to the address `to`."""

    place: LogPlace
    holder: str
    currency: str
    amount: int
    to: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What the work `parent` (a royalty token) had a right to went to it."""

    place: LogPlace
    parent: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """ERC-20 tokens moved; `place.contract` is the token."""

    place: LogPlace
    sender: str
    receiver: str
    value: int


Event = (
    Registered
    | RecordTransferred
    | TokenCreated
    | Payment
    | Pushed
    | PushFailed
    | Claimed
    | Forwarded
    | Transfer
)

_IS_NUMBER = re.compile(r"0x[0-9a-f]{1,16}").fullmatch
_IS_HASH = re.compile(r"0x[0-9a-f]{64}").fullmatch
_IS_ADDRESS = re.compile(r"0x[0-9a-f]{40}").fullmatch
_ZERO_TOPIC = "0x" + "0" * 64
_PAD = "0x" + "0" * 24


def decode_log(log: Json) -> Event | None:
    """The event in a raw log; None for an event that is not ours. Raises UnavailableError."""
    try:
        topics = log["topics"]
        if not isinstance(topics, list):
            raise bad_answer("log.topics")
        decoder = _DECODERS.get(topics[0]) if topics else None
        if decoder is None:
            return None
        if len(topics) != decoder[1]:
            # Other contracts use the same signature with other indexed fields (ERC-721 transfers, for one).
            if topics[0] == TRANSFER:
                return None
            raise bad_answer("log.topics")
        return decoder[0](log_place(log), topics, log["data"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as malformed:
        raise bad_answer("log") from malformed


def decode_logs(logs: Iterable[Json]) -> list[Event]:
    """All of our events in order; others are left out."""
    return [event for log in logs if (event := decode_log(log)) is not None]


def log_place(log: dict[str, Json]) -> LogPlace:
    return LogPlace(
        contract=_hex_address(log["address"]),
        block_number=_number(log["blockNumber"]),
        block_hash=_hash(log["blockHash"]),
        tx_hash=_hash(log["transactionHash"]),
        tx_index=_number(log["transactionIndex"]),
        log_index=_number(log["logIndex"]),
    )


# The logs of a block share most of their words: looking a word up is quicker than checking it again.
@lru_cache(maxsize=4096)
def _number(text: str) -> int:
    if _IS_NUMBER(text) is None:
        raise bad_answer("log.number")
    return int(text, 16)


@lru_cache(maxsize=1024)
def _hash(text: str) -> str:
    if _IS_HASH(text) is None:
        raise bad_answer("log.hash")
    return text


@lru_cache(maxsize=4096)
def _hex_address(text: str) -> str:
    lower = text.lower()
    if _IS_ADDRESS(lower) is None:
        raise bad_answer("log.address")
    return checksummed(lower)


@lru_cache(maxsize=4096)
def _address(word: str) -> str:
    """The address in a topic or in a word of data, whose upper 12 bytes must be zero."""
    if len(word) != 66 or word[:26] != _PAD:
        raise bad_answer("log.address")
    return _hex_address("0x" + word[26:])


def _currency(word: str) -> str:
    return "" if word == _ZERO_TOPIC else _address(word)


def _words(data: str, count: int) -> bytes:
    if len(data) != 2 + 64 * count or data[:2] != "0x":
        raise bad_answer("log.data")
    raw = bytes.fromhex(data[2:])
    # fromhex skips white space.
    if len(raw) != 32 * count:
        raise bad_answer("log.data")
    return raw


def _word(raw: bytes, index: int) -> int:
    return int.from_bytes(raw[32 * index : 32 * index + 32], "big")


def _word_address(raw: bytes, index: int) -> str:
    return _address("0x" + raw[32 * index : 32 * index + 32].hex())


def _registered(place: LogPlace, topics: list[str], data: str) -> Registered:
    raw = _words(data, 8)
    proved = _word(raw, 2)
    if _word(raw, 0) != 96 or proved > 1 or _word(raw, 3) != 128:
        raise bad_answer("log.registered")
    commitment_id = bytes.fromhex(_hash(topics[2])[2:])
    return Registered(place, _address(topics[1]), commitment_id, raw[128:], raw[32:64], proved == 1)


def _transferred(place: LogPlace, topics: list[str], data: str) -> RecordTransferred:
    raw = _words(data, 2)
    commitment_id = bytes.fromhex(_hash(topics[2])[2:])
    return RecordTransferred(
        place, _address(topics[1]), commitment_id, _word_address(raw, 0), _word_address(raw, 1)
    )


def _token_created(place: LogPlace, topics: list[str], data: str) -> TokenCreated:
    words = (len(data) - 2) // 64
    raw = _words(data, words)
    name, after_name = _string(raw, 0, 96, 64)
    symbol, end = _string(raw, 1, after_name, 16)
    if end != len(raw):
        raise bad_answer("log.token_created")
    work = bytes.fromhex(_hash(topics[3])[2:])
    return TokenCreated(place, _address(topics[1]), _address(topics[2]), work, name, symbol, _word(raw, 2))


def _string(raw: bytes, head: int, offset: int, limit: int) -> tuple[str, int]:
    """The string whose offset stands in word `head` and must be `offset`, and where it ends, padding counted.

    Names are free text of strangers: what is not UTF-8 is shown as replacement characters.
    """
    length = _word(raw, offset // 32)
    end = offset + 32 + (length + 31) // 32 * 32
    if _word(raw, head) != offset or length > limit or end > len(raw):
        raise bad_answer("log.string")
    if any(raw[offset + 32 + length : end]):
        raise bad_answer("log.string")
    return raw[offset + 32 : offset + 32 + length].decode("utf-8", "replace"), end


def _payment(place: LogPlace, topics: list[str], data: str) -> Payment:
    raw = _words(data, 2)
    return Payment(place, _address(topics[1]), _currency(topics[2]), _word(raw, 0), raw[32:])


def _pushed(place: LogPlace, topics: list[str], data: str) -> Pushed:
    return Pushed(place, _address(topics[1]), _currency(topics[2]), _word(_words(data, 1), 0))


def _push_failed(place: LogPlace, topics: list[str], data: str) -> PushFailed:
    return PushFailed(place, _address(topics[1]), _currency(topics[2]), _word(_words(data, 1), 0))


def _claimed(place: LogPlace, topics: list[str], data: str) -> Claimed:
    raw = _words(data, 2)
    return Claimed(place, _address(topics[1]), _currency(topics[2]), _word(raw, 0), _word_address(raw, 1))


def _forwarded(place: LogPlace, topics: list[str], data: str) -> Forwarded:
    return Forwarded(place, _address(topics[1]), _currency(topics[2]), _word(_words(data, 1), 0))


def _transfer(place: LogPlace, topics: list[str], data: str) -> Transfer:
    return Transfer(place, _address(topics[1]), _address(topics[2]), _word(_words(data, 1), 0))


_DECODERS: dict[str, tuple[Callable[[LogPlace, list[str], str], Event], int]] = {
    REGISTERED: (_registered, 3),
    TRANSFERRED: (_transferred, 3),
    CREATED: (_token_created, 4),
    PAYMENT: (_payment, 3),
    PUSHED: (_pushed, 3),
    PUSH_FAILED: (_push_failed, 3),
    CLAIMED: (_claimed, 3),
    FORWARDED: (_forwarded, 3),
    TRANSFER: (_transfer, 3),
}
