"""Everything that costs money or needs a signature: a review in plain facts, and once approved, done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from desktop_app.chain.contracts import Call
from desktop_app.core.amounts import Amount
from desktop_app.core.progress import Task

T = TypeVar("T")


class Weight(StrEnum):
    """How much a warning asks for."""

    NOTE = "note"
    CAUTION = "caution"
    DANGER = "danger"
    """To be approved on purpose, not with the button that is already under the finger."""


@dataclass(frozen=True)
class Notice:
    """Something to know before signing: a code of the "warning" namespace (title, text) with parameters."""

    code: str
    weight: Weight
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Review:
    """What the user approves.

    `action` is a code of the "review" namespace, worded with `params`; `recipient` is the contract or person
    that receives `amount`; `fee_worst_case` is the most that all `transactions` together can cost (0: only a
    signature). `allowance` is what the recipient may take, after a first transaction. `people` are further
    addresses that it is about, such as those who will be paid for ever.

    `ReviewService.examine` fills in the rest: `recipient_name` and `sender_name` from the address book,
    `changes` of the sender's balances as the network tried it out (negative: leaves; without the fee; None:
    not known), more `warnings`, the gravest first, and `fee_worth`, what the fee is at most in the user's
    money ("0.35 USD"), where the network tells the price. `examined` tells whether that has been done.
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
    people: tuple[str, ...] = ()
    allowance: Amount | None = None
    recipient_name: str = ""
    sender_name: str = ""
    changes: tuple[Amount, ...] | None = None
    warnings: tuple[Notice, ...] = ()
    examined: bool = False
    fee_worth: str = ""

    @property
    def is_dangerous(self) -> bool:
        """Whether one of the warnings has to be passed over on purpose."""
        return any(one.weight is Weight.DANGER for one in self.warnings)


class Action(Generic[T]):
    """A reviewed step. `execute` signs and sends; it can be called once.

    `calls` are the transactions in their order, as far as they are known before the first one is sent.
    `trial` are calls that change the same balances, for a transaction which is made with a signature that is
    not there before the approval, and `sized` what is as large as that transaction; the calls themselves
    otherwise.
    """

    def __init__(
        self,
        review: Review,
        run: Callable[[Task], T],
        calls: Sequence[Call] = (),
        trial: Sequence[Call] = (),
        sized: Sequence[Call] = (),
    ) -> None:
        self.review = review
        self.calls = tuple(calls)
        self.trial = tuple(trial) or self.calls
        self.sized = tuple(sized) or self.calls
        self._run: Callable[[Task], T] | None = run

    def after_keeping(
        self, keep: Callable[[], None], failed: Callable[[], None] | None = None
    ) -> Action[T]:
        """The same action, which first writes down what must outlive a crash; takes the place of this one.
        `failed` is called when the rest then raises."""
        run, self._run = self._run, None

        def kept(task: Task) -> T:
            if run is None:
                raise RuntimeError("this action was already carried out")
            keep()
            try:
                return run(task)
            except BaseException:
                if failed is not None:
                    failed()
                raise

        return Action(self.review, kept, self.calls, self.trial, self.sized)

    def execute(self, task: Task | None = None) -> T:
        """Do it; raises RuntimeError on a second call, so that one approval never pays twice."""
        run, self._run = self._run, None
        if run is None:
            raise RuntimeError("this action was already carried out")
        return run(task or Task())
