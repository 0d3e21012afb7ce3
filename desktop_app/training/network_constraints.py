"""The constraints of a network's training; each function adds one, weighted with fresh randomness.

The equations are those of `network.py`; t counts steps, i rows of a batch, k hidden units, j inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from desktop_app.training import extension, field
from desktop_app.training.activation import Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.extension import Element
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import label_scale
from desktop_app.training.linear_constraints import (
    HIGH,
    Context,
    cells_are_looked_up,
    data_is_committed,
    named,
    one,
    outer,
    ranges_are_looked_up,
    saturated_values_lie_beyond,
    scaled,
    unused_cells_are_zero,
)
from desktop_app.training.network_statement import NetworkShape, NetworkStatement
from desktop_app.training.network_witness import SHIFTS
from desktop_app.training.quadratic_constraints import (
    Quadratic,
    products_agree,
    ranges_are_inverted,
    training_quadratics,
)
from desktop_app.training.recipe import (
    DECAY_UNIT,
    FEATURE_LIMIT,
    HIDDEN_BITS,
    RATE_BITS,
    SLOPE_BITS,
    WEIGHT_BITS,
    WEIGHT_LIMIT,
)
from desktop_app.training.shape import Shape
from desktop_app.training.training_constraints import (
    by_cell,
    columns_are_folded,
    rows_are_folded,
    weights_start_and_end,
)
from desktop_app.training.training_witness import steps_of

Network = Context[NetworkStatement, NetworkShape]


def errors_follow(c: Network) -> None:
    """error_ti = output_ti - scale * label_i, and 0 where a batch has no row."""
    shape = c.shape
    drawn = c.draw("errors", shape.activations)
    c.form.add("error", drawn)
    cells = drawn.reshape(c.degree, shape.steps, shape.batch_rows)
    exists = (shape.row_of < shape.rows).astype(np.uint64)
    c.form.add("output", scaled((cells * exists).reshape(c.degree, -1), -1))
    by_row = [field.total(cells[:, steps], axis=1) for steps in steps_of(shape)]
    of_row = np.concatenate(by_row, axis=1)[:, : shape.rows]
    if shape.model is Model.LOGISTIC:
        c.form.add("label", scaled(of_row, label_scale(shape.model)))
    else:
        c.narrow("labels", of_row)
        c.form.require(extension.scale_element(extension.total(of_row), FEATURE_LIMIT))


def hidden_weights_are_folded(c: Network) -> None:
    """fold_right[batch, j] = sum over the steps of the batch and the units of challenge_t,k * w1_tkj."""
    shape = c.shape
    drawn = c.draw("folded hidden weights", shape.batch_count * shape.width)
    c.form.add("fold_right", drawn)
    of_step = drawn.reshape(c.degree, shape.batch_count, shape.width)[:, list(shape.batches)]
    factors = _by_step_and_unit(c, c.challenges.activation_steps)
    _add_weights(c, hidden=scaled(extension.mul(factors[:, :, :, None], of_step[:, :, None]), -1))


def masked_errors_are_folded(c: Network) -> None:
    """fold_right[i] = sum over the steps of i's batch of challenge_t * sign_error_ti."""
    drawn, shape = c.draw("folded masked errors", c.shape.rows), c.shape
    c.form.add("fold_right", drawn, shape.batch_count * shape.width)
    cells = extension.mul(c.challenges.gradient_steps[:, :, None], by_cell(drawn, shape))
    c.form.add("sign_error", scaled(cells.reshape(c.degree, -1), -1))


def signs_are_folded(c: Network) -> None:
    """sign_fold_ti = sum over units of challenge_k * sign_tik."""
    _fold_units(c, "sign")


def values_are_folded(c: Network) -> None:
    """value_fold_ti = sum over units of challenge_k * value_tik."""
    _fold_units(c, "value")


def _fold_units(c: Network, block: str) -> None:
    drawn = c.draw(f"folded {block}", c.shape.activations)
    c.form.add(f"{block}_fold", drawn)
    c.form.add(block, scaled(outer(drawn, c.challenges.hidden[:, :-1]), -1))


def units_are_folded(c: Network) -> None:
    """unit_fold_tk = sum over the rows of the batch of challenge_i * value_tik."""
    drawn, shape = c.draw("folded rows of units", c.shape.steps * c.shape.units), c.shape
    c.form.add("unit_fold", drawn)
    by_step = drawn.reshape(c.degree, shape.steps, 1, shape.units)
    cells = extension.mul(by_cell(c.challenges.rows, shape)[:, :, :, None], by_step)
    c.form.add("value", scaled(cells.reshape(c.degree, -1), -1))


def slopes_are_folded(c: Network) -> None:
    """slope_fold_tk = sum over inputs of challenge_j * slope_tkj."""
    drawn = c.draw("folded slopes", c.shape.steps * c.shape.units)
    c.form.add("slope_fold", drawn)
    _add_slopes(c, scaled(outer(drawn, c.challenges.weights), -1))


