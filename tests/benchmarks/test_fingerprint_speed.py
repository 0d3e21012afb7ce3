"""Fingerprint against `sha256sum` of the same file. Reach: within 1.5 times (design, section 10).

Run: pytest --benchmark-enable --benchmark-only tests/benchmarks/test_fingerprint_speed.py
COLOPHON_BENCHMARK_MIB chooses the size (1024 with --benchmark-enable).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.content.fingerprint import fingerprint
from desktop_app.core.progress import Task

MIB = 1024 * 1024


@pytest.fixture
def large_file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    enabled = request.config.getoption("--benchmark-enable") or request.config.getoption("--benchmark-only")
    size = int(os.environ.get("COLOPHON_BENCHMARK_MIB", "1024" if enabled else "17"))
    path = tmp_path / "large.wav"
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for turn in range(size):
            file.write(block[turn:] + block[:turn])
    return path


def test_fingerprint(benchmark: BenchmarkFixture, large_file: Path) -> None:
    found = benchmark.pedantic(fingerprint, args=(large_file, bytes(32), Task()), rounds=3, warmup_rounds=1)
    assert found.size == large_file.stat().st_size


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_of_the_same_file(benchmark: BenchmarkFixture, large_file: Path) -> None:
    done = benchmark.pedantic(
        subprocess.run,
        args=(["sha256sum", str(large_file)],),
        kwargs={"capture_output": True, "check": True},
        rounds=3,
        warmup_rounds=1,
    )
    assert done.stdout.split()[0].decode() == fingerprint(large_file, bytes(32), Task()).sha256.hex()
