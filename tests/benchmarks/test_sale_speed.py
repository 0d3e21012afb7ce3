"""Sale packages and the delivery of a key. Every byte of a sale package is hashed twice in pieces of 1 KiB.

Run: pytest --benchmark-enable --benchmark-only tests/benchmarks/test_sale_speed.py
COLOPHON_BENCHMARK_MIB chooses the size (256 with --benchmark-enable).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.content.sale_package import check_sale_package, create_sale_package, open_sale_package
from desktop_app.core.progress import Task
from desktop_app.proofs.key_delivery import SaleSecret, lock, make, one_time_key, open_delivery

MIB = 1024 * 1024
KEY, SALT = bytes(range(32)), bytes(32)
SECRET, BUYER = SaleSecret.from_seed(KEY), 3**150
CHAIN, ESCROW, SELLER, ORDER_ID = 8453, "0x" + "11" * 20, "0x" + "22" * 20, b"\x44" * 32


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    enabled = request.config.getoption("--benchmark-enable") or request.config.getoption("--benchmark-only")
    path, block = tmp_path / "film", os.urandom(MIB)
    with path.open("wb") as file:
        for turn in range(int(os.environ.get("COLOPHON_BENCHMARK_MIB", "256" if enabled else "3"))):
            file.write(block[turn:] + block[:turn])
    return path


def test_making_a_sale_package(benchmark: BenchmarkFixture, source: Path) -> None:
    package = source.with_name("package")
    benchmark.pedantic(
        lambda: create_sale_package(source, package, KEY, SALT, Task()),
        setup=lambda: package.unlink(missing_ok=True),
        rounds=3,
    )


def test_checking_a_sale_package_before_paying(benchmark: BenchmarkFixture, source: Path) -> None:
    package = source.with_name("package")
    facts, _ = create_sale_package(source, package, KEY, SALT, Task())
    assert benchmark.pedantic(lambda: check_sale_package(package, Task()), rounds=3) == facts


def test_opening_a_sale_package(benchmark: BenchmarkFixture, source: Path) -> None:
    package, opened = source.with_name("package"), source.with_name("opened")
    create_sale_package(source, package, KEY, SALT, Task())
    benchmark.pedantic(
        lambda: open_sale_package(package, opened, KEY, Task()),
        setup=lambda: opened.unlink(missing_ok=True),
        rounds=3,
    )


def test_proving_a_delivery(benchmark: BenchmarkFixture) -> None:
    key = one_time_key(BUYER)
    benchmark(lambda: make(CHAIN, ESCROW, SELLER, ORDER_ID, SECRET, key))


def test_finding_the_key(benchmark: BenchmarkFixture) -> None:
    sale, point = lock(SECRET), make(CHAIN, ESCROW, SELLER, ORDER_ID, SECRET, one_time_key(BUYER)).point
    benchmark(lambda: open_delivery(sale, point, BUYER))
