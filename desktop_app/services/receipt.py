"""What one receipt holds, what became of its transaction, and why it may have to be doubted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from desktop_app.core.amounts import Amount, Currency
from desktop_app.services.money_moves import Move
from desktop_app.services.payout_lines import Names
from desktop_app.services.rates import Worth


class Became(StrEnum):
    """What became of it; "onreceipt.<value>" words it."""

    FINAL = "final"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Doubt(StrEnum):
    """Why a receipt must not be relied on; "onreceipt.doubt_<value>" words it."""

    CHANGED = "changed"
    DISPUTED = "disputed"
    GAS = "gas"
    FEE = "fee"
    MANY = "many"


@dataclass(frozen=True)
class Party:
    """`name` as the user knows the address, "" for a stranger."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Receipt:
    """`code` is what was done ("action.pay"), `text` the same in words; times are Unix seconds.

    `kind` is practice, test or main. `left` and `reached` are what went from, or came to, the user's own
    accounts, without the fee: None where the events were not read. `fee` is None where somebody else paid it.
    `other_ids` are further versions of the same transaction, none of which can happen any more. `sources` is
    how many nodes have told the same outcome, 0 before the others were asked.
    """

    id: str
    chain_id: int
    network_key: str
    network_name: str
    kind: str
    code: str
    text: str
    works: tuple[str, ...]
    became: Became
    is_final: bool
    sender: Party
    recipient: Party
    note: str
    sent_at: int | None
    block_time: int | None
    block_number: int
    block_hash: str | None
    number: int | None
    moves: tuple[Move, ...] | None
    left: tuple[Amount, ...] | None
    reached: tuple[Amount, ...] | None
    fee: Amount | None
    gas_used: int | None
    explorer_url: str | None
    other_ids: tuple[str, ...] = ()
    sources: int = 0
    doubts: tuple[Doubt, ...] = ()
    own: frozenset[str] = field(default=frozenset(), repr=False)
    names: Names | None = field(default=None, repr=False)

    @property
    def when(self) -> int:
        """The block's time, or when it was sent where that was not read."""
        return self.block_time if self.block_time is not None else self.sent_at or 0

    @property
    def money(self) -> tuple[Amount, ...]:
        """What left, what came and the fee: all that has a value."""
        return (*(self.left or ()), *(self.reached or ()), *([self.fee] if self.fee is not None else []))

    @property
    def contracts(self) -> tuple[Currency, ...]:
        """The currencies in it that are contracts, each once; shares are none."""
        found = [one.amount.currency for one in self.moves or () if not one.shares]
        return tuple(dict.fromkeys(one for one in found if one.address))


@dataclass(frozen=True)
class Valued:
    """What the money of a receipt was worth at its block, in `fiat`; `note` says where own rates come from.

    `worths` are in the order of `Receipt.money`.
    """

    fiat: str
    note: str
    worths: tuple[tuple[Amount, Worth], ...]


@dataclass(frozen=True)
class ReceiptFilter:
    """Empty and None mean any. `since` (included) and `until` (not included) are times in seconds UTC, `kind`
    is a name of the "action" namespace, `work` a title in whatever case."""

    network_key: str = ""
    since: int | None = None
    until: int | None = None
    kind: str = ""
    work: str = ""

    def fits(self, one: Receipt) -> bool:
        return (
            (self.since is None or one.when >= self.since)
            and (self.until is None or one.when < self.until)
            and (not self.kind or one.code == f"action.{self.kind}")
            and (not self.work or any(self.work.casefold() == title.casefold() for title in one.works))
        )
