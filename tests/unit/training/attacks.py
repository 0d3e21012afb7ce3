"""The attacks: false statements and witnesses, each of which breaks exactly one constraint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from desktop_app.training import extension, field, relation
from desktop_app.training.activation import CELLS, HIGHEST, LOWEST, Model, table
from desktop_app.training.challenges import Challenges
from desktop_app.training.dataset import DataSet, commit
from desktop_app.training.extension import Element
from desktop_app.training.field import P
from desktop_app.training.gradient_descent import train
from desktop_app.training.layout import Layout
from desktop_app.training.quadratic_constraints import combine
from desktop_app.training.shape import TrainingShape as Shape
from desktop_app.training.witness import Values

Second = Callable[[Values, Shape, Challenges], Values]


@dataclass
class Attack:
    """A false statement, the values sent first, and what is done to those sent second."""

    run: Any
    first: Values
    patch: Callable[[Values, Values, Shape, Challenges], None] = lambda *_: None
    layout: Callable[[Layout, np.ndarray], None] | None = None


def negative(element: Element) -> Element:
    return extension.scale_element(element, -1)


def fix(values: Values, name: str, place: int, change: Element) -> None:
    for part, amount in enumerate(change):
        values[name][part, place] = (int(values[name][part, place]) + amount) % P


def at(values: Values, name: str, place: int) -> Element:
    return extension.as_element(values[name][:, place])


def quotient(left: Element, right: Element) -> Element:
    return extension.mul_elements(left, extension.inverse_element(right))


def retrained(run: Any, change: Callable[[Any, int], None], features: Any = None, labels: Any = None) -> Any:
    """The run that results when every step is honest but for `change(step arrays, step)`.

    `change` may move the cells or the next weights of a step; later steps go on from what it leaves.
    """
    data = run.data[0].data
    features = data.features if features is None else features
    labels = data.labels if labels is None else labels
    recipe = replace(run.statement.recipe, steps=1)
    weights, parts = list(run.statement.initial), []
    for step, batch in enumerate(run.statement.batches()):
        one = train(features, labels, recipe, [batch], weights)
        state = {name: value.copy() for name, value in vars(one).items()}
        change(state, step)
        parts.append(state)
        weights = [int(weight) for weight in state["weights"][-1]]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name != "weights"}
    all_weights = np.stack([part["weights"][0] for part in parts] + [np.asarray(weights)])
    trace = replace(run.trace, weights=all_weights, **joined)
    return replace(run, trace=trace, statement=replace(run.statement, final=trace.final))


def recomputed(state: dict[str, Any], run: Any) -> None:
    """The end of a step, honest again, after its outputs were changed."""
    data, recipe = run.data[0].data, run.statement.recipe
    inputs = np.hstack([data.features, np.full((len(data.features), 1), 256)])
    error = state["output"][0] - data.labels * 65536
    decay = np.asarray([recipe.decay] * data.features.shape[1] + [0])
    numerator = recipe.rate * (inputs.T @ error) + decay * state["weights"][0]
    state["weights"][1] = state["weights"][0] - (numerator >> 31)
    state["step_remainder"][0] = numerator & (2**31 - 1)


def with_wrong_activation(run: Any) -> Any:
    """In step 1, row 2 gets the activation of another cell; everything after it is honest."""

    def change(state: dict[str, Any], step: int) -> None:
        if step == 1:
            state["cell"][0, 2] += 5000
            state["output"][0, 2] = table(Model.LOGISTIC)[state["cell"][0, 2] - LOWEST]
            recomputed(state, run)

    return retrained(run, change)


def with_wrong_step(run: Any) -> Any:
    """After step 1 one weight is not what the gradient says."""

    def change(state: dict[str, Any], step: int) -> None:
        if step == 1:
            state["weights"][1, 0] += 12345

    return retrained(run, change)


def activation_defect(c: Challenges) -> Element:
    """By how much the folded activations miss the folded products in `with_wrong_activation`."""
    both = extension.mul_elements(
        extension.as_element(c.activation_steps[:, 1]), extension.as_element(c.rows[:, 2])
    )
    return extension.scale_element(both, 5000 << 16)


def step_defect(c: Challenges, run: Any) -> Element:
    """By how much the folded gradients miss in `with_wrong_step`: 2^31 * -12345 / rate."""
    both = extension.mul_elements(
        extension.as_element(c.gradient_steps[:, 1]), extension.as_element(c.weights[:, 0])
    )
    return extension.scale_element(both, -(12345 << 31) * pow(run.statement.recipe.rate, -1, P))


def a_swapped_row(run: Any) -> Attack:
    features, labels = run.data[0].data.features.copy(), run.data[0].data.labels.copy()
    features[[2, 5]], labels[3] = features[[5, 2]], 1 - labels[3]
    other = retrained(run, lambda *_: None, features, labels)
    forged = replace(run.data[0], data=DataSet(run.data[0].data.schema, features, labels))
    return Attack(other, replace(other, data=[forged]).values())


def a_wrong_activation(run: Any) -> Attack:
    other = with_wrong_activation(run)
    return Attack(other, other.values())


def a_wrong_activation_hidden_in_the_folded_rows(run: Any) -> Attack:
    def patch(_: Values, second: Values, shape: Shape, c: Challenges) -> None:
        fix(second, "fold_left", 0, quotient(activation_defect(c), at(second, "fold_right", 0)))
        fix(second, "fold_product", 0, activation_defect(c))

    return replace(a_wrong_activation(run), patch=patch)


def a_wrong_activation_hidden_in_the_folded_weights(run: Any) -> Attack:
    def patch(_: Values, second: Values, shape: Shape, c: Challenges) -> None:
        fix(second, "fold_right", 0, quotient(activation_defect(c), at(second, "fold_left", 0)))
        fix(second, "fold_product", 0, activation_defect(c))

    return replace(a_wrong_activation(run), patch=patch)


def a_wrong_activation_hidden_in_a_product(run: Any) -> Attack:
    def patch(_: Values, second: Values, shape: Shape, c: Challenges) -> None:
        fix(second, "fold_product", 0, activation_defect(c))

    return replace(a_wrong_activation(run), patch=patch)


def a_wrong_weight(run: Any) -> Attack:
    other = with_wrong_step(run)
    return Attack(other, other.values())


def a_wrong_weight_hidden_in_the_folded_columns(run: Any) -> Attack:
    def patch(_: Values, second: Values, shape: Shape, c: Challenges) -> None:
        place = shape.batch_count * shape.width
        fix(second, "fold_left", place, quotient(step_defect(c, run), at(second, "fold_right", place)))
        fix(second, "fold_product", place, step_defect(c, run))

    return replace(a_wrong_weight(run), patch=patch)


def a_wrong_weight_hidden_in_the_folded_errors(run: Any) -> Attack:
    def patch(_: Values, second: Values, shape: Shape, c: Challenges) -> None:
        place = shape.batch_count * shape.width
        fix(second, "fold_right", place, quotient(step_defect(c, run), at(second, "fold_left", place)))
        fix(second, "fold_product", place, step_defect(c, run))

    return replace(a_wrong_weight(run), patch=patch)


def other_public_weights(run: Any) -> Attack:
    final = (run.statement.final[0] + 1, *run.statement.final[1:])
    return Attack(replace(run, statement=replace(run.statement, final=final)), run.values())


def a_remainder_of_32_bits(run: Any) -> Attack:
    """Rounds up where the recipe rounds down: 2^31 more in the remainder, one more in the weight."""

    def change(state: dict[str, Any], step: int) -> None:
        if step == 0:
            state["step_remainder"][0, 1] += 1 << 31
            state["weights"][1, 1] += 1

    other = retrained(run, change)
    high = other.trace.step_remainder.reshape(-1) >> 16
    clean = replace(other.trace, step_remainder=other.trace.step_remainder & (2**31 - 1))
    first = replace(other, trace=clean).values()
    shape = other.system.shape
    narrow = first["narrow"][0]
    narrow[shape.sections["step_high"]] = high
    narrow[shape.sections["step_high_doubled"]] = 2 * high & 0xFFFF
    first["narrow_count"] = np.bincount(narrow.astype(np.int64), minlength=CELLS).astype(np.uint64)[None]
    return Attack(other, first)


def a_saturation_that_did_not_happen(run: Any) -> Attack:
    """Row 2 of step 1 counts as far above the table, by a distance that is negative."""
    distance = 0

    def change(state: dict[str, Any], step: int) -> None:
        nonlocal distance
        if step == 1:
            distance = int(HIGHEST - state["cell"][0, 2])
            state["cell"][0, 2], state["output"][0, 2] = HIGHEST, 65536
            recomputed(state, run)

    other = retrained(run, change)
    first = other.values()
    place = other.system.shape.batch_rows + 2
    first["excess"][0, place] = P - distance
    first["cell_count"][0, HIGHEST - LOWEST] -= np.uint64(1)
    first["saturated"][0, 0] = P - distance
    first["saturated_count"][0, 0] += np.uint64(1)
    return Attack(other, first)


def a_remainder_out_of_range(run: Any) -> Attack:
    """The neighbouring cell, and a remainder that makes up for it."""

    def change(state: dict[str, Any], step: int) -> None:
        if step == 1:
            state["cell"][0, 2] -= 3000
            state["output"][0, 2] = table(Model.LOGISTIC)[state["cell"][0, 2] - LOWEST]
            recomputed(state, run)

    other = retrained(run, change)
    first, shape = other.values(), other.system.shape
    place = shape.sections["remainder"].start + shape.batch_rows + 2
    first["narrow_count"][0, int(first["narrow"][0, place])] -= np.uint64(1)
    first["narrow"][0, place] += np.uint64(3000 << 16)
    return Attack(other, first)


def a_remainder_out_of_range_with_a_forged_inverse(run: Any) -> Attack:
    return with_a_forged_range_inverse(a_remainder_out_of_range(run))


def with_a_forged_range_inverse(attack: Attack) -> Attack:
    shape = attack.run.system.shape
    place = shape.sections["remainder"].start + shape.batch_rows + 2

    def patch(first: Values, second: Values, _: Shape, c: Challenges) -> None:
        # Claim the inverse of a value that is in the table, and count that one.
        low = int(first["narrow"][0, place]) & 0xFFFF
        claimed = extension.add_elements(c.range_point, extension.constant(-low, c.degree))
        second["narrow_inverse"][:, place] = extension.inverse_element(claimed)

    first = {name: value.copy() for name, value in attack.first.items()}
    first["narrow_count"][0, int(first["narrow"][0, place]) & 0xFFFF] += np.uint64(1)
    return replace(attack, first=first, patch=patch)


def a_wrong_output(run: Any) -> Attack:
    """The right cell, but not the table's output for it."""

    def change(state: dict[str, Any], step: int) -> None:
        if step == 1:
            state["output"][0, 2] += 4000
            recomputed(state, run)

    other = retrained(run, change)
    return Attack(other, other.values())


