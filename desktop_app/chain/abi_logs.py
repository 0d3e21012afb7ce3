"""Any event of a shipped ABI, decoded generically and strictly: for the rare ones (terms, licences).

The frequent ones are decoded by hand in chain/logs.py, a hundred times faster. A log with a known topic but
another shape raises UnavailableError `chain.bad_answer`: no honest node sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from desktop_app.chain.abi_codec import codec
from desktop_app.chain.artifacts import load_artifact
from desktop_app.chain.contracts import canonical_type
from desktop_app.chain.logs import LogPlace, log_place
from desktop_app.chain.wire import Json, bad_answer, checksummed


@dataclass(frozen=True)
class AbiEvent:
    """One event: its name and its values by name; addresses with checksums, tuples for lists and structs.

    Texts are strangers' own, made fit to be shown (`abi_codec`).
    """

    place: LogPlace
    name: str
    values: Mapping[str, Any]


def event_topic(contract: str, name: str) -> str:
    """The first topic of an event of a shipped ABI, as 0x hex."""
    return next(topic for topic, entry in _events(contract).items() if entry["name"] == name)


def decode_abi_log(contract: str, log: Json) -> AbiEvent | None:
    """The event of `contract` ("Licences") in a raw log; None if it is none of its ABI. Raises
    UnavailableError."""
    from eth_abi.exceptions import DecodingError

    try:
        if not isinstance(log["topics"], list):
            raise bad_answer("log.topics")
        entry = _events(contract).get(log["topics"][0]) if log["topics"] else None
        if entry is None:
            return None
        indexed = [value for value in entry["inputs"] if value["indexed"]]
        plain = [value for value in entry["inputs"] if not value["indexed"]]
        topics = [bytes.fromhex(topic.removeprefix("0x")) for topic in log["topics"][1:]]
        if len(topics) != len(indexed) or any(len(topic) != 32 for topic in topics):
            raise bad_answer("log.topics")
        data = bytes.fromhex(log["data"].removeprefix("0x"))
        decoded = _decode(indexed, b"".join(topics)) | _decode(plain, data)
        values = {value["name"]: decoded[value["name"]] for value in entry["inputs"]}
        return AbiEvent(log_place(log), entry["name"], values)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, DecodingError) as malformed:
        raise bad_answer("log") from malformed


def _decode(inputs: list[dict[str, Any]], data: bytes) -> dict[str, Any]:
    types = [canonical_type(value) for value in inputs]
    found = codec().decode(types, data)
    if codec().encode(types, found) != data and "string" not in types:
        raise bad_answer("log.data")
    return {
        value["name"]: _plain(canonical_type(value), one) for value, one in zip(inputs, found, strict=True)
    }


def _plain(kind: str, value: Any) -> Any:
    if kind == "address":
        return checksummed(value)
    if kind.endswith("[]"):
        return tuple(_plain(kind[:-2], one) for one in value)
    if kind.startswith("("):
        parts = kind[1:-1].split(",")  # our events hold no struct within a struct
        return tuple(_plain(part, one) for part, one in zip(parts, value, strict=True))
    return value


@cache
def _events(contract: str) -> dict[str, dict[str, Any]]:
    from eth_hash.auto import keccak

    events = [entry for entry in load_artifact(contract).abi if entry["type"] == "event"]
    signatures = [f"{e['name']}({','.join(canonical_type(i) for i in e['inputs'])})" for e in events]
    return {
        "0x" + keccak(signature.encode()).hex(): entry
        for signature, entry in zip(signatures, events, strict=True)
    }
