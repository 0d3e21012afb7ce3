"""The page writes the contract ABI as eth_abi does, and opens HPKE messages of the app."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from browser.conftest import HERE, run
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from eth_abi import encode
from eth_abi.grammar import parse
from eth_abi.tools import get_abi_strategy
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from desktop_app.chain.abi_logs import event_topic
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.escrow_terms import ESCROW, SaleOrder
from desktop_app.chain.wire import checksummed
from desktop_app.proofs.group import default_group
from desktop_app.proofs.key_delivery import (
    Lock,
    SaleSecret,
    lock,
    make,
    one_time_key,
    open_delivery,
    second_base,
)

TYPES = [
    "(uint256,address,bytes32,bool)",
    "(bytes,uint64,string)",
    "(uint256[],bytes32[3],address[])",
    "((uint256,address,uint256,uint64,bytes32,bytes32),bool,address)",
    "((bytes,uint8)[],(string,(uint16,bytes))[2],bytes4)",
    "(bytes32[][],uint256)",
]


def outcomes(*cases: list[Any]) -> list[Any]:
    found: list[Any] = json.loads(run(HERE / "run_codecs.mjs", given=cases))
    return found


def written(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, list | tuple):
        return [written(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return {"number": str(value)}
    return value


def tidy(value: Any) -> Any:
    """As the page gives bytes and addresses: with 0x, in small letters."""
    if isinstance(value, str) and re.fullmatch("0x[0-9a-fA-F]{40}", value):
        return value.lower()
    if isinstance(value, dict) and "hex" in value:
        return {"hex": "0x" + value["hex"].removeprefix("0x")}
    return [tidy(each) for each in value] if isinstance(value, list) else value


@given(value=st.tuples(*[get_abi_strategy(kind) for kind in TYPES]))
@settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_values_are_written_and_read_as_eth_abi_does(value: tuple[Any, ...]) -> None:
    """One node process for each example: what fails is not made smaller."""
    cases, expected = [], []
    for kind, one in zip(TYPES, value, strict=True):
        encoded = encode(split(kind), one)
        cases += [["encode", kind, written(one)], ["decode", kind, {"hex": encoded.hex()}]]
        expected += [{"hex": "0x" + encoded.hex()}, tidy(written(one))]
    assert outcomes(*cases) == expected


def split(kind: str) -> list[str]:
    """The types in a tuple type."""
    return [part.to_type_str() for part in parse(kind).components]


def test_damaged_answers_of_a_node_are_refused_and_never_read_beyond() -> None:
    draw = random.Random(8)
    cases = []
    for kind in ("(bytes,uint64,string)", "(uint256[],bytes32[3],address[])", "(bytes32[][],uint256)"):
        cases += [["decode", kind, {"hex": draw.randbytes(size).hex()}] for size in (0, 31, 32, 64, 320)]
        cases += [["decode", kind, {"hex": "ff" * 320}]]
    assert all(outcome == {"refused": "checkout.node_nonsense"} for outcome in outcomes(*cases))


def test_a_key_sent_with_hpke_is_opened_by_its_owner_alone() -> None:
    """RFC 9180 base mode as `cryptography` does it, with the suite of the app."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    mine, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    secret = {"hex": mine.private_bytes_raw().hex()}
    key, info = bytes(range(32)), b"order 7"
    sealed = suite.encrypt(key, mine.public_key(), info)
    flipped = bytes([*sealed[:-1], sealed[-1] ^ 1])
    found = outcomes(
        ["open", secret, {"hex": sealed.hex()}, {"hex": info.hex()}],
        ["open", secret, {"hex": sealed.hex()}, {"hex": b"order 8".hex()}],
        ["open", {"hex": other.private_bytes_raw().hex()}, {"hex": sealed.hex()}, {"hex": info.hex()}],
        ["open", secret, {"hex": flipped.hex()}, {"hex": info.hex()}],
        ["open", secret, {"hex": bytes(80).hex()}, {"hex": info.hex()}],
        ["open", secret, {"hex": ""}, {"hex": ""}],
    )
    assert found == [{"hex": "0x" + key.hex()}, None, None, None, None, None]


def test_a_lock_on_nothing_has_the_key_that_the_contract_has() -> None:
    """S = the identity: without a key for it, a crook's buyer could not complain."""
    secret, buyer, group = SaleSecret(5, 7), 11, default_group()
    nothing = Lock(lock(secret).a1, group.encode_for_chain(group.multiply(second_base(group), secret.mask)))
    point = make(1, "0x" + "11" * 20, "0x" + "22" * 20, bytes(32), secret, one_time_key(buyer)).point
    cases = [
        [
            "contentKey",
            *[{"hex": part.hex()} for part in (sale.a1, sale.a2, point, buyer.to_bytes(32, "big"))],
        ]
        for sale in (lock(secret), nothing)
    ]
    keys = [open_delivery(sale, point, buyer) for sale in (lock(secret), nothing)]
    assert outcomes(*cases) == [{"hex": "0x" + key.hex()} for key in keys]


def test_an_order_of_somebody_who_copied_the_one_time_key_is_not_taken_for_ones_own() -> None:
    escrow, thief, buyer = contract_address(ESCROW), checksummed("0x" + "77" * 20), "0x" + "88" * 20
    key, offer_id = one_time_key(11), bytes(31) + b"1"
    orders = [
        SaleOrder(offer_id, thief, one, thief, "", 5, 1, 99, 0, key, key)
        for one in (thief, checksummed(buyer))
    ]
    logs = [
        {
            "address": escrow.lower(),
            "topics": [event_topic(ESCROW, "Ordered"), "0x" + one.order_id(1).hex()],
            "data": "0x" + one.encode().hex(),
            "blockNumber": "0x1",
        }
        for one in orders
    ]
    about = [escrow.lower(), 1, {"hex": offer_id.hex()}, {"hex": key.hex()}, buyer]
    found = outcomes(["findOrder", logs, *about], ["findOrder", logs[:1], *about])
    assert found == [{"hex": "0x" + orders[1].order_id(1).hex()}, None]
