"""Work on the next block while the present one is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def one_ahead(
    pool: Executor, work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[tuple[Item, Result]]:
    """Each item with `work(item)`. One item more has been taken from `items` when a pair is given out.

    So items may lie in two alternating buffers, and such stages can feed one another.
    """
    waiting: tuple[Item, Future[Result]] | None = None
    for item in items:
        future = pool.submit(work, item)
        if waiting is not None:
            yield waiting[0], waiting[1].result()
        waiting = item, future
    if waiting is not None:
        yield waiting[0], waiting[1].result()
