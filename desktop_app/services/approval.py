"""The review in words: what the window and the command line show before every signature, to the letter."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.chain.networks import network
from desktop_app.core.amounts import Amount, cost_text
from desktop_app.services.actions import Review, Weight
from desktop_app.services.wording import words

__all__ = ["ReviewLine", "ReviewText", "ReviewWarning", "describe"]

_JOINERS = "\u200c\u200d"
"""Invisible, but parts of words and signs in many scripts."""


@dataclass(frozen=True)
class ReviewLine:
    """One fact. `address` is set where it is about an address, which then is part of `text` too."""

    label: str
    text: str
    address: str = ""
    name: str = ""


@dataclass(frozen=True)
class ReviewWarning:
    weight: Weight
    title: str
    text: str


@dataclass(frozen=True)
class ReviewText:
    """`headline` says what happens; `lines` to whom, how much, where and at what cost; `warnings` the gravest
    first; `money` whether this is real money."""

    headline: str
    lines: tuple[ReviewLine, ...]
    warnings: tuple[ReviewWarning, ...]
    money: ReviewWarning


def describe(review: Review) -> ReviewText:
    """All that a person has to know, in the order in which it is read."""
    lines = [
        *([ReviewLine(words("approval.amount"), _one_line(str(review.amount)))] if review.amount else []),
        *([_who("approval.to", review.recipient, review.recipient_name)] if review.recipient else []),
        *([_allowance(review.allowance)] if review.allowance else []),
        _who("approval.from", review.sender, review.sender_name),
        ReviewLine(words("approval.network"), _network(review)),
        ReviewLine(words("approval.fee"), _fee(review)),
    ]
    if review.examined and review.transactions:
        lines.append(ReviewLine(words("approval.outcome"), _one_line(_outcome(review.changes))))
    warnings = tuple(_warning(one.weight, one.code, **one.params) for one in review.warnings)
    headline = _one_line(words(review.action, **review.params))
    return ReviewText(headline, tuple(lines), warnings, _money(review))


def _one_line(text: str) -> str:
    """Names in a review come from anybody, such as the maker of a token: none may begin a line of its own,
    push the rest out of sight, or turn the direction of the text."""
    shown = " ".join(text.split())
    return "".join(
        sign if sign.isprintable() or sign in _JOINERS else "\N{REPLACEMENT CHARACTER}" for sign in shown
    )


def _warning(weight: Weight, code: str, **params: str) -> ReviewWarning:
    title, text = words(code, "title", **params), words(code, "text", **params)
    return ReviewWarning(weight, _one_line(title), _one_line(text))


def _who(code: str, address: str, name: str) -> ReviewLine:
    name = _one_line(name)
    text = words("approval.named", name=name, address=address) if name else address
    return ReviewLine(words(code), text, address, name)


def _allowance(allowance: Amount) -> ReviewLine:
    return ReviewLine(words("approval.allowance"), words("approval.allowed", amount=str(allowance)))


def _network(review: Review) -> str:
    code = "approval.real_network" if _is_real(review) else "approval.practice_network"
    return words(code, name=review.network_name)


def _fee(review: Review) -> str:
    if not review.transactions:
        return words("approval.no_fee")
    fee = cost_text(review.fee_worst_case)
    if review.is_practice:
        fee = words("approval.fee_practice", fee=fee)
    elif not _is_real(review):
        fee = words("approval.fee_test", fee=fee)
    elif review.fee_worth:
        fee = words("approval.fee_worth", fee=fee, money=review.fee_worth)
    if review.transactions == 1:
        return words("approval.fee_at_most", fee=fee)
    return words("approval.fee_of_several", fee=fee, count=review.transactions)


def _outcome(changes: tuple[Amount, ...] | None) -> str:
    if changes is None:
        return words("approval.not_tried")
    if not changes:
        return words("approval.no_change")
    told = []
    for change in changes:
        shown = str(Amount(abs(change.units), change.currency))
        told.append(words("approval.leaves" if change.units < 0 else "approval.arrives", amount=shown))
    return "; ".join(told)


def _money(review: Review) -> ReviewWarning:
    if review.is_practice:
        code, weight = "approval.practice", Weight.NOTE
    elif not _is_real(review):
        code, weight = "approval.test", Weight.NOTE
    else:
        code, weight = "approval.real", Weight.CAUTION
    return _warning(weight, code, network=review.network_name)


def _is_real(review: Review) -> bool:
    return not review.is_practice and network(review.network_key).is_real
