"""One step of logistic regression, 32 rows of 30, proved with ezkl (KZG on BN254); prints JSON.

Run by `test_ezkl_peer.py` with the Python of a virtual environment of its own, in which the peer is. The rows
are bound as ours are: the inputs (rows, labels, weights before) are hashed with Poseidon, the hashes and the
weights after are public. Arguments: a folder to work in, and a seed.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from pathlib import Path

import ezkl
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROWS, FEATURES = 32, 30
RATE = 0.5


def network(path: Path) -> None:
    """w - rate / n * X^T (sigmoid(X w) - y), as an ONNX graph."""
    scale = numpy_helper.from_array(np.array([RATE / ROWS], dtype=np.float32), "scale")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["p"]),
        helper.make_node("Sub", ["p", "y"], ["e"]),
        helper.make_node("Transpose", ["x"], ["xt"], perm=[1, 0]),
        helper.make_node("MatMul", ["xt", "e"], ["g"]),
        helper.make_node("Mul", ["g", "scale"], ["step"]),
        helper.make_node("Sub", ["w", "step"], ["after"]),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", (ROWS, FEATURES)), ("y", (ROWS, 1)), ("w", (FEATURES, 1)))
    ]
    outputs = [helper.make_tensor_value_info("after", TensorProto.FLOAT, (FEATURES, 1))]
    graph = helper.make_graph(nodes, "step", inputs, outputs, [scale])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def main(folder: Path, seed: int) -> dict[str, float]:
    generator = random.Random(seed)
    data = [
        [generator.gauss(0, 1) for _ in range(ROWS * FEATURES)],
        [float(generator.random() < 0.5) for _ in range(ROWS)],
        [0.0] * FEATURES,
    ]
    kinds = ("settings.json", "compiled", "srs", "input.json", "witness.json", "vk", "pk", "proof.json")
    names = {name: str(folder / name) for name in ("model.onnx", *kinds)}
    network(folder / "model.onnx")
    (folder / "input.json").write_text(json.dumps({"input_data": data}))
    run = ezkl.PyRunArgs()
    run.input_visibility = "hashed"
    run.output_visibility = "public"
    run.param_visibility = "fixed"

    began = time.perf_counter()
    ezkl.gen_settings(names["model.onnx"], names["settings.json"], py_run_args=run)
    ezkl.compile_circuit(names["model.onnx"], names["compiled"], names["settings.json"])
    logrows = json.loads((folder / "settings.json").read_text())["run_args"]["logrows"]
    ezkl.gen_srs(names["srs"], logrows)
    ezkl.setup(names["compiled"], names["vk"], names["pk"], srs_path=names["srs"])
    ready = time.perf_counter()
    ezkl.gen_witness(names["input.json"], names["compiled"], names["witness.json"])
    ezkl.prove(
        names["witness.json"], names["compiled"], names["pk"], names["proof.json"], srs_path=names["srs"]
    )
    proved = time.perf_counter()
    holds = ezkl.verify(names["proof.json"], names["settings.json"], names["vk"], srs_path=names["srs"])
    verified = time.perf_counter()
    if not holds:
        raise SystemExit("the peer's own proof does not hold")
    return {
        "logrows": logrows,
        "set_up_seconds": ready - began,
        "prove_seconds": proved - ready,
        "verify_seconds": verified - proved,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "proving_key_bytes": (folder / "pk").stat().st_size,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
