"""How good weights are on committed rows: exact, and each constraint with the attack that it stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.training import field, relation
from desktop_app.training.accuracy import (
    ACCURACY_CONSTRAINTS,
    AccuracyStatement,
    accuracy_quadratics,
    accuracy_values,
    evaluate_rows,
)
from desktop_app.training.activation import HIGHEST, LOWEST, Model
from desktop_app.training.certificate import (
    Proved,
    TrainingCertificate,
    parse,
    require_other_rows,
    verify_certificate,
)
from desktop_app.training.dataset import CommittedData, DataSet
from desktop_app.training.proof import prove_accuracy, prove_values, state_accuracy
from desktop_app.training.quality import hits, mean_squared_error
from desktop_app.training.system import System
from desktop_app.training.verifier import verify_claim
from desktop_app.training.witness import Values


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


@pytest.mark.parametrize(
    ("model", "security", "hidden"),
    [(Model.LOGISTIC, 100, 0), (Model.LINEAR, 128, 0), (Model.LOGISTIC, 128, 3), (Model.LINEAR, 100, 2)],
)
def test_the_error_on_other_rows_is_proved(
    model: Model, security: int, hidden: int, new_run: Any, new_data: Any
) -> None:
    about = new_run([new_data(model=model)], model=model, security=security, hidden=hidden).statement
    data = new_data(model=model, rows=31, seed=6)
    statement, found = state_accuracy(about, [data])
    rows, labels = data.data.features, data.data.labels
    if model is Model.LOGISTIC:
        assert statement.error == 31 - hits(rows, labels, about.final, hidden)
    else:
        mean = mean_squared_error(rows, labels, about.final, hidden)
        assert statement.error / 2**20 / 31 == pytest.approx(mean, abs=0.01)
    proof = prove_accuracy(statement, [data], found, spend)
    assert verify_claim(statement, proof).bits >= security
    assert type(statement).read(canonical_json.read(statement.encode(), 1 << 20)) == statement
    for changes in (
        {"error": statement.error + 1},
        {"weights": (about.final[0] + 1, *about.final[1:])},
        {"data": (new_data(model=model, rows=31, seed=7).header,)},
        {"run": "run 2"},
        {"error": -1},
    ):
        with pytest.raises((RefusedError, InvalidInputError)):
            verify_claim(replace(statement, **changes), proof)


def test_predictions_beyond_the_table_count_by_their_side(new_data: Any) -> None:
    data = new_data(seed=6).data
    weights = (1 << 30, -(1 << 30), 5, 1)
    found = evaluate_rows(data.features, data.labels, weights, Model.LOGISTIC)
    assert found.excess.any()
    assert found.total == len(data.labels) - hits(data.features, data.labels, weights)


def test_a_test_belongs_to_the_last_weights_of_its_run(run: Any, finished: bytes, new_data: Any) -> None:
    data = new_data(rows=20, seed=6)
    statement, found = state_accuracy(run.statement, [data])
    trained = Proved(run.statement, finished)
    tested = Proved(statement, prove_accuracy(statement, [data], found, spend))
    verified = verify_certificate(parse(TrainingCertificate((trained, tested)).encode()))
    assert [test.error for test in verified.certificate.tests] == [statement.error]
    for claims in (
        (tested,),
        (trained, replace(tested, statement=replace(statement, weights=run.statement.initial))),
        (trained, replace(tested, statement=replace(statement, licence="another"))),
        (
            trained,
            replace(
                tested, statement=replace(statement, data=(replace(data.header, schema_sha256="0" * 64),))
            ),
        ),
    ):
        with pytest.raises(RefusedError, match="stray_claim"):
            verify_certificate(TrainingCertificate(claims))
    # The schema's digest names the model too, but a header can say another.
    other = replace(statement, data=(replace(data.header, model="linear"),))
    with pytest.raises(RefusedError, match="stray_claim"):
        verify_certificate(TrainingCertificate((trained, replace(tested, statement=other))))


def test_a_test_on_the_rows_of_the_training_is_refused(run: Any, finished: bytes, new_data: Any) -> None:
    mine, other = run.data[0].header, new_data(seed=6).header
    statement, _ = state_accuracy(run.statement, run.data)
    trained = Proved(run.statement, finished)
    for header in (mine, replace(mine, predecessor="12" * 32), replace(other, predecessor=mine.identity())):
        again = Proved(replace(statement, data=(header,)), b"")
        with pytest.raises(RefusedError, match="tested_on_trained"):
            verify_certificate(TrainingCertificate((trained, again)))
    with pytest.raises(RefusedError, match="tested_on_trained"):
        require_other_rows([other], [replace(mine, predecessor=other.identity())])
    require_other_rows([other], [mine])


@dataclass
class Attack:
    statement: AccuracyStatement
    data: CommittedData
    values: Values


def honest(run: Any, data: CommittedData) -> Attack:
    statement, found = state_accuracy(run.statement, [data])
    return Attack(
        statement, data, accuracy_values(data.data.features, data.data.labels, found, statement.shape())
    )


def better_rows(run: Any, data: CommittedData) -> Attack:
    """The labels of the rows that are worked on are those that the weights predict."""
    found = evaluate_rows(data.data.features, data.data.labels, run.statement.final, Model.LOGISTIC)
    kind = DataSet(data.data.schema, data.data.features, found.output)
    better = honest(run, CommittedData(data.header, kind, data.seed))
    assert better.statement.error == 0
    return replace(better, data=data)


def a_wrong_prediction(run: Any, data: CommittedData) -> Attack:
    """A row that is on the wrong side gets the cell of the other one."""
    attack = honest(run, data)
    found = evaluate_rows(data.data.features, data.data.labels, run.statement.final, Model.LOGISTIC)
    row = int(np.nonzero(found.error)[0][0])
    cell, output = found.cell.copy(), found.output.copy()
    cell[row], output[row] = (-1, 0) if output[row] else (0, 1)
    forged = replace(found, cell=cell, output=output, error=output - data.data.labels)
    values = accuracy_values(data.data.features, data.data.labels, forged, attack.statement.shape())
    return Attack(replace(attack.statement, error=forged.total), data, values)


def with_error(run: Any, data: CommittedData, square: bool) -> Attack:
    attack = honest(run, data)
    row = int(np.nonzero(attack.values["error"][0])[0][0])
    attack.values["square"][0, row] = 0
    if not square:
        attack.values["error"][0, row] = 0
    return replace(attack, statement=replace(attack.statement, error=attack.statement.error - 1))


def another_sum(run: Any, data: CommittedData) -> Attack:
    attack = honest(run, data)
    return replace(attack, statement=replace(attack.statement, error=attack.statement.error - 1))


ATTACKS: dict[str, Callable[[Any, CommittedData], Attack]] = {
    "data_is_committed": better_rows,
    "predictions_follow": a_wrong_prediction,
    "errors_follow": lambda run, data: with_error(run, data, square=False),
    "errors_are_squared": lambda run, data: with_error(run, data, square=True),
    "errors_add_up": another_sum,
}
SHARED = {
    "saturated_values_lie_beyond", "ranges_are_looked_up", "cells_are_looked_up", "unused_cells_are_zero",
    "ranges_are_inverted", "cells_are_inverted", "saturated_are_counted", "labels_are_bits",
}  # fmt: skip
"""Attacked in `test_mutants`: the very same functions."""


def test_every_constraint_has_its_attack(run: Any, new_data: Any) -> None:
    from desktop_app.training.challenges import Challenges

    system = System.of(state_accuracy(run.statement, [new_data(seed=6)])[0])
    drawn = Challenges.draw(system.transcript(), system.shape, 2)
    names = {item.name for item in system.relation.quadratic(system.shape, drawn)}
    assert set(ATTACKS) | SHARED == set(ACCURACY_CONSTRAINTS) | names


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(ATTACKS))
def test_the_attack_fails_and_succeeds_without_its_constraint(
    constraint: str, run: Any, new_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = ATTACKS[constraint](run, new_data(rows=40, seed=12))

    def send() -> bytes:
        return prove_values(System.of(attack.statement), [attack.data], attack.values, spend, Task())

    with pytest.raises(RefusedError, match=r"(linear|quadratic)_test"):
        verify_claim(attack.statement, send())
    if constraint in ACCURACY_CONSTRAINTS:
        monkeypatch.setitem(ACCURACY_CONSTRAINTS, constraint, lambda _: None)
    else:

        def others(shape: Any, challenges: Any) -> Any:
            return [item for item in accuracy_quadratics(shape, challenges) if item.name != constraint]

        monkeypatch.setattr(relation, "accuracy_quadratics", others)
    verify_claim(attack.statement, send())


def test_cells_are_the_sign_of_the_sum() -> None:
    found = evaluate_rows(np.asarray([[1], [-1], [0]]), np.asarray([1, 0, 1]), (1, 0), Model.LOGISTIC)
    assert found.output.tolist() == [1, 0, 1]
    assert LOWEST < int(found.cell.min()) < int(found.cell.max()) + 1 < HIGHEST
    assert field.array(found.error).tolist() == [0, 0, 0]
