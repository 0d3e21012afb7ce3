"""Signing and reading a large file: how long it takes and how much memory. Reach: 1 GiB in less than 2 GB.

Run: pytest --benchmark-enable --benchmark-only -s tests/benchmarks/test_credentials_memory.py
COLOPHON_BENCHMARK_MIB chooses the size (1024 with --benchmark-enable).
"""

from __future__ import annotations

import os
import resource
import wave
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.content.credentials import (
    Claim,
    Trust,
    can_embed,
    read_credentials,
    sign_beside,
    sign_copy,
)
from desktop_app.content.signing_identity import self_made
from desktop_app.core.clock import SystemClock
from desktop_app.core.progress import Task

MIB = 1024 * 1024
LIMIT = 2_000_000_000


@pytest.fixture
def song(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    enabled = request.config.getoption("--benchmark-enable") or request.config.getoption("--benchmark-only")
    size = int(os.environ.get("COLOPHON_BENCHMARK_MIB", "1024" if enabled else "17"))
    block = os.urandom(MIB)
    with wave.open(str(tmp_path / "song.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        for _ in range(size):
            file.writeframesraw(block)
    return tmp_path / "song.wav"


def test_signing_and_reading(benchmark: BenchmarkFixture, song: Path) -> None:
    identity = self_made(bytes(64), "Ada Wren", SystemClock().now())
    target = song.with_name("out")
    inside = can_embed("audio/wav", song.stat().st_size)

    def sign() -> None:
        if inside:
            sign_copy(song, "audio/wav", target, Claim("Song"), identity, Task())
        else:
            sign_beside(song, target, Claim("Song"), identity, Task())

    benchmark.pedantic(sign, setup=lambda: target.unlink(missing_ok=True), rounds=2)
    found = read_credentials(target if inside else song, "audio/wav", None if inside else target, "", Task())
    assert found.trust is Trust.UNKNOWN_SIGNER
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    benchmark.extra_info["peak memory of the process apart"] = peak
    print(f"\npeak memory of the process apart: {peak // 1_000_000} MB")
    assert peak < LIMIT