def output_weights_are_placed(c: Network) -> None:
    """output_weight_tk = w2_tk: beside what it is multiplied with."""
    drawn, shape = c.draw("output weights", c.shape.steps * c.shape.units), c.shape
    c.form.add("output_weight", drawn)
    _add_weights(c, top=_with_intercept(scaled(drawn, -1).reshape(c.degree, shape.steps, -1)))


def hidden_sums_follow(c: Network) -> None:
    """sum_j x_ij w1_tkj = remainder + 2^16 (2 value + sign - magnitude - 1), folded.

    With value = sign * magnitude the bracket is the magnitude where the sign is 1, else -1 - magnitude.
    """
    weight, shape = c.draw_one("hidden sums"), c.shape
    by_row = extension.mul(by_cell(c.challenges.rows, shape), extension.spread(weight, 2))
    factors = _by_step_and_unit(c, c.challenges.activation_steps)
    cells = extension.mul(by_row[:, :, :, None], factors[:, :, None, :]).reshape(c.degree, -1)
    c.narrow("hidden_remainder", cells)
    c.form.add("value", scaled(cells, 2 * HIGH))
    c.form.add("sign", scaled(cells, HIGH))
    c.form.add("magnitude", scaled(cells, -HIGH))
    c.form.require(extension.scale_element(extension.total(cells), HIGH))
    size = shape.batch_count * shape.width
    c.form.add("fold_product", np.repeat(scaled(one(weight), -1), size, axis=1))


def output_sums_follow(c: Network) -> None:
    """sum_k value_tik w2_tk + 2^10 w2_th = remainder + 2^18 (cell + excess), folded."""
    weight, shape = c.draw_one("output sums"), c.shape
    rows = extension.mul(c.challenges.rows, one(weight))
    cells = extension.mul(c.challenges.activation_steps[:, :, None], by_cell(rows, shape))
    of_step = scaled(field.total(cells), -(1 << HIDDEN_BITS))
    cells = cells.reshape(c.degree, -1)
    c.narrow("remainder", cells)
    c.narrow("remainder_high", cells, HIGH)
    c.form.add("cell", scaled(cells, 1 << WEIGHT_BITS))
    c.form.add("excess", scaled(cells, 1 << WEIGHT_BITS))
    steps = scaled(extension.mul(c.challenges.activation_steps, one(weight)), -1)
    c.form.add("unit_product", np.repeat(steps, shape.units, axis=1))
    top = np.zeros((c.degree, shape.steps, shape.units + 1), dtype=np.uint64)
    top[:, :, -1] = of_step
    _add_weights(c, top=top)


def output_weights_follow(c: Network) -> None:
    """2^31 (w2_t - w2_t+1) + remainder = rate * gradient + decay * w2_t in every step, folded."""
    weight, shape, recipe = c.draw_one("output steps"), c.shape, c.statement.recipe
    steps = extension.mul(c.challenges.gradient_steps, one(weight))
    cells = outer(steps, c.challenges.hidden)
    by_step = cells.reshape(c.degree, shape.steps, -1)
    _add_weights(c, top=scaled(by_step, 1 << RATE_BITS))
    _add_weights(c, top=scaled(by_step, -(1 << RATE_BITS)), step=1)
    _add_weights(c, top=_with_intercept(scaled(by_step[:, :, :-1], -recipe.decay)))
    c.narrow("step_low", cells)
    c.narrow("step_high", cells, HIGH)
    per_cell = scaled(np.repeat(steps, shape.batch_rows, axis=1), -recipe.rate)
    c.form.add("value_error", per_cell)
    intercept = extension.mul(per_cell, c.challenges.hidden[:, -1:])
    c.form.add("error", scaled(intercept, 1 << HIDDEN_BITS))


def slopes_follow(c: Network) -> None:
    """2^29 slope + remainder = rate * sum over rows of x_ij sign_tik error_ti, folded."""
    weight, shape = c.draw_one("slopes"), c.shape
    cells = _by_hidden_weight(c, weight)
    _add_slopes(c, scaled(cells, 1 << SLOPE_BITS))
    c.narrow("slope_remainder_low", cells)
    c.narrow("slope_remainder_high", cells, HIGH)
    products = np.repeat(scaled(one(weight), -c.statement.recipe.rate), shape.rows, axis=1)
    c.form.add("fold_product", products, shape.batch_count * shape.width)


