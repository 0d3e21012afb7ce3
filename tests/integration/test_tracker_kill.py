"""kill -9 at random moments; 200 rounds of it are in tests/benchmarks."""

from __future__ import annotations

from pathlib import Path

from integration.killed_tracker import killing


def test_kill_9_at_random_moments_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    killing(tmp_path, 20)
