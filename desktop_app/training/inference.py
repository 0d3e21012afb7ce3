"""What a committed model answers to public inputs, proved without showing its weights.

Answers of many inputs fix the weights all the same: as many as there are weights, and linear algebra finds
them. Say so wherever an answer is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training import extension, field, matrix
from desktop_app.training.activation import Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import VERSION, Claim, check_context, check_saturation, check_weights
from desktop_app.training.dataset import DataHeader
from desktop_app.training.gradient_descent import Integers, activate
from desktop_app.training.linear_constraints import (
    HIGH,
    Context,
    cells_are_looked_up,
    committed_block,
    named,
    ranges_are_looked_up,
    saturated_values_lie_beyond,
    scaled,
    unused_cells_are_zero,
)
from desktop_app.training.model import CommittedWeights
from desktop_app.training.quadratic_constraints import Quadratic, shared_quadratics
from desktop_app.training.recipe import EXCESS_LIMIT, FEATURE_LIMIT, INTERCEPT, MAX_CELLS, WEIGHT_LIMIT
from desktop_app.training.shape import Shape
from desktop_app.training.witness import (
    LOW,
    Values,
    activation_values,
    saturation_room,
    shared_first_values,
    shared_second_values,
)

KIND = "colophon-inference"


@dataclass(frozen=True)
class InferenceStatement(Claim):
    model: DataHeader
    inputs: tuple[tuple[int, ...], ...]
    """One row of features each, in units of 2^-8."""
    outputs: tuple[int, ...]
    """Logistic: in units of 2^-16; linear: of 2^-10."""
    saturation: int
    licence: str
    nonce: str

    @staticmethod
    def read(value: Json) -> InferenceStatement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(InferenceStatement, value)
        found.check()
        return found

    @property
    def committed(self) -> tuple[DataHeader, ...]:
        return (self.model,)

    def shape(self) -> InferenceShape:
        model = Model(self.model.model)
        return InferenceShape(model, (), self.model.features, self.saturation, len(self.inputs))

    def rows(self) -> Integers:
        """The inputs with the constant feature, shape (m, d + 1)."""
        inputs = np.asarray(self.inputs, dtype=np.int64)
        return np.hstack([inputs, np.full((len(inputs), 1), INTERCEPT)])

    def check(self) -> None:
        self.check_commitments(KIND, self.model)
        if self.model.rows != 1:
            raise InvalidInputError("training.wrong_shape")
        count = len(self.inputs)
        if not 1 <= count * self.model.features <= MAX_CELLS or len(self.outputs) != count:
            raise InvalidInputError("training.wrong_shape")
        for row in self.inputs:
            if len(row) != self.model.features:
                raise InvalidInputError("training.wrong_shape")
            if not all(-FEATURE_LIMIT <= value < FEATURE_LIMIT for value in row):
                raise InvalidInputError("training.feature_out_of_range")
        check_saturation(self.saturation)
        check_context((self.licence,), self.nonce)
        self.check_size()


@dataclass(frozen=True)
class InferenceShape(Shape):
    inputs: int

    @property
    def activations(self) -> int:
        return self.inputs

    @property
    def narrow_sizes(self) -> dict[str, int]:
        return super().narrow_sizes | {"weight_low": self.width, "weight_high": self.width}


Inference = Context[InferenceStatement, InferenceShape]


def weights_are_committed(c: Inference) -> None:
    """The weights that are worked on, in their range, are those of the model's tree."""
    drawn = c.draw("weights", c.shape.width)
    c.weights(drawn)
    c.form.add(committed_block(0), scaled(drawn, -1))


def answers_follow(c: Inference) -> None:
    """sum_j x_ij w_j = remainder + 2^16 (cell + excess) for every input."""
    rows = c.draw("answers", c.shape.inputs)
    c.weights(matrix.product(rows, field.array(c.statement.rows())))
    c.narrow("remainder", rows, -1)
    c.form.add("cell", scaled(rows, -HIGH))
    c.form.add("excess", scaled(rows, -HIGH))


def answers_are_public(c: Inference) -> None:
    """The outputs are the stated ones."""
    drawn = c.draw("outputs", c.shape.inputs)
    c.form.add("output", drawn)
    outputs = field.array(np.asarray(c.statement.outputs, dtype=np.int64))
    c.form.require(extension.total(field.mul(drawn, outputs)))


INFERENCE_CONSTRAINTS = named(
    weights_are_committed,
    answers_follow,
    answers_are_public,
    saturated_values_lie_beyond,
    ranges_are_looked_up,
    cells_are_looked_up,
    unused_cells_are_zero,
)


def inference_quadratics(shape: InferenceShape, challenges: Challenges) -> list[Quadratic]:
    return shared_quadratics(shape, challenges)


def inference_second_values(first: Values, shape: InferenceShape, challenges: Challenges) -> Values:
    return shared_second_values(first, shape, challenges)


def answer(
    model: CommittedWeights,
    inputs: tuple[tuple[int, ...], ...],
    *,
    licence: str,
    nonce: str,
    security: int = 100,
) -> tuple[InferenceStatement, Values]:
    """What the model answers, and the blocks that are committed before any challenge."""
    check_weights(model.weights, model.header.features + 1)
    draft = InferenceStatement(
        KIND, VERSION, security, model.header, inputs, (0,) * len(inputs), 1, licence, nonce
    )
    draft.check()
    weights = np.asarray(model.weights, dtype=np.int64)
    remainder, cell, excess, output = activate(draft.rows() @ weights, draft.shape().outputs)
    if np.any(np.abs(excess) >= EXCESS_LIMIT):
        raise RefusedError("training.diverged", step=0)
    statement = InferenceStatement(
        KIND, VERSION, security, model.header, inputs, tuple(int(value) for value in output),
        saturation_room(excess), licence, nonce,
    )  # fmt: skip
    activations, sections = activation_values(cell, excess, output, statement.shape())
    coded = weights + WEIGHT_LIMIT
    sections |= {"remainder": remainder, "weight_low": coded & LOW, "weight_high": coded >> 16}
    nothing = np.zeros((0, model.header.features), dtype=np.int64)
    first = shared_first_values(nothing, np.zeros(0, dtype=np.int64), sections, statement.shape())
    return statement, first | activations
