"""Python's cyclic garbage is collected by the window's thread alone.

Python collects on whichever thread happens to allocate. A worker would then destroy widgets, icons and
pictures that Qt's own thread is using, which crashes now and then; pyqtgraph and calibre do it this way too.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500
"""How often the counts are looked at; what Python would collect is collected then."""


class GarbageCollector(QObject):
    """Takes Python's collector over until `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._was_on = gc.isenabled()
        gc.disable()
        gc.freeze()  # what was loaded before stays anyhow: the rare whole collection need not go through it
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """The oldest generation that is due (gc.set_threshold), with all younger ones."""
        due = [
            number
            for number, (count, limit) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if limit and count > limit
        ]
        if due:
            gc.collect(due[-1])

    def close(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        if self._was_on:
            gc.enable()
