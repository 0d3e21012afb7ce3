"""Small committed data sets, and one finished proof that many tests take apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from desktop_app.core.progress import Task
from desktop_app.training import proof as proof_module
from desktop_app.training import reed_solomon
from desktop_app.training import verifier as verifier_module
from desktop_app.training.activation import Model
from desktop_app.training.code_tree import CodeTree
from desktop_app.training.columns import node_count
from desktop_app.training.dataset import CommittedData, DataSet, Schema, commit, features_of
from desktop_app.training.field import Array
from desktop_app.training.model import CommittedWeights
from desktop_app.training.network_witness import network_first_values
from desktop_app.training.proof import prove, train_and_state
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import Statement
from desktop_app.training.system import System
from desktop_app.training.training_witness import first_values
from desktop_app.training.witness import Values

NONCE = "5a" * 32


def spend_freely(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


def make_data(
    rows: int = 14, features: int = 3, model: Model = Model.LOGISTIC, seed: int = 1, proofs: int = 2
) -> CommittedData:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(rows, features))
    score = values @ generator.normal(size=features) + 0.3 * generator.normal(size=rows)
    labels = (score > 0).astype(np.int64) if model is Model.LOGISTIC else score
    schema = Schema(tuple(f"feature {i}" for i in range(features)), "label", model.value)
    data = DataSet.of_numbers(schema, values, labels)
    return commit(data, proofs=proofs, degree_bound=1024, seed=bytes([seed]) * 32)


@dataclass
class Run:
    data: Sequence[CommittedData]
    statement: Statement
    trace: Any

    @property
    def system(self) -> System:
        return System.of(self.statement)

    def values(self) -> Values:
        """The honest first blocks of the witness."""
        if self.statement.hidden:
            return network_first_values(*features_of(self.data), self.trace, self.statement.shape())
        return first_values(*features_of(self.data), self.trace, self.statement.shape())

    def prove(self) -> bytes:
        return prove(self.statement, self.data, self.trace, spend_freely)

    def prove_values(self, values: Values) -> bytes:
        """What a prover sends who does not care whether the values are right."""
        return proof_module.prove_values(self.system, self.data, values, spend_freely, Task())


MakeRun = Callable[..., Run]


def make_run(
    data: Sequence[CommittedData] | None = None,
    *,
    model: Model = Model.LOGISTIC,
    steps: int = 3,
    rate: float = 0.5,
    batches: int = 1,
    l2: float = 0.01,
    security: int = 100,
    nonce: str = NONCE,
    initial: Sequence[int] | None = None,
    first_step: int = 0,
    hidden: int = 0,
) -> Run:
    data = data if data is not None else [make_data(model=model)]
    rows = sum(item.header.rows for item in data)
    recipe = Recipe.of(model, rows, steps, rate, batches=batches, l2=l2, hidden=hidden)
    statement, trace = train_and_state(
        data, recipe, licence="licence 1", run="run 1", nonce=nonce, security=security,
        initial=initial, first_step=first_step, hidden=hidden,
    )  # fmt: skip
    return Run(data, statement, trace)


class OracleTree:
    """An ideal commitment to columns, as in an interactive oracle proof: binds, and shows what is asked for.

    For tests of constraints, where most of the work would be hashing that others test.
    """

    def __init__(self, root: bytes) -> None:
        self._root = root

    @staticmethod
    def over(rows: Array, seed: bytes, _task: Any = None) -> CodeTree:
        return OracleTree.with_root(rows, hashlib.sha256(seed + rows.tobytes()).digest())

    @staticmethod
    def with_root(rows: Array, root: bytes) -> CodeTree:
        on_coset = reed_solomon.on_coset(reed_solomon.inverse_transform(rows))
        return CodeTree(rows, on_coset, OracleTree(root))  # type: ignore[arg-type]

    def root(self) -> bytes:
        return self._root

    def open(self, positions: Sequence[int]) -> tuple[list[bytes], list[bytes]]:
        size = 8 * 1024
        salts = [self._root[:16], self._root[16:], *[bytes(16)] * (len(positions) - 2)]
        return salts, [bytes(32)] * node_count(positions, size)


@pytest.fixture
def column_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prover and verifier use `OracleTree`; transcript, tests and columns stay as they are."""

    def root_of(positions: Any, size: int, columns: Any, salts: Sequence[bytes], nodes: Any) -> bytes:
        return salts[0] + salts[1]

    def tree(committed: CommittedData | CommittedWeights, _task: Any = None) -> CodeTree:
        return OracleTree.with_root(committed.rows(), bytes.fromhex(committed.header.root))

    monkeypatch.setattr(proof_module, "committed", OracleTree.over)
    monkeypatch.setattr(CommittedData, "tree", tree)
    monkeypatch.setattr(CommittedWeights, "tree", tree)
    monkeypatch.setattr(verifier_module, "opened_root", root_of)


@pytest.fixture(scope="session")
def run() -> Run:
    """Logistic regression, 14 rows, 3 features, 3 steps."""
    return make_run()


@pytest.fixture(scope="session")
def network() -> Run:
    """A network of 3 hidden units, 14 rows, 3 features, 3 steps."""
    return make_run(hidden=3)


@pytest.fixture(scope="session")
def finished(run: Run) -> bytes:
    """A proof of `run`."""
    return run.prove()


@pytest.fixture(scope="session")
def new_run() -> MakeRun:
    return make_run


@pytest.fixture(scope="session")
def new_data() -> Callable[..., CommittedData]:
    return make_data
