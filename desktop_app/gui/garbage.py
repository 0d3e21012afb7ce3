"""Python's cyclic garbage is collected by the window's thread alone, a little at a time.

Python collects on whichever thread happens to allocate. A worker would then destroy widgets, icons and
pictures that Qt's own thread is using, which crashes now and then; pyqtgraph and calibre do it this way too.

To go through everything takes longer than the window may stand still. What has been looked at long enough, or
came in bulk (a library that was loaded, a long list), is set aside, and gone through again while the user is
in another program.
"""

from __future__ import annotations

import gc
import math

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

LOOK_MS = 500
"""How often the counts are looked at; what Python would collect is collected then."""
AWAY_MS = 2000
"""So long in another program: nobody waits for this one."""
BULK = 50_000
"""So many new objects between two looks were loaded, for the most part to stay."""
MOST_ASIDE = 1_500_000
"""So many set aside, and everything is gone through, whoever waits."""


class GarbageCollector(QObject):
    """Takes Python's collector over until `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._was_on = gc.isenabled()
        self._aside = 0
        gc.disable()
        gc.freeze()  # the modules of the app: they stay
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.setInterval(AWAY_MS)
        self._away.timeout.connect(self.collect_everything)
        app = QCoreApplication.instance()
        self._app = app if isinstance(app, QGuiApplication) else None
        if self._app is not None:
            self._app.applicationStateChanged.connect(self._state_changed)

    def collect(self) -> None:
        """Of the young objects those that are due (gc.set_threshold); the old ones are set aside."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if counts[0] > BULK:
            self._put_aside(counts[0])
            return
        due = [number for number in range(3) if limits[number] and counts[number] > limits[number]]
        if due:
            gc.collect(min(due[-1], 1))
        if 2 in due:
            self._put_aside(math.prod(limits))

    def collect_everything(self) -> None:
        """Also what was set aside."""
        self._aside = 0
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        self._timer.stop()
        self._away.stop()
        gc.unfreeze()
        if self._was_on:
            gc.enable()

    def _put_aside(self, about: int) -> None:
        """What is there now, about so many objects more: to count them takes as long as to collect some."""
        self._aside += about
        gc.freeze()
        if self._aside > MOST_ASIDE:
            self.collect_everything()
        elif self._app is not None and self._app.applicationState() != Qt.ApplicationState.ApplicationActive:
            self._away.start()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._away.stop()
        elif self._aside and not self._away.isActive():
            self._away.start()
