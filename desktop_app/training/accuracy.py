"""How good public weights are on committed rows, proved without showing a row.

Logistic: on how many rows the prediction (sum of feature * weight at least 0 means 1) is not the label.
Linear: the sum of the squares of prediction minus label, in units of 2^-20.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import MAX_INTEGER, Json
from desktop_app.training import extension, field
from desktop_app.training.activation import HIGHEST, LOWEST, Model, table
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import Claim, check_context, check_saturation, check_weights
from desktop_app.training.dataset import DataHeader
from desktop_app.training.gradient_descent import Integers, activate
from desktop_app.training.layout import Block
from desktop_app.training.linear_constraints import (
    HIGH,
    Context,
    cells_are_looked_up,
    data_is_committed,
    named,
    outer,
    ranges_are_looked_up,
    saturated_values_lie_beyond,
    scaled,
    unused_cells_are_zero,
)
from desktop_app.training.quadratic_constraints import Quadratic, products_agree, shared_quadratics
from desktop_app.training.recipe import EXCESS_LIMIT, FEATURE_LIMIT, INTERCEPT, MAX_CELLS, weight_count
from desktop_app.training.shape import Shape
from desktop_app.training.witness import (
    Values,
    activation_values,
    as_blocks,
    shared_first_values,
    shared_second_values,
)

KIND = "colophon-accuracy"


@dataclass(frozen=True)
class AccuracyStatement(Claim):
    data: tuple[DataHeader, ...]
    weights: tuple[int, ...]
    """In units of 2^-18, one per feature and the intercept last."""
    error: int
    """Rows on the wrong side, or the sum of squared errors in units of 2^-20."""
    saturation: int
    parties: tuple[str, ...]
    licence: str
    run: str
    nonce: str

    @staticmethod
    def read(value: Json) -> AccuracyStatement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(AccuracyStatement, value)
        found.check()
        return found

    @property
    def committed(self) -> tuple[DataHeader, ...]:
        return self.data

    @property
    def hidden(self) -> int:
        """Units of the hidden layer of what is tested; 0 for regression."""
        return 0

    @property
    def kind_name(self) -> str:
        return KIND

    @property
    def rows(self) -> int:
        return sum(header.rows for header in self.data)

    def shape(self) -> AccuracyShape:
        owners = tuple(header.rows for header in self.data)
        return AccuracyShape(Model(self.data[0].model), owners, self.data[0].features, self.saturation)

    def check(self) -> None:
        if not self.data:
            raise InvalidInputError("training.wrong_shape")
        self.check_commitments(self.kind_name)
        if self.rows * max(self.data[0].features, self.hidden) > MAX_CELLS:
            raise InvalidInputError("training.too_large")
        check_weights(self.weights, weight_count(self.data[0].features, self.hidden))
        check_saturation(self.saturation)
        if not 0 <= self.error <= MAX_INTEGER:
            raise InvalidInputError("training.too_large")
        check_context((*self.parties, self.licence, self.run), self.nonce)
        self.check_size()


@cache
def decisions() -> NDArray[np.int64]:
    """The table that stands in for the sigmoid: 1 from cell 0 upwards (do not write into it)."""
    values = (np.arange(LOWEST, HIGHEST + 1) >= 0).astype(np.int64)
    values.setflags(write=False)
    return values


@dataclass(frozen=True)
class AccuracyShape(Shape):
    @property
    def activations(self) -> int:
        return self.rows

    @property
    def outputs(self) -> NDArray[np.int64]:
        return decisions() if self.model is Model.LOGISTIC else table(self.model)

    def first_blocks(self) -> tuple[Block, ...]:
        return (*super().first_blocks(), Block("error", self.rows, 1), Block("square", self.rows, 1))


Accuracy = Context[AccuracyStatement, AccuracyShape]


def predictions_follow(c: Accuracy) -> None:
    """sum_j x_ij w_j = remainder + 2^16 (cell + excess) in every row."""
    rows = c.draw("predictions", c.shape.rows)
    weights = field.array(np.asarray(c.statement.weights, dtype=np.int64))
    features = outer(extension.embed(weights[:-1], c.degree), rows)
    c.narrow("features", features)
    c.form.require(extension.scale_element(extension.total(features), FEATURE_LIMIT))
    intercept = -INTERCEPT * c.statement.weights[-1]
    c.form.require(extension.scale_element(extension.total(rows), intercept))
    c.narrow("remainder", rows, -1)
    c.form.add("cell", scaled(rows, -HIGH))
    c.form.add("excess", scaled(rows, -HIGH))


def errors_follow(c: Accuracy) -> None:
    """error = prediction - label in every row."""
    rows = c.draw("errors", c.shape.rows)
    c.form.add("error", rows)
    c.form.add("output", scaled(rows, -1))
    if c.shape.model is Model.LOGISTIC:
        c.form.add("label", rows)
    else:
        c.narrow("labels", rows)
        c.form.require(extension.scale_element(extension.total(rows), FEATURE_LIMIT))


def errors_add_up(c: Accuracy) -> None:
    """The squares of the errors have the stated sum."""
    weight = c.draw_one("sum of errors")
    c.form.add("square", np.repeat(extension.spread(weight, 1), c.shape.rows, axis=1))
    c.form.require(extension.scale_element(weight, c.statement.error))


ACCURACY_CONSTRAINTS = named(
    data_is_committed,
    predictions_follow,
    errors_follow,
    errors_add_up,
    saturated_values_lie_beyond,
    ranges_are_looked_up,
    cells_are_looked_up,
    unused_cells_are_zero,
)


def accuracy_quadratics(shape: AccuracyShape, challenges: Challenges) -> list[Quadratic]:
    squares = products_agree(
        "errors_are_squared", shape.rows, challenges.degree, "error", "error", "square"
    )
    return [*shared_quadratics(shape, challenges), squares]


def accuracy_second_values(first: Values, shape: AccuracyShape, challenges: Challenges) -> Values:
    return shared_second_values(first, shape, challenges)


@dataclass(frozen=True)
class Evaluation:
    """What the weights do on each row."""

    remainder: Integers
    cell: Integers
    excess: Integers
    output: Integers
    error: Integers

    @property
    def total(self) -> int:
        return int(np.sum(self.error**2))


def evaluate_rows(
    features: Integers, labels: Integers, weights: tuple[int, ...], model: Model
) -> Evaluation:
    """The predictions for rows (n, d); raises RefusedError where one is too large to be written down."""
    inputs = np.hstack([features, np.full((len(features), 1), INTERCEPT)])
    z = inputs @ np.asarray(weights, dtype=np.int64)
    outputs = decisions() if model is Model.LOGISTIC else table(model)
    remainder, cell, excess, output = activate(z, outputs)
    if np.any(np.abs(excess) >= EXCESS_LIMIT):
        raise RefusedError("training.diverged", step=0)
    return Evaluation(remainder, cell, excess, output, output - labels)


def accuracy_values(
    features: Integers, labels: Integers, found: Evaluation, shape: AccuracyShape
) -> Values:
    """The blocks that are committed before any challenge."""
    activations, sections = activation_values(found.cell, found.excess, found.output, shape)
    sections["remainder"] = found.remainder
    errors = as_blocks({"error": found.error, "square": found.error**2})
    return shared_first_values(features, labels, sections, shape) | activations | errors