def a_wrong_output_with_a_forged_inverse(run: Any) -> Attack:
    return with_a_forged_cell_inverse(a_wrong_output(run))


def with_a_forged_cell_inverse(attack: Attack) -> Attack:
    place = attack.run.system.shape.batch_rows + 2

    def patch(first: Values, second: Values, shape: Shape, c: Challenges) -> None:
        square = extension.mul_elements(c.cell_mix, c.cell_mix)
        honest = extension.scale_element(square, int(first["output"][0, place]) - 4000)
        honest = extension.add_elements(honest, extension.constant(int(first["cell"][0, place]), c.degree))
        denominator = extension.add_elements(c.cell_point, negative(honest))
        second["cell_inverse"][:, place] = extension.inverse_element(denominator)

    return replace(attack, patch=patch)


def a_wrong_output_hidden_among_the_saturated(run: Any) -> Attack:
    return hidden_among_the_saturated(a_wrong_output(run))


def hidden_among_the_saturated(attack: Attack) -> Attack:
    """The sum of the look-ups is put right with a fraction that belongs to no count."""

    def patch(first: Values, second: Values, shape: Shape, c: Challenges) -> None:
        place = shape.batch_rows + 2
        square = extension.mul_elements(c.cell_mix, c.cell_mix)
        honest = extension.scale_element(square, int(first["output"][0, place]) - 4000)
        honest = extension.add_elements(honest, extension.constant(int(first["cell"][0, place]), c.degree))
        right = extension.inverse_element(extension.add_elements(c.cell_point, negative(honest)))
        wrong = at(second, "cell_inverse", place)
        fix(second, "saturated_fraction", 0, extension.add_elements(wrong, negative(right)))

    return replace(attack, patch=patch)


