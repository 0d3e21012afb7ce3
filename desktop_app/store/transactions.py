"""The sender's journal: every transaction is here, signed, before it leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from desktop_app.core.errors import NotFoundError, RefusedError
from desktop_app.store.database import Database


class TransactionStatus(StrEnum):
    PREPARED = "prepared"
    """Signed and stored; whether a node has it is not known."""
    SENT = "sent"
    MINED = "mined"
    FAILED = "failed"
    """Refused by the node (no block), or mined and reverted (with block, gas and fee)."""
    REPLACED = "replaced"
    """Another transaction with the same nonce was mined."""


class Purpose(StrEnum):
    """Why a version of a transaction was signed. Versions share sender and nonce: one of them can happen."""

    SEND = "send"
    SPEED_UP = "speed_up"
    CANCEL = "cancel"


@dataclass(frozen=True)
class StoredLog:
    """An event of a transaction, as the node gave it: 0x hex."""

    address: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True)
class Outcome:
    """What a transaction came to in its block: `fee` in wei, `block_time` in Unix seconds.

    `logs` are the events that move money or shares; None where they were not read.
    """

    block_number: int
    gas_used: int
    fee: int
    block_hash: str | None = None
    block_time: int | None = None
    logs: tuple[StoredLog, ...] | None = None


@dataclass(frozen=True)
class StoredTransaction:
    """`raw` is the signed transaction, `fee` what it cost in wei.

    `code` and `params` word what it does ("action.pay", {...}); `recipient` is whom or what it is for.
    `final`: its block cannot vanish any more. `block_time` and `logs` are as in Outcome; `sources` is how
    many nodes have told the same outcome (0: nobody was asked again), `disputed` that one told another.
    """

    chain_id: int
    tx_hash: str
    from_address: str
    nonce: int
    raw: bytes = field(repr=False)
    code: str
    params: Mapping[str, str | int]
    created_at: int
    status: TransactionStatus = TransactionStatus.PREPARED
    block_number: int | None = None
    gas_used: int | None = None
    fee: int | None = None
    purpose: Purpose = Purpose.SEND
    recipient: str | None = None
    block_hash: str | None = None
    final: bool = False
    block_time: int | None = None
    logs: tuple[StoredLog, ...] | None = None
    sources: int = 0
    disputed: bool = False


class TransactionRepository:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transaction: StoredTransaction, *, anew: bool = False) -> None:
        """Store a signed transaction; one that a node had refused may be tried again.

        Raises RefusedError("store.number_taken") when another one on its way has its nonce, or when it is
        itself on its way or in a block already: two programs (the window and the command line) may choose a
        nonce at the same time, and two equal payments are the same bytes then. `anew`: the chain was set
        back, so that the block of these bytes is gone.
        """
        item = transaction
        with self._database.transaction() as connection:
            taken = connection.execute(
                "SELECT 1 FROM transactions WHERE chain_id = ?1 AND (tx_hash = ?2"
                " AND (status <> 'failed' OR block_number IS NOT NULL) OR ?5 = 'send'"
                " AND from_address = ?3 AND nonce = ?4 AND status IN ('prepared', 'sent'))",
                (item.chain_id, item.tx_hash, item.from_address, item.nonce, item.purpose.value),
            ).fetchone()
            if taken is not None and not anew:
                raise RefusedError("store.number_taken", number=item.nonce)
            connection.execute(
                "INSERT INTO transactions (chain_id, tx_hash, from_address, nonce, raw, code, params,"  # noqa: S608
                " created_at, status, purpose, recipient) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                f" ON CONFLICT (chain_id, tx_hash) DO UPDATE SET status = excluded.status, {_NO_OUTCOME}",
                (
                    item.chain_id, item.tx_hash, item.from_address, item.nonce, item.raw, item.code,
                    json.dumps(dict(item.params)), item.created_at, item.status.value, item.purpose.value,
                    item.recipient,
                ),
            )  # fmt: skip

    def get(self, chain_id: int, tx_hash: str) -> StoredTransaction:
        """Raises NotFoundError("store.transaction_unknown")."""
        found = self._select("chain_id = ? AND tx_hash = ?", chain_id, tx_hash)
        if not found:
            raise NotFoundError("store.transaction_unknown", tx_hash=tx_hash[:80])
        return found[0]

    def pending(self, chain_id: int, from_address: str) -> list[StoredTransaction]:
        """Prepared and sent transactions of an account, lowest nonce first."""
        return self._select(
            "chain_id = ? AND from_address = ? AND status IN ('prepared', 'sent') ORDER BY nonce, seq",
            chain_id,
            from_address,
        )

    def with_bytes(self, chain_id: int, from_address: str, part: bytes) -> list[StoredTransaction]:
        """Those of an account whose signed bytes contain `part`, oldest first; for what its call says."""
        return self._select(
            "chain_id = ? AND from_address = ? AND instr(raw, ?) > 0 ORDER BY seq",
            chain_id,
            from_address,
            part,
        )

    def find(self, tx_hash: str) -> StoredTransaction | None:
        """By hash, on whatever chain."""
        found = self._select("tx_hash = ? ORDER BY seq DESC LIMIT 1", tx_hash)
        return found[0] if found else None

    def logical(
        self, senders: Sequence[str], limit: int = 100, offset: int = 0, chain_id: int | None = None
    ) -> list[StoredTransaction]:
        """The first version of every transaction of these accounts, newest first, of one chain or of all."""
        return self._select(
            f"from_address IN ({_places(senders)}) AND purpose = 'send'"
            " AND chain_id = coalesce(?, chain_id) ORDER BY seq DESC LIMIT ? OFFSET ?",
            *senders,
            chain_id,
            limit,
            offset,
        )

    def count(self, senders: Sequence[str]) -> int:
        """How many transactions `logical` finds, on all chains."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM transactions"  # noqa: S608  # only places for values
                f" WHERE from_address IN ({_places(senders)}) AND purpose = 'send'",
                senders,
            ).fetchone()
        return int(row[0])

    def versions(self, chain_id: int, tx_hash: str) -> list[StoredTransaction]:
        """All versions of one logical transaction, oldest first; none for a hash that is not ours.

        A version that a node refused at once is no part of it: it can never happen.
        """
        return self._select(
            "chain_id = ?1 AND (from_address, nonce) IN"
            " (SELECT from_address, nonce FROM transactions WHERE chain_id = ?1 AND tx_hash = ?2)"
            " AND (status <> 'failed' OR block_number IS NOT NULL) ORDER BY seq",
            chain_id,
            tx_hash,
        )

    def unsettled(self, chain_id: int, from_address: str) -> list[StoredTransaction]:
        """What is in a block that could still vanish, lowest nonce first."""
        return self._select(
            "chain_id = ? AND from_address = ? AND block_number IS NOT NULL AND NOT final ORDER BY nonce",
            chain_id,
            from_address,
        )

    def given_up(self, chain_id: int, from_address: str) -> list[StoredTransaction]:
        """What counts as never to happen because a node said so, lowest nonce first.

        Where a transaction of ours with the same nonce is in a block, nothing else can ever be.
        """
        return self._select(
            "chain_id = ?1 AND from_address = ?2 AND block_number IS NULL"
            " AND status IN ('failed', 'replaced') AND nonce NOT IN"
            " (SELECT nonce FROM transactions WHERE chain_id = ?1 AND from_address = ?2"
            " AND block_number IS NOT NULL) ORDER BY nonce, seq",
            chain_id,
            from_address,
        )

    def senders(self, chain_id: int) -> list[str]:
        """Accounts with something that is pending or could still vanish."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT from_address FROM transactions WHERE chain_id = ?"
                " AND (status IN ('prepared', 'sent') OR (block_number IS NOT NULL AND NOT final))",
                (chain_id,),
            ).fetchall()
        return [str(row[0]) for row in rows]

    def recipients(self, senders: Sequence[str]) -> list[str]:
        """Whom these accounts have sent something that was mined."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT recipient FROM transactions WHERE status = 'mined'"  # noqa: S608
                " AND purpose <> 'cancel' AND recipient IS NOT NULL"
                f" AND from_address IN ({_places(senders)})",
                tuple(senders),
            ).fetchall()
        return [str(row[0]) for row in rows]

    def newest(
        self, limit: int = 100, offset: int = 0, chain_id: int | None = None
    ) -> list[StoredTransaction]:
        """Newest first, of one chain or of all."""
        if chain_id is None:
            return self._select("TRUE ORDER BY seq DESC LIMIT ? OFFSET ?", limit, offset)
        return self._select("chain_id = ? ORDER BY seq DESC LIMIT ? OFFSET ?", chain_id, limit, offset)

    def next_nonce_floor(self, chain_id: int, from_address: str) -> int:
        """The lowest nonce that no transaction of ours uses or may be using."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT max(nonce) FROM transactions WHERE chain_id = ? AND from_address = ?"
                " AND (status <> 'failed' OR block_number IS NOT NULL)",
                (chain_id, from_address),
            ).fetchone()
        return 0 if row[0] is None else int(row[0]) + 1

    def _select(self, rest: str, *values: str | bytes | int | None) -> list[StoredTransaction]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT * FROM transactions WHERE {rest}", values).fetchall()  # noqa: S608
        return [_transaction(row) for row in rows]

    def mark_sent(self, chain_id: int, tx_hash: str) -> None:
        """A node has accepted it. One that is mined or failed already stays so."""
        with self._database.transaction() as connection:
            _known(connection, chain_id, tx_hash)
            connection.execute(
                "UPDATE transactions SET status = 'sent'"
                " WHERE chain_id = ? AND tx_hash = ? AND status = 'prepared'",
                (chain_id, tx_hash),
            )

    def mark_mined(self, chain_id: int, tx_hash: str, outcome: Outcome) -> None:
        """It is in a block and succeeded; others of the same nonce are thereby replaced."""
        self._end(chain_id, tx_hash, TransactionStatus.MINED, outcome)

    def mark_failed(self, chain_id: int, tx_hash: str, outcome: Outcome | None = None) -> None:
        """Refused by the node, which leaves its nonce free, or with an outcome: mined and reverted."""
        self._end(chain_id, tx_hash, TransactionStatus.FAILED, outcome)

    def mark_replaced(self, chain_id: int, tx_hash: str) -> None:
        self._end(chain_id, tx_hash, TransactionStatus.REPLACED, None)

    def mark_final(self, chain_id: int, tx_hash: str) -> None:
        """Its block is final: it will not be looked at again."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE transactions SET final = 1"
                " WHERE chain_id = ? AND tx_hash = ? AND block_number IS NOT NULL",
                (chain_id, tx_hash),
            )

    def mark_vanished(self, chain_id: int, tx_hash: str) -> None:
        """Its block is gone: it and all versions that it had replaced are on their way again."""
        with self._database.transaction() as connection:
            sender, nonce = _known(connection, chain_id, tx_hash)
            connection.execute(
                f"UPDATE transactions SET status = 'sent', {_NO_OUTCOME}"  # noqa: S608
                " WHERE chain_id = ? AND from_address = ?"
                " AND nonce = ? AND (block_number IS NOT NULL OR status = 'replaced')",
                (chain_id, sender, nonce),
            )

    def _end(
        self, chain_id: int, tx_hash: str, status: TransactionStatus, outcome: Outcome | None
    ) -> None:
        with self._database.transaction() as connection:
            sender, nonce = _known(connection, chain_id, tx_hash)
            connection.execute(
                f"UPDATE transactions SET status = ?, {_NO_OUTCOME} WHERE chain_id = ? AND tx_hash = ?",  # noqa: S608
                (status.value, chain_id, tx_hash),
            )
            if outcome is None:
                return
            connection.execute(
                "UPDATE transactions SET block_number = ?, gas_used = ?, fee = ?, block_hash = ?,"
                " block_time = ?, logs = ? WHERE chain_id = ? AND tx_hash = ?",
                (
                    outcome.block_number, outcome.gas_used, str(outcome.fee), outcome.block_hash,
                    outcome.block_time, _logs_text(outcome.logs), chain_id, tx_hash,
                ),
            )  # fmt: skip
            connection.execute(
                f"UPDATE transactions SET status = 'replaced', {_NO_OUTCOME}"  # noqa: S608
                " WHERE chain_id = ? AND from_address = ? AND nonce = ? AND tx_hash <> ?"
                " AND (status <> 'failed' OR block_number IS NOT NULL)",
                (chain_id, sender, nonce, tx_hash),
            )

    def untold(self, chain_id: int, limit: int) -> list[StoredTransaction]:
        """What is in a block of which the time or the events were not read, newest first."""
        return self._select(
            "chain_id = ? AND block_number IS NOT NULL AND (block_time IS NULL OR logs IS NULL)"
            " ORDER BY seq DESC LIMIT ?",
            chain_id,
            limit,
        )

    def unconfirmed(self, chain_id: int, limit: int) -> list[StoredTransaction]:
        """What is final, and of which no other node was asked yet, newest first."""
        return self._select(
            "chain_id = ? AND final AND sources = 0 ORDER BY seq DESC LIMIT ?", chain_id, limit
        )

    def tell(self, chain_id: int, tx_hash: str, outcome: Outcome) -> None:
        """Add the time and the events of the same block; changes nothing where it is another by now."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE transactions SET block_time = ?, logs = ? WHERE chain_id = ? AND tx_hash = ?"
                " AND block_number = ? AND coalesce(block_hash, ?6) = ?6",
                (
                    outcome.block_time, _logs_text(outcome.logs), chain_id, tx_hash, outcome.block_number,
                    outcome.block_hash,
                ),
            )  # fmt: skip

    def mark_confirmed(self, chain_id: int, tx_hash: str, sources: int, disputed: bool) -> None:
        """How many nodes have told the stored outcome, and whether one told another: that stays, as whoever
        made up an outcome tells it again, while others may not answer."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE transactions SET sources = ?, disputed = max(disputed, ?)"
                " WHERE chain_id = ? AND tx_hash = ? AND block_number IS NOT NULL",
                (sources, int(disputed), chain_id, tx_hash),
            )

    def forget_chain(self, chain_id: int) -> None:
        """Drop the journal of a chain that no longer exists (a practice network that was reset)."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM transactions WHERE chain_id = ?", (chain_id,))


_NO_OUTCOME = (
    "block_number = NULL, block_hash = NULL, gas_used = NULL, fee = NULL, final = 0, block_time = NULL,"
    " logs = NULL, sources = 0, disputed = 0"
)


def _logs_text(logs: tuple[StoredLog, ...] | None) -> str | None:
    if logs is None:
        return None
    return json.dumps([[log.address, list(log.topics), log.data] for log in logs], separators=(",", ":"))


def _logs(text: str | None) -> tuple[StoredLog, ...] | None:
    if text is None:
        return None
    return tuple(StoredLog(address, tuple(topics), data) for address, topics, data in json.loads(text))


def _places(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _known(connection: sqlite3.Connection, chain_id: int, tx_hash: str) -> tuple[str, int]:
    row = connection.execute(
        "SELECT from_address, nonce FROM transactions WHERE chain_id = ? AND tx_hash = ?", (chain_id, tx_hash)
    ).fetchone()
    if row is None:
        raise NotFoundError("store.transaction_unknown", tx_hash=tx_hash[:80])
    return str(row[0]), int(row[1])


def _transaction(row: sqlite3.Row) -> StoredTransaction:
    return StoredTransaction(
        chain_id=row["chain_id"],
        tx_hash=row["tx_hash"],
        from_address=row["from_address"],
        nonce=row["nonce"],
        raw=row["raw"],
        code=row["code"],
        params=json.loads(row["params"]),
        created_at=row["created_at"],
        status=TransactionStatus(row["status"]),
        block_number=row["block_number"],
        gas_used=row["gas_used"],
        fee=None if row["fee"] is None else int(row["fee"]),
        purpose=Purpose(row["purpose"]),
        recipient=row["recipient"],
        block_hash=row["block_hash"],
        final=bool(row["final"]),
        block_time=row["block_time"],
        logs=_logs(row["logs"]),
        sources=row["sources"],
        disputed=bool(row["disputed"]),
    )
