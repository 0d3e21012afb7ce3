"""Following one network: design section 8, one round at a time, no thread of its own.

Each window of blocks is read, shown to be complete and on one chain, and committed; only then is the next
asked for. Whatever fails in between leaves the checkpoint where it was: nothing is lost, nothing repeated.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from desktop_app.chain.rpc import Rpc
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payout_books import BookKeeper
from desktop_app.services.payout_endpoint import Endpoint, Tip
from desktop_app.services.payout_events import ChainMovedError
from desktop_app.services.payout_ranges import RangeSize, is_too_much
from desktop_app.services.payout_sources import SecondSource
from desktop_app.services.payout_windows import Window, read_window
from desktop_app.store.payout_checkpoints import (
    Change,
    Checkpoint,
    PayoutCheckpoints,
    StaleCheckpointError,
)

_log = logging.getLogger(__name__)

_DENSE_REACH = 4096
"""History that lies further below the finalized block is read without fetching every header."""

_NEWS_SECONDS = 5.0
"""While old history is read, the newest blocks are looked at so often."""

_MOVES = 8
"""How often one round starts again because the chain moved under it."""

_WALK = 64

ChangeListener = Callable[[Change], None]
ReadingListener = Callable[[int, int], None]


@dataclass(frozen=True)
class RoundResult:
    """`block` is the cursor, `head` the node's newest block; `note` is a problem that stops only finality."""

    block: int
    head: int
    final: int
    sources: int
    note: ColophonError | None = None


