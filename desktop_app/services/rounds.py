"""Work that comes round again in the background, a thread for each network, and those who are told of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from desktop_app.chain.networks import Network
from desktop_app.core.clock import Clock
from desktop_app.core.errors import CancelledError
from desktop_app.core.progress import Task

T = TypeVar("T")
Round = Callable[[Task], float]
"""One round; the seconds until the next. It raises CancelledError, and nothing else."""

_STOP_SECONDS = 0.9
_log = logging.getLogger(__name__)


class Listeners(Generic[T]):
    """Told on the thread of what happens. One that fails holds up neither others nor the work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[T], None]] = []

    def add(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """What is returned takes it away."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def tell(self, news: T) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            try:
                listener(news)
            except Exception:  # noqa: BLE001 - what is stored is stored, whatever a front end does with it
                _log.exception("a listener failed")


class Rounds:
    """The threads of one service, which are called `name`. Thread-safe."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._threads: dict[int, RoundThread] = {}

    def prepare(self, network: Network, one_round: Round) -> RoundThread | None:
        """A thread that is to be started; None where one is at work on this network already."""
        with self._lock:
            running = self._threads.get(network.chain_id)
            if running is not None and running.is_alive() and not running.stopping:
                return None
            thread = RoundThread(f"{self._name}-{network.key}", one_round)
            self._threads[network.chain_id] = thread
            return thread

    def stop(self, chain_id: int | None = None) -> tuple[int, ...]:
        """Stop on one network, or on all; which these were. Returns within a second.

        A thread that hangs in a silent node ends by itself when the node's time limit has passed.
        """
        with self._lock:
            chosen = [chain_id] if chain_id is not None else list(self._threads)
            threads = {chain: self._threads.pop(chain) for chain in chosen if chain in self._threads}
        for thread in threads.values():
            thread.ask_to_stop()
        limit = self._clock.monotonic() + _STOP_SECONDS
        for thread in threads.values():
            # Ctrl-C may have come between making the thread and starting it.
            if thread.ident is not None:
                thread.join(max(0.05, limit - self._clock.monotonic()))
        return tuple(threads)

    def wake(self, chain_id: int | None = None) -> None:
        """Have the next round at once."""
        with self._lock:
            threads = [thread for chain, thread in self._threads.items() if chain_id in (None, chain)]
        for thread in threads:
            thread.wake()


class RoundThread(threading.Thread):
    """Rounds with pauses, until it is asked to stop."""

    def __init__(self, name: str, one_round: Round) -> None:
        super().__init__(name=name, daemon=True)
        self._round = one_round
        self._task = Task()
        self._wake = threading.Event()

    @property
    def stopping(self) -> bool:
        return self._task.cancelled

    def ask_to_stop(self) -> None:
        self._task.cancel()
        self._wake.set()

    def wake(self) -> None:
        self._wake.set()

    def run(self) -> None:
        while not self.stopping:
            self._wake.clear()
            try:
                pause = self._round(self._task)
            except CancelledError:
                return
            if not self.stopping:
                self._wake.wait(pause)
