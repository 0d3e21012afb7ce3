"""How far each network has been followed: rows, headers and positions change together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from desktop_app.core.clock import Clock
from desktop_app.store.database import Database
from desktop_app.store.payouts import PAID_OUT, Payout, in_chain_order, payouts_after

_KEPT_BELOW_FINAL = 128


class BlockRef(NamedTuple):
    number: int
    hash: str


class Following(NamedTuple):
    """A token: complete up to block `synced_to`, and agreed by the sources up to `confirmed_to`."""

    token: str
    created_block: int
    synced_to: int
    confirmed_to: int


@dataclass(frozen=True)
class Checkpoint:
    """Where the tracker of a network stands. `final` is the newest finalized block known (pinned)."""

    cursor: BlockRef | None
    safe_number: int
    final: BlockRef | None
    tokens: tuple[Following, ...]


class PayoutRow(NamedTuple):
    """A payout as found on the chain; `amount` is decimal text of the smallest unit."""

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
    amount: str
    memo: str
    recipient: str
    state: str = "seen"


@dataclass(frozen=True)
class Change:
    """What a commit did: payouts never seen before, and how many known ones it moved or took back."""

    new: tuple[Payout, ...] = ()
    changed: int = 0


class StaleCheckpointError(Exception):
    """Another process has moved the checkpoint meanwhile: read it again."""


_INSERT = """
    INSERT INTO payouts (chain_id, first_seen_at, token, tx_hash, ordinal, log_index, block_number,
        block_hash, block_time, kind, party, currency, amount, memo, recipient, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tx_hash, chain_id, token, ordinal) DO UPDATE SET
        log_index = excluded.log_index, block_number = excluded.block_number, orphaned = 0,
        block_hash = excluded.block_hash, block_time = excluded.block_time, kind = excluded.kind,
        party = excluded.party, currency = excluded.currency, amount = excluded.amount, memo = excluded.memo,
        recipient = excluded.recipient, state = excluded.state
    WHERE orphaned OR block_hash <> excluded.block_hash OR kind <> excluded.kind
        OR amount <> excluded.amount OR party <> excluded.party OR currency <> excluded.currency
        OR log_index <> excluded.log_index
