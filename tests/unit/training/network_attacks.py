"""The attacks on a network's training: each breaks exactly one constraint, as in `attacks.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from unit.training.attacks import (
    Attack,
    at,
    fix,
    hidden_among_the_saturated,
    other_public_weights,
    padding_that_is_not_zero,
    quotient,
    unchecked,
    with_a_forged_cell_inverse,
    with_a_forged_range_inverse,
)

from desktop_app.training import extension
from desktop_app.training.activation import HIGHEST, LOWEST, Model, table
from desktop_app.training.challenges import Challenges
from desktop_app.training.dataset import DataSet
from desktop_app.training.extension import Element
from desktop_app.training.field import P
from desktop_app.training.gradient_descent import activate
from desktop_app.training.network import backward, train_network
from desktop_app.training.network_statement import NetworkShape
from desktop_app.training.network_witness import SHIFTS
from desktop_app.training.recipe import WEIGHT_BITS
from desktop_app.training.witness import Values

STEP, ROW, UNIT = 1, 2, 0
"""Where most attacks are made: their cells lie at STEP * rows + ROW, and so on."""

State = dict[str, Any]


class Steps:
    """A full-batch run that is carried on honestly from whatever a step was made to leave."""

    def __init__(self, run: Any, features: Any = None, labels: Any = None) -> None:
        data = run.data[0].data
        self.run = run
        self.features = data.features if features is None else features
        self.labels = data.labels if labels is None else labels
        self.inputs = np.hstack([self.features, np.full((len(self.features), 1), 256)])
        self.constant = np.full(len(self.inputs), 1 << 10)

    def retrained(self, change: Callable[[State, int], None] = lambda *_: None) -> Any:
        """`change` may move any value of a step (arrays without the step's axis) and what comes `after`."""
        statement = self.run.statement
        recipe = replace(statement.recipe, steps=1)
        weights, parts = list(statement.initial), []
        for step in range(statement.recipe.steps):
            one = train_network(self.features, self.labels, recipe, [0], weights, statement.units)
            state = {name: value[0].copy() for name, value in vars(one).items()}
            state["after"] = one.weights[1].copy()
            change(state, step)
            parts.append(state)
            weights = [int(weight) for weight in state["after"]]
        joined = {name: np.stack([part[name] for part in parts]) for name in parts[0] if name != "after"}
        joined["weights"] = np.concatenate([joined["weights"], np.asarray([weights])])
        trace = replace(self.run.trace, **joined)
        return replace(self.run, trace=trace, statement=replace(statement, final=trace.final))

    def forth(self, state: State, weights: Any = None) -> None:
        """Outputs again, honestly, from the values of the hidden units."""
        top = (state["weights"] if weights is None else weights)[-state["value"].shape[1] - 1 :]
        z = state["value"] @ top[:-1] + self.constant * top[-1]
        found = activate(z, table(Model.LOGISTIC), WEIGHT_BITS)
        state["remainder"], state["cell"], state["excess"], state["output"] = found
        self.errors(state)

    def errors(self, state: State, weights: Any = None) -> None:
        """Errors again, and what follows from them."""
        state["error"] = state["output"] - self.labels * 65536
        self.back(state, weights)

    def back(self, state: State, weights: Any = None) -> None:
        """The end of a step again, honestly; `weights`: those that are worked on, where they differ."""
        used = state["weights"] if weights is None else weights
        parts = backward(
            self.inputs, self.constant, state["sign"], state["value"], state["error"], used,
            self.run.statement.recipe,
        )  # fmt: skip
        after, state["step_remainder"], state["slope"], state["slope_remainder"], rest = parts
        state["after"], state["hidden_step_remainder"] = after - used + state["weights"], rest


def changed(run: Any, change: Callable[[State, Steps], None], step: int = STEP) -> Attack:
    """One step is changed; all others are honest."""
    steps = Steps(run)
    other = steps.retrained(lambda state, now: change(state, steps) if now == step else None)
    return Attack(other, other.values())


def row_place(shape: NetworkShape) -> int:
    return STEP * shape.batch_rows + ROW


def unit_place(shape: NetworkShape) -> int:
    return STEP * shape.units + UNIT


def product(*elements: Element) -> Element:
    result = elements[0]
    for element in elements[1:]:
        result = extension.mul_elements(result, element)
    return result


def drawn(values: Any, place: int) -> Element:
    return extension.as_element(values[:, place])


def patched(attack: Attack, patch: Callable[[Values, Values, NetworkShape, Challenges], None]) -> Attack:
    return replace(attack, patch=patch)  # type: ignore[arg-type]


def a_swapped_row(run: Any) -> Attack:
    data = run.data[0].data
    features, labels = data.features.copy(), data.labels.copy()
    features[[2, 5]], labels[3] = features[[5, 2]], 1 - labels[3]
    other = Steps(run, features, labels).retrained()
    forged = replace(run.data[0], data=DataSet(data.schema, features, labels))
    return Attack(other, replace(other, data=[forged]).values())


def a_wrong_error(run: Any) -> Attack:
    def change(state: State, steps: Steps) -> None:
        state["error"][ROW] += 4000
        steps.back(state)

    return changed(run, change)


MOVED = 700


def a_wrong_hidden_sum(run: Any) -> Attack:
    """The unit has another value than its sum, and all that follows is honest."""

    def change(state: State, steps: Steps) -> None:
        state["magnitude"][ROW, UNIT] += MOVED
        state["value"] = state["sign"] * state["magnitude"]
        steps.forth(state)

    return changed(run, change)


def hidden_defect(first: Values, c: Challenges, shape: NetworkShape) -> Element:
    """By how much the folded hidden sums miss the folded products in `a_wrong_hidden_sum`."""
    sign = int(first["sign"][0, row_place(shape) * shape.units + UNIT])
    factors = drawn(c.activation_steps, STEP), drawn(c.rows, ROW), drawn(c.hidden, UNIT)
    return extension.scale_element(product(*factors), (MOVED if sign else -MOVED) << 16)


def a_wrong_hidden_sum_hidden_in(*blocks: str) -> Callable[[Any], Attack]:
    def patch(first: Values, second: Values, shape: NetworkShape, c: Challenges) -> None:
        defect = hidden_defect(first, c, shape)
        for block, other in (("fold_left", "fold_right"), ("fold_right", "fold_left")):
            if block in blocks:
                fix(second, block, 0, quotient(defect, at(second, other, 0)))
        fix(second, "fold_product", 0, defect)

    return lambda run: patched(a_wrong_hidden_sum(run), patch)


def a_wrong_output_sum(run: Any) -> Attack:
    def change(state: State, steps: Steps) -> None:
        state["cell"][ROW] += 5000
        state["output"][ROW] = table(Model.LOGISTIC)[state["cell"][ROW] - LOWEST]
        steps.errors(state)

    return changed(run, change)


def a_wrong_output_sum_hidden_in(*blocks: str) -> Callable[[Any], Attack]:
    def patch(first: Values, second: Values, shape: NetworkShape, c: Challenges) -> None:
        defect = extension.scale_element(drawn(c.rows, ROW), 5000 << 18)
        place = unit_place(shape)
        if "unit_fold" in blocks:
            weight = extension.constant(int(first["output_weight"][0, place]), c.degree)
            fix(second, "unit_fold", place, quotient(defect, weight))
        fix(second, "unit_product", place, defect)

    return lambda run: patched(a_wrong_output_sum(run), patch)


def another_output_weight_in_the_products(run: Any) -> Attack:
    """In one step the network works with an output weight that is not its own."""
    weights: list[Any] = []

    def change(state: State, steps: Steps) -> None:
        used = state["weights"].copy()
        used[-1 - steps.run.statement.units + UNIT] += 99_999
        weights.append(used)
        steps.forth(state, used)
        steps.back(state, used)
        # The decay is that of the weights themselves.
        honest = backward(
            steps.inputs, steps.constant, state["sign"], state["value"], state["error"], state["weights"],
            steps.run.statement.recipe,
        )  # fmt: skip
        top = slice(-1 - steps.run.statement.units, None)
        state["after"][top], state["step_remainder"] = honest[0][top], honest[1]

    attack = changed(run, change)
    place = unit_place(attack.run.system.shape)
    attack.first["output_weight"][0, place] = int(weights[0][-1 - run.statement.units + UNIT]) % P
    return attack


STRAY = 12345


def a_wrong_output_weight(run: Any) -> Attack:
    def change(state: State, steps: Steps) -> None:
        state["after"][-1 - steps.run.statement.units + UNIT] += STRAY

    return changed(run, change)


def a_wrong_output_weight_hidden_in(*blocks: str) -> Callable[[Any], Attack]:
    def patch(first: Values, second: Values, shape: NetworkShape, c: Challenges, rate: int) -> None:
        defect = extension.scale_element(drawn(c.hidden, UNIT), -(STRAY << 31) * pow(rate, -1, P))
        place = row_place(shape)
        if "value_fold" in blocks:
            error = extension.constant(int(first["error"][0, place]), c.degree)
            fix(second, "value_fold", place, quotient(defect, error))
        fix(second, "value_error", place, defect)

    def made(run: Any) -> Attack:
        rate = run.statement.recipe.rate
        return patched(a_wrong_output_weight(run), lambda *given: patch(*given, rate))

    return made


def a_wrong_slope(run: Any) -> Attack:
    """One slope is not what the rows say; the hidden weights follow it."""

    def change(state: State, steps: Steps) -> None:
        weights, units = state["weights"], steps.run.statement.units
        decay = steps.run.statement.recipe.decay >> 13
        state["slope"][UNIT, 0] += STRAY
        bent = int(state["slope"][UNIT, 0]) * int(weights[-1 - units + UNIT]) + decay * int(weights[0])
        state["after"][0] = weights[0] - (bent >> 18)
        state["hidden_step_remainder"][UNIT, 0] = bent & ((1 << 18) - 1)

    return changed(run, change)


def a_wrong_slope_hidden_in(*blocks: str) -> Callable[[Any], Attack]:
    def patch(first: Values, second: Values, shape: NetworkShape, c: Challenges, rate: int) -> None:
        factors = drawn(c.gradient_steps, STEP), drawn(c.hidden, UNIT), drawn(c.weights, 0)
        defect = extension.scale_element(product(*factors), (STRAY << 29) * pow(rate, -1, P))
        place = shape.batch_count * shape.width + ROW
        left, right = at(second, "fold_left", place), at(second, "fold_right", place)
        if "fold_left" in blocks:
            fix(second, "fold_left", place, quotient(defect, right))
        else:
            fix(second, "fold_right", place, quotient(defect, left))
        fix(second, "fold_product", place, defect)
        if "sign_error" in blocks:
            missing = quotient(quotient(defect, left), drawn(c.gradient_steps, STEP))
            fix(second, "sign_error", row_place(shape), missing)
            if "sign_fold" in blocks:
                error = extension.constant(int(first["error"][0, row_place(shape)]), c.degree)
                fix(second, "sign_fold", row_place(shape), quotient(missing, error))

    def made(run: Any) -> Attack:
        rate = run.statement.recipe.rate
        return patched(a_wrong_slope(run), lambda *given: patch(*given, rate))

    return made


def a_wrong_hidden_weight(run: Any) -> Attack:
    def change(state: State, _: Steps) -> None:
        state["after"][0] += STRAY

    return changed(run, change)


def a_wrong_hidden_weight_hidden_in(*blocks: str) -> Callable[[Any], Attack]:
    def patch(first: Values, second: Values, shape: NetworkShape, c: Challenges) -> None:
        defect = extension.scale_element(drawn(c.weights, 0), -(STRAY << 18))
        place = unit_place(shape)
        if "slope_fold" in blocks:
            weight = extension.constant(int(first["output_weight"][0, place]), c.degree)
            fix(second, "slope_fold", place, quotient(defect, weight))
        fix(second, "slope_product", place, defect)

    return lambda run: patched(a_wrong_hidden_weight(run), patch)


def a_remainder_with_a_bit_too_many(name: str = "hidden_step") -> Callable[[Any], Attack]:
    """Rounds up where the recipe rounds down, the remainder being as large as the divisor."""
    bits = {"remainder": 18, "step": 31, "slope_remainder": 29, "hidden_step": 18}[name]

    def made(run: Any) -> Attack:
        units, steps = run.statement.units, Steps(run)

        def change(state: State, now: int) -> None:
            if now != 0:
                return
            if name == "hidden_step":
                state["after"][0] += 1
            elif name == "step":
                state["after"][-1 - units] += 1
            elif name == "slope_remainder":
                state["slope"][0, 0] -= 1
                weights, decay = state["weights"], run.statement.recipe.decay >> 13
                bent = int(state["slope"][0, 0]) * int(weights[-1 - units]) + decay * int(weights[0])
                state["after"][0] = weights[0] - (bent >> 18)
                state["hidden_step_remainder"][0, 0] = bent & ((1 << 18) - 1)
            else:
                state["cell"][0] -= 1
                state["output"][0] = table(Model.LOGISTIC)[state["cell"][0] - LOWEST]
                steps.errors(state)

        other = steps.retrained(change)
        first, sections = other.values(), other.system.shape.sections
        narrow, counts = first["narrow"][0], first["narrow_count"][0]
        high, shifted = sections[f"{name}_high"].start, sections[f"{name}_high_shifted"].start
        raised = int(narrow[high]) + (1 << bits - 16)
        for place, value in ((high, raised), (shifted, raised << SHIFTS[name] & 0xFFFF)):
            counts[int(narrow[place])] -= np.uint64(1)
            narrow[place] = value
            counts[value] += np.uint64(1)
        return Attack(other, first)

    return made


def a_saturation_that_did_not_happen(run: Any) -> Attack:
    """A row of a step counts as far above the table, by a distance that is negative."""
    distance = 0

    def change(state: State, steps: Steps) -> None:
        nonlocal distance
        distance = int(HIGHEST - state["cell"][ROW])
        state["cell"][ROW], state["output"][ROW] = HIGHEST, 65536
        steps.errors(state)

    attack = changed(run, change)
    first, place = attack.first, row_place(attack.run.system.shape)
    first["excess"][0, place] = P - distance
    first["cell_count"][0, HIGHEST - LOWEST] -= np.uint64(1)
    first["saturated"][0, 0] = P - distance
    first["saturated_count"][0, 0] += np.uint64(1)
    return attack


def a_remainder_out_of_range(run: Any) -> Attack:
    """The neighbouring cell, and a remainder that makes up for it."""

    def change(state: State, steps: Steps) -> None:
        state["cell"][ROW] -= 3000
        state["output"][ROW] = table(Model.LOGISTIC)[state["cell"][ROW] - LOWEST]
        steps.errors(state)

    attack = changed(run, change)
    shape, first = attack.run.system.shape, attack.first
    place = shape.sections["remainder"].start + row_place(shape)
    first["narrow_count"][0, int(first["narrow"][0, place])] -= np.uint64(1)
    first["narrow"][0, place] += np.uint64(3000 << 18)
    return attack


def a_wrong_output(run: Any) -> Attack:
    """The right cell, but not the table's output for it."""

    def change(state: State, steps: Steps) -> None:
        state["output"][ROW] += 4000
        steps.errors(state)

    return changed(run, change)


def an_active_unit_that_counts_as_inactive(run: Any) -> Attack:
    """Its magnitude is negative, and the inverse of another value is claimed for it."""
    found: list[tuple[int, int]] = []

    def change(state: State, steps: Steps) -> None:
        row, unit = (int(one[0]) for one in np.nonzero(state["sign"]))
        found.append((row * steps.run.statement.units + unit, int(state["value"][row, unit])))
        state["sign"][row, unit] = state["value"][row, unit] = state["magnitude"][row, unit] = 0
        steps.forth(state)

    attack = changed(run, change)
    place = STEP * attack.run.system.shape.batch_rows * run.statement.units + found[0][0]
    # In the range table it passes for 0.
    attack.first["magnitude"][0, place] = P - 1 - found[0][1]

    def patch(first: Values, second: Values, shape: NetworkShape, c: Challenges) -> None:
        second["magnitude_inverse"][:, place] = extension.inverse_element(c.range_point)

    return patched(attack, patch)


def a_sign_of_two(run: Any) -> Attack:
    """c = 3 m + 1 with the sign 2: the unit counts for two thirds, and twice in the gradient."""

    def change(state: State, steps: Steps) -> None:
        value = state["value"]
        row, unit = (int(one[0]) for one in np.nonzero((value > 1) & (value % 3 == 1)))
        magnitude = (int(value[row, unit]) - 1) // 3
        state["sign"][row, unit], state["magnitude"][row, unit] = 2, magnitude
        state["value"][row, unit] = 2 * magnitude
        steps.forth(state)

    return changed(run, change)


def a_value_that_is_not_rectified(run: Any) -> Attack:
    """Value and magnitude are both wrong, so that the hidden sum is still met."""

    def change(state: State, steps: Steps) -> None:
        state["value"][ROW, UNIT] += 500
        state["magnitude"][ROW, UNIT] += 1000
        steps.forth(state)

    return changed(run, change)


def a_label_of_two(run: Any) -> Attack:
    data = run.data[0].data
    labels = data.labels.copy()
    labels[4] = 2
    committed = unchecked(data.schema, data.features, labels)
    other = replace(run, data=[committed], statement=replace(run.statement, data=(committed.header,)))
    other = Steps(other).retrained()
    return Attack(other, other.values())


NETWORK_ATTACKS: dict[str, Callable[[Any], Attack]] = {
    "data_is_committed": a_swapped_row,
    "rows_are_folded": a_wrong_hidden_sum_hidden_in("fold_left"),
    "hidden_weights_are_folded": a_wrong_hidden_sum_hidden_in("fold_right"),
    "columns_are_folded": a_wrong_slope_hidden_in("fold_left"),
    "errors_follow": a_wrong_error,
    "masked_errors_are_folded": a_wrong_slope_hidden_in("fold_right"),
    "signs_are_folded": a_wrong_slope_hidden_in("fold_right", "sign_error", "sign_fold"),
    "values_are_folded": a_wrong_output_weight_hidden_in("value_fold"),
    "units_are_folded": a_wrong_output_sum_hidden_in("unit_fold"),
    "slopes_are_folded": a_wrong_hidden_weight_hidden_in("slope_fold"),
    "output_weights_are_placed": another_output_weight_in_the_products,
    "hidden_sums_follow": a_wrong_hidden_sum,
    "output_sums_follow": a_wrong_output_sum,
    "output_weights_follow": a_wrong_output_weight,
    "slopes_follow": a_wrong_slope,
    "hidden_weights_follow": a_wrong_hidden_weight,
    "weights_start_and_end": other_public_weights,
    "remainders_are_small": a_remainder_with_a_bit_too_many(),
    "saturated_values_lie_beyond": a_saturation_that_did_not_happen,
    "ranges_are_looked_up": a_remainder_out_of_range,
    "cells_are_looked_up": a_wrong_output,
    "unused_cells_are_zero": padding_that_is_not_zero,
    "ranges_are_inverted": lambda run: with_a_forged_range_inverse(a_remainder_out_of_range(run)),
    "cells_are_inverted": lambda run: with_a_forged_cell_inverse(a_wrong_output(run)),
    "saturated_are_counted": lambda run: hidden_among_the_saturated(a_wrong_output(run)),
    "folds_are_multiplied": a_wrong_hidden_sum_hidden_in(),
    "labels_are_bits": a_label_of_two,
    "magnitudes_are_inverted": an_active_unit_that_counts_as_inactive,
    "signs_are_bits": a_sign_of_two,
    "values_are_rectified": a_value_that_is_not_rectified,
    "signs_meet_errors": a_wrong_slope_hidden_in("fold_right", "sign_error"),
    "values_meet_errors": a_wrong_output_weight_hidden_in(),
    "units_meet_weights": a_wrong_output_sum_hidden_in(),
    "slopes_meet_weights": a_wrong_hidden_weight_hidden_in(),
}
