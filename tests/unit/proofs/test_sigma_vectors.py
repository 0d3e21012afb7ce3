"""Every vector of draft-irtf-cfrg-sigma-protocols-03, BLS12-381 suite, through our prover and verifier."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_app.proofs.codec import decode_field
from desktop_app.proofs.group import ORDER, SUITE, Group, decode_scalars
from desktop_app.proofs.linear_relation import LinearRelation
from desktop_app.proofs.sigma_protocol import Batched, Flavor, prove, verify, verify_batch
from desktop_app.proofs.sponge import DuplexSponge, derive_session_id

FLAVORS = {"compact": Flavor.COMPACT, "batchable": Flavor.BATCHABLE}


def load(folder: Path) -> list[dict[str, str]]:
    vectors = json.loads((folder / "cfrg-sigma" / f"{SUITE}.json").read_text())
    assert len(vectors) == 14
    return vectors


class SeededNonces:
    """The drafts' test generator: scalars squeezed from a sponge of its own for each vector."""

    def __init__(self, vector: dict[str, str]) -> None:
        tag = f"TestDRNG-SIGMA-PROOFS-{FLAVORS[vector['Flavor']]}-{SUITE}-{vector['Relation']}"
        self.sponge = DuplexSponge(derive_session_id(tag.encode()))

    def __call__(self, session_id: bytes, statement: bytes, witness: Sequence[int]) -> list[int]:
        return [decode_field(self.sponge.squeeze(48), ORDER) for _ in witness]


def test_the_vectors_come_out_of_our_prover_byte_for_byte(group: Group[Any], shared_vectors: Path) -> None:
    for vector in load(shared_vectors):
        flavor, tag = FLAVORS[vector["Flavor"]], vector["Tag"].encode()
        assert derive_session_id(tag).hex() == vector["SessionId"]
        relation = LinearRelation.parse(group, bytes.fromhex(vector["Instance"]))
        assert relation.serialize().hex() == vector["Instance"]
        witness = decode_scalars(bytes.fromhex(vector["Witness"]))
        proof = prove(flavor, tag, relation, witness, SeededNonces(vector))
        assert proof.hex() == vector["NargString"], vector["Id"]
        assert verify(flavor, tag, relation, proof)


def test_all_batchable_vectors_verify_as_one_batch(fast: Group[Any], shared_vectors: Path) -> None:
    batch = [
        Batched(
            vector["Tag"].encode(),
            LinearRelation.parse(fast, bytes.fromhex(vector["Instance"])),
            bytes.fromhex(vector["NargString"]),
        )
        for vector in load(shared_vectors)
        if vector["Flavor"] == "batchable"
    ]
    assert verify_batch(batch)
    for size in range(1, len(batch)):
        assert verify_batch(batch[:size])
