"""Networks with a hidden layer: exact integers, proofs that hold, and what each constraint stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.training.attacks import holds, send
from unit.training.network_attacks import NETWORK_ATTACKS, a_remainder_with_a_bit_too_many

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.training import quality, relation
from desktop_app.training.activation import Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.consent import Terms
from desktop_app.training.network import drawn_weights, split_weights, train_network, train_network_plainly
from desktop_app.training.network_constraints import NETWORK_CONSTRAINTS, network_quadratics
from desktop_app.training.network_statement import NetworkStatement
from desktop_app.training.recipe import MAX_HIDDEN, WEIGHT_LIMIT, Recipe, schedule, weight_count
from desktop_app.training.verifier import verify

WHOLE = ("hidden_sums_follow", "masked_errors_are_folded", "signs_are_bits", "slopes_meet_weights")
"""Attacks that are carried through to a proof that is refused; of all others the constraints are asked."""


@settings(max_examples=30)
@given(st.data(), st.sampled_from(list(Model)), st.integers(1, 9), st.integers(1, 4), st.integers(1, 3))
def test_the_plain_trainer_gives_the_same_bits(
    data: st.DataObject, model: Model, rows: int, features: int, hidden: int
) -> None:
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    x = generator.integers(-600, 600, (rows, features), endpoint=True)
    y = generator.integers(0, 2, rows) if model is Model.LOGISTIC else generator.integers(-9999, 9999, rows)
    batches = data.draw(st.sampled_from([b for b in range(1, rows + 1) if (b - 1) * -(-rows // b) < rows]))
    l2 = data.draw(st.sampled_from([0.0, 0.3]))
    recipe = Recipe.of(model, rows, 4, 0.3, batches=batches, l2=l2, hidden=hidden)
    recipe.check(rows, features, hidden)
    order = schedule(recipe, ["a"], "00" * 32, 0)
    start = drawn_weights(["a"], "00" * 32, features, hidden)
    try:
        found = train_network(x, y, recipe, order, start, hidden).final
    except RefusedError:
        assert model is Model.LINEAR
        return
    assert list(found) == train_network_plainly(x.tolist(), y.tolist(), recipe, order, start, hidden)


@pytest.mark.parametrize("settings", [{"model": Model.LINEAR, "batches": 4, "steps": 5, "security": 128}, {}])
def test_a_network_is_proved(settings: Any, new_run: Any) -> None:
    run = new_run(hidden=2, **settings)
    proof = run.prove()
    assert verify(run.statement, proof).bits >= settings.get("security", 100)
    data = run.statement.encode()
    assert NetworkStatement.read(canonical_json.read(data, 1 << 20)) == run.statement
    for changes in ({"units": 3}, {"nonce": "00" * 32}, {"initial": run.statement.final}):
        with pytest.raises((RefusedError, InvalidInputError)):
            verify(replace(run.statement, **changes), proof)


def test_owners_sign_how_many_units_there_are(network: Any) -> None:
    terms = Terms.of([network.statement])
    terms.check()
    assert terms.units == 3
    for units in (0, 2):
        other = replace(terms, units=units)
        assert other.digest() != terms.digest()
        with pytest.raises(InvalidInputError):
            other.check()


def test_every_constraint_has_its_attack(network: Any) -> None:
    challenges = Challenges.draw(network.system.transcript(), network.system.shape, 2)
    quadratic = {item.name for item in network_quadratics(network.system.shape, challenges)}
    assert set(NETWORK_ATTACKS) == set(NETWORK_CONSTRAINTS) | quadratic


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", [*WHOLE])
def test_a_prover_who_carries_an_attack_through_is_refused(
    constraint: str, network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = NETWORK_ATTACKS[constraint](network)
    proof = send(monkeypatch, attack, "network_second_values")
    with pytest.raises(RefusedError, match=r"training\.(linear|quadratic)_test"):
        verify(attack.run.statement, proof)


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("constraint", list(NETWORK_ATTACKS))
def test_the_attack_fails_and_succeeds_without_its_constraint(
    constraint: str, network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack = NETWORK_ATTACKS[constraint](network)
    assert not holds(attack, "network_second_values")
    if constraint in NETWORK_CONSTRAINTS:
        monkeypatch.setitem(NETWORK_CONSTRAINTS, constraint, lambda _: None)
    else:

        def others(shape: Any, challenges: Any) -> Any:
            return [item for item in network_quadratics(shape, challenges) if item.name != constraint]

        monkeypatch.setattr(relation, "network_quadratics", others)
    verify(attack.run.statement, send(monkeypatch, attack, "network_second_values"))


@pytest.mark.usefixtures("column_oracle")
@pytest.mark.parametrize("name", ["remainder", "step", "slope_remainder"])
def test_every_remainder_has_its_limit(name: str, network: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    attack = a_remainder_with_a_bit_too_many(name)(network)
    with pytest.raises(RefusedError, match="linear_test"):
        verify(attack.run.statement, send(monkeypatch, attack))


def test_the_start_is_drawn_from_data_and_nonce_only() -> None:
    start = drawn_weights(["a"], "00" * 32, 5, 4)
    assert len(start) == weight_count(5, 4) == 29
    assert start[5] == start[23] == start[28] == 0
    assert start != drawn_weights(["b"], "00" * 32, 5, 4)
    assert start != drawn_weights(["a"], "01" * 32, 5, 4)
    assert max(map(abs, start)) < 2**18 * 1.1


@pytest.mark.parametrize("change", [{"decay": 1}, {"rate": 2**40}, {"rate": 0}, {"decay": 2**45}], ids=str)
def test_a_recipe_whose_integers_could_wrap_is_refused(change: dict[str, int]) -> None:
    recipe = Recipe.of(Model.LOGISTIC, 10, 4, 1.0, hidden=3)
    recipe.check(10, 3, 3)
    with pytest.raises(InvalidInputError):
        replace(recipe, **change).check(10, 3, 3)
    for hidden in (-1, MAX_HIDDEN + 1):
        with pytest.raises(InvalidInputError):
            recipe.check(10, 3, hidden)


def test_a_unit_beyond_its_range_stops_the_training() -> None:
    start = [WEIGHT_LIMIT - 1, 0, 1, 0]
    recipe = Recipe.of(Model.LOGISTIC, 1, 1, 0.1, hidden=1)
    with pytest.raises(RefusedError, match="diverged"):
        train_network(np.asarray([[30000]]), np.asarray([1]), recipe, [0], start, 1)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_the_integers_stay_near_scikit_learns_network_on_real_data() -> None:
    from sklearn.datasets import load_breast_cancer
    from sklearn.neural_network import MLPClassifier

    x, y = load_breast_cancer(return_X_y=True)
    x = np.rint((x - x.mean(axis=0)) / x.std(axis=0) * 256).astype(np.int64)
    steps, hidden = 40, 6
    recipe = Recipe.of(Model.LOGISTIC, len(x), steps, 0.5, l2=0.01, hidden=hidden)
    start = drawn_weights(["a"], "00" * 32, 30, hidden)
    found = train_network(x, y, recipe, [0] * steps, start, hidden).final
    floats = quality.float_weights(x, y, recipe, [0] * steps, start, hidden)
    assert quality.distance(found, floats) < 1e-3
    assert quality.hits(x, y, found, hidden) > 0.96 * len(x)

    theirs = MLPClassifier(
        (hidden,), solver="sgd", momentum=0.0, alpha=0.01 * len(x), batch_size=len(x), shuffle=False,
        learning_rate_init=0.5, max_iter=1, tol=0.0, n_iter_no_change=1000, warm_start=True,
    )  # fmt: skip
    theirs.fit(x / 256, y)
    first, second = split_weights(np.asarray(start) / 2**18, hidden)
    theirs.coefs_ = [first[:, :-1].T.copy(), second[:-1, None].copy()]
    theirs.intercepts_ = [first[:, -1].copy(), second[-1:].copy()]
    theirs.set_params(max_iter=steps).fit(x / 256, y)
    units = np.vstack([theirs.coefs_[0], theirs.intercepts_[0]]).T
    learned = np.concatenate([units.reshape(-1), theirs.coefs_[1][:, 0], theirs.intercepts_[1]])
    assert quality.distance(found, learned) < 1e-3
