"""A tracker on scripted nodes with a real database, and what it announced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from unit.services.scripted_chain import CHAIN_ID, TOKENS, ScriptedChain, ScriptedNode, comparable

from desktop_app.core.clock import Clock, SystemClock
from desktop_app.core.progress import Task
from desktop_app.services.payout_tracker import PayoutTracker, RoundResult
from desktop_app.store.database import Database
from desktop_app.store.payout_checkpoints import Change, Checkpoint, PayoutCheckpoints
from desktop_app.store.payouts import Payout, PayoutFilter, PayoutRepository


@dataclass
class Bench:
    folder: Path
    chain: ScriptedChain
    nodes: list[ScriptedNode]
    tokens: list[tuple[str, int]] = field(default_factory=lambda: [(TOKENS[0], 1)])
    dense_reach: int = 4096
    announced: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.database = Database(self.folder / "colophon.db", self.folder / "backups", self.clock)
        self.restart()

    def restart(self) -> None:
        """As after closing and opening the app: nothing is kept but the file."""
        self.checkpoints = PayoutCheckpoints(self.database, CHAIN_ID, self.clock)
        self.tracker = PayoutTracker(
            CHAIN_ID,
            lambda: list(self.nodes),
            lambda: list(self.tokens),
            self.checkpoints,
            self.clock,
            dense_reach=self.dense_reach,
        )

    def sync(self) -> RoundResult:
        return self.tracker.round(Task(), self._hear)

    def _hear(self, change: Change) -> None:
        self.changes.append(change)
        self.announced.update((one.tx_hash, one.token, one.ordinal) for one in change.new)

    def rows(self, orphaned: bool | None = False) -> list[Payout]:
        wanted = PayoutFilter(chain_id=CHAIN_ID, orphaned=orphaned)
        found = PayoutRepository(self.database).page(wanted, limit=1_000_000)
        return sorted(found, key=lambda one: (one.block_number, one.log_index))

    def states(self) -> dict[int, str]:
        """State by block number."""
        return {row.block_number: row.state for row in self.rows()}

    def checkpoint(self) -> Checkpoint:
        return self.checkpoints.load()

    def assert_true_to_chain(self, tokens: Sequence[str] = ()) -> None:
        """The database equals a recomputation, and each payout was announced exactly once, ever."""
        followed = list(tokens) or [token for token, _ in self.tokens]
        assert [comparable(row) for row in self.rows()] == self.chain.expected(followed)
        assert set(self.announced.values()) <= {1}
        keys = {(row.tx_hash, row.token, row.ordinal) for row in self.rows(orphaned=None)}
        assert keys == set(self.announced)

    def close(self) -> None:
        self.database.close()
