"""How much memory a proof takes (desktop_app/training/README.md). Reach: 100,000 x 32, 16 steps in 3 GB.

Run: pytest --benchmark-enable -s tests/benchmarks/test_training_memory.py (three minutes of processor time).
"""

from __future__ import annotations

import subprocess
import sys

import pytest

FEATURES, STEPS = 32, 16
BASE, PER_ELEMENT = 150_000_000, 90
"""Bytes: of Python and numpy themselves, and for each field element of the witness."""

PROVE = """
import sys
import numpy as np
from desktop_app.training.activation import Model
from desktop_app.training.dataset import DataSet, Schema, commit
from desktop_app.training.proof import prove, train_and_state
from desktop_app.training.recipe import Recipe
from desktop_app.training.verifier import verify

rows, features, steps = map(int, sys.argv[1:])
generator = np.random.default_rng(1)
table = generator.normal(size=(rows, features))
labels = table @ generator.normal(size=features) > 0
schema = Schema(tuple(f"{i}" for i in range(features)), "label", "logistic")
data = commit(DataSet.of_numbers(schema, table, labels))
recipe = Recipe.of(Model.LOGISTIC, rows, steps, 0.5)
statement, trace = train_and_state([data], recipe, licence="", run="", nonce="ab" * 32)
assert verify(statement, prove(statement, [data], trace, lambda *_: None)).bits >= 100
# Not ru_maxrss: it begins with what the process that started this one had.
print(*(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def elements(rows: int, features: int, steps: int) -> int:
    """Of the witness: data, look-ups with their inverses, activations, weights and remainders, tables."""
    return 4 * rows * features + 8 * rows * steps + 15 * steps * (features + 1) + (1 << 18)


def test_the_memory_of_a_proof_is_what_the_note_says(pytestconfig: pytest.Config) -> None:
    rows = 100_000 if pytestconfig.getoption("benchmark_enable") else 2_000
    command = [sys.executable, "-c", PROVE, *map(str, (rows, FEATURES, STEPS))]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    peak = int(told.split()[1]) * 1024
    print(f"{rows} x {FEATURES}, {STEPS} steps: {peak / 1e9:.2f} GB")
    assert peak < BASE + PER_ELEMENT * elements(rows, FEATURES, STEPS)
    assert peak < 3_000_000_000
