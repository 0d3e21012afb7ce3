"""Payouts as the tracker has stored them: pages, counts and exact totals."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter

from desktop_app.store.database import Database

KINDS = ("payment", "push", "push_failed", "claim", "forward")
"""Into a token; to a collaborator; to a collaborator who could not be paid; to a holder; to a parent work."""

PAID_OUT = ("push", "claim", "forward")
"""The kinds with which money leaves a token."""

STATES = ("seen", "safe", "final")

OneOf = str | tuple[str, ...]
"""One value, or any of several; "" and () mean any at all."""

_GROUPS = {
    "work": "token",
    "currency": "currency",
    "payer": "party",
    "network": "chain_id",
    "day": "strftime('%Y-%m-%d', block_time, 'unixepoch')",
    "month": "strftime('%Y-%m', block_time, 'unixepoch')",
    "year": "strftime('%Y', block_time, 'unixepoch')",
}
GROUPS = tuple(_GROUPS)
"""What payouts can be added up by; periods in UTC."""


@dataclass(frozen=True, slots=True)
class Payout:
    """One event of a royalty token.

    `party` is the payer, collaborator or holder; `recipient` is where a claim was sent. `currency` is a
    contract, "" for the network's own coin; `amount` counts its smallest unit. `memo` is 32 bytes in hex, ""
    where there is none. `block_time` and `first_seen_at` are seconds UTC. An `orphaned` payout was in a block
    that the network has taken back: it counts for nothing unless it is mined again.
    """

    id: int
    chain_id: int
    token: str
    tx_hash: str
    ordinal: int
    log_index: int
    block_number: int
    block_hash: str
    block_time: int
    kind: str
    party: str
    currency: str
    amount: int
    memo: str
    recipient: str
    state: str
    orphaned: bool
    first_seen_at: int


@dataclass(frozen=True)
class PayoutFilter:
    """Empty and None mean any; `orphaned=None` shows payouts that were taken back among the others.

    `since` (included) and `until` (not included) are block times in seconds UTC.
    """

    chain_id: int | tuple[int, ...] | None = None
    token: OneOf = ""
    kind: OneOf = ""
    party: OneOf = ""
    currency: OneOf | None = None
    since: int | None = None
    until: int | None = None
    orphaned: bool | None = False


@dataclass(frozen=True)
class PayoutTotal:
    """Sum in smallest units over `count` payouts; orphaned ones never count."""

    chain_id: int
    token: str
    currency: str
    kind: str
    units: int
    count: int


@dataclass(frozen=True)
class PayoutGroup:
    """The sum of one kind and currency under one `key` (an address, a chain id, or a period as 2026-11)."""

    key: str
    chain_id: int
    currency: str
    kind: str
    units: int
    count: int


_COLUMNS = (
    "id, chain_id, token, tx_hash, ordinal, log_index, block_number, block_hash, block_time, kind, party,"
    " currency, amount, memo, recipient, state, orphaned, first_seen_at"
)


class PayoutRepository:
    """Reading side; `payout_checkpoints` writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: PayoutFilter, limit: int, offset: int = 0) -> tuple[Payout, ...]:
        """Newest block first; within a block the last event first."""
        condition, values = _condition(wanted)
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM payouts {condition}"  # noqa: S608 - fixed texts only
                " ORDER BY block_time DESC, block_number DESC, log_index DESC LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return tuple(map(payout_of, rows))

    def of_transaction(self, tx_hash: str) -> tuple[Payout, ...]:
        """All that came of one transaction, in its order; nothing of what was taken back."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM payouts WHERE tx_hash = ? AND NOT orphaned"  # noqa: S608
                " ORDER BY chain_id, ordinal",
                (tx_hash,),
            ).fetchall()
        return tuple(map(payout_of, rows))

    def count(self, wanted: PayoutFilter) -> int:
        condition, values = _condition(wanted)
        with self._database.read() as connection:
            found = connection.execute(f"SELECT count(*) FROM payouts {condition}", values)  # noqa: S608
            return int(found.fetchone()[0])

    @contextmanager
    def oldest_first(self, wanted: PayoutFilter) -> Iterator[Iterator[Payout]]:
        """All payouts at one moment, one after the other, however many they are."""
        condition, values = _condition(wanted)
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM payouts {condition}"  # noqa: S608 - fixed texts only
                " ORDER BY block_time, block_number, log_index, id",
                values,
            )
            try:
                yield map(payout_of, rows)
            finally:
                rows.close()

    def chains(self) -> tuple[int, ...]:
        """The networks that have payouts."""
        with self._database.read() as connection:
            return tuple(int(row[0]) for row in connection.execute("SELECT DISTINCT chain_id FROM payouts"))

    def totals(self, wanted: PayoutFilter) -> tuple[PayoutTotal, ...]:
        """One for each (chain, token, currency, kind), in that order; exact at any size."""
        return tuple(
            PayoutTotal(one.chain_id, one.key, one.currency, one.kind, one.units, one.count)
            for one in sorted(
                self.groups(wanted, "work"), key=lambda one: (one.chain_id, one.key, one.currency, one.kind)
            )
        )

    def groups(self, wanted: PayoutFilter, by: str) -> tuple[PayoutGroup, ...]:
        """Exact sums for each (key, chain, currency, kind), keys in order; `by` is one of GROUPS.

        Payouts that were taken back never count.
        """
        condition, values = _condition(replace(wanted, orphaned=False))
        sums: defaultdict[tuple[str, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
        query = f"SELECT {_GROUPS[by]}, chain_id, currency, kind, amount FROM payouts {condition}"  # noqa: S608
        with self._database.read() as connection:
            connection.row_factory = None
            try:
                # SQLite would add beyond 64 bits as a float.
                for key, chain_id, currency, kind, amount in connection.execute(query, values):
                    entry = sums[(str(key), chain_id, currency, kind)]
                    entry[0] += int(amount)
                    entry[1] += 1
            finally:
                connection.row_factory = sqlite3.Row
        return tuple(PayoutGroup(*key, units, count) for key, (units, count) in sorted(sums.items()))


def payout_of(row: sqlite3.Row) -> Payout:
    values = list(row)
    values[12] = int(values[12])
    values[16] = bool(values[16])
    return Payout(*values)


_PLACE = attrgetter("block_number", "log_index")


def in_chain_order(payouts: Iterable[Payout]) -> tuple[Payout, ...]:
    # Nearly in order already, as they were written: quicker than SQLite's own sorting.
    return tuple(sorted(payouts, key=_PLACE))


def payouts_after(connection: sqlite3.Connection, chain_id: int, last_id: int) -> tuple[Payout, ...]:
    """The rows of a chain added after row `last_id`."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM payouts WHERE id > ? AND chain_id = ?",  # noqa: S608
        (last_id, chain_id),
    )
    return tuple(map(payout_of, rows))


def _condition(wanted: PayoutFilter) -> tuple[str, tuple[str | int, ...]]:
    parts: list[str] = []
    values: list[str | int] = []
    for column in ("chain_id", "token", "kind", "party", "currency", "orphaned"):
        value = getattr(wanted, column)
        if value is None or value == () or (value == "" and column != "currency"):
            continue
        one_of = value if isinstance(value, tuple) else (value,)
        parts.append(f"{column} IN ({', '.join('?' * len(one_of))})")
        values += one_of
    for comparison, limit in (("block_time >= ?", wanted.since), ("block_time < ?", wanted.until)):
        if limit is not None:
            parts.append(comparison)
            values.append(limit)
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), tuple(values)
