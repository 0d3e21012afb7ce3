"""A folder of 10,000 small files, by one process and by two. Reach: two processors are used.

Run: pytest --benchmark-enable --benchmark-only tests/benchmarks/test_catalogue_speed.py
COLOPHON_BENCHMARK_FILES chooses how many (10,000 with --benchmark-enable).
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.core.paths import AppPaths
from desktop_app.services.app import build_services
from desktop_app.services.catalogue import FolderReport
from desktop_app.services.executors import local_processes
from desktop_app.services.library import AddOutcome


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, int]:
    enabled = request.config.getoption("--benchmark-enable") or request.config.getoption("--benchmark-only")
    count = int(os.environ.get("COLOPHON_BENCHMARK_FILES", "10000" if enabled else "40"))
    for number in range(count):
        path = tmp_path / "files" / f"{number // 500:03}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"poem number {number}\n" * 200)
    return tmp_path / "files", count


@pytest.mark.parametrize("processes", [1, 2])
def test_adding_a_folder(
    benchmark: BenchmarkFixture, folder: tuple[Path, int], tmp_path: Path, processes: int
) -> None:
    place, count = folder
    homes = iter(range(9))

    def add() -> FolderReport:
        services = build_services(AppPaths(tmp_path / f"home {next(homes)}"))
        try:
            return services.catalogue.add_folder(place, workers=partial(local_processes, processes))
        finally:
            services.close()

    report = benchmark.pedantic(add, rounds=1 if count < 1000 else 2)
    assert report.count(AddOutcome.ADDED) == count


def test_looking_at_the_folder_again(
    benchmark: BenchmarkFixture, folder: tuple[Path, int], tmp_path: Path
) -> None:
    place, count = folder
    services = build_services(AppPaths(tmp_path / "home"))
    try:
        services.catalogue.add_folder(place, workers=partial(local_processes, 2))
        report = benchmark.pedantic(services.catalogue.add_folder, (place,), rounds=2)
        assert report.unchanged == count
    finally:
        services.close()
