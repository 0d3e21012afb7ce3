"""Serves orders for the window: a thread for each network with offers; its news arrive on the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts

if TYPE_CHECKING:
    from desktop_app.services.sale_delivery import DeliveryStatus


class SaleWatch(QObject):
    """Starts once there is an offer, and delivers while the window is open or in the tray.

    The practice network is served only while it is in use: nobody else can buy there.
    """

    told = Signal(str)
    _news = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._t = texts("selling")
        self._locked = False
        self._unsubscribe: Callable[[], None] | None = None
        self._news.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        for signal in (session.money_changed, session.network_changed, session.wallet_changed):
            signal.connect(self.refresh)

    def refresh(self) -> None:
        """Look which networks have offers; serve those, and at once."""
        services = self._session.services

        def follow(_task: object) -> bool:
            if not services.selling.has_offers():
                return False
            active, delivery = services.networks.active, services.selling.delivery
            offered = delivery.networks_with_offers()
            for network in services.networks.networks():
                if network in offered and (network.kind != "practice" or network == active):
                    delivery.watch(network)
                else:
                    delivery.stop(network.chain_id)
            return True

        def following(any_offer: bool) -> None:
            if any_offer:
                self.close()
                self._unsubscribe = services.selling.delivery.subscribe(self._news.emit)
                services.selling.delivery.wake()

        self._session.jobs.run(self, follow, following)

    def _arrived(self, status: DeliveryStatus) -> None:
        if status.new:
            code = "new_one" if status.new == 1 else "new_many"
            self.told.emit(self._t(code, count=status.new))
        locked = status.problem is not None and status.problem.code == "wallet.locked"
        if locked and not self._locked and status.waiting:
            self.told.emit(self._t("locked_title"))
        self._locked = locked
        self._session.orders_changed.emit()

    def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
