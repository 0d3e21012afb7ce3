"""Gradient descent in exact integers: the meaning of a training proof.

One step, on the rows i of its batch, x_i extended by the constant 2^8 for the intercept:
    z_i = sum_j x_ij w_j;  cell_i = floor(z_i / 2^16), moved into the table's range
    error_i = table[cell_i] - 2^s label_i   (s = 16, label 0 or 1; linear: the label has the scale 2^10)
    w_j <- w_j - floor((rate * sum_i x_ij error_i + decay * w_j) / 2^31)   (no decay of the intercept)
`train` (numpy) and `train_plainly` (Python integers, nothing clever) give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import RefusedError
from desktop_app.core.progress import Task
from desktop_app.training.activation import HIGHEST, LOWEST, OUTPUT_BITS, Model, table
from desktop_app.training.recipe import EXCESS_LIMIT, INTERCEPT, RATE_BITS, WEIGHT_LIMIT, Recipe

Integers = NDArray[np.int64]
Watch = Callable[[int, int, Integers], None]
"""Called after each step with its number (from 0), its batch, and the outputs for the rows of that batch."""

_CELL_BITS = 16


@dataclass(frozen=True)
class Trace:
    """Everything that happened, T steps of B rows (a short batch is filled up with rows of zeros)."""

    weights: Integers
    """(T + 1, d + 1): before each step and after the last."""
    remainder: Integers
    """(T, B): z modulo 2^16."""
    cell: Integers
    excess: Integers
    """(T, B): how far floor(z / 2^16) lies beyond the table; mostly 0."""
    output: Integers
    step_remainder: Integers
    """(T, d + 1): what the division by 2^31 left over."""

    @property
    def final(self) -> tuple[int, ...]:
        return tuple(int(weight) for weight in self.weights[-1])


def label_scale(model: Model) -> int:
    """What a label is multiplied with before it is subtracted from a prediction."""
    return 1 << OUTPUT_BITS[model] if model is Model.LOGISTIC else 1


def train(
    features: Integers,
    labels: Integers,
    recipe: Recipe,
    batches: Sequence[int],
    initial: Sequence[int],
    task: Task | None = None,
    watch: Watch | None = None,
) -> Trace:
    """Run the recipe on rows (n, d) and labels (n,), batch `batches[t]` in step t.

    Raises RefusedError where a weight leaves its range: the learning rate is too high for this data.
    """
    model, size = Model(recipe.model), recipe.batch_rows(len(features))
    padded = np.zeros((recipe.batches * size, features.shape[1] + 1), dtype=np.int64)
    padded[: len(features), :-1] = features
    padded[: len(features), -1] = INTERCEPT
    goal = np.zeros(len(padded), dtype=np.int64)
    goal[: len(labels)] = labels * label_scale(model)
    outputs = table(model)
    decay = np.full(padded.shape[1], recipe.decay, dtype=np.int64)
    decay[-1] = 0
    weights = [np.asarray(initial, dtype=np.int64)]
    rows: list[tuple[Integers, ...]] = []
    for step, batch in enumerate(batches):
        if task is not None:
            task.report(step, len(batches), "training.running")
        inside = slice(batch * size, batch * size + size)
        remainder, cell, excess, output = activate(padded[inside] @ weights[-1], outputs)
        numerator = recipe.rate * (padded[inside].T @ (output - goal[inside])) + decay * weights[-1]
        weights.append(weights[-1] - (numerator >> RATE_BITS))
        rows.append((remainder, cell, excess, output, numerator & ((1 << RATE_BITS) - 1)))
        if np.any(weights[-1] < -WEIGHT_LIMIT) or np.any(weights[-1] >= WEIGHT_LIMIT):
            raise RefusedError("training.diverged", step=step + 1)
        if np.any(np.abs(excess) >= EXCESS_LIMIT):
            raise RefusedError("training.diverged", step=step + 1)
        if watch is not None:
            watch(step, batch, output[: len(features) - batch * size])
    return Trace(np.stack(weights), *(np.stack(part) for part in zip(*rows, strict=True)))


def activate(
    z: Integers, outputs: Integers, bits: int = _CELL_BITS
) -> tuple[Integers, Integers, Integers, Integers]:
    """Remainder, cell, excess and table output of sums of feature * weight, a cell being 2^bits wide."""
    quotient = z >> bits
    cell = np.clip(quotient, LOWEST, HIGHEST)
    return z - (quotient << bits), cell, quotient - cell, outputs[cell - LOWEST]


def train_plainly(
    features: Sequence[Sequence[int]],
    labels: Sequence[int],
    recipe: Recipe,
    batches: Sequence[int],
    initial: Sequence[int],
) -> list[int]:
    """The final weights, in Python's integers: the reference that `train` is compared with."""
    model = Model(recipe.model)
    outputs = [int(value) for value in table(model)]
    size = recipe.batch_rows(len(features))
    weights = [int(weight) for weight in initial]
    for batch in batches:
        sums = [0] * len(weights)
        first = batch * size
        for x, label in zip(features[first : first + size], labels[first : first + size], strict=True):
            row = [*(int(value) for value in x), INTERCEPT]
            z = sum(value * weight for value, weight in zip(row, weights, strict=True))
            cell = min(max(z // (1 << _CELL_BITS), LOWEST), HIGHEST)
            error = outputs[cell - LOWEST] - label_scale(model) * int(label)
            for j, value in enumerate(row):
                sums[j] += value * error
        for j, gradient in enumerate(sums):
            decay = recipe.decay if j < len(weights) - 1 else 0
            weights[j] -= (recipe.rate * gradient + decay * weights[j]) // (1 << RATE_BITS)
    return weights
