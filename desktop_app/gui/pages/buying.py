"""What was bought from checkout pages: paid, waiting for its key, unlocked, or the money back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal

from desktop_app.core.progress import Task
from desktop_app.gui.desktop import open_folder
from desktop_app.gui.dialogs.buy import BuyDialog
from desktop_app.gui.flows import approve, approve_form, with_wallet
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.awaited import PATIENCE_MS
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.drop_zone import DropZone, file_pattern
from desktop_app.gui.widgets.long_list import CARDS, LongList
from desktop_app.gui.widgets.page import Page
from desktop_app.gui.widgets.purchase_card import PurchaseCard
from desktop_app.gui.widgets.run_area import RunArea
from desktop_app.gui.widgets.surfaces import SPACE
from desktop_app.services.actions import Action
from desktop_app.services.checkout import Checkout, read_checkout
from desktop_app.services.purchases import Purchase
from desktop_app.services.sale_records import OrderState

LOOK_AGAIN_MS = 10_000
"""While something is under way and the page is in front."""
PATIENCE = 600.0
"""Seconds that a job waits for a key; afterwards the page says when it is there."""
NOWHERE = 0
"""The id of no network."""
Found = tuple[tuple[Purchase, ...], int]


class BuyingPage(Page):
    chapter = "selling#buying"
    left = Signal()

    def __init__(self, session: Session) -> None:
        self._t = texts("buying")
        super().__init__(self._t("title"), self._t("subtitle"))
        self._session = session
        self._shown: Found | None = None
        back = self.header.add_action(Button(self._t("back"), "quiet", "back"))
        back.clicked.connect(self.left)
        self.running = RunArea()
        self.drop = DropZone(
            self._t("drop_title"), self._t("drop_text"), self._t("choose"),
            icon="file", pattern=file_pattern(self._t("pages"), "html", "json"), many=False,
        )  # fmt: skip
        self.drop.files.connect(lambda paths: self.look_at(paths[0]))
        self._list = LongList(self._card, gap=SPACE.medium, step=CARDS)
        self._list.filled.connect(self.fit)
        for part in (self.running, self.drop, self._list):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(LOOK_AGAIN_MS)
        self._again.timeout.connect(self.reload)
        for signal in (session.orders_changed, session.money_changed, session.network_changed):
            signal.connect(self.reload)

    def shown(self) -> None:
        self.reload()

    def reload(self) -> None:
        """First what is stored, then how the network has it now."""
        if not self.isVisible():
            return
        services = self._session.services
        purchases = services.selling.purchases

        def stored(_task: Task) -> tuple[Found, bool]:
            known = purchases.purchases()
            return (known, services.networks.active.chain_id), bool(known)

        def current(task: Task) -> Found:
            network = services.networks.active.chain_id
            found = purchases.current(task)
            return found, network if network == services.networks.active.chain_id else NOWHERE

        def ask(found: tuple[Found, bool]) -> None:
            if found[1]:
                self.load(
                    self._session.jobs, current, self._show, failed=partial(self._unreachable, found[0])
                )
                QTimer.singleShot(PATIENCE_MS, self, partial(self._show_meanwhile, found[0]))
            else:
                self._show(found[0])
                self.have_read()

        self.awaited.begin()
        self._session.jobs.run(self, stored, ask, self.could_not_read)

    def _show_stored(self, stored: Found) -> None:
        """What is stored is there all the same; how far it is nobody knows."""
        self._show((stored[0], NOWHERE))
        self.awaited.arrived()

    def _show_meanwhile(self, stored: Found) -> None:
        if self._shown is None:
            self._show_stored(stored)

    def _unreachable(self, stored: Found, error: BaseException) -> None:
        self._show_stored(stored)
        self.could_not_read(error, 0)
        self._again.start()

    def _show(self, found: Found) -> None:
        purchases, chain_id = found
        under_way = (OrderState.SENDING, OrderState.WAITING)
        if any(one.chain_id == chain_id and one.state in under_way for one in purchases):
            self._again.start()
        if found == self._shown:
            return
        self._shown = found
        self.drop.set_compact(bool(purchases))
        self._list.show_all([(one, one.chain_id == chain_id) for one in purchases])
        self.fit()

    @property
    def cards(self) -> list[PurchaseCard]:
        return self._list.rows

    def _card(self, listed: tuple[Purchase, bool]) -> PurchaseCard:
        one, here = listed
        card = PurchaseCard(one, here=here)
        card.unlock.connect(partial(self._unlock, one))
        card.show_file.connect(partial(open_folder, one.content_path or one.package_path))
        card.refund.connect(partial(self._refund, one))
        card.complain.connect(partial(self._complain, one))
        return card

    # --- Acting ------------------------------------------------------------------------------------------

    def look_at(self, path: Path) -> None:
        """Read a checkout page, and offer to buy what it sells."""
        self.notice.hide()
        purchases = self._session.services.selling.purchases

        def look(_task: Task) -> Checkout:
            found = read_checkout(path)
            purchases.check_open(found)
            return found

        self._session.jobs.run(self, look, self._offer, self.show_error)

    def _offer(self, checkout: Checkout) -> None:
        places: list[Path] = []

        def make_form() -> BuyDialog:
            dialog = BuyDialog(self._session, checkout, self)
            dialog.prepared.connect(lambda _action: places.append(dialog.place))
            return dialog

        def ordered(purchase: Purchase) -> None:
            self._session.money_changed.emit()
            self._wait(purchase, places[-1] / checkout.file_name)

        title = self._t("buying_job", title=checkout.title)
        approve_form(self._session, self, make_form, title, ordered, self._failed, self.running.add)

    def _wait(self, purchase: Purchase, target: Path) -> None:
        """Until the key is there, and unlock the file with it."""
        purchases = self._session.services.selling.purchases

        def until_unlocked(task: Task) -> Purchase:
            found = purchases.wait(purchase.id, PATIENCE, task)
            return purchases.open(found.id, target, task) if found.can_open else found

        self._run(until_unlocked, "waiting_job", purchase)

    def _unlock(self, purchase: Purchase) -> None:
        purchases = self._session.services.selling.purchases

        def begin() -> None:
            self._run(lambda task: purchases.open(purchase.id, task=task), "unlocking_job", purchase)

        with_wallet(self._session, self, begin, self.show_error)

    def _run(self, work: Callable[[Task], Purchase], job: str, purchase: Purchase) -> None:
        title = self._t(job, title=purchase.title)
        self.running.add(self._session.jobs.run(self, work, self._ended, self._failed, title=title))

    def _ended(self, purchase: Purchase) -> None:
        if purchase.content_path is not None:
            self.show_notice(self._t("unlocked_title"), self._t("unlocked_text", path=purchase.content_path))
        self.reload()

    def _failed(self, error: BaseException) -> None:
        """It may have been paid all the same, as where the network went away then: the list tells."""
        self.show_error(error)
        self.reload()

    def _refund(self, purchase: Purchase) -> None:
        purchases = self._session.services.selling.purchases
        self._act(lambda _task: purchases.prepare_refund(purchase.id), "refund")

    def _complain(self, purchase: Purchase) -> None:
        purchases = self._session.services.selling.purchases
        self._act(lambda task: purchases.prepare_complain(purchase.id, task), "complain")

    def _act(self, prepare: Callable[[Task], Action[Purchase]], name: str) -> None:
        self.notice.hide()

        def done(_purchase: Purchase) -> None:
            self._session.money_changed.emit()
            self.show_notice(self._t(f"{name}_done_title"), self._t(f"{name}_done_text"))

        title = self._t(f"{name}_job")
        approve(self._session, self, prepare, title, done, self._failed, self.running.add)
