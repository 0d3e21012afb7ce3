"""A network with one hidden layer of ReLU units, trained by gradient descent in exact integers.

The weights are those of each hidden unit k (w1_k, one per feature and its intercept), then those of the
output (w2, one per unit and its intercept). One step, on the rows i of its batch, x_i extended by 2^8:
    c_ik = floor(sum_j x_ij w1_kj / 2^16), refused outside [-2^16, 2^16);  s_ik = 1 if c_ik >= 0 else 0
    a_ik = s_ik c_ik (ReLU, units of 2^-10);  z_i = sum_k a_ik w2_k + 2^10 w2_h
    cell_i = floor(z_i / 2^18), moved into the table's range;  error_i = table[cell_i] - 2^s label_i
    w2_k <- w2_k - floor((rate * sum_i a_ik error_i + decay * w2_k) / 2^31)   (a = 2^10 for the intercept)
    slope_kj = floor(rate * sum_i x_ij s_ik error_i / 2^29)
    w1_kj <- w1_kj - floor((slope_kj * w2_k + decay / 2^13 * w1_kj) / 2^18)   (both w of before the step)
Intercepts have no decay. `train_network` (numpy) and `train_network_plainly` give the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import RefusedError
from desktop_app.core.progress import Task
from desktop_app.training.activation import HIGHEST, LOWEST, Model, table
from desktop_app.training.gradient_descent import Integers, Watch, activate, label_scale
from desktop_app.training.recipe import (
    DECAY_UNIT,
    EXCESS_LIMIT,
    HIDDEN_BITS,
    HIDDEN_LIMIT,
    INTERCEPT,
    RATE_BITS,
    SLOPE_BITS,
    WEIGHT_BITS,
    WEIGHT_LIMIT,
    Recipe,
    weight_count,
)

W = TypeVar("W", np.int64, np.float64)

_SUM_BITS = 16
_OUTPUT = 7
"""The place of the outputs among the fields of a trace, the weights left out."""


@dataclass(frozen=True)
class NetworkTrace:
    """Everything that happened in T steps of B rows (a short batch is filled up with rows of zeros)."""

    weights: Integers
    """(T + 1, h (d + 1) + h + 1): before each step and after the last."""
    hidden_remainder: Integers
    """(T, B, h): the hidden sums modulo 2^16."""
    magnitude: Integers
    """(T, B, h): c where the unit is active, -1 - c where it is not."""
    sign: Integers
    value: Integers
    remainder: Integers
    """(T, B): z modulo 2^18."""
    cell: Integers
    excess: Integers
    output: Integers
    error: Integers
    """(T, B): 0 where there is no row."""
    step_remainder: Integers
    """(T, h + 1): what the steps of the output weights left over, 31 bits."""
    slope: Integers
    """(T, h, d + 1)"""
    slope_remainder: Integers
    """29 bits."""
    hidden_step_remainder: Integers
    """18 bits."""

    @property
    def final(self) -> tuple[int, ...]:
        return tuple(int(weight) for weight in self.weights[-1])


def split_weights(weights: NDArray[W], hidden: int) -> tuple[NDArray[W], NDArray[W]]:
    """The weights of the hidden units (..., h, d + 1) and of the output (..., h + 1)."""
    first = weights[..., : -hidden - 1]
    return first.reshape(*first.shape[:-1], hidden, -1), weights[..., -hidden - 1 :]


def drawn_weights(identities: Sequence[str], nonce: str, features: int, hidden: int) -> tuple[int, ...]:
    """Where a network starts: drawn from the data sets and the verifier's nonce, no choice of the prover's.

    Uniform in +-sqrt(6 / d) for hidden units (He 2015), +-sqrt(3 / h) for the output; intercepts are 0.
    """
    seed = "|".join(["colophon/v1/training/weights", *identities, nonce])
    count = weight_count(features, hidden)
    words = np.frombuffer(hashlib.shake_256(seed.encode()).digest(8 * count), dtype="<u8")
    first, second = (isqrt((top << 2 * WEIGHT_BITS) // size) for top, size in ((6, features), (3, hidden)))
    limits = ([first] * features + [0]) * hidden + [second] * hidden + [0]
    return tuple(int(word) % (2 * limit + 1) - limit for word, limit in zip(words, limits, strict=True))


def train_network(
    features: Integers,
    labels: Integers,
    recipe: Recipe,
    batches: Sequence[int],
    initial: Sequence[int],
    hidden: int,
    task: Task | None = None,
    watch: Watch | None = None,
) -> NetworkTrace:
    """Run the recipe on rows (n, d) and labels (n,), batch `batches[t]` in step t.

    Raises RefusedError where a value leaves its range: the learning rate is too high for this data.
    """
    model, size = Model(recipe.model), recipe.batch_rows(len(features))
    padded = np.zeros((recipe.batches * size, features.shape[1] + 1), dtype=np.int64)
    padded[: len(features), :-1] = features
    padded[: len(features), -1] = INTERCEPT
    exists = (np.arange(len(padded)) < len(features)).astype(np.int64)
    goal = np.zeros(len(padded), dtype=np.int64)
    goal[: len(labels)] = labels * label_scale(model)
    weights = [np.asarray(initial, dtype=np.int64)]
    steps: list[tuple[Integers, ...]] = []
    for step, batch in enumerate(batches):
        if task is not None:
            task.report(step, len(batches), "training.running")
        inside = slice(batch * size, batch * size + size)
        moved, found = _step(padded[inside], goal[inside], exists[inside], recipe, weights[-1], hidden, step)
        weights.append(moved)
        steps.append(found)
        if watch is not None:
            watch(step, batch, found[_OUTPUT][: len(features) - batch * size])
    return NetworkTrace(np.stack(weights), *(np.stack(part) for part in zip(*steps, strict=True)))


def forward(
    inputs: Integers, constant: Integers, weights: Integers, hidden: int, step: int = 0
) -> tuple[Integers, ...]:
    """Hidden remainders, magnitudes, signs and values (B, h), and the output sums (B,).

    `inputs` (B, d + 1), `constant` (B,): 2^10 for each row that exists, which the output's intercept meets.
    """
    first, second = split_weights(weights, hidden)
    sums = inputs @ first.T
    quotient = sums >> _SUM_BITS
    if np.any(quotient < -HIDDEN_LIMIT) or np.any(quotient >= HIDDEN_LIMIT):
        raise RefusedError("training.diverged", step=step + 1)
    sign = (quotient >= 0).astype(np.int64)
    magnitude = np.where(sign == 1, quotient, -1 - quotient)
    value = sign * magnitude
    z = value @ second[:-1] + constant * second[-1]
    return sums - (quotient << _SUM_BITS), magnitude, sign, value, z


def backward(
    inputs: Integers,
    constant: Integers,
    sign: Integers,
    value: Integers,
    error: Integers,
    weights: Integers,
    recipe: Recipe,
) -> tuple[Integers, ...]:
    """The next weights, step remainders, slopes, their remainders, and those of the hidden steps."""
    first, second = split_weights(weights, sign.shape[1])
    top_decay = np.full(len(second), recipe.decay, dtype=np.int64)
    hidden_decay = np.full(inputs.shape[1], recipe.decay // DECAY_UNIT, dtype=np.int64)
    top_decay[-1] = hidden_decay[-1] = 0
    moved = recipe.rate * np.append(error @ value, error @ constant) + top_decay * second
    rated = recipe.rate * ((sign * error[:, None]).T @ inputs)
    slope = rated >> SLOPE_BITS
    bent = slope * second[:-1, None] + hidden_decay * first
    after = np.append((first - (bent >> WEIGHT_BITS)).reshape(-1), second - (moved >> RATE_BITS))
    return (
        after,
        moved & ((1 << RATE_BITS) - 1),
        slope,
        rated & ((1 << SLOPE_BITS) - 1),
        bent & ((1 << WEIGHT_BITS) - 1),
    )


def _step(
    inputs: Integers,
    goal: Integers,
    exists: Integers,
    recipe: Recipe,
    weights: Integers,
    hidden: int,
    step: int,
) -> tuple[Integers, tuple[Integers, ...]]:
    constant = exists << HIDDEN_BITS
    hidden_remainder, magnitude, sign, value, z = forward(inputs, constant, weights, hidden, step)
    remainder, cell, excess, output = activate(z, table(Model(recipe.model)), WEIGHT_BITS)
    error = (output - goal) * exists
    after, *left = backward(inputs, constant, sign, value, error, weights, recipe)
    moving = np.concatenate([after, left[1].reshape(-1)])
    leaves_range = np.any(moving < -WEIGHT_LIMIT) or np.any(moving >= WEIGHT_LIMIT)
    if leaves_range or np.any(np.abs(excess) >= EXCESS_LIMIT):
        raise RefusedError("training.diverged", step=step + 1)
    forth = (hidden_remainder, magnitude, sign, value, remainder, cell, excess, output, error)
    return after, (*forth, *left)


def train_network_plainly(
    features: Sequence[Sequence[int]],
    labels: Sequence[int],
    recipe: Recipe,
    batches: Sequence[int],
    initial: Sequence[int],
    hidden: int,
) -> list[int]:
    """The final weights, in Python's integers: the reference that `train_network` is compared with."""
    model, size = Model(recipe.model), recipe.batch_rows(len(features))
    outputs = [int(value) for value in table(model)]
    width = len(features[0]) + 1
    weights = [int(weight) for weight in initial]
    for batch in batches:
        units = [weights[k * width : (k + 1) * width] for k in range(hidden)]
        top = weights[hidden * width :]
        top_sums = [0] * (hidden + 1)
        unit_sums = [[0] * width for _ in range(hidden)]
        start = batch * size
        for x, label in zip(features[start : start + size], labels[start : start + size], strict=True):
            row = [*(int(value) for value in x), INTERCEPT]
            values = []
            for unit in units:
                values.append(sum(a * b for a, b in zip(row, unit, strict=True)) // (1 << _SUM_BITS))
            rectified = [max(value, 0) for value in values] + [1 << HIDDEN_BITS]
            z = sum(a * b for a, b in zip(rectified, top, strict=True))
            cell = min(max(z // (1 << WEIGHT_BITS), LOWEST), HIGHEST)
            error = outputs[cell - LOWEST] - label_scale(model) * int(label)
            for k, value in enumerate(rectified):
                top_sums[k] += value * error
            for k, value in enumerate(values):
                for j in range(width if value >= 0 else 0):
                    unit_sums[k][j] += row[j] * error
        weights = []
        for k, unit in enumerate(units):
            for j, weight in enumerate(unit):
                slope = recipe.rate * unit_sums[k][j] // (1 << SLOPE_BITS)
                decay = recipe.decay // DECAY_UNIT if j < width - 1 else 0
                weights.append(weight - (slope * top[k] + decay * weight) // (1 << WEIGHT_BITS))
        for k, weight in enumerate(top):
            decay = recipe.decay if k < hidden else 0
            weights.append(weight - (recipe.rate * top_sums[k] + decay * weight) // (1 << RATE_BITS))
    return weights
