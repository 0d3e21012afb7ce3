"""The blocks of the witness of a training run, and the sections of the block of 16-bit values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from desktop_app.training.activation import CELLS, Model
from desktop_app.training.layout import Block


@dataclass(frozen=True)
class Shape:
    model: Model
    owners: tuple[int, ...]
    """Rows of each data set."""
    features: int
    batch_rows: int
    batch_count: int
    batches: tuple[int, ...]
    """The batch of each step."""
    saturation: int

    @property
    def rows(self) -> int:
        return sum(self.owners)

    @property
    def steps(self) -> int:
        return len(self.batches)

    @property
    def width(self) -> int:
        """Weights: one for each feature and the intercept."""
        return self.features + 1

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

    @cached_property
    def sections(self) -> dict[str, slice]:
        """Where each kind of 16-bit value lies in the block "narrow"."""
        step_weights = self.steps * self.width
        sizes = {
            "features": self.rows * self.features,
            "labels": self.rows if self.model is Model.LINEAR else 0,
            "remainder": self.activations,
            "weight_low": step_weights + self.width,
            "weight_high": step_weights + self.width,
            "step_low": step_weights,
            "step_high": step_weights,
            "step_high_doubled": step_weights,
            "excess_low": 2 * self.saturation,
            "excess_high": 2 * self.saturation,
        }
        found, start = {}, 0
        for name, size in sizes.items():
            found[name] = slice(start, start + size)
            start += size
        return found

    @property
    def narrow_size(self) -> int:
        """Values that are looked up in the range table."""
        return int(self.sections["excess_high"].stop)

    def first_blocks(self) -> tuple[Block, ...]:
        """Committed before any challenge."""
        bits = (Block("label", self.rows, 1),) if self.model is Model.LOGISTIC else ()
        return (
            Block("narrow", self.narrow_size, 1),
            *bits,
            Block("cell", self.activations, 1),
            Block("excess", self.activations, 1),
            Block("output", self.activations, 1),
            Block("narrow_count", CELLS, 1),
            Block("cell_count", CELLS, 1),
            Block("saturated", 2 * self.saturation, 1),
            Block("saturated_count", 2 * self.saturation, 1),
        )

    def second_blocks(self, degree: int) -> tuple[Block, ...]:
        """Committed after the challenges that fold the matrices and place the look-ups."""
        return (
            Block("narrow_inverse", self.narrow_size, degree),
            Block("cell_inverse", self.activations, degree),
            Block("saturated_fraction", 2 * self.saturation, degree),
            Block("fold_left", self.fold_size, degree),
            Block("fold_right", self.fold_size, degree),
            Block("fold_product", self.fold_size, degree),
        )
