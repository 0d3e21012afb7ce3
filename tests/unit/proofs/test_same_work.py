"""Two commitments, one content: both openings are proved jointly."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import certificate
from desktop_app.proofs.commitment import Opening, commit, generators
from desktop_app.proofs.group import ORDER, Group
from desktop_app.proofs.linear_relation import RelationBuilder
from desktop_app.proofs.sigma_protocol import Flavor, prove, verify
from desktop_app.proofs.statements import SameWorkStatement, Work
from desktop_app.proofs.verifier import Anchor, AnchorRecord, Proof
from desktop_app.proofs.verifier import verify as verify_certificate

NOW = 1_800_000_000
HERE, THERE = "0x" + "22" * 20, "0x" + "33" * 20
FIRST, SECOND = Opening(1001, 2002, 3003), Opening(1001, 4004, 5005)
WITNESS = (*FIRST.scalars(), SECOND.owner, SECOND.blinding)


def statement(first: Work | None = None, second: Work | None = None) -> SameWorkStatement:
    return SameWorkStatement(
        subject=HERE,
        audience="",
        challenge="",
        issued_at=NOW,
        expires_at=NOW + 1,
        work=first or Work.of(FIRST, 1, HERE, HERE),
        other=second or Work.of(SECOND, 2, THERE, THERE),
    )


def test_one_work_on_two_chains_is_shown_to_be_the_same(group: Group[Any]) -> None:
    verdicts = verify_certificate(certificate.issue(statement(), WITNESS), now=NOW, group=group)
    assert verdicts.proof is Proof.VALID


def test_other_content_is_never_the_same_work() -> None:
    other = Opening(FIRST.content + 1, SECOND.owner, SECOND.blinding)
    mixed = statement(second=Work.of(other, 2, THERE, THERE))
    with pytest.raises(InvalidInputError):
        certificate.issue(mixed, WITNESS)


def test_the_difference_alone_would_be_forgeable_and_the_product_refuses_it(fast: Group[Any]) -> None:
    """A stranger shifts a victim's commitment by d*H, and knows d = r' - r without knowing any opening."""
    base, shift = generators(fast), 777
    victim = commit(FIRST, fast)
    copied = fast.add(victim, fast.multiply(base.blinding, shift))
    builder = RelationBuilder(fast)
    (d,), (h, c1, c2) = builder.scalars(1), builder.elements(base.blinding, victim, copied)
    builder.equation([c2, (c1, -1)], [(d, h)])
    mutant, tag = builder.build(), b"CMPT sigma-proofs_Shake128_BLS12381"
    forged = prove(Flavor.COMPACT, tag, mutant, [shift])
    assert verify(Flavor.COMPACT, tag, mutant, forged)

    shifted = Opening(FIRST.content, FIRST.owner, FIRST.blinding + shift)
    target = statement(second=Work.of(shifted, 2, THERE, THERE))
    product = target.relation(fast)
    assert product.num_scalars == 5
    assert not verify(Flavor.COMPACT, target.tag(), product, forged)
    for guess in ((0, 0, 0, 0, shift), (1, 1, 0, 1, shift)):
        with pytest.raises(InvalidInputError):
            certificate.issue(target, guess)


def test_both_sides_are_bound() -> None:
    data = certificate.issue(statement(), WITNESS)
    whole = json.loads(data)
    place = whole["statement"]
    place["work"], place["other"] = place["other"], place["work"]
    assert verify_certificate(rfc8785.dumps(whole), now=NOW).proof is Proof.NOT_VALID
    whole = json.loads(data)
    whole["statement"]["other"]["chain_id"] = 3
    assert verify_certificate(rfc8785.dumps(whole), now=NOW).proof is Proof.NOT_VALID


def test_one_registration_is_not_two() -> None:
    work = Work.of(FIRST, 1, HERE, HERE)
    with pytest.raises(InvalidInputError) as caught:
        statement(work, work)
    assert caught.value.code == "certificate.same_registration"


def test_the_anchor_needs_both_records() -> None:
    data = certificate.issue(statement(), WITNESS)
    known = {1: AnchorRecord(HERE, 5, proved=True), 2: AnchorRecord(THERE, 6, proved=True)}

    def lookup(part: Any) -> AnchorRecord | None:
        return known.get(part.work.chain_id)

    verdicts = verify_certificate(data, now=NOW, lookup=lookup)
    assert verdicts.anchor is Anchor.CONFIRMED
    assert verdicts.records == (known[1], known[2])
    del known[2]
    assert verify_certificate(data, now=NOW, lookup=lookup).anchor is Anchor.NOT_CONFIRMED


def test_a_witness_of_the_right_sum_only_is_refused() -> None:
    wrong = (FIRST.content, FIRST.owner, FIRST.blinding, SECOND.owner, (SECOND.blinding + 1) % ORDER)
    with pytest.raises(InvalidInputError):
        certificate.issue(statement(), wrong)
