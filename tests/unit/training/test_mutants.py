"""No constraint is decoration: with it the named attack fails, without it the same attack succeeds.

A mutant removes one constraint on both sides, by monkeypatching. Each attack breaks exactly one constraint,
so that nothing else can be what stops it.
"""

from __future__ import annotations

from typing import Any

import pytest
from unit.training.attacks import ATTACKS, send

from desktop_app.core.errors import RefusedError
from desktop_app.training import relation
from desktop_app.training.challenges import Challenges
from desktop_app.training.quadratic_constraints import training_quadratics
from desktop_app.training.shape import TrainingShape as Shape
from desktop_app.training.training_constraints import LINEAR_CONSTRAINTS
from desktop_app.training.verifier import verify


def without(monkeypatch: pytest.MonkeyPatch, removed: str) -> None:
    """Remove one constraint from prover and verifier."""
    if removed in LINEAR_CONSTRAINTS:
        monkeypatch.setitem(LINEAR_CONSTRAINTS, removed, lambda _: None)
        return

    def others(shape: Shape, challenges: Challenges) -> list[Any]:
        return [item for item in training_quadratics(shape, challenges) if item.name != removed]

    monkeypatch.setattr(relation, "training_quadratics", others)


def test_every_constraint_has_its_attack(run: Any) -> None:
    challenges = Challenges.draw(run.system.transcript(), run.system.shape, 2)
    quadratic = {item.name for item in training_quadratics(run.system.shape, challenges)}
    assert set(ATTACKS) == set(LINEAR_CONSTRAINTS) | quadratic


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(ATTACKS))
def test_the_attack_fails(constraint: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = ATTACKS[constraint](run)
    proof = send(monkeypatch, attack)
    with pytest.raises(RefusedError, match=r"training\.(linear|quadratic)_test"):
        verify(attack.run.statement, proof)


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(ATTACKS))
def test_the_attack_succeeds_without_its_constraint(
    constraint: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = ATTACKS[constraint](run)
    without(monkeypatch, constraint)
    verify(attack.run.statement, send(monkeypatch, attack))
