"""The flows that many pages start: have an open wallet first, and review before anything is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop_app.core.errors import ColophonError
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.backup_first import BackupFirstDialog
from desktop_app.gui.dialogs.prepare import PrepareDialog, with_practice_money
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.wallet_create import WalletCreateDialog
from desktop_app.gui.dialogs.wallet_unlock import WalletUnlockDialog
from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.services.actions import Action, Review
from desktop_app.services.receipts import Receipt
from desktop_app.services.wallet import WalletState, WalletStatus

Then = Callable[[], None]
Failed = Callable[[BaseException], None]
Started = Callable[[JobHandle], None]


def with_wallet(session: Session, parent: QWidget, then: Then, failed: Failed | None = None) -> None:
    """Call `then()` once the wallet can sign: it is made, restored or unlocked first where needed."""

    def known(status: WalletStatus) -> None:
        if status.state is WalletState.UNLOCKED:
            then()
            return
        if status.state is WalletState.ABSENT:
            dialog: WalletCreateDialog | WalletUnlockDialog = WalletCreateDialog(session, parent)
        else:
            dialog = WalletUnlockDialog(session, status.protection, parent)
        dialog.completed.connect(then)
        dialog.open()

    session.jobs.run(parent, lambda _task: session.services.wallet.status(), known, failed)


def with_backup(session: Session, parent: QWidget, then: Then, failed: Failed | None = None) -> None:
    """Call `then()` once the wallet would survive the loss of this computer, or where money is not real."""
    services = session.services

    def known(missing: str) -> None:
        if not missing:
            then()
            return
        dialog = BackupFirstDialog(session, missing, parent)
        dialog.completed.connect(then)
        dialog.open()

    def look(_task: Task) -> str:
        network = services.networks.active
        return network.name if network.is_real and not services.backup.ready_for_real_money() else ""

    session.jobs.run(parent, look, known, failed)


def review_and_run(
    session: Session,
    parent: QWidget,
    action: Action[Any],
    title: str,
    done: Callable[[Any], None],
    failed: Failed,
    started: Started,
) -> None:
    """Show the review of a prepared action, tried out on the network, and carry it out when approved."""

    receipts, review = session.services.receipts, action.review

    def carry_out() -> None:
        started(session.jobs.run(parent, work, finished, failed, title=title))

    def work(task: Task) -> tuple[Any, Receipt | None]:
        before = receipts.newest(review.sender, review.network_key)
        result = action.execute(task)
        return result, _receipt(before)

    def _receipt(before: str) -> Receipt | None:
        newest = receipts.newest(review.sender, review.network_key)
        try:
            return receipts.get(newest) if newest != before else None
        except ColophonError:
            return None  # what was done is done, with or without its receipt

    def finished(outcome: tuple[Any, Receipt | None]) -> None:
        result, receipt = outcome
        done(result)
        if receipt is not None:
            session.receipt_ready.emit(receipt)

    def show(review: Review) -> None:
        dialog = ReviewDialog(review, parent)
        dialog.approved.connect(carry_out)
        dialog.open()

    preparing = texts("review")("preparing")
    reviews = session.services.reviews
    started(session.jobs.run(parent, lambda _task: reviews.examine(action), show, failed, title=preparing))


def approve(
    session: Session,
    parent: QWidget,
    prepare: Callable[[Task], Action[Any]],
    title: str,
    done: Callable[[Any], None],
    failed: Failed,
    started: Started,
) -> None:
    """With an open wallet: prepare an action, review it, and carry it out.

    `prepare` runs on a worker; `title` names the visible job; `started(handle)` lets a page show progress.
    """

    def begin() -> None:
        ready = with_practice_money(session, prepare)
        started(
            session.jobs.run(
                parent,
                ready,
                lambda action: review_and_run(session, parent, action, title, done, failed, started),
                failed,
                title=texts("review")("preparing"),
            )
        )

    with_wallet(session, parent, lambda: with_backup(session, parent, begin, failed), failed)


def approve_form(
    session: Session,
    parent: QWidget,
    make_form: Callable[[], PrepareDialog],
    title: str,
    done: Callable[[Any], None],
    failed: Failed,
    started: Started,
) -> None:
    """As `approve`, with a form whose entries the action is prepared from."""

    def begin() -> None:
        form = make_form()
        form.prepared.connect(
            lambda action: review_and_run(session, parent, action, title, done, failed, started)
        )
        form.open()

    with_wallet(session, parent, lambda: with_backup(session, parent, begin, failed), failed)
