"""Linear constraints that several kinds of statements share; each function adds one, weighted with fresh
randomness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from desktop_app.training import extension, field
from desktop_app.training.activation import HIGHEST, LOWEST, Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import Claim
from desktop_app.training.extension import Element
from desktop_app.training.field import Array
from desktop_app.training.layout import Layout
from desktop_app.training.linear_form import LinearForm
from desktop_app.training.recipe import FEATURE_LIMIT, WEIGHT_LIMIT
from desktop_app.training.shape import Shape
from desktop_app.training.transcript import Transcript
from desktop_app.training.witness import fingerprints

HIGH = 1 << 16


S = TypeVar("S", bound=Claim)
H = TypeVar("H", bound=Shape)


@dataclass(frozen=True)
class Context(Generic[S, H]):
    """What a constraint is made of."""

    statement: S
    shape: H
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
        start = step * self.shape.weight_count
        self.narrow("weight_low", coefficients, 1, start)
        self.narrow("weight_high", coefficients, HIGH, start)
        self.form.require(extension.scale_element(extension.total(coefficients), WEIGHT_LIMIT))


Constraint = Callable[[Context[Any, Any]], None]


def named(*constraints: Constraint) -> dict[str, Constraint]:
    """The constraints by their names."""
    return {constraint.__name__: constraint for constraint in constraints}


def scaled(values: Array, factor: int) -> Array:
    """Elements times an integer of any sign."""
    return values if factor == 1 else field.mul(values, np.uint64(factor % field.P))


def outer(left: Array, right: Array) -> Array:
    """All products of two vectors of elements, shape (degree, len(left) * len(right))."""
    return extension.mul(left[:, :, None], right[:, None, :]).reshape(len(left), -1)


def one(element: Element) -> Array:
    return extension.spread(element, 1)


def committed_block(place: int) -> str:
    """The name of the one block of a tree that was made before."""
    return f"committed{place}"


def data_is_committed(c: Context[Any, Shape]) -> None:
    """The values that are worked on are those of the data trees, row for row."""
    columns = c.draw("data columns", c.shape.features + 1)
    rows = c.draw("data rows", c.shape.rows)
    features, labels = columns[:, :-1], columns[:, -1:]
    first = 0
    for owner, count in enumerate(c.shape.owners):
        mine = rows[:, first : first + count]
        c.form.add(committed_block(owner), scaled(outer(columns, mine), -1))
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


def saturated_values_lie_beyond(c: Context[Any, Shape]) -> None:
    """A saturated value is a distance of 32 bits beyond the upper, or beyond the lower, end of the table."""
    drawn, room = c.draw("saturated values", 2 * c.shape.saturation), c.shape.saturation
    c.form.add("saturated", drawn)
    distances = np.concatenate([scaled(drawn[:, :room], -1), drawn[:, room:]], axis=1)
    c.narrow("excess_low", distances)
    c.narrow("excess_high", distances, HIGH)


def ranges_are_looked_up(c: Context[Any, Shape]) -> None:
    """LogUp: sum of 1 / (point - value) = sum over the table of count / (point - entry)."""
    weight = one(c.draw_one("range look-ups"))
    for name, size in c.shape.ranged.items():
        c.form.add(f"{name}_inverse", np.repeat(weight, size, axis=1))
    entries = extension.embed(np.arange(HIGH, dtype=np.uint64), c.degree)
    c.form.add("narrow_count", _table_side(c.challenges.range_point, entries, weight))


def cells_are_looked_up(c: Context[Any, Shape]) -> None:
    """LogUp on triples (cell, excess, output), the entries of saturated values beside the table."""
    weight = one(c.draw_one("cell look-ups"))
    c.form.add("cell_inverse", np.repeat(weight, c.shape.activations, axis=1))
    c.form.add("saturated_fraction", np.repeat(scaled(weight, -1), 2 * c.shape.saturation, axis=1))
    cells = field.array(np.arange(LOWEST, HIGHEST + 1))
    entries = fingerprints(
        cells, np.zeros_like(cells), field.array(c.shape.outputs), c.challenges.cell_mix
    )
    c.form.add("cell_count", _table_side(c.challenges.cell_point, entries, weight))


def unused_cells_are_zero(c: Context[Any, Shape]) -> None:
    """The cells that fill up the last row of each block are zero."""
    for layout in c.trees:
        for block in layout.blocks:
            count = layout.unused(block)
            drawn = c.draw(f"unused {block.name}", block.parts * count)
            c.form.add_unused(block.name, drawn.reshape(c.degree, block.parts, count))


def _table_side(point: Element, entries: Array, weight: Array) -> Array:
    """-weight / (point - entry)."""
    inverses = extension.inverse(field.sub(extension.spread(point, 1), entries))
    return extension.mul(scaled(weight, -1), inverses)
