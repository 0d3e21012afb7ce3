"""Work on the rows of the code, on all processors: encoding them, and committing to their columns."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from desktop_app.core.progress import Task
from desktop_app.training import reed_solomon
from desktop_app.training.columns import ColumnTree
from desktop_app.training.field import Array

T = TypeVar("T")
R = TypeVar("R")

BLOCK_CELLS = 1 << 18
_AHEAD = 2
"""Results that may wait for each processor: what bounds the memory."""


@dataclass(frozen=True)
class CodeTree:
    """Rows of the code with the tree over their columns."""

    rows: Array
    """Values on H, shape (rows, K): message, then random places."""
    on_coset: Array
    """The first K columns of the code, (rows, K): with H enough to fix products of two rows."""
    columns: ColumnTree


def committed(rows: Array, seed: bytes, task: Task | None = None) -> CodeTree:
    """The tree over the codewords of polynomials given by their values on H; `seed` gives the salts."""
    task = task or Task()
    bound = rows.shape[1]
    tree = ColumnTree(bound * reed_solomon.BLOW_UP, seed)
    on_coset = np.empty_like(rows)
    parts = blocks_of(*rows.shape)
    blocks = on_all_processors(_encoded, [rows[part] for part in parts])
    for number, (part, block) in enumerate(zip(parts, blocks, strict=True)):
        on_coset[part] = block[:, :bound]
        tree.add_rows(block)
        task.report(number + 1, len(parts), "training.proving")
    return CodeTree(rows, on_coset, tree)


def _encoded(rows: Array) -> Array:
    return reed_solomon.encode(reed_solomon.inverse_transform(rows))


def blocks_of(count: int, degree_bound: int) -> list[slice]:
    """A few rows at a time, the same amount of work whatever their length."""
    together = max(4, BLOCK_CELLS // degree_bound)
    return [slice(start, min(start + together, count)) for start in range(0, count, together)]


def on_all_processors(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """function(item) for each, in order; numpy lets go of the interpreter while it computes."""
    workers = min(os.cpu_count() or 1, len(items))
    if workers < 2:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(workers, "training") as pool:
        waiting: deque[Future[R]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
