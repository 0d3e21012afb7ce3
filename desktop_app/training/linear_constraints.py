"""The linear constraints of a training run; each function adds one, weighted with fresh randomness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from desktop_app.training import extension, field
from desktop_app.training.activation import HIGHEST, LOWEST, Model, table
from desktop_app.training.challenges import Challenges
from desktop_app.training.extension import Element
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import label_scale
from desktop_app.training.layout import Layout
from desktop_app.training.linear_form import LinearForm
from desktop_app.training.recipe import FEATURE_LIMIT, INTERCEPT, RATE_BITS, WEIGHT_LIMIT
from desktop_app.training.shape import Shape
from desktop_app.training.statement import Statement
from desktop_app.training.transcript import Transcript
from desktop_app.training.witness import fingerprints

_HIGH = 1 << 16


@dataclass(frozen=True)
class Context:
    """What a constraint is made of."""

    statement: Statement
    shape: Shape
    challenges: Challenges
    form: LinearForm
    trees: tuple[Layout, ...]
    transcript: Transcript

    @property
    def degree(self) -> int:
        return self.challenges.degree

    def draw(self, label: str, count: int) -> Array:
        """Fresh random weights, shape (degree, count)."""
        return self.transcript.vector(label, count, self.degree)

    def draw_one(self, label: str) -> Element:
        return self.transcript.element(label, self.degree)

    def narrow(self, section: str, coefficients: Array, factor: int = 1, start: int = 0) -> None:
        """Add coefficients for a section of the block of 16-bit values."""
        place = self.shape.sections[section].start + start
        self.form.add("narrow", scaled(coefficients, factor), place)

    def weights(self, coefficients: Array, step: int = 0) -> None:
        """Add coefficients for all weights from `step` on; takes the offset of their coding to the target."""
        start = step * self.shape.width
        self.narrow("weight_low", coefficients, 1, start)
        self.narrow("weight_high", coefficients, _HIGH, start)
        self.form.require(extension.scale_element(extension.total(coefficients), WEIGHT_LIMIT))


def scaled(values: Array, factor: int) -> Array:
    """Elements times an integer of any sign."""
    return values if factor == 1 else field.mul(values, np.uint64(factor % field.P))


def outer(left: Array, right: Array) -> Array:
    """All products of two vectors of elements, shape (degree, len(left) * len(right))."""
    return extension.mul(left[:, :, None], right[:, None, :]).reshape(len(left), -1)


def one(element: Element) -> Array:
    return extension.spread(element, 1)


def data_is_committed(c: Context) -> None:
    """The values that are worked on are those of the data trees, row for row."""
    columns = c.draw("data columns", c.shape.features + 1)
    rows = c.draw("data rows", c.shape.rows)
    features, labels = columns[:, :-1], columns[:, -1:]
    first = 0
    for owner, count in enumerate(c.shape.owners):
        mine = rows[:, first : first + count]
        c.form.add(f"data{owner}", scaled(outer(columns, mine), -1))
        first += count
    weights = outer(features, rows)
    c.narrow("features", weights)
    c.form.require(extension.scale_element(extension.total(weights), FEATURE_LIMIT))
    by_label = outer(labels, rows)
    if c.shape.model is Model.LOGISTIC:
        c.form.add("label", by_label)
    else:
        c.narrow("labels", by_label)
        c.form.require(extension.scale_element(extension.total(by_label), FEATURE_LIMIT))


def rows_are_folded(c: Context) -> None:
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


def weights_are_folded(c: Context) -> None:
    """fold_right[batch, j] = sum over the steps of the batch of challenge_t * w_tj."""
    width, shape = c.shape.width, c.shape
    weights = c.draw("folded weights", shape.batch_count * width)
    c.form.add("fold_right", weights)
    of_step = weights.reshape(c.degree, shape.batch_count, width)[:, list(shape.batches)]
    products = extension.mul(of_step, c.challenges.activation_steps[:, :, None])
    c.weights(scaled(products.reshape(c.degree, -1), -1))


def columns_are_folded(c: Context) -> None:
    """fold_left[i] = sum over j of challenge_j * x_ij, the constant feature included."""
    shape = c.shape
    weights = c.draw("folded columns", shape.rows)
    c.form.add("fold_left", weights, shape.batch_count * shape.width)
    products = outer(c.challenges.weights[:, :-1], weights)
    c.narrow("features", products, -1)
    c.form.require(extension.scale_element(extension.total(products), -FEATURE_LIMIT))
    intercept = extension.mul(c.challenges.weights[:, -1:], weights)
    c.form.require(extension.scale_element(extension.total(intercept), INTERCEPT))


def errors_are_folded(c: Context) -> None:
    """fold_right[i] = sum over the steps of i's batch of challenge_t * (output_ti - scale * label_i)."""
    shape = c.shape
    weights = c.draw("folded errors", shape.rows)
    c.form.add("fold_right", weights, shape.batch_count * shape.width)
    per_cell = extension.mul(c.challenges.gradient_steps[:, :, None], _by_cell(weights, shape))
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


