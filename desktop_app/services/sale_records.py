"""What is on sale and what was ordered, as window and command line show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from desktop_app.core.amounts import Amount
from desktop_app.services.sale_terms import SaleMode
from desktop_app.services.wording import Message, words
from desktop_app.store.tokens import Token


class SaleState(StrEnum):
    """ "selling.sale_<state>" words it."""

    PLACING = "placing"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


class OrderState(StrEnum):
    """Where an order stands; "selling.order_<state>" words it."""

    SENDING = "sending"
    """Paid by the buyer, not in a block yet (buyer's side)."""
    FAILED = "failed"
    """Never paid: the payment was refused, cancelled or undone, or never left (buyer's side)."""
    WAITING = "waiting"
    """Paid into the escrow; the seller has to deliver."""
    DELIVERING = "delivering"
    """The delivery is on its way."""
    OVERDUE = "overdue"
    """Not delivered in time: the buyer can have the money back."""
    WINDOW = "window"
    """Delivered; the buyer can still show that the file is wrong."""
    RELEASABLE = "releasable"
    """Delivered, and the time for complaints is over: the money can be paid out."""
    DELIVERED = "delivered"
    """Delivered and paid out."""
    REFUNDED = "refunded"
    """The buyer has the money back."""
    VANISHED = "vanished"
    """The block with the order is gone."""


@dataclass(frozen=True)
class Sale:
    """One offer of a work's locked file. `reference` is the offer's id in hex; times in seconds; `fee_limit`
    is the most that one automatic delivery may cost. `waiting` and `delivered` count orders."""

    chain_id: int
    network_name: str
    reference: str
    token: Token
    work_id: str
    title: str
    price: Amount
    mode: SaleMode
    mode_in_words: str
    time_limit: int
    window: int
    licence: str = field(repr=False)
    addresses: tuple[str, ...]
    automatic: bool
    fee_limit: Amount
    state: SaleState
    package_path: Path
    package_size: int
    created_at: int
    waiting: int = 0
    delivered: int = 0

    @property
    def state_in_words(self) -> str:
        return words(f"selling.sale_{self.state.value}")


@dataclass(frozen=True)
class Order:
    """One order, seen by its seller. `reference` is its id in hex; times in Unix seconds; `release_at` 0
    unless the money waits for the end of the complaint window. `tx_hash` is the newest transaction that
    was sent for it."""

    chain_id: int
    network_name: str
    reference: str
    sale: str
    title: str
    buyer: str
    amount: Amount
    state: OrderState
    placed_at: int
    deadline: int
    release_at: int
    tx_hash: str
    problem: Message | None = None

    @property
    def state_in_words(self) -> str:
        return words(f"selling.order_{self.state.value}")

    @property
    def can_deliver(self) -> bool:
        return self.state is OrderState.WAITING

    @property
    def can_decline(self) -> bool:
        return self.state in (OrderState.WAITING, OrderState.OVERDUE)

    @property
    def can_release(self) -> bool:
        return self.state is OrderState.RELEASABLE