def hidden_weights_follow(c: Network) -> None:
    """2^18 (w1_t - w1_t+1) + remainder = slope * w2_tk + decay / 2^13 * w1_t in every step, folded."""
    weight, shape, recipe = c.draw_one("hidden steps"), c.shape, c.statement.recipe
    cells = _by_hidden_weight(c, weight)
    by_step = cells.reshape(c.degree, shape.steps, shape.units, shape.width)
    _add_weights(c, hidden=scaled(by_step, 1 << WEIGHT_BITS))
    _add_weights(c, hidden=scaled(by_step, -(1 << WEIGHT_BITS)), step=1)
    decayed = by_step.copy()
    decayed[:, :, :, -1] = 0
    _add_weights(c, hidden=scaled(decayed, -(recipe.decay // DECAY_UNIT)))
    c.narrow("hidden_step_low", cells)
    c.narrow("hidden_step_high", cells, HIGH)
    steps = extension.mul(_by_step_and_unit(c, c.challenges.gradient_steps), extension.spread(weight, 2))
    c.form.add("slope_product", scaled(steps.reshape(c.degree, -1), -1))


def remainders_are_small(c: Context[Any, Shape]) -> None:
    """The upper limbs of remainders below 2^18, 2^31 and 2^29 are below 2^2, 2^15 and 2^13."""
    for name, shift in SHIFTS.items():
        section = c.shape.sections.get(f"{name}_high")
        if section is None:
            continue
        drawn = c.draw(f"upper limbs of {name}", section.stop - section.start)
        c.narrow(f"{name}_high_shifted", drawn)
        c.narrow(f"{name}_high", drawn, -(1 << shift))


NETWORK_CONSTRAINTS = named(
    data_is_committed,
    rows_are_folded,
    hidden_weights_are_folded,
    columns_are_folded,
    errors_follow,
    masked_errors_are_folded,
    signs_are_folded,
    values_are_folded,
    units_are_folded,
    slopes_are_folded,
    output_weights_are_placed,
    hidden_sums_follow,
    output_sums_follow,
    output_weights_follow,
    slopes_follow,
    hidden_weights_follow,
    weights_start_and_end,
    remainders_are_small,
    saturated_values_lie_beyond,
    ranges_are_looked_up,
    cells_are_looked_up,
    unused_cells_are_zero,
)


def network_quadratics(shape: NetworkShape, challenges: Challenges) -> list[Quadratic]:
    degree, by_unit = challenges.degree, shape.steps * shape.units
    return [
        *training_quadratics(shape, challenges),
        *hidden_quadratics(shape, challenges),
        products_agree("signs_meet_errors", shape.activations, degree, "sign_fold", "error", "sign_error"),
        products_agree("values_meet_errors", shape.activations, degree, "value_fold", "error", "value_error"),
        products_agree("units_meet_weights", by_unit, degree, "unit_fold", "output_weight", "unit_product"),
        products_agree(
            "slopes_meet_weights", by_unit, degree, "slope_fold", "output_weight", "slope_product"
        ),
    ]


def hidden_quadratics(shape: Shape, challenges: Challenges) -> list[Quadratic]:
    """What belongs to hidden units, whatever is done with them."""
    size, degree = shape.ranged["magnitude"], challenges.degree
    return [
        ranges_are_inverted(shape, challenges, "magnitudes_are_inverted", "magnitude"),
        products_agree("signs_are_bits", size, degree, "sign", "sign", "sign"),
        products_agree("values_are_rectified", size, degree, "sign", "magnitude", "value"),
    ]


def _by_step_and_unit(c: Network, steps: Array) -> Array:
    """challenge_t * challenge_k, shape (degree, T, h)."""
    return outer(steps, c.challenges.hidden[:, :-1]).reshape(c.degree, c.shape.steps, -1)


def _by_hidden_weight(c: Network, weight: Element) -> Array:
    """weight * challenge_t * challenge_k * challenge_j, shape (degree, T h (d + 1))."""
    by_unit = extension.mul(_by_step_and_unit(c, c.challenges.gradient_steps), extension.spread(weight, 2))
    return outer(by_unit.reshape(c.degree, -1), c.challenges.weights)


def _with_intercept(cells: Array) -> Array:
    """(degree, T, h) with a zero for the output's intercept behind each step."""
    return np.concatenate([cells, np.zeros_like(cells[:, :, :1])], axis=2)


def _add_weights(c: Network, *, hidden: Array | None = None, top: Array | None = None, step: int = 0) -> None:
    """Coefficients for the hidden weights (degree, T, h, d + 1) or the output's (degree, T, h + 1)."""
    shape = c.shape
    placed = np.zeros((c.degree, shape.steps, shape.weight_count), dtype=np.uint64)
    if hidden is not None:
        placed[:, :, : shape.hidden_weights] = hidden.reshape(c.degree, shape.steps, -1)
    if top is not None:
        placed[:, :, shape.hidden_weights :] = top
    c.weights(placed.reshape(c.degree, -1), step)


def _add_slopes(c: Network, cells: Array) -> None:
    c.narrow("slope_low", cells)
    c.narrow("slope_high", cells, HIGH)
    c.form.require(extension.scale_element(extension.total(cells), WEIGHT_LIMIT))
