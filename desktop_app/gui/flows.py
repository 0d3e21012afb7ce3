"""The two flows that many pages start: have an open wallet first, and review before anything is signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.wallet_create import WalletCreateDialog
from desktop_app.gui.dialogs.wallet_unlock import WalletUnlockDialog
from desktop_app.gui.job_bridge import JobHandle
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.services.actions import Action
from desktop_app.services.wallet import WalletState, WalletStatus

Then = Callable[[], None]
Failed = Callable[[BaseException], None]


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


def approve(
    session: Session,
    parent: QWidget,
    prepare: Callable[[Task], Action[Any]],
    title: str,
    done: Callable[[Any], None],
    failed: Failed,
    started: Callable[[JobHandle], None] | None = None,
) -> None:
    """Prepare an action, show its review, and carry it out when it is approved.

    `prepare` runs on a worker; `title` names the visible job; `started(handle)` lets a page show its progress.
    """

    def carry_out(action: Action[Any]) -> None:
        handle = session.jobs.run(parent, action.execute, done, failed, title=title)
        if started is not None:
            started(handle)

    def review(action: Action[Any]) -> None:
        dialog = ReviewDialog(action.review, parent)
        dialog.approved.connect(lambda: carry_out(action))
        dialog.open()

    def begin() -> None:
        preparing = session.jobs.run(
            parent, prepare, review, failed, title=texts("review")("preparing")
        )
        if started is not None:
            started(preparing)

    with_wallet(session, parent, begin, failed)
