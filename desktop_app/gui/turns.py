"""Long work of the window itself, done a few milliseconds at a time in turns of the event loop."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

SLICE = 0.012
"""Seconds of one turn."""


def in_turns(owner: QObject, steps: Iterator[object], *, one_each: bool = False) -> None:
    """Go through `steps`: some now, the rest in later turns, as long as `owner` is there.

    `one_each`: a turn for each step, where what it changes is laid out afterwards, which takes longer.
    """
    timer = QTimer(owner)
    timer.setInterval(0)

    def go_on() -> None:
        until = time.monotonic() + SLICE
        for _ in steps:
            if one_each or time.monotonic() >= until:
                return
        timer.stop()
        timer.deleteLater()

    timer.timeout.connect(go_on)
    timer.start()
    go_on()
