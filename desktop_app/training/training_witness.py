"""The prover's values of a training run: what it left behind, and what the challenges make of it."""

from __future__ import annotations

import numpy as np

from desktop_app.training import extension, field, matrix
from desktop_app.training.activation import Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Integers, Trace, label_scale
from desktop_app.training.recipe import FEATURE_LIMIT, INTERCEPT, WEIGHT_LIMIT
from desktop_app.training.shape import RunShape, TrainingShape
from desktop_app.training.witness import (
    LOW,
    Values,
    activation_values,
    shared_first_values,
    shared_second_values,
)


def first_values(features: Integers, labels: Integers, trace: Trace, shape: TrainingShape) -> Values:
    """The blocks that are committed before any challenge."""
    weights = (trace.weights + WEIGHT_LIMIT).reshape(-1)
    left = trace.step_remainder.reshape(-1)
    activations, sections = activation_values(trace.cell, trace.excess, trace.output, shape)
    sections |= {
        "remainder": trace.remainder.reshape(-1),
        "weight_low": weights & LOW,
        "weight_high": weights >> 16,
        "step_low": left & LOW,
        "step_high": left >> 16,
        "step_high_doubled": left >> 16 << 1,
    }
    return shared_first_values(features, labels, sections, shape) | activations


def second_values(first: Values, shape: TrainingShape, challenges: Challenges) -> Values:
    """The blocks that depend on the challenges. Raises ZeroDivisionError at a pole."""
    left, right = _folds(first, shape, challenges)
    return shared_second_values(first, shape, challenges) | {
        "fold_left": left,
        "fold_right": right,
        "fold_product": extension.mul(left, right),
    }


def _folds(first: Values, shape: TrainingShape, challenges: Challenges) -> tuple[Array, Array]:
    """The factors of the folded products: rows and weights by batch, then gradient and errors by row."""
    narrow = {name: first["narrow"][0, place] for name, place in shape.sections.items()}
    weights = two_limbs(narrow, "weight").reshape(-1, shape.width)
    weights_by_batch = [
        matrix.product(challenges.activation_steps[:, steps], weights[steps]) for steps in steps_of(shape)
    ]
    errors = _errors_by_row(first, narrow, shape, challenges)
    right = np.concatenate([*weights_by_batch, errors], axis=1)
    return folded_rows(narrow, shape, challenges), right


def folded_rows(narrow: Values, shape: RunShape, challenges: Challenges) -> Array:
    """The left factors: for each batch its rows, folded; then each row, folded."""
    inputs = np.empty((shape.width, shape.rows), dtype=np.uint64)
    inputs[:-1] = field.sub(narrow["features"], np.uint64(FEATURE_LIMIT)).reshape(shape.features, -1)
    inputs[-1] = INTERCEPT
    by_batch = []
    for batch in range(shape.batch_count):
        inside = slice(batch * shape.batch_rows, (batch + 1) * shape.batch_rows)
        by_batch.append(matrix.product(challenges.rows[:, inside], inputs[:, inside].T))
    return np.concatenate([*by_batch, matrix.product(challenges.weights, inputs)], axis=1)


def two_limbs(narrow: Values, name: str) -> Array:
    """Values of 32 bits and a sign, from the sections of their limbs."""
    high = field.mul(narrow[f"{name}_high"], np.uint64(1 << 16))
    return field.sub(field.add(narrow[f"{name}_low"], high), np.uint64(WEIGHT_LIMIT))


def steps_of(shape: RunShape) -> list[list[int]]:
    """The steps of each batch."""
    found: list[list[int]] = [[] for _ in range(shape.batch_count)]
    for step, batch in enumerate(shape.batches):
        found[batch].append(step)
    return found


def sums_by_row(steps: Array, cells: Array, shape: RunShape) -> Array:
    """For each row the sum over its steps of factor * cell, from (degree, T) and (T, B)."""
    result = np.empty((len(steps), shape.batch_count, shape.batch_rows), dtype=np.uint64)
    for batch, mine in enumerate(steps_of(shape)):
        result[:, batch] = matrix.product(steps[:, mine], cells[mine])
    return result.reshape(len(steps), -1)[:, : shape.rows]


def _errors_by_row(first: Values, narrow: Values, shape: TrainingShape, challenges: Challenges) -> Array:
    scale = np.uint64(label_scale(shape.model))
    if shape.model is Model.LOGISTIC:
        labels = field.mul(first["label"][0], scale)
    else:
        labels = field.sub(narrow["labels"], np.uint64(FEATURE_LIMIT))
    output = first["output"][0].reshape(shape.steps, shape.batch_rows)
    goal = np.zeros(shape.batch_count * shape.batch_rows, dtype=np.uint64)
    goal[: shape.rows] = labels
    return sums_by_row(challenges.gradient_steps, field.sub(output, goal[shape.row_of]), shape)
