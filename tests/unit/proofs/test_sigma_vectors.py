"""Every vector of draft-irtf-cfrg-sigma-protocols-03, of both suites, through our prover and verifier."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unit.proofs.p256 import P256Group

from desktop_app.proofs.codec import decode_field
from desktop_app.proofs.group import SUITE, Group, decode_scalars
from desktop_app.proofs.linear_relation import LinearRelation
from desktop_app.proofs.sigma_protocol import Batched, Flavor, prove, verify, verify_batch
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

FLAVORS = {"compact": Flavor.COMPACT, "batchable": Flavor.BATCHABLE}


def load(folder: Path, suite: str = SUITE) -> list[dict[str, str]]:
    vectors = json.loads((folder / "cfrg-sigma" / f"{suite}.json").read_text())
    assert len(vectors) == 14
    return vectors


class SeededNonces:
    """The drafts' test generator: scalars squeezed from a sponge of its own for each vector."""

    def __init__(self, vector: dict[str, str], order: int) -> None:
        flavor, suite = FLAVORS[vector["Flavor"]], vector["Ciphersuite"]
        tag = f"TestDRNG-SIGMA-PROOFS-{flavor}-{suite}-{vector['Relation']}"
        self.sponge = DuplexSponge(derive_session_id(tag.encode()))
        self.order = order

    def __call__(self, session_id: bytes, statement: bytes, witness: Sequence[int]) -> list[int]:
        return [decode_field(self.sponge.squeeze(48), self.order) for _ in witness]


def test_the_vectors_come_out_of_our_prover_byte_for_byte(group: Group[Any], shared_vectors: Path) -> None:
    reproduce(group, load(shared_vectors))


def test_the_vectors_of_p_256_come_out_of_the_same_prover(shared_vectors: Path) -> None:
    group = P256Group()
    vectors = load(shared_vectors, group.suite)
    reproduce(group, vectors)
    assert verify_batch([batched(group, each) for each in vectors if each["Flavor"] == "batchable"])


def reproduce(group: Group[Any], vectors: list[dict[str, str]]) -> None:
    for vector in vectors:
        flavor, tag = FLAVORS[vector["Flavor"]], vector["Tag"].encode()
        assert derive_session_id(tag).hex() == vector["SessionId"]
        relation = LinearRelation.parse(group, bytes.fromhex(vector["Instance"]))
        assert relation.serialize().hex() == vector["Instance"]
        witness = decode_scalars(bytes.fromhex(vector["Witness"]), group.order)
        proof = prove(flavor, tag, relation, witness, SeededNonces(vector, group.order))
        assert proof.hex() == vector["NargString"], vector["Id"]
        assert verify(flavor, tag, relation, proof)


def batched(group: Group[Any], vector: dict[str, str]) -> Batched[Any]:
    relation = LinearRelation.parse(group, bytes.fromhex(vector["Instance"]))
    return Batched(vector["Tag"].encode(), relation, bytes.fromhex(vector["NargString"]))


def test_all_batchable_vectors_verify_as_one_batch(fast: Group[Any], shared_vectors: Path) -> None:
    batch = [batched(fast, each) for each in load(shared_vectors) if each["Flavor"] == "batchable"]
    assert verify_batch(batch)
    for size in range(1, len(batch)):
        assert verify_batch(batch[:size])