def unchecked(schema: Any, features: Any, labels: Any) -> Any:
    """A committed data set that its own checks would have refused."""
    data = object.__new__(DataSet)
    for name, value in (("schema", schema), ("features", features), ("labels", labels)):
        object.__setattr__(data, name, value)
    return commit(data, proofs=2, degree_bound=1024, seed=b"2" * 32)


def a_label_of_two(run: Any) -> Attack:
    labels = run.data[0].data.labels.copy()
    labels[4] = 2
    committed = unchecked(run.data[0].data.schema, run.data[0].data.features, labels)
    other = replace(run, data=[committed], statement=replace(run.statement, data=(committed.header,)))
    other = retrained(other, lambda *_: None)
    return Attack(other, other.values())


def padding_that_is_not_zero(run: Any) -> Attack:
    def fill(layout: Layout, rows: np.ndarray) -> None:
        if "cell" in layout.places():
            rows[layout.places()["cell"].stop - 1, -1] = 9

    return Attack(run, run.values(), layout=fill)


ATTACKS: dict[str, Callable[[Any], Attack]] = {
    "data_is_committed": a_swapped_row,
    "rows_are_folded": a_wrong_activation_hidden_in_the_folded_rows,
    "weights_are_folded": a_wrong_activation_hidden_in_the_folded_weights,
    "columns_are_folded": a_wrong_weight_hidden_in_the_folded_columns,
    "errors_are_folded": a_wrong_weight_hidden_in_the_folded_errors,
    "activations_follow": a_wrong_activation,
    "weights_follow": a_wrong_weight,
    "weights_start_and_end": other_public_weights,
    "step_remainders_are_small": a_remainder_of_32_bits,
    "saturated_values_lie_beyond": a_saturation_that_did_not_happen,
    "ranges_are_looked_up": a_remainder_out_of_range,
    "cells_are_looked_up": a_wrong_output,
    "unused_cells_are_zero": padding_that_is_not_zero,
    "ranges_are_inverted": a_remainder_out_of_range_with_a_forged_inverse,
    "cells_are_inverted": a_wrong_output_with_a_forged_inverse,
    "saturated_are_counted": a_wrong_output_hidden_among_the_saturated,
    "folds_are_multiplied": a_wrong_activation_hidden_in_a_product,
    "labels_are_bits": a_label_of_two,
}


