"""The blocks of a witness, and the sections of its block of 16-bit values, for all kinds of statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from desktop_app.training.activation import CELLS, Model, table
from desktop_app.training.layout import Block


@dataclass(frozen=True)
class Folded:
    """How many rows, weights and steps are folded with random factors."""

    rows: int = 0
    weights: int = 0
    steps: int = 0
    hidden: int = 0
    """Units of a hidden layer and the output's intercept."""


@dataclass(frozen=True)
class Shape:
    """Rows of data sets, range look-ups, and (where there are any) activation look-ups."""

    model: Model
    owners: tuple[int, ...]
    """Rows of each data set."""
    features: int
    saturation: int
    """Room for different values beyond the activation table, on each side."""

    @property
    def rows(self) -> int:
        return sum(self.owners)

    @property
    def width(self) -> int:
        """Inputs: the features and the constant that the intercept belongs to."""
        return self.features + 1

    @property
    def weight_count(self) -> int:
        """Weights of one step."""
        return self.width

    @property
    def activations(self) -> int:
        return 0

    @property
    def folded(self) -> Folded:
        return Folded()

    @property
    def fold_degree(self) -> int:
        """Degree of the folding in its random factors: what it adds to the soundness error, times |F|."""
        return 0

    @property
    def outputs(self) -> NDArray[np.int64]:
        """The activation table, lowest cell first."""
        return table(self.model)

    @property
    def narrow_sizes(self) -> dict[str, int]:
        """Values of 16 bits, by kind, in the order in which they lie."""
        return {
            "features": self.rows * self.features,
            "labels": self.rows if self.model is Model.LINEAR else 0,
            "remainder": self.activations,
            "excess_low": 2 * self.saturation if self.activations else 0,
            "excess_high": 2 * self.saturation if self.activations else 0,
        }

    @cached_property
    def sections(self) -> dict[str, slice]:
        """Where each kind of 16-bit value lies in the block "narrow"."""
        found, start = {}, 0
        for name, size in self.narrow_sizes.items():
            found[name] = slice(start, start + size)
            start += size
        return found

    @property
    def narrow_size(self) -> int:
        return sum(self.narrow_sizes.values())

    @property
    def ranged(self) -> dict[str, int]:
        """The blocks whose values are looked up in the range table, each with a block of inverses."""
        return {"narrow": self.narrow_size}

    def first_blocks(self) -> tuple[Block, ...]:
        """Committed before any challenge."""
        bits = (Block("label", self.rows, 1),) if self.model is Model.LOGISTIC and self.rows else ()
        ranges = (Block("narrow", self.narrow_size, 1), Block("narrow_count", CELLS, 1))
        if not self.activations:
            return (*ranges, *bits)
        return (
            *ranges,
            *bits,
            Block("cell", self.activations, 1),
            Block("excess", self.activations, 1),
            Block("output", self.activations, 1),
            Block("cell_count", CELLS, 1),
            Block("saturated", 2 * self.saturation, 1),
            Block("saturated_count", 2 * self.saturation, 1),
        )

    def second_blocks(self, degree: int) -> tuple[Block, ...]:
        """Committed after the challenges that place the look-ups."""
        ranges = tuple(Block(f"{name}_inverse", size, degree) for name, size in self.ranged.items())
        if not self.activations:
            return ranges
        return (
            *ranges,
            Block("cell_inverse", self.activations, degree),
            Block("saturated_fraction", 2 * self.saturation, degree),
        )


@dataclass(frozen=True)
class RunShape(Shape):
    """Steps on batches of the rows, whose products with the weights are folded."""

    batch_rows: int
    batch_count: int
    steps: int
    schedule: Callable[[], Sequence[int]]
    """The batch of each step; drawn when first asked for, since sizes do not need it."""

    @cached_property
    def batches(self) -> tuple[int, ...]:
        return tuple(self.schedule())

    @property
    def activations(self) -> int:
        return self.steps * self.batch_rows

    @property
    def fold_size(self) -> int:
        """Products of the folded matrix products: one per batch and weight, one per row."""
        return self.batch_count * self.width + self.rows

    @cached_property
    def row_of(self) -> NDArray[np.int64]:
        """(T, B): the row that each activation belongs to; rows from `rows` on do not exist."""
        first = np.asarray(self.batches, dtype=np.int64) * self.batch_rows
        return first[:, None] + np.arange(self.batch_rows)

    def second_blocks(self, degree: int) -> tuple[Block, ...]:
        return (
            *super().second_blocks(degree),
            Block("fold_left", self.fold_size, degree),
            Block("fold_right", self.fold_size, degree),
            Block("fold_product", self.fold_size, degree),
        )


@dataclass(frozen=True)
class TrainingShape(RunShape):
    """Linear or logistic regression."""

    @property
    def folded(self) -> Folded:
        return Folded(self.rows, self.width, self.steps)

    @property
    def fold_degree(self) -> int:
        return 4

    @property
    def narrow_sizes(self) -> dict[str, int]:
        step_weights = self.steps * self.width
        return super().narrow_sizes | {
            "weight_low": step_weights + self.width,
            "weight_high": step_weights + self.width,
            "step_low": step_weights,
            "step_high": step_weights,
            "step_high_doubled": step_weights,
        }
