"""Weights that are committed to instead of shown, and what such a model answers. An attack per constraint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.training import inference
from desktop_app.training.activation import LOWEST, Model, table
from desktop_app.training.certificate import Proved, TrainingCertificate, parse, verify_certificate
from desktop_app.training.dataset import commit, rounded_features
from desktop_app.training.inference import INFERENCE_CONSTRAINTS, InferenceStatement, answer
from desktop_app.training.model import CommittedWeights, commit_weights
from desktop_app.training.proof import prove, prove_inference, prove_values, with_committed_weights
from desktop_app.training.quality import predictions
from desktop_app.training.statement import Statement
from desktop_app.training.system import System
from desktop_app.training.table import Table, infer_schema
from desktop_app.training.validity import ValidityStatement
from desktop_app.training.verifier import Expected, verify, verify_claim
from desktop_app.training.witness import Values

NONCE = "5a" * 32
INPUTS = ((100, -40, 256), (-300, 7, 0), (30000, 30000, -30000))


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


@pytest.fixture(scope="module")
def model(run: Any) -> CommittedWeights:
    """The weights of `run`."""
    return commit_weights(run.statement.final, run.data[0].header, seed=b"m" * 32)


def test_a_training_is_proved_without_showing_its_weights(run: Any, model: CommittedWeights) -> None:
    hidden = with_committed_weights(run.statement, model)
    proof = prove(hidden, run.data, run.trace, spend, model=model)
    verify(hidden, proof)
    assert Statement.read(canonical_json.read(hidden.encode(), 1 << 20)) == hidden
    for weight in run.statement.final:
        assert str(weight).encode() not in hidden.encode()
    other = commit_weights((1, 2, 3, 4), run.data[0].header)
    for statement in (
        replace(hidden, model=(other.header,)),
        run.statement,
        replace(hidden, final=run.statement.final),
        replace(hidden, model=()),
        replace(hidden, model=(run.data[0].header,)),
        replace(hidden, model=(model.header, other.header)),
    ):
        with pytest.raises((RefusedError, InvalidInputError)):
            verify(statement, proof)


@pytest.mark.usefixtures("column_oracle")
def test_a_commitment_to_other_weights_proves_nothing(run: Any) -> None:
    final = run.statement.final
    other = commit_weights((final[0] + 1, *final[1:]), run.data[0].header)
    hidden = with_committed_weights(run.statement, other)
    with pytest.raises(RefusedError, match="not_the_statement"):
        prove(hidden, run.data, run.trace, spend, model=other)
    forged = prove_values(System.of(hidden), [*run.data, other], run.values(), spend, Task())
    with pytest.raises(RefusedError, match="linear_test"):
        verify(hidden, forged)


@pytest.mark.parametrize(("kind", "security"), [(Model.LOGISTIC, 100), (Model.LINEAR, 128)])
def test_an_answer_of_a_hidden_model_is_proved(
    kind: Model, security: int, new_run: Any, new_data: Any
) -> None:
    about = new_run([new_data(model=kind)], model=kind, security=security)
    weights = commit_weights(about.statement.final, about.data[0].header, security=security, proofs=2)
    statement, first = answer(weights, INPUTS, licence="L", nonce=NONCE, security=security)
    exact = predictions(np.asarray(INPUTS), about.statement.final)
    if kind is Model.LOGISTIC:
        wanted = 2**16 / (1 + np.exp(-exact))
        assert np.max(np.abs(wanted - statement.outputs)) < 2**6
    else:
        assert np.max(np.abs(np.clip(exact, -32, 32) * 2**10 - statement.outputs)) <= 1
    proof = prove_inference(statement, weights, first, spend)
    assert verify_claim(statement, proof).bits >= security
    assert InferenceStatement.read(canonical_json.read(statement.encode(), 1 << 20)) == statement
    for changes in (
        {"outputs": (statement.outputs[0] + 1, *statement.outputs[1:])},
        {"inputs": ((101, -40, 256), *INPUTS[1:])},
        {"nonce": "00" * 32},
        {"licence": "M"},
        {"model": replace(weights.header, root="00" * 32)},
        {"inputs": ((1 << 15, 0, 0), *INPUTS[1:])},
        {"inputs": INPUTS[:2]},
    ):
        with pytest.raises((RefusedError, InvalidInputError)):
            verify_claim(replace(statement, **changes), proof)


@dataclass
class Attack:
    statement: InferenceStatement
    values: Values


def another_model(model: CommittedWeights) -> Attack:
    """The answers are right for weights that were not committed to."""
    other = replace(model, weights=(5 << 18, *model.weights[1:]))
    return Attack(*answer(other, INPUTS, licence="L", nonce=NONCE))


def a_wrong_answer(model: CommittedWeights) -> Attack:
    """One cell is another one; its output is that of the table."""
    statement, values = answer(model, INPUTS, licence="L", nonce=NONCE)
    old = int(values["cell"][0, 1].view(np.int64)) if int(values["cell"][0, 1]) < 2**63 else None
    place = (old if old is not None else int(values["cell"][0, 1]) - (2**64 - 2**32 + 1)) - LOWEST
    values["cell_count"][0, place] -= np.uint64(1)
    values["cell_count"][0, 40_000] += np.uint64(1)
    values["cell"][0, 1] = 40_000 + LOWEST
    output = int(table(Model.LOGISTIC)[40_000])
    values["output"][0, 1] = output
    outputs = (statement.outputs[0], output, *statement.outputs[2:])
    return Attack(replace(statement, outputs=outputs), values)


def another_output(model: CommittedWeights) -> Attack:
    statement, values = answer(model, INPUTS, licence="L", nonce=NONCE)
    return Attack(replace(statement, outputs=(7, *statement.outputs[1:])), values)


ATTACKS: dict[str, Callable[[CommittedWeights], Attack]] = {
    "weights_are_committed": another_model,
    "answers_follow": a_wrong_answer,
    "answers_are_public": another_output,
}
SHARED = {
    "saturated_values_lie_beyond", "ranges_are_looked_up", "cells_are_looked_up", "unused_cells_are_zero"
}  # fmt: skip
"""Attacked in `test_mutants`: the very same functions."""


def test_every_constraint_has_its_attack() -> None:
    assert set(ATTACKS) | SHARED == set(INFERENCE_CONSTRAINTS)


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(ATTACKS))
def test_the_attack_fails_and_succeeds_without_its_constraint(
    constraint: str, model: CommittedWeights, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = ATTACKS[constraint](model)

    def send() -> bytes:
        return prove_values(System.of(attack.statement), [model], attack.values, spend, Task())

    with pytest.raises(RefusedError, match="linear_test"):
        verify_claim(attack.statement, send())
    monkeypatch.setitem(inference.INFERENCE_CONSTRAINTS, constraint, lambda _: None)
    verify_claim(attack.statement, send())


def test_a_file_of_answers_stands_alone_and_is_read_by_its_models_schema() -> None:
    table = Table({"age": ["31", "47"], "place": ["harbour", "hill"], "rich": ["no", "yes"]})
    schema = infer_schema(table, "rich", "logistic")
    data = commit(schema.data_set(table), proofs=2, degree_bound=1024)
    weights = commit_weights((1 << 18, 5, -5, 0), data.header, proofs=2)
    asked = rounded_features(schema.inputs(table))
    statement, first = answer(
        weights, tuple(tuple(row) for row in asked.tolist()), licence="L", nonce=NONCE
    )
    claim = Proved(statement, prove_inference(statement, weights, first, spend))
    file = TrainingCertificate((claim,), schema=schema)
    assert parse(file.encode()) == file
    verified = verify_certificate(file, Expected(nonce=NONCE, licence="L", model=weights.header.identity()))
    assert (verified.hidden_model, verified.steps) == (weights.header, 0)
    assert schema.describe(statement.inputs[1]) == [("age", "47"), ("place", "hill")]
    others = [replace(schema, positive="no"), replace(schema, columns=schema.columns[:1])]
    validity = Proved(ValidityStatement.of(data.header), b"")
    for stray in (
        *(TrainingCertificate((claim,), schema=other) for other in others),
        TrainingCertificate((claim, claim), schema=schema),
        TrainingCertificate((validity, claim)),
        TrainingCertificate((claim, validity)),
        TrainingCertificate((validity,), schema=schema),
    ):
        with pytest.raises(RefusedError, match="stray_claim"):
            verify_certificate(parse(stray.encode()))
    for wrong in (Expected(nonce="00" * 32), Expected(licence="M"), Expected(model="00" * 32)):
        with pytest.raises(RefusedError, match="other_"):
            verify_certificate(file, wrong)
    for elsewhere in (Expected(run="R"), Expected(data=[])):
        with pytest.raises(RefusedError, match="no_training_in_file"):
            verify_certificate(file, elsewhere)


def test_a_commitment_hides_and_binds(run: Any) -> None:
    header = run.data[0].header
    one, two = (commit_weights(run.statement.final, header) for _ in range(2))
    assert one.header.root != two.header.root
    assert "weights" not in repr(one)
    assert "seed" not in repr(one)
    with pytest.raises(InvalidInputError):
        commit_weights(run.statement.final[:-1], header)
    with pytest.raises(InvalidInputError):
        commit_weights(run.statement.final, header, proofs=100)
