"""How long a job still takes, by the speed of its last seconds; silent while it cannot know."""

from __future__ import annotations

import time
from collections.abc import Callable

from desktop_app.gui.texts import texts

SILENT_SECONDS = 3.0
"""Before that, an estimate is a guess."""
MEMORY = 12
HOUR = 3600


class TimeLeft:
    """Tell it every report of progress; `words()` is "about 2 minutes left", or "" while that is unknown."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        self._began = self._clock()
        self._seen: list[tuple[float, int]] = []
        self._total = 0

    def report(self, done: int, total: int) -> None:
        if total != self._total or (self._seen and done < self._seen[-1][1]):
            self._seen.clear()  # another stage, with its own speed
            self._began = self._clock()
            self._total = total
        now = self._clock()
        if not self._seen or now - self._seen[-1][0] >= 0.5:
            self._seen.append((now, done))
            del self._seen[:-MEMORY]

    def seconds(self) -> int | None:
        """Whole seconds that are left, rounded up; None while nobody can know."""
        if len(self._seen) < 2 or self._total <= 0 or self._clock() - self._began < SILENT_SECONDS:
            return None
        (first_time, first), (last_time, last) = self._seen[0], self._seen[-1]
        if last <= first:
            return None
        speed = (last - first) / (last_time - first_time)
        return int((self._total - last) / speed) + 1

    def words(self) -> str:
        left, t = self.seconds(), texts("common")
        if left is None:
            return ""
        if left < 60:
            return t("left_seconds", count=max(5, -(-left // 5) * 5))  # in steps of five: it must not flicker
        minutes = -(-left // 60)
        if minutes == 1:
            return t("left_minute")
        if left < HOUR * 2:
            return t("left_minutes", count=minutes)
        return t("left_hours", count=-(-left // HOUR))
