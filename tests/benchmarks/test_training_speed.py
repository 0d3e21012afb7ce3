"""How fast a training is proved and verified (design section 10). Run with --benchmark-enable.

Without it, the long ones run on fewer rows or steps.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from desktop_app.training.activation import Model
from desktop_app.training.dataset import CommittedData, DataSet, Schema, commit
from desktop_app.training.gradient_descent import Trace
from desktop_app.training.proof import prove, train_and_state
from desktop_app.training.recipe import Recipe
from desktop_app.training.statement import Statement
from desktop_app.training.verifier import verify

STEPS = 64
Made = tuple[CommittedData, Statement, Trace]


def spend(identities: tuple[str, ...], columns: int) -> None:
    """A budget that is never used up."""


def made(features: Any, labels: Any, security: int, hidden: int = 0, steps: int = STEPS) -> Made:
    schema = Schema(tuple(f"{i}" for i in range(features.shape[1])), "label", "logistic")
    data = commit(DataSet.of_numbers(schema, features, labels), security=security)
    recipe = Recipe.of(Model.LOGISTIC, len(labels), steps, 0.5, hidden=hidden)
    statement, trace = train_and_state(
        [data], recipe, licence="", run="", nonce="ab" * 32, security=security, hidden=hidden
    )
    return data, statement, trace


@cache
def tumours(security: int, hidden: int = 0, steps: int = STEPS) -> Made:
    from sklearn.datasets import load_breast_cancer

    features, labels = load_breast_cancer(return_X_y=True)
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    return made(scaled, labels, security, hidden, steps)


@cache
def proof_of_tumours(security: int, steps: int) -> bytes:
    data, statement, trace = tumours(security, 0, steps)
    return prove(statement, [data], trace, spend)


@pytest.fixture
def steps(security: int, pytestconfig: pytest.Config) -> int:
    return STEPS if pytestconfig.getoption("benchmark_enable") or security == 100 else 4


@pytest.mark.parametrize("security", [100, 128])
def test_training_on_569_rows_of_30_in_64_steps_is_proved(benchmark: Any, security: int, steps: int) -> None:
    data, statement, trace = tumours(security, 0, steps)
    proof = benchmark.pedantic(prove, (statement, [data], trace, spend), rounds=3)
    assert len(proof) < 1_000_000
    benchmark.extra_info["bytes"] = len(proof)


@pytest.mark.parametrize("security", [100, 128])
def test_training_on_569_rows_of_30_in_64_steps_is_verified(
    benchmark: Any, security: int, steps: int
) -> None:
    statement, proof = tumours(security, 0, steps)[1], proof_of_tumours(security, steps)
    error = benchmark.pedantic(verify, (statement, proof), rounds=5)
    assert error.bits >= security


def test_training_a_network_of_8_units_on_569_rows_of_30_in_64_steps_is_proved(
    benchmark: Any, pytestconfig: pytest.Config
) -> None:
    steps = STEPS if pytestconfig.getoption("benchmark_enable") else 4
    data, statement, trace = tumours(100, 8, steps)
    proof = benchmark.pedantic(prove, (statement, [data], trace, spend), rounds=2)
    benchmark.extra_info["bytes"] = len(proof)
    assert verify(statement, proof).bits >= 100


def test_training_on_4096_rows_of_64_in_64_steps_is_proved(
    benchmark: Any, pytestconfig: pytest.Config
) -> None:
    rows = 4096 if pytestconfig.getoption("benchmark_enable") else 512
    generator = np.random.default_rng(1)
    features = generator.normal(size=(rows, 64))
    data, statement, trace = made(features, features @ generator.normal(size=64) > 0, 100)
    proof = benchmark.pedantic(prove, (statement, [data], trace, spend), rounds=2)
    benchmark.extra_info["bytes"] = len(proof)
