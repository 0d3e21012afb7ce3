"""From a contract call to an action that can be reviewed: tried out, priced, and sent when it is approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from desktop_app.chain.contracts import Call, approve_call
from desktop_app.chain.logs import Event, decode_logs
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.actions import Action, Notice, Review

R = TypeVar("R")
E = TypeVar("E", bound=Event)
After = Callable[[Receipt], R]


def review(
    sender: Sender,
    code: str,
    recipient: str,
    params: Mapping[str, str],
    worst: Amount,
    amount: Amount | None = None,
    transactions: int = 1,
    people: Sequence[str] = (),
    allowance: Amount | None = None,
    warnings: Sequence[Notice] = (),
) -> Review:
    """What the user approves, for transactions that `sender` would send."""
    network = sender.chain.network
    return Review(
        action=code,
        network_key=network.key,
        network_name=network.name,
        is_practice=network.kind == "practice",
        sender=sender.address,
        fee_worst_case=worst,
        transactions=transactions,
        recipient=recipient,
        amount=amount,
        params=dict(params),
        people=tuple(people),
        allowance=allowance,
        warnings=tuple(warnings),
    )


def one_transaction(
    sender: Sender,
    call: Call,
    code: str,
    params: Mapping[str, str],
    after: After[R],
    amount: Amount | None = None,
    people: Sequence[str] = (),
    warnings: Sequence[Notice] = (),
) -> Action[R]:
    """One transaction, tried out and priced now, sent when approved; `after` reads what it did."""
    quote = sender.quote(call)

    def run(task: Task) -> R:
        task.report(0, 1, "stage.waiting_for_block")
        return after(sender.send(call, quote, task))

    told = review(sender, code, call.to, params, quote.worst_case, amount, people=people, warnings=warnings)
    return Action(told, run, [call])


def approve_then(
    sender: Sender,
    call: Call,
    code: str,
    params: Mapping[str, str],
    after: After[R],
    amount: Amount,
    gas_bound: int,
) -> Action[R]:
    """Let the called contract take exactly `amount`, then call it.

    The second transaction can be tried out only once the first is in a block; `gas_bound` is gas that it
    cannot exceed, and `chain.fee_outdated` is raised when its fee would be above the approved one after all.
    """
    approval = approve_call(call.to, amount)
    quote = sender.quote(approval)
    worst = quote.worst_case + sender.highest_fee(call, gas_bound, quote)

    def run(task: Task) -> R:
        task.report(0, 2, "stage.approving")
        sender.send(approval, quote, task)
        task.report(1, 2, "stage.waiting_for_block")
        second = sender.quote(call)
        if second.worst_case.units > worst.units - quote.worst_case.units:
            raise RefusedError("chain.fee_outdated")
        return after(sender.send(call, second, task))

    told = review(sender, code, call.to, params, worst, amount, transactions=2, allowance=amount)
    return Action(told, run, [approval, call])


def events_of(receipt: Receipt, kind: type[E], contract: str) -> list[E]:
    """The events of one kind that `contract` emitted in a transaction."""
    found = decode_logs(list(receipt.logs))
    return [event for event in found if isinstance(event, kind) and event.place.contract == contract]
