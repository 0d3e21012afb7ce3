"""Follows payouts for the window: a thread for each network with tokens; its news arrive on the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop_app.gui.session import Session
from desktop_app.services.earnings import PayoutLine
from desktop_app.services.payouts import Payout, PayoutUpdate

CHANGED_MS = 250
ARRIVED_MS = 1200
"""News are gathered for so long: ten thousand dust payments are one message, not ten thousand."""
NAMED = 3


class PayoutWatch(QObject):
    """Starts following once there is a token to follow.

    The practice network is followed only while it is in use: nobody else can pay there.
    """

    _news = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._count = 0
        self._newest: list[Payout] = []
        self._changed = self._timer(CHANGED_MS, session.payouts_changed.emit)
        self._arrived = self._timer(ARRIVED_MS, self._announce)
        self._news.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = session.services.payouts.subscribe(self._news.emit)
        for signal in (session.money_changed, session.network_changed):
            signal.connect(self.refresh)

    def _timer(self, interval: int, call: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(call)
        return timer

    def refresh(self) -> None:
        """Look which networks have tokens; follow those, and the one in use if it has any."""
        services = self._session.services

        def follow(_task: object) -> None:
            active = services.networks.active
            followed = services.earnings.followed_networks()
            for network in services.networks.networks():
                wanted = network in followed and (network.kind != "practice" or network == active)
                if wanted:
                    services.payouts.watch(network)
                else:
                    services.payouts.stop(network.chain_id)

        self._session.jobs.run(self, follow)

    def _deliver(self, update: PayoutUpdate) -> None:
        payments = [payout for payout in update.new if payout.kind == "payment"]
        if payments:
            self._count += len(payments)
            self._newest = [*self._newest, *payments[-NAMED:]][-NAMED:]
            if not self._arrived.isActive():
                self._arrived.start()
        if (update.new or update.changed) and not self._changed.isActive():
            self._changed.start()
        self._session.tracker_changed.emit()

    def _announce(self) -> None:
        count, newest = self._count, tuple(self._newest)
        self._count, self._newest = 0, []
        earnings = self._session.services.earnings

        def told(lines: tuple[PayoutLine, ...]) -> None:
            self._session.payouts_arrived.emit((count, lines))

        self._session.jobs.run(self, lambda _task: earnings.named(newest), told)

    def close(self) -> None:
        self._unsubscribe()
        self._changed.stop()
        self._arrived.stop()
