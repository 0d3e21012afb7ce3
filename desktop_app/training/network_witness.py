"""The prover's values of a network's training: what it left behind, and what the challenges make of it."""

from __future__ import annotations

import numpy as np

from desktop_app.training import extension, field, matrix
from desktop_app.training.challenges import Challenges
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.network import NetworkTrace, split_weights
from desktop_app.training.network_statement import NetworkShape
from desktop_app.training.recipe import WEIGHT_LIMIT
from desktop_app.training.training_witness import folded_rows, steps_of, two_limbs
from desktop_app.training.witness import (
    LOW,
    Values,
    activation_values,
    as_blocks,
    shared_first_values,
    shared_second_values,
)

SHIFTS = {"remainder": 14, "step": 1, "slope_remainder": 3, "hidden_step": 14}
"""Remainders of 18, 31, 29 and 18 bits: the upper limb, shifted so far, has 16 bits too."""


def network_first_values(
    features: Integers, labels: Integers, trace: NetworkTrace, shape: NetworkShape
) -> Values:
    """The blocks that are committed before any challenge."""
    activations, sections = activation_values(trace.cell, trace.excess, trace.output, shape)
    sections["hidden_remainder"] = trace.hidden_remainder.reshape(-1)
    sections["magnitude"] = trace.magnitude.reshape(-1)
    for name, coded in (("weight", trace.weights), ("slope", trace.slope)):
        sections |= limbs(name, coded + WEIGHT_LIMIT)
    for name, rest in (
        ("step", trace.step_remainder),
        ("slope_remainder", trace.slope_remainder),
        ("hidden_step", trace.hidden_step_remainder),
        ("remainder", trace.remainder),
    ):
        sections |= limbs(name, rest)
        sections[f"{name}_high_shifted"] = rest.reshape(-1) >> 16 << SHIFTS[name]
    sections["remainder"] = sections.pop("remainder_low")
    _, top = split_weights(trace.weights[:-1], shape.units)
    hidden = {"sign": trace.sign, "value": trace.value, "error": trace.error, "output_weight": top[:, :-1]}
    blocks = as_blocks({name: values.reshape(-1) for name, values in hidden.items()})
    return shared_first_values(features, labels, sections, shape) | activations | blocks


def limbs(name: str, values: Integers) -> dict[str, Integers]:
    """The sections of the lower 16 bits and of the rest."""
    flat = values.reshape(-1)
    return {f"{name}_low": flat & LOW, f"{name}_high": flat >> 16}


def network_second_values(first: Values, shape: NetworkShape, challenges: Challenges) -> Values:
    """The blocks that depend on the challenges. Raises ZeroDivisionError at a pole."""
    narrow = {name: first["narrow"][0, place] for name, place in shape.sections.items()}
    units, degree = challenges.hidden[:, :-1], challenges.degree
    error = extension.embed(first["error"][0], degree)
    weight = extension.embed(first["output_weight"][0], degree)
    signs, values = (first[name].reshape(-1, shape.units) for name in ("sign", "value"))
    sign_fold, value_fold = matrix.product(units, signs.T), matrix.product(units, values.T)
    slopes = two_limbs(narrow, "slope").reshape(-1, shape.width)
    unit_fold, slope_fold = _units(values, shape, challenges), matrix.product(challenges.weights, slopes.T)
    sign_error = extension.mul(sign_fold, error)
    left = folded_rows(narrow, shape, challenges)
    right = _right(narrow, sign_error, shape, challenges)
    return shared_second_values(first, shape, challenges) | {
        "fold_left": left,
        "fold_right": right,
        "fold_product": extension.mul(left, right),
        "sign_fold": sign_fold,
        "sign_error": sign_error,
        "value_fold": value_fold,
        "value_error": extension.mul(value_fold, error),
        "unit_fold": unit_fold,
        "unit_product": extension.mul(unit_fold, weight),
        "slope_fold": slope_fold,
        "slope_product": extension.mul(slope_fold, weight),
    }


def _units(values: Array, shape: NetworkShape, challenges: Challenges) -> Array:
    """For each step and unit the sum over its rows of factor * value, shape (degree, T h)."""
    cells = values.reshape(shape.steps, shape.batch_rows, shape.units)
    result = np.empty((challenges.degree, shape.steps, shape.units), dtype=np.uint64)
    for batch, steps in enumerate(steps_of(shape)):
        factors = challenges.rows[:, batch * shape.batch_rows : (batch + 1) * shape.batch_rows]
        mine = cells[steps, : factors.shape[1]].transpose(1, 0, 2).reshape(factors.shape[1], -1)
        result[:, steps] = matrix.product(factors, mine).reshape(challenges.degree, len(steps), -1)
    return result.reshape(challenges.degree, -1)


def _right(narrow: Values, sign_error: Array, shape: NetworkShape, challenges: Challenges) -> Array:
    """The right factors: for each batch the hidden weights, folded; for each row its masked errors."""
    all_weights = two_limbs(narrow, "weight").reshape(-1, shape.weight_count)[:, : shape.hidden_weights]
    by_unit = all_weights.reshape(-1, shape.units, shape.width).transpose(1, 0, 2)
    degree = challenges.degree
    folded = matrix.product(challenges.hidden[:, :-1], np.ascontiguousarray(by_unit).reshape(shape.units, -1))
    weights = extension.mul(
        folded.reshape(degree, -1, shape.width)[:, : shape.steps], challenges.activation_steps[:, :, None]
    )
    cells = sign_error.reshape(degree, shape.steps, shape.batch_rows)
    errors = extension.mul(cells, challenges.gradient_steps[:, :, None])
    by_batch, by_row = [], []
    for steps in steps_of(shape):
        by_batch.append(field.total(weights[:, steps], axis=1))
        by_row.append(field.total(errors[:, steps], axis=1))
    rows = np.concatenate(by_row, axis=1)[:, : shape.rows]
    return np.concatenate([*by_batch, rows], axis=1)
