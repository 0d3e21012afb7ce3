"""Membership among 1,024 beside Semaphore v4, on the same machine in the same run.

Optional: `npm ci --prefix tests/benchmarks/peers/semaphore` brings Semaphore and its proving files (0.4 GB).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PEER = Path(__file__).parent / "peers" / "semaphore"
ROUNDS = 9


def test_semaphore_among_1024_made_and_verified(benchmark: pytest.FixtureRequest) -> None:
    node = shutil.which("node")
    if node is None or not (PEER / "node_modules").is_dir():
        pytest.skip("an optional benchmark: Semaphore is not installed, see the top of this file")

    def run() -> dict[str, float]:
        command = [node, str(PEER / "run.mjs"), "1024", str(ROUNDS)]
        done = subprocess.run(command, check=True, capture_output=True, timeout=300)
        found: dict[str, float] = json.loads(done.stdout)
        return found

    figures = benchmark.pedantic(run, rounds=1)  # type: ignore[attr-defined]
    benchmark.extra_info.update(figures)  # type: ignore[attr-defined]
    assert figures["members"] == 1024
