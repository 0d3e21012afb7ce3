"""How good a run was, for people: losses, hits, and how far the integers are from floats. Proves nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from desktop_app.training.activation import ACTIVATION_BITS, OUTPUT_BITS, Model
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.network import split_weights
from desktop_app.training.recipe import (
    FEATURE_BITS,
    HIDDEN_BITS,
    INTERCEPT,
    RATE_BITS,
    WEIGHT_BITS,
    Recipe,
)

Floats = NDArray[np.float64]


def mean_loss(output: Integers, labels: Integers, model: Model) -> float:
    """Of the outputs of one step for these rows: cross-entropy (nats) or squared error / 2."""
    found = output / 2.0 ** OUTPUT_BITS[model]
    if model is Model.LOGISTIC:
        right = np.where(labels == 1, found, 1 - found)
        return float(-np.log(np.maximum(right, 2.0**-17)).mean())
    return float(((found - labels / 2.0**ACTIVATION_BITS) ** 2).mean() / 2)


def predictions(features: Integers, weights: Sequence[int], hidden: int = 0) -> Floats:
    """What stands before the output's activation, in the scale of the label."""
    inputs = np.hstack([features, np.full((len(features), 1), INTERCEPT)]) / 2.0**FEATURE_BITS
    scaled = np.asarray(weights, dtype=np.float64) / 2.0**WEIGHT_BITS
    if not hidden:
        values: Floats = inputs @ scaled
        return values
    first, second = split_weights(scaled, hidden)
    result: Floats = np.maximum(inputs @ first.T, 0) @ second[:-1] + second[-1]
    return result


def hits(features: Integers, labels: Integers, weights: Sequence[int], hidden: int = 0) -> int:
    """Logistic: how many rows the weights put on the right side."""
    return int(np.sum((predictions(features, weights, hidden) >= 0) == (labels == 1)))


def mean_squared_error(
    features: Integers, labels: Integers, weights: Sequence[int], hidden: int = 0
) -> float:
    """Linear: in the scale of the label as the schema has it."""
    found = predictions(features, weights, hidden)
    return float(np.mean((found - labels / 2.0**ACTIVATION_BITS) ** 2))


def float_weights(
    features: Integers,
    labels: Integers,
    recipe: Recipe,
    batches: Sequence[int],
    initial: Sequence[int],
    hidden: int = 0,
) -> Floats:
    """The same recipe in floating point, without any rounding: the weights in the same order."""
    model, size = Model(recipe.model), recipe.batch_rows(len(labels))
    inputs = np.hstack([features / 2.0**FEATURE_BITS, np.ones((len(features), 1))])
    goal = labels / (1.0 if model is Model.LOGISTIC else 2.0**ACTIVATION_BITS)
    input_bits = HIDDEN_BITS if hidden else FEATURE_BITS
    rate = recipe.rate / 2.0 ** (RATE_BITS + WEIGHT_BITS - input_bits - OUTPUT_BITS[model])
    decay = np.tile([recipe.decay / 2.0**RATE_BITS] * features.shape[1] + [0], max(1, hidden))
    if hidden:
        decay = np.concatenate([decay, [recipe.decay / 2.0**RATE_BITS] * hidden, [0]])
    weights = np.asarray(initial, dtype=np.float64) / 2.0**WEIGHT_BITS
    for batch in batches:
        rows = slice(batch * size, (batch + 1) * size)
        gradient = _gradient(inputs[rows], goal[rows], weights, model, hidden)
        weights = weights - rate * gradient - decay * weights
    return weights


def _gradient(inputs: Floats, goal: Floats, weights: Floats, model: Model, hidden: int) -> Floats:
    values, top = inputs, weights
    if hidden:
        first, top = split_weights(weights, hidden)
        sums = inputs @ first.T
        values = np.hstack([np.maximum(sums, 0), np.ones((len(inputs), 1))])
    z = values @ top
    error = (1 / (1 + np.exp(-z)) if model is Model.LOGISTIC else z) - goal
    found: Floats = values.T @ error
    if not hidden:
        return found
    slopes = ((sums >= 0) * error[:, None]).T @ inputs
    return np.concatenate([(slopes * top[:-1, None]).reshape(-1), found])


def distance(exact: Sequence[int], floats: Floats) -> float:
    """The largest difference between a weight of the run and the same weight in floating point."""
    return float(np.max(np.abs(np.asarray(exact) / 2.0**WEIGHT_BITS - floats)))
