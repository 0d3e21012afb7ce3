"""ISCC codes by iscc-lib; the reference implementation (iscc-core) gives the same at a fraction of the speed.

Run: pytest --benchmark-enable --benchmark-only tests/benchmarks/test_iscc_speed.py
"""

from __future__ import annotations

import random
from io import BytesIO

import iscc_core
import iscc_lib
from pytest_benchmark.fixture import BenchmarkFixture

from desktop_app.content.similarity import BITS, nearest

MIB = 1024 * 1024


def test_sum_code_of_64_mib(benchmark: BenchmarkFixture) -> None:
    block = random.Random(1).randbytes(MIB)

    def code() -> str:
        hasher = iscc_lib.SumHasher()
        for _ in range(64):
            hasher.update(block)
        return str(hasher.finalize(BITS).iscc)

    assert benchmark.pedantic(code, rounds=3, warmup_rounds=1).startswith("ISCC:")


def test_reference_of_1_mib(benchmark: BenchmarkFixture) -> None:
    data = random.Random(1).randbytes(MIB)
    found = benchmark.pedantic(
        lambda: iscc_core.gen_data_code_v0(BytesIO(data), BITS), rounds=2, warmup_rounds=1
    )
    assert found["iscc"] == iscc_lib.gen_data_code_v0(data, BITS).iscc


def test_the_nearest_among_2_000_works(benchmark: BenchmarkFixture) -> None:
    chosen = random.Random(2)
    works = [
        (number, (iscc_lib.gen_image_code_v0(chosen.randbytes(1024), BITS).iscc,)) for number in range(2000)
    ]
    found = benchmark.pedantic(nearest, (works[77][1], works), rounds=3, warmup_rounds=1)
    assert found[0][0] == 77
