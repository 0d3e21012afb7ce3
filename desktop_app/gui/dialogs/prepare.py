"""A form from which an action is prepared: errors appear in it, so that nothing has to be typed again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.core.progress import Task
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.dialog import Dialog
from desktop_app.services.actions import Action

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def with_practice_money(
    session: Session, prepare: Callable[[Task], Action[Any]]
) -> Callable[[Task], Action[Any]]:
    """`prepare`, but on the practice network an account without any coin is first given some."""
    services = session.services

    def ready(task: Task) -> Action[Any]:
        active = services.wallet.status().active
        if services.networks.active.kind == "practice" and active is not None:
            coin = services.networks.balances(active)[0]
            if coin.units == 0:
                services.networks.faucet(active, task)
        return prepare(task)

    return ready


class PrepareDialog(Dialog):
    """`prepared` gives the action to review; the form is then closed."""

    prepared = Signal(object)

    def __init__(self, session: Session, title: str, subtitle: str, next_text: str, parent: QWidget) -> None:
        super().__init__(parent, title, subtitle)
        self._session = session
        self.add_cancel()
        self.next = self.add_button(next_text, "primary")
        self.next.clicked.connect(self.submit)

    def submit(self) -> None:
        """Check the entries and call `prepare`; each form has its own."""
        raise NotImplementedError

    def prepare(self, function: Callable[[Task], Action[Any]]) -> None:
        """Run it on a worker; show its error here, or hand its action on."""
        self.set_busy(True, texts("review")("preparing"))
        self._session.jobs.run(
            self, with_practice_money(self._session, function), self._done, self.show_error
        )

    def _done(self, action: Action[Any]) -> None:
        self.accept()
        self.prepared.emit(action)