class PayoutTracker:
    """`endpoints()` gives the nodes of the network, `tokens()` pairs (address, block of its creation).

    Thread-safe: rounds run one after the other.
    """

    def __init__(
        self,
        chain_id: int,
        endpoints: Callable[[], Sequence[Rpc]],
        tokens: Callable[[], Iterable[tuple[str, int]]],
        checkpoints: PayoutCheckpoints,
        clock: Clock,
        *,
        dense_reach: int = _DENSE_REACH,
    ) -> None:
        self.chain_id = chain_id
        self._endpoints = endpoints
        self._tokens = tokens
        self._checkpoints = checkpoints
        self._clock = clock
        self._dense_reach = dense_reach
        self._dense = RangeSize(32, 512, slow=0.8, quick=0.4)
        self._sparse = RangeSize(2_000, 100_000, slow=0.8, quick=0.4)
        self._batch_limits: dict[str, int] = {}
        self._preferred = 0
        self._suspects: set[int] = set()
        self._second = SecondSource(checkpoints, clock.monotonic)
        self._books = BookKeeper(checkpoints, clock.monotonic)
        self._newest_row: int | None = None
        self._one_at_a_time = threading.Lock()

    def round(
        self, task: Task, on_change: ChangeListener, on_reading: ReadingListener | None = None
    ) -> RoundResult:
        """Bring the database up to the node's newest block; `on_reading(block, head)` tells how far it is.

        Raises RefusedError (the user must decide: payouts.wrong_network, payouts.history_rewritten,
        payouts.no_node), UnavailableError (try again later), CancelledError.
        """
        with self._one_at_a_time:
            endpoints = [
                Endpoint(rpc, self.chain_id, task.check, self._batch_limits) for rpc in self._endpoints()
            ]
            if not endpoints:
                raise RefusedError("payouts.no_node", chain_id=self.chain_id)
            on_change = self._with_others(on_change)
            failures: list[ColophonError] = []
            for turn in range(len(endpoints)):
                index = (self._preferred + turn) % len(endpoints)
                order = endpoints[index:] + endpoints[:index]
                try:
                    result = self._follow(order, task, on_change, on_reading or (lambda block, head: None))
                except (UnavailableError, RefusedError) as failure:
                    _log.info("%s cannot be followed: %s", order[0].name, failure)
                    failures.append(failure)
                    continue
                self._preferred = index
                on_change(Change())
                return result
            failures.sort(key=lambda failure: isinstance(failure, RefusedError))
            raise failures[0]

    def _with_others(self, on_change: ChangeListener) -> ChangeListener:
        """The window and the command line may follow at once: rows that the other has stored (and told of)
        are changes here."""
        if self._newest_row is None:
            self._newest_row = self._checkpoints.newest_row()
        last = self._newest_row

        def hear(change: Change) -> None:
            nonlocal last
            newest = self._checkpoints.newest_row(last)
            by_others = newest > max(last, max((one.id for one in change.new), default=0))
            self._newest_row = last = newest
            if change.new or change.changed or by_others:
                on_change(Change(change.new, change.changed + by_others))

        return hear

    def _follow(
        self,
        endpoints: Sequence[Endpoint],
        task: Task,
        on_change: ChangeListener,
        on_reading: ReadingListener,
    ) -> RoundResult:
        for _ in range(_MOVES):
            task.check()
            self._checkpoints.follow(self._tokens())
            try:
                tip = self._tip(endpoints[0], on_change)
                self._collect(endpoints, tip, task, on_change, on_reading)
                if self._books.check(endpoints[0], task):
                    continue
                doubt = self._pin(endpoints, tip)
                note = self._second.confirm(endpoints, task, on_change) or doubt
            except ChainMovedError as moved:
                self._suspects.add(moved.height)
                continue
            except StaleCheckpointError:
                continue
            checkpoint = self._checkpoints.load()
            return RoundResult(
                checkpoint.cursor.number if checkpoint.cursor else tip.latest.number,
                tip.latest.number,
                checkpoint.final.number if checkpoint.final else -1,
                len(endpoints),
                note or self._books.problem,
            )
        raise UnavailableError("payouts.chain_unsettled")

    def _tip(self, endpoint: Endpoint, on_change: ChangeListener) -> Tip:
        """Compare the node with what is stored; take back what a reorganisation removed."""
        checkpoint = self._checkpoints.load()
        heights = {following.synced_to for following in checkpoint.tokens} | self._suspects
        expected = self._checkpoints.headers(sorted(height for height in heights if height >= 0))
        for known in (checkpoint.cursor, checkpoint.final):
            if known is not None:
                expected[known.number] = known.hash
        tip = endpoint.tip(sorted(expected))
        self._suspects.clear()
        final = checkpoint.final
        if final is not None and tip.hashes.get(final.number, final.hash) != final.hash:
            raise RefusedError("payouts.history_rewritten", block=final.number, endpoint=endpoint.name)
        moved = [height for height, known in expected.items() if tip.hashes.get(height, known) != known]
        newest = self._checkpoints.headers([tip.latest.number]).get(tip.latest.number, tip.latest.hash)
        if newest != tip.latest.hash:
            moved.append(tip.latest.number)
        if moved and final is not None and min(moved) <= final.number:
            raise RefusedError("payouts.history_rewritten", block=min(moved), endpoint=endpoint.name)
        if moved:
            self._undo(endpoint, checkpoint, min(moved), on_change)
            raise ChainMovedError(min(moved))
        if len(tip.hashes) < len(expected):
            raise UnavailableError("payouts.node_behind", block=max(set(expected) - set(tip.hashes)))
        self._store_safe(checkpoint, tip)
        return tip

    def _undo(
        self, endpoint: Endpoint, checkpoint: Checkpoint, moved: int, on_change: ChangeListener
    ) -> None:
        below = moved
        while stored := self._checkpoints.headers_below(below, _WALK):
            found = endpoint.headers([ref.number for ref in stored])
            for ref in stored:
                if found.get(ref.number) == ref.hash:
                    orphaned = self._checkpoints.undo(checkpoint, ref)
                    _log.info("reorganised from block %d: %d payouts taken back", ref.number + 1, orphaned)
                    on_change(Change(changed=orphaned))
                    return
            below = stored[-1].number
        raise RefusedError("payouts.history_rewritten", block=below, endpoint=endpoint.name)

    def _store_safe(self, checkpoint: Checkpoint, tip: Tip) -> None:
        final = checkpoint.final
        safe = max(tip.safe.number if tip.safe else -1, final.number if final else -1)
        if safe != checkpoint.safe_number:
            self._checkpoints.set_tags(safe, final)

    def _pin(self, endpoints: Sequence[Endpoint], tip: Tip) -> ColophonError | None:
        """Take over the node's final block, for good: so only after it has told the same block by its number,
        and where other nodes know that number, one of them the same. Returns the reason for not doing so."""
        checkpoint = self._checkpoints.load()
        final = tip.final
        if final is None or (checkpoint.final is not None and final.number <= checkpoint.final.number):
            return None
        if self._checkpoints.headers([final.number]).get(final.number, final.hash) != final.hash:
            raise ChainMovedError(final.number)
        if endpoints[0].headers([final.number]).get(final.number) != final.hash:
            raise UnavailableError("payouts.contradiction", block=final.number, endpoint=endpoints[0].name)
        doubt: ColophonError | None = None
        for other in endpoints[1:]:
            try:
                told = other.headers([final.number]).get(final.number, "")
            except UnavailableError:
                continue
            if told == final.hash:
                doubt = None
                break
            if told:
                doubt = UnavailableError("payouts.sources_disagree", block=final.number)
        if doubt is not None:
            return doubt
        self._checkpoints.set_tags(max(checkpoint.safe_number, final.number), final)
        return None

    def _collect(
        self,
        endpoints: Sequence[Endpoint],
        tip: Tip,
        task: Task,
        on_change: ChangeListener,
        on_reading: ReadingListener,
    ) -> None:
        """Bring every token up to the newest block: what is up to date first, then what lies behind, which
        stops now and then for newer blocks. New payouts do not wait for a long history."""
        started: int | None = None
        heard = self._clock.monotonic()
        while True:
            checkpoint = self._checkpoints.load()
            if not checkpoint.tokens:
                return
            positions = sorted({following.synced_to for following in checkpoint.tokens})
            lowest = positions[0]
            started = lowest if started is None else min(started, lowest)
            task.report(lowest - started, max(tip.latest.number - started, 1), "payouts.reading")
            on_reading(lowest, tip.latest.number)
            if lowest >= tip.latest.number:
                return
            if len(positions) > 1 and self._clock.monotonic() - heard > _NEWS_SECONDS:
                tip = self._tip(endpoints[0], on_change)
                heard = self._clock.monotonic()
                continue
            if tip.final is not None and tip.final.number - lowest > self._dense_reach:
                self._pin(endpoints, tip)
                checkpoint = self._checkpoints.load()
            cursor = checkpoint.cursor
            if cursor is not None and cursor.number in positions and cursor.number < tip.latest.number:
                done, limit = cursor.number, tip.latest.number
            else:
                done, limit = lowest, positions[1] if len(positions) > 1 else tip.latest.number
            group = [following for following in checkpoint.tokens if following.synced_to == done]
            final = checkpoint.final.number if checkpoint.final else -1
            distrusted = any(following.token in self._books.distrusted for following in group)
            sparse = final - done > self._dense_reach and not distrusted
            size = self._sparse if sparse else self._dense
            last = min(done + size.blocks, limit, final if sparse else limit)
            # One node's word is all there is, and nothing before this window is still to be confirmed.
            alone = len(endpoints) == 1 and all(following.confirmed_to == done for following in group)
            settled = final if alone else -1
            window = Window(checkpoint, group, done + 1, last, sparse, settled, distrusted)
            before = self._clock.monotonic()
            try:
                outcome = read_window(endpoints, self._checkpoints, window)
            except UnavailableError as error:
                if is_too_much(error) and size.refused(last - done, error):
                    continue
                raise
            size.answered(last - done, self._clock.monotonic() - before)
            # A bloom shows neither a second event of the same kind nor a repeated one: the books do.
            if outcome.on_trust or outcome.change.new:
                self._books.read_on_trust(group, at_once=sparse)
            if outcome.change != Change():
                on_change(outcome.change)
            if outcome.held is not None:
                raise outcome.held
