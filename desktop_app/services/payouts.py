"""Payouts for the window and the command line: one tracker thread per network, and what it has stored."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from desktop_app.chain.rpc import BusyError, Rpc
from desktop_app.chain.wire import parse_address
from desktop_app.core.clock import Clock
from desktop_app.core.errors import CancelledError, ColophonError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payout_tracker import PayoutTracker, RoundResult
from desktop_app.services.rounds import Listeners, Round, Rounds
from desktop_app.store.database import Database
from desktop_app.store.payout_checkpoints import Change, PayoutCheckpoints
from desktop_app.store.payouts import KINDS, STATES, Payout, PayoutFilter, PayoutRepository, PayoutTotal

if TYPE_CHECKING:
    from desktop_app.chain.networks import Network

__all__ = [
    "KINDS",
    "STATES",
    "Payout",
    "PayoutFilter",
    "PayoutService",
    "PayoutTotal",
    "PayoutUpdate",
    "TrackerState",
    "TrackerStatus",
]

_log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0
_CATCHING_UP = 3


class TrackerState(Enum):
    """`waiting` tries again by itself; `needs_user` is a decision that only a person can take."""

    STOPPED = "stopped"
    STARTING = "starting"
    OK = "ok"
    CATCHING_UP = "catching_up"
    WAITING = "waiting"
    NEEDS_USER = "needs_user"


@dataclass(frozen=True)
class TrackerStatus:
    """How following one network goes.

    `problem` is what `waiting` and `needs_user` are about; with `ok` it says why nothing becomes final.
    Payouts are complete up to `block` (-1: nothing yet); `head` is the network's newest block, `final` its
    newest final one, both as last heard at `checked_at` (seconds UTC). With one of `sources`, a payout is
    final on one node's word; `single_source` says that this has to be told ("payouts.single_source").
    """

    chain_id: int
    state: TrackerState = TrackerState.STOPPED
    problem: ColophonError | None = None
    block: int = -1
    head: int = -1
    final: int = -1
    sources: int = 0
    checked_at: int = 0

    @property
    def single_source(self) -> bool:
        return self.sources == 1


@dataclass(frozen=True)
class PayoutUpdate:
    """New payouts (each is announced once, ever), the number of known ones that changed, and the status."""

    chain_id: int
    new: tuple[Payout, ...]
    changed: int
    status: TrackerStatus


Listener = Callable[[PayoutUpdate], None]


class PayoutService:
    """`endpoints(network)` gives the nodes of a network, best first: two where payouts are to be confirmed by
    a second source. `tokens(chain_id)` gives (address, block of its creation) of the tokens to follow.

    `poll_seconds` is the pause between two looks at a network that is up to date. Thread-safe.
    """

    def __init__(
        self,
        database: Database,
        endpoints: Callable[[Network], Sequence[Rpc]],
        tokens: Callable[[int], Iterable[tuple[str, int]]],
        clock: Clock,
        *,
        poll_seconds: float = 2.0,
    ) -> None:
        self._database = database
        self._payouts = PayoutRepository(database)
        self._endpoints = endpoints
        self._tokens = tokens
        self._clock = clock
        self._poll = poll_seconds
        self._lock = threading.Lock()
        self._listeners: Listeners[PayoutUpdate] = Listeners()
        self._rounds = Rounds("colophon-payouts", clock)
        self._trackers: dict[int, PayoutTracker] = {}
        self._statuses: dict[int, TrackerStatus] = {}

    def watch(self, network: Network) -> None:
        """Follow a network in the background until `stop`; does nothing when it is followed already."""
        with self._lock:
            tracker = self._tracker(network)
        thread = self._rounds.prepare(network, self._round_of(tracker))
        if thread is not None:
            self._set(replace(self.status(network.chain_id), state=TrackerState.STARTING, problem=None))
            thread.start()

    def stop(self, chain_id: int | None = None) -> None:
        """Stop following one network, or all. Returns within a second; a thread that hangs in a silent node
        writes nothing any more."""
        for stopped in self._rounds.stop(chain_id):
            self._set(replace(self.status(stopped), state=TrackerState.STOPPED, problem=None))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(update)` on the tracker's thread after every change; the result unsubscribes."""
        return self._listeners.add(listener)

    def wake(self, chain_id: int | None = None) -> None:
        """Look at once, for example after a payment was sent from here."""
        self._rounds.wake(chain_id)

    def status(self, chain_id: int) -> TrackerStatus:
        with self._lock:
            return self._statuses.get(chain_id, TrackerStatus(chain_id))

    def list(
        self, wanted: PayoutFilter | None = None, *, limit: int = 100, offset: int = 0
    ) -> tuple[Payout, ...]:
        """Stored payouts, newest first."""
        return self._payouts.page(_normal(wanted), limit, offset)

    def count(self, wanted: PayoutFilter | None = None) -> int:
        return self._payouts.count(_normal(wanted))

    def totals(self, wanted: PayoutFilter | None = None) -> tuple[PayoutTotal, ...]:
        """Exact sums for each (chain, token, currency, kind), without payouts that were taken back."""
        return self._payouts.totals(_normal(wanted))

    def follow(self, token: str, chain_id: int, created_block: int) -> None:
        """Add a token; its history from `created_block` is read before anything newer."""
        self._checkpoints(chain_id).follow([(parse_address(token), created_block)])
        self.wake(chain_id)

    def sync_once(self, network: Network, task: Task | None = None) -> TrackerStatus:
        """Bring the database up to the network's newest block, in the caller's thread.

        Raises what keeps it from doing so: UnavailableError, RefusedError, CancelledError.
        """
        with self._lock:
            tracker = self._tracker(network)
        status = self._look(tracker, task or Task())
        if status.problem is not None and status.state is not TrackerState.OK:
            raise status.problem
        return status

    def start_over(self, chain_id: int) -> None:
        """Read a network's history anew; the answer to "payouts.history_rewritten"."""
        self._checkpoints(chain_id).start_over()
        self.wake(chain_id)

    def forget(self, chain_id: int) -> None:
        """Drop all payouts and followed tokens of a network, as when the practice network is reset."""
        self.stop(chain_id)
        self._checkpoints(chain_id).forget()
        with self._lock:
            self._trackers.pop(chain_id, None)
            self._statuses.pop(chain_id, None)

    def close(self) -> None:
        """Stop every thread. Idempotent."""
        self.stop()

    def _checkpoints(self, chain_id: int) -> PayoutCheckpoints:
        return PayoutCheckpoints(self._database, chain_id, self._clock)

    def _tracker(self, network: Network) -> PayoutTracker:
        chain_id = network.chain_id
        tracker = self._trackers.get(chain_id)
        if tracker is None:
            tracker = self._trackers[chain_id] = PayoutTracker(
                chain_id,
                lambda: self._endpoints(network),
                lambda: self._tokens(chain_id),
                self._checkpoints(chain_id),
                self._clock,
            )
        return tracker

    def _look(self, tracker: PayoutTracker, task: Task) -> TrackerStatus:
        """One round. Its failure becomes the status; only CancelledError and our own mistakes are raised."""
        chain_id = tracker.chain_id

        def changed(change: Change) -> None:
            self._listeners.tell(PayoutUpdate(chain_id, change.new, change.changed, self.status(chain_id)))

        def reading(block: int, head: int) -> None:
            status = self.status(chain_id)
            state = TrackerState.CATCHING_UP if head - block > _CATCHING_UP else status.state
            self._set(replace(status, state=state, block=block, head=head))

        try:
            result = tracker.round(task, changed, reading)
        except CancelledError:
            raise
        except ColophonError as problem:
            waiting = isinstance(problem, UnavailableError)
            state = TrackerState.WAITING if waiting else TrackerState.NEEDS_USER
            status = replace(self.status(chain_id), state=state, problem=problem)
        else:
            status = self._after(chain_id, result)
        self._set(status)
        return status

    def _round_of(self, tracker: PayoutTracker) -> Round:
        """Rounds with pauses: short while all is well, growing while a node is away."""
        failures, chain_id = 0, tracker.chain_id

        def one_round(task: Task) -> float:
            nonlocal failures
            try:
                status = self._look(tracker, task)
            except CancelledError:
                raise
            except Exception as mistake:  # noqa: BLE001 - logged and shown; following must go on
                _log.exception("the tracker of chain %d met an unexpected error", chain_id)
                problem = UnavailableError("payouts.unexpected", kind=type(mistake).__name__)
                status = replace(self.status(chain_id), state=TrackerState.WAITING, problem=problem)
                self._set(status)
            failures = failures + 1 if status.state is not TrackerState.OK else 0
            return _pause(status, failures, self._poll)

        return one_round

    def _after(self, chain_id: int, result: RoundResult) -> TrackerStatus:
        return TrackerStatus(
            chain_id,
            TrackerState.OK,
            result.note,
            result.block,
            result.head,
            result.final,
            result.sources,
            self._clock.now(),
        )

    def _set(self, status: TrackerStatus) -> None:
        with self._lock:
            before = self._statuses.get(status.chain_id)
            self._statuses[status.chain_id] = status
        if before is None or replace(before, checked_at=status.checked_at) != status:
            self._listeners.tell(PayoutUpdate(status.chain_id, (), 0, status))


def _pause(status: TrackerStatus, failures: int, poll: float) -> float:
    """Seconds to the next round."""
    if not failures:
        return poll
    pause = min(poll * 2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)
    asked = status.problem.retry_after if isinstance(status.problem, BusyError) else 0
    return max(pause, float(asked))


def _normal(wanted: PayoutFilter | None) -> PayoutFilter:
    return wanted or PayoutFilter()
