"""The prover's values of a training run: what it left behind, and what the challenges make of it."""

from __future__ import annotations

import numpy as np

from desktop_app.training import extension, field, matrix
from desktop_app.training.activation import Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Integers, Trace, label_scale
from desktop_app.training.recipe import FEATURE_LIMIT, INTERCEPT, WEIGHT_LIMIT
from desktop_app.training.shape import TrainingShape
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
    inputs = np.empty((shape.width, shape.rows), dtype=np.uint64)
    inputs[:-1] = field.sub(narrow["features"], np.uint64(FEATURE_LIMIT)).reshape(shape.features, -1)
    inputs[-1] = INTERCEPT
    high = field.mul(narrow["weight_high"], np.uint64(1 << 16))
    weights = field.sub(field.add(narrow["weight_low"], high), np.uint64(WEIGHT_LIMIT)).reshape(
        -1, shape.width
    )
    by_batch, weights_by_batch = [], []
    for batch in range(shape.batch_count):
        inside = slice(batch * shape.batch_rows, (batch + 1) * shape.batch_rows)
        by_batch.append(matrix.product(challenges.rows[:, inside], inputs[:, inside].T))
        steps = [step for step in range(shape.steps) if shape.batches[step] == batch]
        weights_by_batch.append(matrix.product(challenges.activation_steps[:, steps], weights[steps]))
    gradient = matrix.product(challenges.weights, inputs)
    errors = _errors_by_row(first, narrow, shape, challenges)
    return np.concatenate([*by_batch, gradient], axis=1), np.concatenate([*weights_by_batch, errors], axis=1)


def _errors_by_row(first: Values, narrow: Values, shape: TrainingShape, challenges: Challenges) -> Array:
    scale = np.uint64(label_scale(shape.model))
    if shape.model is Model.LOGISTIC:
        labels = field.mul(first["label"][0], scale)
    else:
        labels = field.sub(narrow["labels"], np.uint64(FEATURE_LIMIT))
    output = first["output"][0].reshape(shape.steps, shape.batch_rows)
    goal = np.zeros(shape.batch_count * shape.batch_rows, dtype=np.uint64)
    goal[: shape.rows] = labels
    errors = field.sub(output, goal[shape.row_of])
    result = np.empty((challenges.degree, shape.batch_count, shape.batch_rows), dtype=np.uint64)
    for batch in range(shape.batch_count):
        steps = [step for step in range(shape.steps) if shape.batches[step] == batch]
        result[:, batch] = matrix.product(challenges.gradient_steps[:, steps], errors[steps])
    return result.reshape(challenges.degree, -1)[:, : shape.rows]
