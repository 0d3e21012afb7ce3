"""One step of logistic regression on 32 rows of 30, bound to committed data: ours beside ezkl 23.

Optional: `python3.11 -m venv tests/benchmarks/peers/ezkl/.venv` and, with its pip, `install ezkl==23.0.5 onnx
numpy`. Both run in a process of their own, whose peak of memory counts. The peer takes minutes and 3 GB; its
set-up (here made anew, without a ceremony: `gen_srs`) is not counted in the comparison.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PEER = Path(__file__).parent / "peers" / "ezkl"
OURS = """
import json, resource, sys, time
import numpy as np
from desktop_app.training.activation import Model
from desktop_app.training.dataset import DataSet, Schema, commit
from desktop_app.training.proof import prove, train_and_state
from desktop_app.training.recipe import Recipe
from desktop_app.training.verifier import verify

generator = np.random.default_rng(1)
features, labels = generator.normal(size=(32, 30)), generator.integers(0, 2, 32)
data = DataSet.of_numbers(Schema(tuple(map(str, range(30))), "label", "logistic"), features, labels)
found = []
for _ in range(3):
    began = time.perf_counter()
    committed = commit(data, proofs=1)
    recipe = Recipe.of(Model.LOGISTIC, 32, 1, 0.5)
    statement, trace = train_and_state([committed], recipe, licence="", run="", nonce="ab" * 32)
    proof = prove(statement, [committed], trace, lambda identity, columns: None)
    proved = time.perf_counter()
    verify(statement, proof)
    found.append((proved - began, time.perf_counter() - proved))
print(json.dumps({
    "set_up_seconds": 0,
    "prove_seconds": min(made for made, _ in found),
    "verify_seconds": min(checked for _, checked in found),
    "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "proof_bytes": len(proof),
}))
"""


def measured(*command: str | Path) -> dict[str, float]:
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True, timeout=3600
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def test_one_step_of_32_rows_of_30(benchmark: Any, tmp_path: Path) -> None:
    python = PEER / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("an optional benchmark: the peer is not installed, see the top of this file")
    theirs = measured(python, PEER / "one_step.py", tmp_path, "1")
    ours = benchmark.pedantic(measured, (sys.executable, "-c", OURS), rounds=1)
    benchmark.extra_info.update({"ours": ours, "ezkl": theirs})
    print(json.dumps({"ours": ours, "ezkl": theirs}, indent=2))
    assert theirs["prove_seconds"] > 20 * ours["prove_seconds"]
    assert theirs["peak_bytes"] > 10 * ours["peak_bytes"]
