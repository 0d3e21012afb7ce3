"""Paying out everybody who is owed something by a royalty token: `claim_many`, a hundred people at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from desktop_app.chain import reads
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import claim_many_call
from desktop_app.chain.logs import Claimed, Pushed, PushFailed
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import ColophonError, RefusedError
from desktop_app.core.localised import grouped
from desktop_app.core.progress import Task
from desktop_app.services.acting import events_of, review
from desktop_app.services.actions import Action
from desktop_app.services.royalty_receipts import HoldersReceipt
from desktop_app.services.wording import message, words
from desktop_app.store.tokens import Token

MOST_AT_ONCE = 100
"""Holders that the contract pays in one transaction (RoyaltyToken.claim_many)."""


def pay_everybody(
    sender: Sender, token: Token, currency: Currency, owed: Mapping[str, Amount], paid: Callable[[], None]
) -> Action[HoldersReceipt]:
    """Pay the people in `owed` (address to what waits); the sender pays the fee only.

    Whoever cannot be paid is skipped by the contract and stays owed. `paid()` is called after each
    transaction. Raises RefusedError `royalties.nobody_is_owed`, and `royalties.nobody_can_be_paid` where the
    network says that all of it would be skipped. When a transaction fails after others went through,
    `royalties.some_were_paid` says so.
    """
    people = [holder for holder, amount in owed.items() if amount.units]
    if not people:
        raise RefusedError("royalties.nobody_is_owed", symbol=currency.symbol, name=token.name)
    batches = [people[start : start + MOST_AT_ONCE] for start in range(0, len(people), MOST_AT_ONCE)]
    total = Amount(sum(amount.units for amount in owed.values()), currency)
    skipped = _skipped(sender.chain, token, batches, total)
    if skipped >= total.units:
        raise RefusedError("royalties.nobody_can_be_paid", amount=str(total), name=token.name)
    calls = [claim_many_call(token.address, batch, currency.address) for batch in batches]
    quotes = [sender.quote(call) for call in calls]
    worst = quotes[0].worst_case
    for quote in quotes[1:]:
        worst = worst + quote.worst_case
    code = "review.people_one" if len(people) == 1 else "review.people"
    params = {
        "count": words(code, count=grouped(len(people))),
        "amount": str(total),
        "name": token.name,
        "symbol": token.symbol,
        "skipped": words("review.pay_holders_skipped", amount=str(Amount(skipped, currency)))
        if skipped > 0
        else words("review.pay_holders_all"),
    }

    def run(task: Task) -> HoldersReceipt:
        receipts: list[Receipt] = []
        for number, (call, quote) in enumerate(zip(calls, quotes, strict=True)):
            task.report(number, len(calls), "stage.waiting_for_block")
            try:
                receipts.append(sender.send(call, quote, task))
            except ColophonError as problem:
                if not receipts:
                    raise
                raise RefusedError(
                    "royalties.some_were_paid",
                    done=number * MOST_AT_ONCE,
                    count=len(people),
                    detail=message(problem).title,
                ) from problem
            paid()
        return _receipt(receipts, token, currency)

    told = review(sender, "review.pay_holders", token.address, params, worst, transactions=len(calls))
    return Action(told, run, calls)


def _skipped(chain: Chain, token: Token, batches: Sequence[Sequence[str]], total: Amount) -> int:
    """Of `total`, what could not be paid as things stand: the contract tries it out for us.

    Where money came by plain transfer, collaborators would have some of it as a push, which the contract's
    answer leaves out: then nothing is foretold.
    """
    currency = total.currency
    booked = reads.liabilities(chain, token.address, currency)
    if chain.balance(token.address, currency) != booked:
        return 0
    would = sum(reads.would_pay(chain, token.address, batch, currency).units for batch in batches)
    return max(0, total.units - would)


def _receipt(receipts: list[Receipt], token: Token, currency: Currency) -> HoldersReceipt:
    paid: dict[str, int] = {}
    skipped: dict[str, int] = {}
    for receipt in receipts:
        for claimed in events_of(receipt, Claimed, token.address):
            paid[claimed.holder] = paid.get(claimed.holder, 0) + claimed.amount
        # Money that had come by plain transfer is booked first, and collaborators have their part as a push.
        for pushed in events_of(receipt, Pushed, token.address):
            paid[pushed.collaborator] = paid.get(pushed.collaborator, 0) + pushed.amount
        for failed in events_of(receipt, PushFailed, token.address):
            skipped[failed.collaborator] = failed.amount
    fee = receipts[0].fee
    for receipt in receipts[1:]:
        fee = fee + receipt.fee
    return HoldersReceipt(
        tuple(receipt.tx_hash for receipt in receipts),
        tuple((who, Amount(units, currency)) for who, units in paid.items()),
        tuple((who, Amount(units, currency)) for who, units in skipped.items()),
        fee,
    )
