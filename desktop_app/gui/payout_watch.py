"""Follows the active network's payouts for the window: the tracker's news arrive on the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.gui.session import Session
from desktop_app.services.payouts import PayoutUpdate


class PayoutWatch(QObject):
    """Starts the tracker once there is a token to follow, and moves it when the network changes."""

    _news = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._news.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = session.services.payouts.subscribe(self._news.emit)
        for signal in (session.money_changed, session.network_changed):
            signal.connect(self.refresh)

    def refresh(self) -> None:
        """Look whether the active network has tokens; if so follow it, and no other."""
        services = self._session.services

        def follow(_task: object) -> None:
            network = services.networks.active
            for other in services.networks.networks():
                if other.chain_id != network.chain_id:
                    services.payouts.stop(other.chain_id)
            if services.royalties.tokens():
                services.payouts.watch(network)

        self._session.jobs.run(self, follow)

    def _deliver(self, update: PayoutUpdate) -> None:
        payments = sum(1 for payout in update.new if payout.kind == "payment")
        if update.new or update.changed:
            self._session.payouts_arrived.emit(payments)
        self._session.tracker_changed.emit()

    def close(self) -> None:
        self._unsubscribe()
