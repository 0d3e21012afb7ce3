"""Tables and certificates that somebody else made, for tests of commands and of the window."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop_app.services.federated_coordinator import Coordinator
from desktop_app.services.federated_owner import FederatedOwner, public_key
from desktop_app.services.training_runs import nonce_of
from desktop_app.training.activation import Model
from desktop_app.training.dataset import DataSet, Schema, commit
from desktop_app.training.federated import Owner, Plan
from desktop_app.training.recipe import Recipe

CHALLENGE = "harbour"


def to_parquet(table: Path, target: Path) -> None:
    """The loans of a CSV file with their types, and three more rows: each lacks its income (as pandas writes
    that), its region or its label."""
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {
        "income": pyarrow.array([*(float(row["income"]) for row in rows), float("nan"), 1.0, 2.0]),
        "age": pyarrow.array([*(int(row["age"]) for row in rows), 30, 40, 50]),
        "region": pyarrow.array(
            [*(row["region"] for row in rows), "north", None, "south"]
        ).dictionary_encode(),
        "default": pyarrow.array([*(row["default"] for row in rows), "yes", "no", None]),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), target)


def federated_certificate(folder: Path) -> Path:
    """Two of three planned rounds by Ada, Ben and Cleo, the second without Ben."""
    names, sizes = ("Ada", "Ben", "Cleo"), (14, 9, 21)
    keys = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)]
    generator = np.random.default_rng(7)
    schema = Schema(("income", "age", "rent"), "default", "logistic")
    data = []
    for rows in sizes:
        values = generator.normal(size=(rows, 3))
        labels = (values[:, 0] > 0).astype(np.int64)
        data.append(commit(DataSet.of_numbers(schema, values, labels), proofs=4, degree_bound=1024))
    owners = tuple(
        Owner(name, public_key(key), f"licence {name}", one.header,
              Recipe.of(Model.LOGISTIC, one.header.rows, 2, 0.5))
        for name, key, one in zip(names, keys, data, strict=True)
    )  # fmt: skip
    plan = Plan("run 1", nonce_of(CHALLENGE), 100, 3, 1, (0, 0, 0, 0), owners)
    path = folder / "run.federated.colophon"
    coordinator = Coordinator(plan, path, lambda _event: None)
    nodes = [
        FederatedOwner(plan, one, lambda *_spent: None, key, folder / name)
        for name, key, one in zip(names, keys, data, strict=True)
    ]
    for present in ((0, 1, 2), (0, 2)):
        for node in present:
            coordinator.receive(node, nodes[node].answer(coordinator.task(node)))
        assert coordinator.close()
    return path
