"""How named blocks of witness values lie in the rows of the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from desktop_app.core.errors import BugError
from desktop_app.training.field import Array


@dataclass(frozen=True)
class Block:
    """`size` cells, each of `parts` field elements (1, or the degree of the extension)."""

    name: str
    size: int
    parts: int


@dataclass(frozen=True)
class Layout:
    """The blocks of one tree, one after another; each part of a block starts a new row.

    Blocks of one size have their cells at the same places of their rows, so that rows can be multiplied.
    """

    blocks: tuple[Block, ...]
    slots: int

    def height(self, block: Block) -> int:
        """Rows of one part."""
        return -(-block.size // self.slots)

    @property
    def row_count(self) -> int:
        return sum(self.height(block) * block.parts for block in self.blocks)

    def places(self) -> dict[str, slice]:
        """The rows of each block, part after part."""
        found, start = {}, 0
        for block in self.blocks:
            stop = start + self.height(block) * block.parts
            found[block.name] = slice(start, stop)
            start = stop
        return found

    def rows(self, values: Mapping[str, Array]) -> Array:
        """All rows, shape (rows, slots), from the cells of each block, shape (parts, size)."""
        parts = []
        for block in self.blocks:
            cells = values[block.name]
            if cells.shape != (block.parts, block.size):
                raise BugError(f"block {block.name}: {cells.shape} for {block}")
            padded = np.zeros((block.parts, self.height(block) * self.slots), dtype=np.uint64)
            padded[:, : block.size] = cells
            parts.append(padded.reshape(-1, self.slots))
        return np.concatenate(parts)

    def unused(self, block: Block) -> int:
        """Cells at the end of each part that hold no value."""
        return self.height(block) * self.slots - block.size