def activations_follow(c: Context) -> None:
    """sum_j x_ij w_tj = remainder + 2^16 (cell + excess) in every step and row, folded."""
    weight, shape = c.draw_one("activations"), c.shape
    rows = extension.mul(c.challenges.rows, one(weight))
    cells = extension.mul(c.challenges.activation_steps[:, :, None], _by_cell(rows, shape))
    cells = cells.reshape(c.degree, -1)
    c.narrow("remainder", cells)
    c.form.add("cell", scaled(cells, _HIGH))
    c.form.add("excess", scaled(cells, _HIGH))
    size = shape.batch_count * shape.width
    c.form.add("fold_product", np.repeat(scaled(one(weight), -1), size, axis=1))


def weights_follow(c: Context) -> None:
    """2^31 (w_t - w_t+1) + remainder = rate * gradient + decay * w_t in every step, folded."""
    weight, shape, recipe = c.draw_one("steps"), c.shape, c.statement.recipe
    cells = extension.mul(outer(c.challenges.gradient_steps, c.challenges.weights), one(weight))
    c.weights(scaled(cells, 1 << RATE_BITS))
    c.weights(scaled(cells, -(1 << RATE_BITS)), step=1)
    decayed = cells.reshape(c.degree, shape.steps, shape.width).copy()
    decayed[:, :, -1] = 0
    c.weights(scaled(decayed.reshape(c.degree, -1), -recipe.decay))
    c.narrow("step_low", cells)
    c.narrow("step_high", cells, _HIGH)
    gradient = np.repeat(scaled(one(weight), -recipe.rate), shape.rows, axis=1)
    c.form.add("fold_product", gradient, shape.batch_count * shape.width)


def weights_start_and_end(c: Context) -> None:
    """The first and the last weights are the public ones."""
    for label, weights, step in (
        ("first weights", c.statement.initial, 0),
        ("last weights", c.statement.final, c.shape.steps),
    ):
        drawn = c.draw(label, c.shape.width)
        c.weights(drawn, step)
        c.form.require(extension.total(field.mul(drawn, field.array(np.asarray(weights, dtype=np.int64)))))


def step_remainders_are_small(c: Context) -> None:
    """The upper limb of a step's remainder has 15 bits: its double is a 16-bit value too."""
    drawn = c.draw("step remainders", c.shape.steps * c.shape.width)
    c.narrow("step_high_doubled", drawn)
    c.narrow("step_high", drawn, -2)


def saturated_values_lie_beyond(c: Context) -> None:
    """A saturated value is a distance of 32 bits beyond the upper, or beyond the lower, end of the table."""
    drawn, room = c.draw("saturated values", 2 * c.shape.saturation), c.shape.saturation
    c.form.add("saturated", drawn)
    distances = np.concatenate([scaled(drawn[:, :room], -1), drawn[:, room:]], axis=1)
    c.narrow("excess_low", distances)
    c.narrow("excess_high", distances, _HIGH)


def ranges_are_looked_up(c: Context) -> None:
    """LogUp: sum of 1 / (point - value) = sum over the table of count / (point - entry)."""
    weight = one(c.draw_one("range look-ups"))
    c.form.add("narrow_inverse", np.repeat(weight, c.shape.narrow_size, axis=1))
    entries = extension.embed(np.arange(_HIGH, dtype=np.uint64), c.degree)
    c.form.add("narrow_count", _table_side(c.challenges.range_point, entries, weight))


def cells_are_looked_up(c: Context) -> None:
    """LogUp on triples (cell, excess, output), the entries of saturated values beside the table."""
    weight = one(c.draw_one("cell look-ups"))
    c.form.add("cell_inverse", np.repeat(weight, c.shape.activations, axis=1))
    c.form.add("saturated_fraction", np.repeat(scaled(weight, -1), 2 * c.shape.saturation, axis=1))
    cells = field.array(np.arange(LOWEST, HIGHEST + 1))
    entries = fingerprints(
        cells, np.zeros_like(cells), field.array(table(c.shape.model)), c.challenges.cell_mix
    )
    c.form.add("cell_count", _table_side(c.challenges.cell_point, entries, weight))


def unused_cells_are_zero(c: Context) -> None:
    """The cells that fill up the last row of each block are zero."""
    for layout in c.trees:
        for block in layout.blocks:
            count = layout.unused(block)
            drawn = c.draw(f"unused {block.name}", block.parts * count)
            c.form.add_unused(block.name, drawn.reshape(c.degree, block.parts, count))


LINEAR_CONSTRAINTS: dict[str, Callable[[Context], None]] = {
    function.__name__: function
    for function in (
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
}


def _by_cell(of_row: Array, shape: Shape) -> Array:
    """(degree, T, B) from one element per row; 0 for rows that do not exist."""
    padded = np.zeros((len(of_row), shape.batch_count * shape.batch_rows), dtype=np.uint64)
    padded[:, : shape.rows] = of_row
    return padded[:, shape.row_of]


def _table_side(point: Element, entries: Array, weight: Array) -> Array:
    """-weight / (point - entry)."""
    inverses = extension.inverse(field.sub(extension.spread(point, 1), entries))
    return extension.mul(scaled(weight, -1), inverses)
