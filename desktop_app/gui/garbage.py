"""Python's cyclic garbage is collected by the window's thread alone, a little at a time.

Python collects on whichever thread happens to allocate. A worker would then destroy widgets, icons and
pictures that Qt's own thread is using, which crashes now and then; pyqtgraph and calibre do it this way too.

To go through everything takes longer than the window may stand still. What has been looked at long enough, or
came in bulk (a library that was loaded, a long list), is set aside, and gone through again while the user is
in another program.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

LOOK_MS = 500
"""How often the counts are looked at; what Python would collect is collected then."""
AWAY_MS = 2000
"""So long in another program: nobody waits for this one."""
BULK = 20_000
"""So many new objects between two looks were loaded, for the most part to stay."""
MOST = 2
"""So many times what stayed the last time, and everything is gone through, whoever waits."""
LEAST_KEPT = 500_000


class GarbageCollector(QObject):
    """Takes Python's collector over until `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._was_on = gc.isenabled()
        self._set_aside = False
        gc.disable()
        gc.freeze()  # the modules of the app: they stay
        self._kept = gc.get_freeze_count()
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
        due = [number for number in range(3) if limits[number] and counts[number] > limits[number]]
        bulk = counts[0] > BULK
        if due:
            gc.collect(0 if bulk else min(due[-1], 1))
        if bulk or 2 in due:
            self._put_aside()
        if gc.get_freeze_count() > MOST * max(self._kept, LEAST_KEPT):
            self.collect_everything()

    def collect_everything(self) -> None:
        """Also what was set aside."""
        self._set_aside = False
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._kept = gc.get_freeze_count()

    def close(self) -> None:
        self._timer.stop()
        self._away.stop()
        gc.unfreeze()
        if self._was_on:
            gc.enable()

    def _put_aside(self) -> None:
        self._set_aside = True
        gc.freeze()
        if self._app is not None and self._app.applicationState() != Qt.ApplicationState.ApplicationActive:
            self._away.start()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._away.stop()
        elif self._set_aside and not self._away.isActive():
            self._away.start()