def holds(attack: Attack, maker: str) -> bool:
    """Whether what an attacker would send meets all constraints, combined with a verifier's challenges.

    What `send` and `verify` find out, without the polynomials in between.
    """
    system = attack.run.system
    transcript = system.transcript()
    challenges = Challenges.draw(transcript, system.shape, system.degree)
    second = getattr(relation, maker)(attack.first, system.shape, challenges)
    attack.patch(attack.first, second, system.shape, challenges)
    combination = system.combine(transcript, challenges)
    rows = [layout.rows(attack.first | second) for layout in system.trees[-2:]]
    rows = [*(data.rows()[:, : data.header.slots] for data in attack.run.data), *rows]
    total = extension.constant(0, system.degree)
    found = {}
    for tree, (layout, cells) in enumerate(zip(system.trees, rows, strict=True)):
        if attack.layout is not None:
            attack.layout(layout, cells)
        products = field.mul(combination.form.rows(tree), cells[None])
        total = extension.add_elements(total, extension.total(products.reshape(system.degree, -1)))
        found |= {name: cells[place] for name, place in layout.places().items()}
    products = combine(
        combination.constraints,
        combination.quadratic,
        lambda name: system.as_elements(name, found[name]),
        lambda count: system.head_slots(count)[:, : system.slots],
    )
    return total == combination.form.target and not products.any()


def send(monkeypatch: pytest.MonkeyPatch, attack: Attack, maker: str = "second_values") -> bytes:
    """The proof of a prover who carries the attack through; `maker`: whose second values are patched."""
    honest, rows = getattr(relation, maker), Layout.rows

    def second(first: Values, shape: Shape, challenges: Challenges) -> Values:
        values = {name: value.copy() for name, value in honest(first, shape, challenges).items()}
        attack.patch(first, values, shape, challenges)
        return values

    def filled(layout: Layout, values: Values) -> field.Array:
        found = rows(layout, values)
        if attack.layout is not None:
            attack.layout(layout, found)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(relation, maker, second)
        patched.setattr(Layout, "rows", filled)
        return attack.run.prove_values(attack.first)  # type: ignore[no-any-return]
