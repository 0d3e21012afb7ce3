"""What each kind of statement requires of its witness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from desktop_app.core.errors import BugError
from desktop_app.training.accuracy import (
    ACCURACY_CONSTRAINTS,
    AccuracyStatement,
    accuracy_quadratics,
    accuracy_second_values,
)
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import Claim
from desktop_app.training.inference import (
    INFERENCE_CONSTRAINTS,
    InferenceStatement,
    inference_quadratics,
    inference_second_values,
)
from desktop_app.training.linear_constraints import Constraint
from desktop_app.training.network_accuracy import (
    NETWORK_ACCURACY_CONSTRAINTS,
    NetworkAccuracyStatement,
    network_accuracy_quadratics,
    network_accuracy_second_values,
)
from desktop_app.training.network_constraints import NETWORK_CONSTRAINTS, network_quadratics
from desktop_app.training.network_statement import NetworkStatement
from desktop_app.training.network_witness import network_second_values
from desktop_app.training.quadratic_constraints import Quadratic, training_quadratics
from desktop_app.training.shape import Shape
from desktop_app.training.statement import Statement
from desktop_app.training.training_constraints import LINEAR_CONSTRAINTS
from desktop_app.training.training_witness import second_values
from desktop_app.training.validity import (
    VALIDITY_CONSTRAINTS,
    ValidityStatement,
    validity_quadratics,
    validity_second_values,
)
from desktop_app.training.witness import Values


@dataclass(frozen=True)
class Relation:
    shape: Shape
    linear: Mapping[str, Constraint]
    quadratic: Callable[[Any, Challenges], list[Quadratic]]
    second_values: Callable[[Values, Any, Challenges], Values]


def relation_of(statement: Claim) -> Relation:
    """The relation of a checked statement."""
    if isinstance(statement, NetworkStatement):
        return Relation(statement.shape(), NETWORK_CONSTRAINTS, network_quadratics, network_second_values)
    if isinstance(statement, Statement):
        return Relation(statement.shape(), LINEAR_CONSTRAINTS, training_quadratics, second_values)
    if isinstance(statement, ValidityStatement):
        return Relation(
            statement.shape(), VALIDITY_CONSTRAINTS, validity_quadratics, validity_second_values
        )
    if isinstance(statement, NetworkAccuracyStatement):
        return Relation(
            statement.shape(),
            NETWORK_ACCURACY_CONSTRAINTS,
            network_accuracy_quadratics,
            network_accuracy_second_values,
        )
    if isinstance(statement, AccuracyStatement):
        return Relation(statement.shape(), ACCURACY_CONSTRAINTS, accuracy_quadratics, accuracy_second_values)
    if isinstance(statement, InferenceStatement):
        return Relation(
            statement.shape(), INFERENCE_CONSTRAINTS, inference_quadratics, inference_second_values
        )
    raise BugError(f"no relation for {type(statement).__name__}")
