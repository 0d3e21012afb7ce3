"""What the pages of one window share: the services, the job bridge, the theme, and the news between pages."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop_app.gui.clipboard import SecretClipboard
from desktop_app.gui.job_bridge import JobBridge
from desktop_app.gui.theme import Theme
from desktop_app.services.app import Services


class Session(QObject):
    """Built once by gui/app.py and handed down. Signals tell pages that something they show has changed."""

    works_changed = Signal()
    wallet_changed = Signal()
    money_changed = Signal()
    network_changed = Signal()
    payouts_changed = Signal()
    orders_changed = Signal()
    payouts_arrived = Signal(object)
    tracker_changed = Signal()
    work_opened = Signal(str)
    token_opened = Signal(object)
    page_wanted = Signal(str)
    receipt_wanted = Signal(str)
    receipt_ready = Signal(object)
    proof_opened = Signal(object)
    contacts_changed = Signal()
    transactions_changed = Signal()
    restore_wanted = Signal(object)
    reopen_wanted = Signal()
    tray_changed = Signal()

    def __init__(
        self, services: Services, jobs: JobBridge, theme: Theme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.services = services
        self.jobs = jobs
        self.theme = theme
        self.clipboard = SecretClipboard(self)
