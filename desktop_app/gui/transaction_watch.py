"""Looks after what was sent, at the start and now and then: settles, sends again, notices what vanished."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.services.transactions import TransactionState

OFTEN_MS, SELDOM_MS = 15_000, 120_000


class TransactionWatch(QObject):
    """Often while something is on its way, else seldom; needs no open wallet."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._known: tuple[tuple[str, TransactionState], ...] = ()
        self._running = False
        self._timer = QTimer(self)
        self._timer.setInterval(SELDOM_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """One round on a worker; announces what changed."""
        if self._running:
            return
        self._running = True
        transactions = self._session.services.transactions

        def look(task: Task) -> tuple[tuple[str, TransactionState], ...]:
            transactions.resume(task)
            return tuple((one.first_hash, one.state) for one in transactions.page(limit=200))

        def failed(_error: BaseException) -> None:
            self._running = False

        self._session.jobs.run(self, look, self._looked, failed)

    def _looked(self, found: tuple[tuple[str, TransactionState], ...]) -> None:
        self._running = False
        waiting = any(
            state in (TransactionState.WAITING, TransactionState.STUCK, TransactionState.CANCELLING)
            for _, state in found
        )
        self._timer.setInterval(OFTEN_MS if waiting else SELDOM_MS)
        if found != self._known:
            self._known = found
            self._session.transactions_changed.emit()

    def close(self) -> None:
        self._timer.stop()
