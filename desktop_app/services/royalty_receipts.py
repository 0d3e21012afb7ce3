"""What came of an action with a royalty token, read from the events of its transaction."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.amounts import Amount


@dataclass(frozen=True)
class PaymentReceipt:
    """`received` is what arrived at the token, `pushed` what each collaborator got at once, `waiting` what
    could not be paid to him now and stays owed."""

    tx_hash: str
    received: Amount
    pushed: tuple[tuple[str, Amount], ...]
    fee: Amount
    waiting: tuple[tuple[str, Amount], ...] = ()


@dataclass(frozen=True)
class ClaimReceipt:
    """`to` is where the money went: to the holder, or where he wanted it."""

    tx_hash: str
    holder: str
    amount: Amount
    fee: Amount
    to: str = ""


@dataclass(frozen=True)
class SyncReceipt:
    """`booked` is what had come by plain transfer, `pushed` what each collaborator got of it."""

    tx_hash: str
    booked: Amount
    pushed: tuple[tuple[str, Amount], ...]
    fee: Amount


@dataclass(frozen=True)
class ForwardReceipt:
    """`forwarded` is what each parent work (its royalty token) got."""

    tx_hash: str
    forwarded: tuple[tuple[str, Amount], ...]
    fee: Amount


@dataclass(frozen=True)
class TransferReceipt:
    tx_hash: str
    to: str
    shares: int
    fee: Amount


@dataclass(frozen=True)
class HoldersReceipt:
    """`paid` is what each one got, `skipped` what those are still owed who could not be paid; `fee` of all
    transactions together."""

    tx_hashes: tuple[str, ...]
    paid: tuple[tuple[str, Amount], ...]
    skipped: tuple[tuple[str, Amount], ...]
    fee: Amount
