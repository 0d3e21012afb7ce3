"""Work on the rows of the code, on all processors: encoding them, and committing to their columns."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from desktop_app.training import reed_solomon
from desktop_app.training.columns import ColumnTree
from desktop_app.training.field import Array

T = TypeVar("T")
R = TypeVar("R")

BLOCK_ROWS = 16
_AHEAD = 2
"""Results that may wait for each processor: what bounds the memory."""


def committed(coefficients: Array, seed: bytes) -> ColumnTree:
    """The tree over the codewords of polynomials, shape (rows, K); `seed` gives the salts."""
    tree = ColumnTree(coefficients.shape[1] * reed_solomon.BLOW_UP, seed)
    for block in on_all_processors(reed_solomon.encode, blocks_of(coefficients)):
        tree.add_rows(block)
    return tree


def blocks_of(rows: Array) -> list[Array]:
    """A few rows at a time."""
    return [rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS)]


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
