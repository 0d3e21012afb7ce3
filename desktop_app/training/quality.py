"""How good a run was, for people: losses, hits, and how far the integers are from floats. Proves nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from desktop_app.training.activation import ACTIVATION_BITS, OUTPUT_BITS, Model
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.recipe import FEATURE_BITS, INTERCEPT, RATE_BITS, WEIGHT_BITS, Recipe

Floats = NDArray[np.float64]


def mean_loss(output: Integers, labels: Integers, model: Model) -> float:
    """Of the outputs of one step for these rows: cross-entropy (nats) or squared error / 2."""
    found = output / 2.0 ** OUTPUT_BITS[model]
    if model is Model.LOGISTIC:
        right = np.where(labels == 1, found, 1 - found)
        return float(-np.log(np.maximum(right, 2.0**-17)).mean())
    return float(((found - labels / 2.0**ACTIVATION_BITS) ** 2).mean() / 2)


def predictions(features: Integers, weights: Sequence[int]) -> Floats:
    """x . w with the intercept, in the scale of the label before the activation."""
    inputs = np.hstack([features, np.full((len(features), 1), INTERCEPT)]).astype(np.float64)
    values: Floats = inputs @ np.asarray(weights, dtype=np.float64) / 2.0 ** (FEATURE_BITS + WEIGHT_BITS)
    return values


def hits(features: Integers, labels: Integers, weights: Sequence[int]) -> int:
    """Logistic: how many rows the weights put on the right side."""
    return int(np.sum((predictions(features, weights) >= 0) == (labels == 1)))


def mean_squared_error(features: Integers, labels: Integers, weights: Sequence[int]) -> float:
    """Linear: in the scale of the label as the schema has it."""
    return float(np.mean((predictions(features, weights) - labels / 2.0**ACTIVATION_BITS) ** 2))


def float_weights(
    features: Integers, labels: Integers, recipe: Recipe, batches: Sequence[int], initial: Sequence[int]
) -> Floats:
    """The same recipe in floating point, without any rounding: one weight per feature and the intercept."""
    model, size = Model(recipe.model), recipe.batch_rows(len(labels))
    inputs = np.hstack([features / 2.0**FEATURE_BITS, np.ones((len(features), 1))])
    goal = labels / (1.0 if model is Model.LOGISTIC else 2.0**ACTIVATION_BITS)
    rate = recipe.rate / 2.0 ** (RATE_BITS + WEIGHT_BITS - FEATURE_BITS - OUTPUT_BITS[model])
    decay = np.full(inputs.shape[1], recipe.decay / 2.0**RATE_BITS)
    decay[-1] = 0
    weights = np.asarray(initial, dtype=np.float64) / 2.0**WEIGHT_BITS
    for batch in batches:
        rows = slice(batch * size, (batch + 1) * size)
        z = inputs[rows] @ weights
        output = 1 / (1 + np.exp(-z)) if model is Model.LOGISTIC else z
        weights = weights - rate * (inputs[rows].T @ (output - goal[rows])) - decay * weights
    return weights


def distance(exact: Sequence[int], floats: Floats) -> float:
    """The largest difference between a weight of the run and the same weight in floating point."""
    return float(np.max(np.abs(np.asarray(exact) / 2.0**WEIGHT_BITS - floats)))