"""


def _as_stored(row_id: int, chain_id: int, row: PayoutRow, now: int) -> Payout:
    return Payout(
        row_id,
        chain_id,
        row.token,
        row.tx_hash,
        row.ordinal,
        row.log_index,
        row.block_number,
        row.block_hash,
        row.block_time,
        row.kind,
        row.party,
        row.currency,
        int(row.amount),
        row.memo,
        row.recipient,
        row.state,
        False,
        now,
    )


class PayoutCheckpoints:
    """The tracker's tables for one network."""

    def __init__(self, database: Database, chain_id: int, clock: Clock) -> None:
        self._database = database
        self._chain = chain_id
        self._clock = clock

    def load(self) -> Checkpoint:
        with self._database.read() as connection:
            return self._load(connection)

    def _load(self, connection: sqlite3.Connection) -> Checkpoint:
        row = connection.execute(
            "SELECT number, hash, safe_number, final_number, final_hash FROM payout_cursors"
            " WHERE chain_id = ?",
            (self._chain,),
        ).fetchone()
        tokens = connection.execute(
            "SELECT token, created_block, synced_to, confirmed_to FROM payout_tokens WHERE chain_id = ?"
            " ORDER BY token",
            (self._chain,),
        )
        following = tuple(Following(*token) for token in tokens)
        if row is None:
            return Checkpoint(None, -1, None, following)
        cursor = BlockRef(row[0], row[1]) if row[1] else None
        final = BlockRef(row[3], row[4]) if row[4] else None
        return Checkpoint(cursor, row[2], final, following)

    def follow(self, tokens: Iterable[tuple[str, int]]) -> bool:
        """Add (address, created block); known ones are left alone. True when one was new.

        A token made after the cursor starts at the cursor, so that no position is ever ahead of it.
        """
        wanted = list(tokens)
        if not wanted:
            return False
        known = {following.token.lower() for following in self.load().tokens}
        missing = [(token, created) for token, created in wanted if token.lower() not in known]
        if not missing:
            return False
        with self._database.transaction() as connection:
            cursor = self._load(connection).cursor
            for token, created in missing:
                start = created - 1 if cursor is None else min(created - 1, cursor.number)
                connection.execute(
                    "INSERT OR IGNORE INTO payout_tokens VALUES (?, ?, ?, ?, ?)",
                    (self._chain, token, created, start, start),
                )
        return True

    def headers(self, numbers: Iterable[int]) -> dict[int, str]:
        """The stored block hashes at these heights."""
        with self._database.read() as connection:
            return {number: found for number in numbers if (found := self._header(connection, number))}

    def headers_between(self, first: int, last: int) -> dict[int, str]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT number, hash FROM payout_headers WHERE chain_id = ? AND number BETWEEN ? AND ?",
                (self._chain, first, last),
            )
            return {row[0]: row[1] for row in rows}

    def headers_below(self, number: int, limit: int) -> list[BlockRef]:
        """The stored headers under `number`, highest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT number, hash FROM payout_headers WHERE chain_id = ? AND number < ?"
                " ORDER BY number DESC LIMIT ?",
                (self._chain, number, limit),
            )
            return [BlockRef(row[0], row[1]) for row in rows]

    def _header(self, connection: sqlite3.Connection, number: int) -> str:
        row = connection.execute(
            "SELECT hash FROM payout_headers WHERE chain_id = ? AND number = ?", (self._chain, number)
        ).fetchone()
        return str(row[0]) if row else ""

    def set_tags(self, safe_number: int, final: BlockRef | None) -> int:
        """Store the node's safe and finalized blocks; rows become safe. The number of rows that did."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO payout_cursors VALUES (?, -1, '', ?, ?, ?) ON CONFLICT (chain_id) DO UPDATE SET"
                " safe_number = excluded.safe_number, final_number = excluded.final_number,"
                " final_hash = excluded.final_hash WHERE excluded.final_number >= final_number",
                (self._chain, safe_number, final.number if final else -1, final.hash if final else ""),
            )
            if final is not None:
                self._put_headers(connection, [final])
                connection.execute(
                    "DELETE FROM payout_headers WHERE chain_id = ?1 AND number < ?2 AND number NOT IN"
                    " (SELECT synced_to FROM payout_tokens WHERE chain_id = ?1)",
                    (self._chain, final.number - _KEPT_BELOW_FINAL),
                )
            return connection.execute(
                "UPDATE payouts SET state = 'safe' WHERE chain_id = ? AND block_number <= ?"
                " AND state <> 'final' AND state = 'seen' AND NOT orphaned",
                (self._chain, safe_number),
            ).rowcount

    def _put_headers(self, connection: sqlite3.Connection, headers: Iterable[BlockRef]) -> None:
        connection.executemany(
            "INSERT OR REPLACE INTO payout_headers VALUES (?, ?, ?)",
            [(self._chain, number, block_hash) for number, block_hash in headers],
        )

    def _check(self, connection: sqlite3.Connection, expected: Checkpoint) -> None:
        now = self._load(connection)
        known = set(now.tokens)
        if now.cursor != expected.cursor or not known.issuperset(expected.tokens):
            raise StaleCheckpointError

    def commit(
        self,
        expected: Checkpoint,
        tokens: Sequence[Following],
        end: BlockRef,
        headers: Sequence[BlockRef],
        rows: Sequence[PayoutRow],
        *,
        confirmed: int,
    ) -> Change:
        """Store a window that ends at `end` for `tokens`.

        `confirmed` is the block up to which nothing more has to be asked. Raises StaleCheckpointError when
        the checkpoint is no longer the expected one; then nothing is stored.
        """
        with self._database.transaction() as connection:
            self._check(connection, expected)
            change = self._put_rows(connection, rows)
            self._put_headers(connection, headers)
            connection.executemany(
                "UPDATE payout_tokens SET synced_to = ?, confirmed_to = max(confirmed_to, min(?, ?))"
                " WHERE chain_id = ? AND token = ?",
                [(end.number, end.number, confirmed, self._chain, following.token) for following in tokens],
            )
            if expected.cursor is None or end.number > expected.cursor.number:
                self._put_cursor(connection, end)
        return change

    def _put_rows(self, connection: sqlite3.Connection, rows: Sequence[PayoutRow]) -> Change:
        if not rows:
            return Change()
        last_id = int(connection.execute("SELECT coalesce(max(id), 0) FROM payouts").fetchone()[0])
        before = connection.total_changes
        now = self._clock.now()
        connection.executemany(_INSERT, ((self._chain, now, *row) for row in rows))
        touched = connection.total_changes - before
        newest_id = int(connection.execute("SELECT max(id) FROM payouts").fetchone()[0])
        if newest_id - last_id == len(rows):
            # All of them are new, and numbered as they were written: no need to read them back.
            new = tuple(_as_stored(last_id + n, self._chain, row, now) for n, row in enumerate(rows, 1))
        else:
            new = payouts_after(connection, self._chain, last_id)
        return Change(in_chain_order(new), touched - len(new))

    def _put_cursor(self, connection: sqlite3.Connection, cursor: BlockRef) -> None:
        connection.execute(
            "INSERT INTO payout_cursors VALUES (?, ?, ?, -1, -1, '') ON CONFLICT (chain_id) DO UPDATE SET"
            " number = excluded.number, hash = excluded.hash",
            (self._chain, cursor.number, cursor.hash),
        )

    def undo(self, expected: Checkpoint, ancestor: BlockRef) -> int:
        """Take back everything above `ancestor`; the number of payouts that are orphaned by it."""
        with self._database.transaction() as connection:
            self._check(connection, expected)
            orphaned = connection.execute(
                "UPDATE payouts SET orphaned = 1, state = 'seen' WHERE chain_id = ? AND block_number > ?"
                " AND NOT orphaned",
                (self._chain, ancestor.number),
            ).rowcount
            connection.execute(
                "DELETE FROM payout_headers WHERE chain_id = ? AND number > ?", (self._chain, ancestor.number)
            )
            connection.execute(
                "UPDATE payout_tokens SET synced_to = min(synced_to, ?1),"
                " confirmed_to = min(confirmed_to, ?1) WHERE chain_id = ?2",
                (ancestor.number, self._chain),
            )
            self._put_cursor(connection, ancestor)
        return orphaned

    def newest_row(self, known: int | None = None) -> int:
        """The highest id among this network's payouts above row `known`, else `known`; without it, of all."""
        with self._database.read() as connection:
            if known is None:
                found = connection.execute("SELECT coalesce(max(id), 0) FROM payouts")
            else:
                found = connection.execute(
                    "SELECT coalesce(max(id), ?1) FROM payouts WHERE id > ?1 AND chain_id = ?2",
                    (known, self._chain),
                )
            return int(found.fetchone()[0])

    def rows_between(self, tokens: Sequence[Following], first: int, last: int) -> list[PayoutRow]:
        """What is stored for these tokens in a range of blocks, in chain order, without orphaned rows."""
        names = ", ".join("?" * len(tokens))
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT token, tx_hash, ordinal, log_index, block_number, block_hash, block_time, kind,"  # noqa: S608
                " party, currency, amount, memo, recipient, state FROM payouts"
                " WHERE chain_id = ? AND state <> 'final'"
                f" AND block_number BETWEEN ? AND ? AND NOT orphaned AND token IN ({names})"
                " ORDER BY block_number, log_index",
                (self._chain, first, last, *(following.token for following in tokens)),
            )
            return [PayoutRow(*row) for row in rows]

    def confirm(
        self,
        expected: Checkpoint,
        tokens: Sequence[Following],
        last: int,
        *,
        missing: Sequence[PayoutRow] = (),
        surplus: Sequence[PayoutRow] = (),
    ) -> Change:
        """Make rows of `tokens` up to block `last` final, after adding `missing` and orphaning `surplus`."""
        with self._database.transaction() as connection:
            self._check(connection, expected)
            connection.executemany(
                "UPDATE payouts SET orphaned = 1, state = 'seen'"
                " WHERE chain_id = ? AND tx_hash = ? AND token = ? AND ordinal = ?",
                [(self._chain, row.tx_hash, row.token, row.ordinal) for row in surplus],
            )
            change = self._put_rows(connection, missing)
            names = ", ".join("?" * len(tokens))
            addresses = [following.token for following in tokens]
            final = connection.execute(
                "UPDATE payouts SET state = 'final' WHERE chain_id = ? AND block_number <= ?"  # noqa: S608
                f" AND state <> 'final' AND NOT orphaned AND token IN ({names})",
                (self._chain, last, *addresses),
            ).rowcount
            connection.executemany(
                "UPDATE payout_tokens SET confirmed_to = max(confirmed_to, ?)"
                " WHERE chain_id = ? AND token = ?",
                [(last, self._chain, address) for address in addresses],
            )
        return Change(change.new, change.changed + len(surplus) + final)

    def sums(self, token: str, last: int) -> dict[str, tuple[int, int]]:
        """What went in and out of a token up to block `last`, by lower-case currency; exact."""
        found: dict[str, tuple[int, int]] = {}
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT currency, kind, amount FROM payouts WHERE chain_id = ? AND token = ?"
                " AND block_number <= ? AND NOT orphaned",
                (self._chain, token, last),
            )
            for currency, kind, amount in rows:
                paid_in, paid_out = found.get(currency.lower(), (0, 0))
                if kind == "payment":
                    paid_in += int(amount)
                elif kind in PAID_OUT:
                    paid_out += int(amount)
                found[currency.lower()] = (paid_in, paid_out)
        return found

    def read_again(self, token: str, first: int, *, take_back: bool) -> None:
        """Move a token's position back, to before block `first`; with `take_back` its rows from there on are
        orphaned until they are found again."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE payout_tokens SET synced_to = min(synced_to, ?1),"
                " confirmed_to = min(confirmed_to, ?1) WHERE chain_id = ?2 AND token = ?3",
                (first - 1, self._chain, token),
            )
            if take_back:
                connection.execute(
                    "UPDATE payouts SET orphaned = 1, state = 'seen' WHERE chain_id = ? AND token = ?"
                    " AND block_number >= ?",
                    (self._chain, token, first),
                )

    def start_over(self) -> None:
        """Drop every row of this network, to be read anew; the tokens stay followed."""
        with self._database.transaction() as connection:
            for table in ("payouts", "payout_headers", "payout_cursors"):
                connection.execute(f"DELETE FROM {table} WHERE chain_id = ?", (self._chain,))  # noqa: S608
            connection.execute(
                "UPDATE payout_tokens SET synced_to = created_block - 1, confirmed_to = created_block - 1"
                " WHERE chain_id = ?",
                (self._chain,),
            )

    def forget(self) -> None:
        """Drop the network altogether: rows, positions and followed tokens."""
        with self._database.transaction() as connection:
            self.start_over()
            connection.execute("DELETE FROM payout_tokens WHERE chain_id = ?", (self._chain,))
