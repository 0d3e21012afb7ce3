"""A random combination of linear constraints, as one coefficient for every cell of the witness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desktop_app.training import extension, field
from desktop_app.training.extension import Element
from desktop_app.training.field import Array
from desktop_app.training.layout import Block, Layout


class LinearForm:
    """The sum of coefficient * cell over all cells must be `target`."""

    def __init__(self, trees: Sequence[Layout], degree: int) -> None:
        self.degree = degree
        self.target: Element = extension.constant(0, degree)
        self._trees = trees
        self._blocks: dict[str, tuple[Block, int]] = {}
        self._coefficients: dict[str, Array] = {}
        for layout in trees:
            for block in layout.blocks:
                padded = layout.height(block) * layout.slots
                self._blocks[block.name] = (block, padded)
                self._coefficients[block.name] = np.zeros((degree, block.parts, padded), dtype=np.uint64)

    def add(self, name: str, coefficients: Array, start: int = 0) -> None:
        """Add coefficients, shape (degree, count), for the elements from cell `start` of a block.

        Where a block holds extension elements, part k of one counts x^k times the coefficient.
        """
        held = self._coefficients[name]
        place = slice(start, start + coefficients.shape[1])
        for part in range(held.shape[1]):
            held[:, part, place] = field.add(held[:, part, place], coefficients)
            coefficients = _times_x(coefficients)

    def add_unused(self, name: str, coefficients: Array) -> None:
        """Add coefficients, shape (degree, parts, unused cells), for the cells that hold no value."""
        self._coefficients[name][:, :, self._blocks[name][0].size :] = coefficients

    def require(self, value: Element) -> None:
        """Add to the target."""
        self.target = extension.add_elements(self.target, value)

    def rows(self, tree: int) -> Array:
        """The coefficients of one tree as they lie in its rows, shape (degree, rows, slots)."""
        layout = self._trees[tree]
        parts = [
            self._coefficients[block.name].reshape(self.degree, -1, layout.slots) for block in layout.blocks
        ]
        return np.concatenate(parts, axis=1)


def _times_x(values: Array) -> Array:
    """Extension elements times x (x^e = 7)."""
    if len(values) == 1:
        return values
    return np.concatenate([field.mul(values[-1:], np.uint64(field.GENERATOR)), values[:-1]])
