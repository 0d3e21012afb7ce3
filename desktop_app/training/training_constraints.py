"""The linear constraints of a training run; each function adds one, weighted with fresh randomness."""

from __future__ import annotations

import numpy as np

from desktop_app.training import extension, field
from desktop_app.training.activation import Model
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import label_scale
from desktop_app.training.linear_constraints import (
    HIGH,
    Context,
    cells_are_looked_up,
    committed_block,
    data_is_committed,
    named,
    one,
    outer,
    ranges_are_looked_up,
    saturated_values_lie_beyond,
    scaled,
    unused_cells_are_zero,
)
from desktop_app.training.recipe import FEATURE_LIMIT, INTERCEPT, RATE_BITS
from desktop_app.training.shape import RunShape, TrainingShape
from desktop_app.training.statement import Statement

Training = Context[Statement, TrainingShape]
Run = Context[Statement, RunShape]
"""A run of any model."""


def rows_are_folded(c: Run) -> None:
    """fold_left[batch, j] = sum over the batch of challenge_i * x_ij."""
    width, shape = c.shape.width, c.shape
    weights = c.draw("folded rows", shape.batch_count * width)
    c.form.add("fold_left", weights)
    by_batch = weights.reshape(c.degree, shape.batch_count, width)
    of_row = by_batch[:, np.arange(shape.rows) // shape.batch_rows]  # (degree, rows, width)
    products = extension.mul(of_row, c.challenges.rows[:, :, None])
    features = products[:, :, :-1].transpose(0, 2, 1).reshape(c.degree, -1)
    c.narrow("features", np.ascontiguousarray(features), -1)
    c.form.require(extension.scale_element(extension.total(features), -FEATURE_LIMIT))
    c.form.require(extension.scale_element(extension.total(products[:, :, -1]), INTERCEPT))


def weights_are_folded(c: Training) -> None:
    """fold_right[batch, j] = sum over the steps of the batch of challenge_t * w_tj."""
    width, shape = c.shape.width, c.shape
    weights = c.draw("folded weights", shape.batch_count * width)
    c.form.add("fold_right", weights)
    of_step = weights.reshape(c.degree, shape.batch_count, width)[:, list(shape.batches)]
    products = extension.mul(of_step, c.challenges.activation_steps[:, :, None])
    c.weights(scaled(products.reshape(c.degree, -1), -1))


def columns_are_folded(c: Run) -> None:
    """fold_left[i] = sum over j of challenge_j * x_ij, the constant feature included."""
    shape = c.shape
    weights = c.draw("folded columns", shape.rows)
    c.form.add("fold_left", weights, shape.batch_count * shape.width)
    products = outer(c.challenges.weights[:, :-1], weights)
    c.narrow("features", products, -1)
    c.form.require(extension.scale_element(extension.total(products), -FEATURE_LIMIT))
    intercept = extension.mul(c.challenges.weights[:, -1:], weights)
    c.form.require(extension.scale_element(extension.total(intercept), INTERCEPT))


def errors_are_folded(c: Training) -> None:
    """fold_right[i] = sum over the steps of i's batch of challenge_t * (output_ti - scale * label_i)."""
    shape = c.shape
    weights = c.draw("folded errors", shape.rows)
    c.form.add("fold_right", weights, shape.batch_count * shape.width)
    per_cell = extension.mul(c.challenges.gradient_steps[:, :, None], by_cell(weights, shape))
    c.form.add("output", scaled(per_cell.reshape(c.degree, -1), -1))
    steps = np.stack(
        [
            field.total(c.challenges.gradient_steps[:, np.asarray(shape.batches) == batch])
            for batch in range(shape.batch_count)
        ],
        axis=1,
    )
    of_row = extension.mul(weights, steps[:, np.arange(shape.rows) // shape.batch_rows])
    if shape.model is Model.LOGISTIC:
        c.form.add("label", scaled(of_row, label_scale(shape.model)))
    else:
        c.narrow("labels", of_row)
        c.form.require(extension.scale_element(extension.total(of_row), FEATURE_LIMIT))


def activations_follow(c: Training) -> None:
    """sum_j x_ij w_tj = remainder + 2^16 (cell + excess) in every step and row, folded."""
    weight, shape = c.draw_one("activations"), c.shape
    rows = extension.mul(c.challenges.rows, one(weight))
    cells = extension.mul(c.challenges.activation_steps[:, :, None], by_cell(rows, shape))
    cells = cells.reshape(c.degree, -1)
    c.narrow("remainder", cells)
    c.form.add("cell", scaled(cells, HIGH))
    c.form.add("excess", scaled(cells, HIGH))
    size = shape.batch_count * shape.width
    c.form.add("fold_product", np.repeat(scaled(one(weight), -1), size, axis=1))


def weights_follow(c: Training) -> None:
    """2^31 (w_t - w_t+1) + remainder = rate * gradient + decay * w_t in every step, folded."""
    weight, shape, recipe = c.draw_one("steps"), c.shape, c.statement.recipe
    cells = extension.mul(outer(c.challenges.gradient_steps, c.challenges.weights), one(weight))
    c.weights(scaled(cells, 1 << RATE_BITS))
    c.weights(scaled(cells, -(1 << RATE_BITS)), step=1)
    decayed = cells.reshape(c.degree, shape.steps, shape.width).copy()
    decayed[:, :, -1] = 0
    c.weights(scaled(decayed.reshape(c.degree, -1), -recipe.decay))
    c.narrow("step_low", cells)
    c.narrow("step_high", cells, HIGH)
    gradient = np.repeat(scaled(one(weight), -recipe.rate), shape.rows, axis=1)
    c.form.add("fold_product", gradient, shape.batch_count * shape.width)


def weights_start_and_end(c: Run) -> None:
    """The first weights are the public ones; the last are public, or those of the model's tree."""
    for label, weights, step in (
        ("first weights", c.statement.initial, 0),
        ("last weights", c.statement.final, c.shape.steps),
    ):
        drawn = c.draw(label, c.shape.weight_count)
        c.weights(drawn, step)
        if weights:
            public = field.array(np.asarray(weights, dtype=np.int64))
            c.form.require(extension.total(field.mul(drawn, public)))
        else:
            c.form.add(committed_block(len(c.shape.owners)), scaled(drawn, -1))


def step_remainders_are_small(c: Training) -> None:
    """The upper limb of a step's remainder has 15 bits: its double is a 16-bit value too."""
    drawn = c.draw("step remainders", c.shape.steps * c.shape.width)
    c.narrow("step_high_doubled", drawn)
    c.narrow("step_high", drawn, -2)


LINEAR_CONSTRAINTS = named(
    data_is_committed,
    rows_are_folded,
    weights_are_folded,
    columns_are_folded,
    errors_are_folded,
    activations_follow,
    weights_follow,
    weights_start_and_end,
    step_remainders_are_small,
    saturated_values_lie_beyond,
    ranges_are_looked_up,
    cells_are_looked_up,
    unused_cells_are_zero,
)


def by_cell(of_row: Array, shape: RunShape) -> Array:
    """(degree, T, B) from one element per row; 0 for rows that do not exist."""
    padded = np.zeros((len(of_row), shape.batch_count * shape.batch_rows), dtype=np.uint64)
    padded[:, : shape.rows] = of_row
    return padded[:, shape.row_of]
