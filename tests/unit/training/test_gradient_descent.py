"""The integers of the recipe: two implementations, one meaning, and near the floats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.training.activation import CELLS, HIGHEST, TABLE_SHA256, Model, table, table_digest
from desktop_app.training.gradient_descent import train, train_plainly
from desktop_app.training.recipe import FEATURE_LIMIT, WEIGHT_LIMIT, Recipe, schedule


@pytest.mark.parametrize("model", list(Model))
def test_the_tables_are_the_published_ones(model: Model) -> None:
    assert len(table(model)) == CELLS
    assert table_digest(table(model)) == TABLE_SHA256[model]


def test_the_sigmoid_is_rounded_correctly_and_symmetric() -> None:
    values = table(Model.LOGISTIC)
    cells = np.arange(-CELLS // 2, CELLS // 2)
    exact = [65536 / (1 + math.exp(-(2 * int(cell) + 1) / 2048)) for cell in cells]
    assert np.max(np.abs(values - exact)) <= 0.5 + 1e-9
    assert np.array_equal(values + values[::-1], np.full(CELLS, 65536))


@settings(max_examples=40)
@given(st.data(), st.sampled_from(list(Model)), st.integers(1, 9), st.integers(1, 4), st.integers(1, 5))
def test_the_plain_trainer_gives_the_same_bits(
    data: st.DataObject, model: Model, rows: int, features: int, steps: int
) -> None:
    spread = data.draw(st.sampled_from([300, FEATURE_LIMIT - 1]))
    seed = data.draw(st.integers(0, 2**32))
    generator = np.random.default_rng(seed)
    x = generator.integers(-spread, spread, (rows, features), endpoint=True)
    y = generator.integers(0, 2, rows) if model is Model.LOGISTIC else generator.integers(-9999, 9999, rows)
    batches = data.draw(st.sampled_from([b for b in range(1, rows + 1) if (b - 1) * -(-rows // b) < rows]))
    recipe = Recipe.of(model, rows, steps, 0.4, batches=batches, l2=data.draw(st.sampled_from([0.0, 0.3])))
    recipe.check(rows, features)
    order = schedule(recipe, ["a"], "00" * 32, 0)
    initial = [int(w) for w in generator.integers(-(2**20), 2**20, features + 1)]
    try:
        found = train(x, y, recipe, order, initial).final
    except RefusedError:
        assert spread > 300
        return
    assert list(found) == train_plainly(x.tolist(), y.tolist(), recipe, order, initial)


def test_inputs_beyond_the_table_saturate() -> None:
    features, labels = np.asarray([[20000], [-20000]]), np.asarray([0, 1])
    recipe = Recipe.of(Model.LOGISTIC, 2, 1, 0.5)
    trace = train(features, labels, recipe, [0], [1 << 18, 0])
    assert trace.cell[0].tolist() == [HIGHEST, -HIGHEST - 1]
    assert trace.excess[0, 0] > 0 > trace.excess[0, 1]
    assert trace.output[0].tolist() == [65536, 0]


def test_training_that_leaves_the_range_of_weights_is_refused() -> None:
    features, labels = np.full((4, 1), 30000), np.asarray([30000] * 4)
    recipe = Recipe.of(Model.LINEAR, 4, 50, 1.5)
    recipe.check(4, 1)
    with pytest.raises(RefusedError, match="diverged"):
        train(features, labels, recipe, [0] * 50, [WEIGHT_LIMIT - 1, 0])


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 0}, {"rate": 2**60}, {"decay": -1}, {"decay": 2**33}, {"batches": 0}, {"batches": 9},
        {"steps": 0}, {"steps": 2**40}, {"feature_bits": 9}, {"rounding": "nearest"}, {"model": "tree"},
        {"table_sha256": "00" * 32},
    ],
)  # fmt: skip
def test_a_recipe_whose_integers_could_wrap_or_differ_is_refused(change: dict[str, object]) -> None:
    recipe = Recipe.of(Model.LOGISTIC, 10, 4, 1.0)
    recipe.check(10, 3)
    with pytest.raises(InvalidInputError):
        Recipe(**{**vars(recipe), **change}).check(10, 3)  # type: ignore[arg-type]


def test_the_order_of_batches_depends_on_data_and_nonce_only() -> None:
    recipe = Recipe.of(Model.LOGISTIC, 64, 40, 1.0, batches=8)
    order = schedule(recipe, ["a"], "00" * 32, 0)
    assert [sorted(order[i : i + 8]) for i in range(0, 40, 8)] == [list(range(8))] * 5
    assert order != schedule(recipe, ["b"], "00" * 32, 0)
    assert order != schedule(recipe, ["a"], "01" * 32, 0)
    later = Recipe.of(Model.LOGISTIC, 64, 27, 1.0, batches=8)
    assert schedule(later, ["a"], "00" * 32, 13) == order[13:]


def test_the_integers_stay_near_the_floats_on_real_data() -> None:
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    recipe = Recipe.of(Model.LOGISTIC, len(x), 64, 0.5, l2=0.01)
    trace = train(np.rint(x * 256).astype(np.int64), y, recipe, [0] * 64, [0] * 31)
    exact = np.zeros(31)
    extended = np.hstack([x, np.ones((len(x), 1))])
    for _ in range(64):
        error = 1 / (1 + np.exp(-extended @ exact)) - y
        exact -= 0.5 * (extended.T @ error / len(x) + 0.01 * np.append(exact[:-1], 0))
    found = np.asarray(trace.final) / 2**18
    assert np.max(np.abs(found - exact)) < 2e-3
    assert np.mean((extended @ found > 0) == y) > 0.97
