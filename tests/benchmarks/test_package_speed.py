"""Packages against the plain library call. Reach: no less than half its speed.

The library's AES-GCM is faster than SHA-256, which every byte passes twice (both trees): so the sealing of
chunks is compared in memory, and the whole of it, file to file, with the plain call file to file.

Run: pytest --benchmark-enable --benchmark-only tests/benchmarks/test_package_speed.py
COLOPHON_BENCHMARK_MIB chooses the size (1024 with --benchmark-enable).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.content.package import create_package
from desktop_app.content.package_format import CHUNK_SIZE, RECORD_SIZE, ChunkCipher, PackageHeader
from desktop_app.content.package_reading import check_package, open_package
from desktop_app.core.progress import Task

MIB = 1024 * 1024
KEY = bytes(range(32))


@pytest.fixture
def size(request: pytest.FixtureRequest) -> int:
    enabled = request.config.getoption("--benchmark-enable") or request.config.getoption("--benchmark-only")
    return int(os.environ.get("COLOPHON_BENCHMARK_MIB", "1024" if enabled else "17")) * MIB


@pytest.fixture
def source(tmp_path: Path, size: int) -> Path:
    path, block = tmp_path / "film", os.urandom(MIB)
    with path.open("wb") as file:
        for turn in range(size // MIB):
            file.write(block[turn:] + block[:turn])
    return path


def fresh(*paths: Path) -> Callable[[], None]:
    return lambda: [path.unlink(missing_ok=True) for path in paths] and None


def test_plain_call_in_memory(benchmark: BenchmarkFixture, size: int) -> None:
    cipher, chunk, bound = AESGCM(KEY), os.urandom(CHUNK_SIZE), bytes(139)

    def plain() -> None:
        for index in range(size // CHUNK_SIZE):
            cipher.encrypt(index.to_bytes(12, "big"), chunk, bound)

    benchmark.pedantic(plain, rounds=3, warmup_rounds=1)


def test_sealing_in_memory(benchmark: BenchmarkFixture, size: int) -> None:
    header = PackageHeader.seal(KEY, size, bytes(7), bytes(32))
    cipher, chunk = ChunkCipher(header, KEY), memoryview(os.urandom(CHUNK_SIZE))
    record, node = memoryview(bytearray(RECORD_SIZE)), bytes(32)

    def seal() -> None:
        for index in range(size // CHUNK_SIZE):
            cipher.seal_into(index, chunk, node, record)

    benchmark.pedantic(seal, rounds=3, warmup_rounds=1)


def test_plain_call_file_to_file(benchmark: BenchmarkFixture, source: Path) -> None:
    target = source.with_suffix(".plain")

    def plain() -> None:
        cipher, index = AESGCM(KEY), 0
        with source.open("rb") as file, target.open("wb") as out:
            while chunk := file.read(CHUNK_SIZE):
                out.write(cipher.encrypt(index.to_bytes(12, "big"), chunk, None))
                index += 1
            out.flush()
            os.fsync(out.fileno())

    benchmark.pedantic(plain, setup=fresh(target), rounds=3, warmup_rounds=1)


def test_create(benchmark: BenchmarkFixture, source: Path, size: int) -> None:
    target = source.with_suffix(".colophon")
    facts = benchmark.pedantic(
        create_package,
        (source, target, KEY, bytes(32), Task()),
        setup=fresh(target),
        rounds=3,
        warmup_rounds=1,
    )
    assert facts.size == size


def test_open_and_check(benchmark: BenchmarkFixture, source: Path) -> None:
    target, opened = source.with_suffix(".colophon"), source.with_suffix(".opened")
    facts = create_package(source, target, KEY, bytes(32), Task())
    assert check_package(target, Task(), KEY) == facts
    found = benchmark.pedantic(
        open_package, (target, opened, KEY, Task()), setup=fresh(opened), rounds=3, warmup_rounds=1
    )
    assert found == facts
