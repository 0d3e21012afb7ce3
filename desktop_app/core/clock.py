"""The one place that knows the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

LAST_TIME = 253_402_300_799
"""The end of the year 9999 in seconds UTC: no calendar here goes further."""


class Clock(Protocol):
    def now(self) -> int:
        """Seconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for time limits."""
        ...


class SystemClock:
    def now(self) -> int:
        return int(time.time())

    def monotonic(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock that stands still until told, for tests and reproducible output."""

    def __init__(self, now: int) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return float(self.time)


def iso_utc(timestamp: int) -> str:
    """RFC 3339 form in UTC, e.g. 2026-11-24T07:00:00Z."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
