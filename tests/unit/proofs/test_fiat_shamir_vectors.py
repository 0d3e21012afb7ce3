"""Every vector of draft-irtf-cfrg-fiat-shamir-03, its example protocol (sumcheck) included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs.codec import (
    decode_field,
    deserialize_field,
    deserialize_string,
    serialize_field,
    serialize_string,
)
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

FILES = ("fiatShamirCodecVectors", "fiatShamirShake128Vectors")


def number(value: int | str) -> int:
    return value if isinstance(value, int) else int(value, 16)


def replay(vector: dict[str, Any]) -> bytes:
    sponge, out = DuplexSponge(bytes.fromhex(vector["SessionId"])), b""
    for operation in vector["Operations"]:
        if operation["type"] == "absorb":
            sponge.absorb(bytes.fromhex(operation["data"]))
        else:
            out += sponge.squeeze(operation["length"])
    assert out.hex() == vector["Output"]
    return out


class Sumcheck:
    """Prover and verifier of the draft's example, on our sponge and codec."""

    def __init__(self, vector: dict[str, Any]) -> None:
        self.p, self.rounds = number(vector["Modulus"]), vector["NumVariables"]
        self.claim = number(vector["ClaimedSum"])
        self.sponge = DuplexSponge(bytes.fromhex(vector["SessionId"]))
        self.sponge.absorb(serialize_field([self.rounds], 2**32) + serialize_field([self.claim], self.p))

    def challenge(self, message: bytes) -> int:
        self.sponge.absorb(message)
        return decode_field(self.sponge.squeeze(4), self.p)

    def prove(self, table: list[int]) -> tuple[bytes, int]:
        narg = b""
        while len(table) > 1:
            even, odd = sum(table[0::2]) % self.p, sum(table[1::2]) % self.p
            message = serialize_field([even, (odd - even) % self.p], self.p)
            r = self.challenge(message)
            pairs = zip(table[0::2], table[1::2], strict=True)
            table = [(low + r * (high - low)) % self.p for low, high in pairs]
            narg += message
        return narg, table[0]

    def verify(self, narg: bytes) -> int:
        claim = self.claim
        for i in range(self.rounds):
            message = narg[8 * i : 8 * i + 8]
            constant, slope = deserialize_field(message, self.p, 2)
            if (2 * constant + slope) % self.p != claim:
                raise InvalidInputError("test.round")
            claim = (constant + slope * self.challenge(message)) % self.p
        if len(narg) != 8 * self.rounds:
            raise InvalidInputError("test.trailing")
        return claim


def check(vector: dict[str, Any]) -> None:
    kind, p = vector["Function"], number(vector.get("Modulus", 0))
    given = bytes.fromhex(vector.get("Input", ""))
    if kind == "DuplexSponge":
        replay(vector)
    elif kind == "DeriveSessionID":
        assert derive_session_id(bytes.fromhex(vector["Tag"])).hex() == vector["Output"]
    elif kind == "DecodeUint":
        squeezed = replay(vector) if "Operations" in vector else given
        assert decode_field(squeezed, p) == number(vector["Challenge"])
    elif kind == "SerializeVarLenString":
        assert serialize_string(given).hex() == vector["Output"]
        assert deserialize_string(bytes.fromhex(vector["Output"])) == given
    elif kind == "DeserializeVarLenString":
        deserialize_string(given)
    elif kind in ("SerializeUint", "SerializeField"):
        order = "big" if vector.get("ByteOrder") == "big-endian" else "little"
        assert serialize_field([number(vector["Value"])], p, order).hex() == vector["Output"]
        assert deserialize_field(bytes.fromhex(vector["Output"]), p, 1, order) == (number(vector["Value"]),)
    elif kind in ("DeserializeUint", "DeserializeField"):
        values = deserialize_field(given, p, vector.get("ExtensionDegree", 1))
        assert list(values) == [number(value) for value in vector["Coordinates"]]
    elif kind == "Sumcheck":
        if "Tag" in vector:
            assert derive_session_id(bytes.fromhex(vector["Tag"])).hex() == vector["SessionId"]
        narg = bytes.fromhex(vector["Narg"])
        final = Sumcheck(vector).verify(narg)
        assert Sumcheck(vector).prove(vector["Witness"]) == (narg, final)
        assert final == number(vector["FinalEvaluation"])
    else:
        pytest.fail(f"unknown function {kind}")


def test_every_vector_of_the_draft_is_reproduced(shared_vectors: Path) -> None:
    rejected = 0
    for name in FILES:
        for vector in json.loads((shared_vectors / "cfrg-sigma" / f"{name}.json").read_text()):
            if vector.get("Expected") == "reject":
                rejected += 1
                with pytest.raises(InvalidInputError):
                    check(vector)
            else:
                check(vector)
    assert rejected >= 8


def test_a_session_id_has_32_bytes() -> None:
    with pytest.raises(BugError):
        DuplexSponge(b"short")


def test_values_beyond_the_field_are_not_serialized() -> None:
    for value in (-1, 7):
        with pytest.raises(InvalidInputError):
            serialize_field([value], 7)
