"""Everything that costs money or needs a signature: a review in plain facts, and once approved, done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from desktop_app.core.amounts import Amount
from desktop_app.core.progress import Task

T = TypeVar("T")


@dataclass(frozen=True)
class Review:
    """What the user approves.

    `action` is a code of the "review" namespace, worded with `params`; `recipient` is the contract or person
    that receives `amount`; `fee_worst_case` is the most that all `transactions` together can cost.
    """

    action: str
    network_key: str
    network_name: str
    is_practice: bool
    sender: str
    fee_worst_case: Amount
    transactions: int = 1
    recipient: str = ""
    amount: Amount | None = None
    params: dict[str, str] = field(default_factory=dict)


class Action(Generic[T]):
    """A reviewed step. `execute` signs and sends; it can be called once."""

    def __init__(self, review: Review, run: Callable[[Task], T]) -> None:
        self.review = review
        self._run: Callable[[Task], T] | None = run

    def execute(self, task: Task | None = None) -> T:
        """Do it; raises RuntimeError on a second call, so that one approval never pays twice."""
        run, self._run = self._run, None
        if run is None:
            raise RuntimeError("this action was already carried out")
        return run(task or Task())
