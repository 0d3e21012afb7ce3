"""How good the public weights of a network are on committed rows; what `accuracy.py` is for regressions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training import extension, field, matrix
from desktop_app.training.accuracy import (
    AccuracyShape,
    AccuracyStatement,
    Evaluation,
    accuracy_quadratics,
    decisions,
    errors_add_up,
    errors_follow,
)
from desktop_app.training.activation import Model, table
from desktop_app.training.challenges import Challenges
from desktop_app.training.gradient_descent import Integers, activate
from desktop_app.training.layout import Block
from desktop_app.training.linear_constraints import (
    HIGH,
    Context,
    cells_are_looked_up,
    data_is_committed,
    named,
    ranges_are_looked_up,
    saturated_values_lie_beyond,
    scaled,
    unused_cells_are_zero,
)
from desktop_app.training.network import forward, split_weights
from desktop_app.training.network_constraints import hidden_quadratics, remainders_are_small
from desktop_app.training.network_witness import SHIFTS, limbs
from desktop_app.training.quadratic_constraints import Quadratic
from desktop_app.training.recipe import (
    EXCESS_LIMIT,
    FEATURE_LIMIT,
    HIDDEN_BITS,
    INTERCEPT,
    MAX_HIDDEN,
    WEIGHT_BITS,
)
from desktop_app.training.witness import (
    Values,
    activation_values,
    as_blocks,
    shared_first_values,
    shared_second_values,
)

KIND = "colophon-accuracy-network"


@dataclass(frozen=True)
class NetworkAccuracyStatement(AccuracyStatement):
    units: int

    @staticmethod
    def read(value: Json) -> NetworkAccuracyStatement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(NetworkAccuracyStatement, value)
        found.check()
        return found

    @property
    def hidden(self) -> int:
        return self.units

    @property
    def kind_name(self) -> str:
        return KIND

    def shape(self) -> NetworkAccuracyShape:
        owners = tuple(header.rows for header in self.data)
        features, model = self.data[0].features, Model(self.data[0].model)
        return NetworkAccuracyShape(model, owners, features, self.saturation, self.units)

    def check(self) -> None:
        if not 1 <= self.units <= MAX_HIDDEN:
            raise InvalidInputError("training.wrong_shape")
        super().check()


@dataclass(frozen=True)
class NetworkAccuracyShape(AccuracyShape):
    units: int

    @property
    def narrow_sizes(self) -> dict[str, int]:
        return super().narrow_sizes | {
            "remainder_high": self.rows,
            "remainder_high_shifted": self.rows,
            "hidden_remainder": self.rows * self.units,
        }

    @property
    def ranged(self) -> dict[str, int]:
        return super().ranged | {"magnitude": self.rows * self.units}

    def first_blocks(self) -> tuple[Block, ...]:
        cells = self.rows * self.units
        return (*super().first_blocks(), *(Block(name, cells, 1) for name in ("magnitude", "sign", "value")))


Accuracy = Context[NetworkAccuracyStatement, NetworkAccuracyShape]


def _weights(c: Accuracy) -> tuple[Integers, Integers]:
    return split_weights(np.asarray(c.statement.weights, dtype=np.int64), c.shape.units)


def units_follow(c: Accuracy) -> None:
    """sum_j x_ij w1_kj = remainder + 2^16 (2 value + sign - magnitude - 1) for every row and unit."""
    shape, (first, _) = c.shape, _weights(c)
    drawn = c.draw("units", shape.rows * shape.units)
    inputs = matrix.product(drawn.reshape(-1, shape.units), field.array(first))
    inputs = inputs.reshape(c.degree, shape.rows, shape.width)
    features = inputs[:, :, :-1].transpose(0, 2, 1).reshape(c.degree, -1)
    c.narrow("features", np.ascontiguousarray(features))
    c.form.require(extension.scale_element(extension.total(features), FEATURE_LIMIT))
    c.form.require(extension.scale_element(extension.total(inputs[:, :, -1]), -INTERCEPT))
    c.narrow("hidden_remainder", drawn, -1)
    c.form.add("value", scaled(drawn, -2 * HIGH))
    c.form.add("sign", scaled(drawn, -HIGH))
    c.form.add("magnitude", scaled(drawn, HIGH))
    c.form.require(extension.scale_element(extension.total(drawn), -HIGH))


def predictions_follow(c: Accuracy) -> None:
    """sum_k value_ik w2_k + 2^10 w2_h = remainder + 2^18 (cell + excess) in every row."""
    rows, (_, second) = c.draw("predictions", c.shape.rows), _weights(c)
    values = field.mul(rows[:, :, None], field.array(second[:-1]))
    c.form.add("value", values.reshape(c.degree, -1))
    constant = -(int(second[-1]) << HIDDEN_BITS)
    c.form.require(extension.scale_element(extension.total(rows), constant))
    c.narrow("remainder", rows, -1)
    c.narrow("remainder_high", rows, -HIGH)
    c.form.add("cell", scaled(rows, -(1 << WEIGHT_BITS)))
    c.form.add("excess", scaled(rows, -(1 << WEIGHT_BITS)))


NETWORK_ACCURACY_CONSTRAINTS = named(
    data_is_committed,
    units_follow,
    predictions_follow,
    errors_follow,
    errors_add_up,
    remainders_are_small,
    saturated_values_lie_beyond,
    ranges_are_looked_up,
    cells_are_looked_up,
    unused_cells_are_zero,
)


def network_accuracy_quadratics(shape: NetworkAccuracyShape, challenges: Challenges) -> list[Quadratic]:
    return [*accuracy_quadratics(shape, challenges), *hidden_quadratics(shape, challenges)]


def network_accuracy_second_values(
    first: Values, shape: NetworkAccuracyShape, challenges: Challenges
) -> Values:
    return shared_second_values(first, shape, challenges)


@dataclass(frozen=True)
class NetworkEvaluation(Evaluation):
    hidden_remainder: Integers
    magnitude: Integers
    sign: Integers
    value: Integers


def evaluate_network(
    features: Integers, labels: Integers, weights: tuple[int, ...], model: Model, units: int
) -> NetworkEvaluation:
    """The predictions for rows (n, d); raises RefusedError where one is too large to be written down."""
    inputs = np.hstack([features, np.full((len(features), 1), INTERCEPT)])
    constant = np.full(len(features), 1 << HIDDEN_BITS)
    *hidden, z = forward(inputs, constant, np.asarray(weights, dtype=np.int64), units)
    outputs = decisions() if model is Model.LOGISTIC else table(model)
    remainder, cell, excess, output = activate(z, outputs, WEIGHT_BITS)
    if np.any(np.abs(excess) >= EXCESS_LIMIT):
        raise RefusedError("training.diverged", step=0)
    return NetworkEvaluation(remainder, cell, excess, output, output - labels, *hidden)


def network_accuracy_values(
    features: Integers, labels: Integers, found: NetworkEvaluation, shape: NetworkAccuracyShape
) -> Values:
    """The blocks that are committed before any challenge."""
    activations, sections = activation_values(found.cell, found.excess, found.output, shape)
    sections |= limbs("remainder", found.remainder)
    sections["remainder_high_shifted"] = found.remainder >> 16 << SHIFTS["remainder"]
    sections["remainder"] = sections.pop("remainder_low")
    sections["hidden_remainder"] = found.hidden_remainder.reshape(-1)
    sections["magnitude"] = found.magnitude.reshape(-1)
    others = {
        "error": found.error,
        "square": found.error**2,
        "sign": found.sign.reshape(-1),
        "value": found.value.reshape(-1),
    }
    return shared_first_values(features, labels, sections, shape) | activations | as_blocks(others)
