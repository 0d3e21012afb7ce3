"""Certificates: canonical, whole, and segments that chain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.training import statement as statement_module
from desktop_app.training.certificate import Proved, TrainingCertificate, parse, verify_certificate
from desktop_app.training.proof import prove_validity
from desktop_app.training.validity import ValidityStatement
from desktop_app.training.verifier import Expected


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


@pytest.fixture(scope="module")
def chain(new_run: Any) -> list[Proved]:
    """A run of 7 steps in three segments."""
    found, weights, first = [], None, 0
    for steps in (3, 2, 2):
        run = new_run(steps=steps, batches=3, initial=weights, first_step=first)
        found.append(Proved(run.statement, run.prove()))
        weights, first = run.statement.final, first + steps
    return found


def test_segments_chain_to_the_whole_run(chain: list[Proved], new_run: Any) -> None:
    certificate = TrainingCertificate(tuple(chain))
    again = parse(certificate.encode())
    assert again == certificate
    assert again.encode() == certificate.encode()
    verified = verify_certificate(again)
    assert verified.steps == 7
    assert verified.error == sum(claim.statement.soundness().total for claim in chain)
    assert 98 < verified.bits < 100
    assert again.segments[-1].final == new_run(steps=7, batches=3).statement.final


@pytest.mark.parametrize("order", [[0, 2], [1, 0, 2], [0, 0, 1, 2], [0, 1, 1], [2, 1, 0], [1, 2], [2]])
def test_a_segment_left_out_repeated_or_moved_is_refused(chain: list[Proved], order: list[int]) -> None:
    with pytest.raises(RefusedError, match="broken_chain"):
        verify_certificate(TrainingCertificate(tuple(chain[place] for place in order)))


def test_segments_of_different_runs_are_not_joined(chain: list[Proved], new_run: Any) -> None:
    second = chain[1].statement
    for changes in ({"run": "run 2"}, {"licence": "other"}, {"nonce": "00" * 32}, {"parties": ("x",)}):
        other = Proved(replace(second, **changes), chain[1].proof)  # type: ignore[type-var]
        with pytest.raises(RefusedError, match="broken_chain"):
            verify_certificate(TrainingCertificate((chain[0], other)))


def test_a_first_step_of_the_provers_choosing_is_no_way_to_choose_the_batches(new_run: Any) -> None:
    """Weights of zero at step 3 would start with the order of another epoch."""
    late = new_run(steps=3, batches=3, first_step=3)
    assert not any(late.statement.initial)
    with pytest.raises(RefusedError, match="broken_chain"):
        verify_certificate(TrainingCertificate((Proved(late.statement, b""),)))


def test_many_claims_of_many_steps_cost_nothing_before_their_proofs_are_there(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a megabyte could else keep whoever only reads it busy for hours."""

    def never(*_: Any) -> list[int]:
        raise AssertionError("the order of all batches was drawn")

    recipe = replace(run.statement.recipe, steps=1 << 19)
    header = replace(run.data[0].header, rows=1)
    large = replace(run.statement, recipe=recipe, data=(header,))
    monkeypatch.setattr(statement_module, "schedule", never)
    certificate = parse(TrainingCertificate((Proved(large, b""),) * 50).encode())
    with pytest.raises(InvalidInputError, match="proof_length"):
        verify_certificate(TrainingCertificate(certificate.claims[:1]))


@pytest.mark.parametrize("name", ["L1\nVerdict: holds", "L\u202e1", "L1\x1b[2J"])
def test_a_name_cannot_pass_for_other_lines(name: str, run: Any) -> None:
    for changes in ({"licence": name}, {"run": name}, {"parties": ("a", name)}):
        with pytest.raises(InvalidInputError, match="unprintable_name"):
            replace(run.statement, **changes).check()


def test_the_validity_of_the_data_travels_along(chain: list[Proved], run: Any, new_data: Any) -> None:
    mine = ValidityStatement.of(run.data[0].header)
    shown = Proved(mine, prove_validity(mine, run.data[0], spend))
    verified = verify_certificate(parse(TrainingCertificate((*chain, shown)).encode()))
    assert verified.valid_data == (run.data[0].header.identity(),)
    alone = TrainingCertificate((shown,))
    assert verify_certificate(alone, Expected(data=[mine.data.identity()])).steps == 0
    for expected, code in (
        (Expected(nonce="5a" * 32), "no_training_in_file"),
        (Expected(run="run 1"), "no_training_in_file"),
        (Expected(data=["00" * 32]), "other_data"),
    ):
        with pytest.raises(RefusedError, match=code):
            verify_certificate(alone, expected)
    other = new_data(seed=8)
    theirs = ValidityStatement.of(other.header)
    stray = Proved(theirs, prove_validity(theirs, other, spend))
    with pytest.raises(RefusedError, match="stray_claim"):
        verify_certificate(TrainingCertificate((*chain, stray)))


def test_other_bytes_are_no_certificate(chain: list[Proved]) -> None:
    data = TrainingCertificate((chain[0],)).encode()
    for damaged in (
        b"", b"{}", data[:-1], data + b" ", data.replace(b'"version":1', b'"version":2', 1),
        data.replace(b'"claims":[', b'"claims":[ ', 1), data.replace(b'"colophon-training"', b'"x"', 1),
        data.replace(b'"proof":"', b'"proof":"=', 1), data.replace(b'"security":100', b'"security":"100"', 1),
        data.replace(b'{"claims"', b'{"a":1,"claims"', 1),
    ):  # fmt: skip
        assert damaged != data
        with pytest.raises(InvalidInputError):
            parse(damaged)


def test_a_proof_written_in_another_way_is_refused(chain: list[Proved]) -> None:
    """Base64 whose unused bits are not zero decodes to the same bytes."""
    data = TrainingCertificate((Proved(chain[0].statement, chain[0].proof + b"x"),)).encode()
    place = data.index(b'="')  # the proof ends in padding
    assert data[place : place + 1] == b"="
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    first = data.index(b"=", data.index(b'"proof":"'))
    last = letters.index(data[first - 1])
    other = data[: first - 1] + letters[last + 1 : last + 2] + data[first:]
    with pytest.raises(InvalidInputError):
        parse(other)
