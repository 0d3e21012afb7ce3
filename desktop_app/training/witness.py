"""The prover's values: what a run left behind, and what the challenges make of it."""

from __future__ import annotations

import numpy as np

from desktop_app.core.errors import RefusedError
from desktop_app.training import extension, field, matrix
from desktop_app.training.activation import CELLS, HIGHEST, LOWEST, Model, table
from desktop_app.training.challenges import Challenges
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Integers, Trace, label_scale
from desktop_app.training.recipe import FEATURE_LIMIT, INTERCEPT, WEIGHT_LIMIT
from desktop_app.training.shape import Shape

Values = dict[str, Array]
"""Cells of each block, shape (parts, size)."""

MIN_SATURATION = 256
_LOW = 0xFFFF


def saturation_room(trace: Trace) -> int:
    """Room for the different values beyond the table: a power of two, so that it tells little."""
    found = max(
        len(np.unique(trace.excess[trace.excess > 0])), len(np.unique(trace.excess[trace.excess < 0]))
    )
    return max(MIN_SATURATION, 1 << (found - 1).bit_length() if found else 0)


def first_values(features: Integers, labels: Integers, trace: Trace, shape: Shape) -> Values:
    """The blocks that are committed before any challenge."""
    excess, distances, counts = _saturated(trace.excess, shape.saturation)
    weights = (trace.weights + WEIGHT_LIMIT).reshape(-1)
    left = trace.step_remainder.reshape(-1)
    sections = {
        "features": (features.T + FEATURE_LIMIT).reshape(-1),
        "labels": labels + FEATURE_LIMIT if shape.model is Model.LINEAR else np.zeros(0, dtype=np.int64),
        "remainder": trace.remainder.reshape(-1),
        "weight_low": weights & _LOW,
        "weight_high": weights >> 16,
        "step_low": left & _LOW,
        "step_high": left >> 16,
        "step_high_doubled": left >> 16 << 1,
        "excess_low": distances & _LOW,
        "excess_high": distances >> 16,
    }
    narrow = np.concatenate([sections[name] for name in shape.sections])
    inside = trace.excess == 0
    cells = trace.cell[inside] - LOWEST
    values = {
        "narrow": narrow,
        "cell": trace.cell.reshape(-1),
        "excess": trace.excess.reshape(-1),
        "output": trace.output.reshape(-1),
        "narrow_count": np.bincount(narrow, minlength=CELLS),
        "cell_count": np.bincount(cells, minlength=CELLS),
        "saturated": excess,
        "saturated_count": counts,
    }
    if shape.model is Model.LOGISTIC:
        values["label"] = labels
    return {name: field.array(cells)[None] for name, cells in values.items()}


def _saturated(excess: Integers, room: int) -> tuple[Integers, Integers, Integers]:
    """The table of values beyond the upper and the lower end: signed, as distances, how often each."""
    signed = np.zeros(2 * room, dtype=np.int64)
    counts = np.zeros(2 * room, dtype=np.int64)
    for side, part in enumerate((excess[excess > 0], excess[excess < 0])):
        found, often = np.unique(part, return_counts=True)
        if len(found) > room:
            raise RefusedError("training.too_many_saturated", found=len(found), room=room)
        signed[side * room : side * room + len(found)] = found
        counts[side * room : side * room + len(found)] = often
    return signed, np.abs(signed), counts


def second_values(first: Values, shape: Shape, challenges: Challenges) -> Values:
    """The blocks that depend on the challenges. Raises ZeroDivisionError at a pole (probability 2^-100)."""
    degree = challenges.degree
    inverses = extension.inverse(_minus(challenges.range_point, extension.embed(first["narrow"][0], degree)))
    cells = fingerprints(first["cell"][0], first["excess"][0], first["output"][0], challenges.cell_mix)
    saturated = fingerprints(*saturated_cells(first["saturated"][0], shape), challenges.cell_mix)
    fractions = extension.inverse(_minus(challenges.cell_point, saturated))
    left, right = _folds(first, shape, challenges)
    return {
        "narrow_inverse": inverses,
        "cell_inverse": extension.inverse(_minus(challenges.cell_point, cells)),
        "saturated_fraction": field.mul(fractions, first["saturated_count"]),
        "fold_left": left,
        "fold_right": right,
        "fold_product": extension.mul(left, right),
    }


def fingerprints(cell: Array, excess: Array, output: Array, mix: extension.Element) -> Array:
    """cell + mix * excess + mix^2 * output, shape (degree, n)."""
    square = extension.mul_elements(mix, mix)
    mixed = field.add(
        field.mul(extension.spread(mix, 1), excess), field.mul(extension.spread(square, 1), output)
    )
    return field.add(mixed, extension.embed(cell, len(mix)))


def saturated_cells(excess: Array, shape: Shape) -> tuple[Array, Array, Array]:
    """The triples of the table of saturated values: the upper end first."""
    room, outputs = shape.saturation, table(shape.model)
    ends = np.repeat(np.asarray([HIGHEST, LOWEST]), room)
    return field.array(ends), excess, field.array(np.repeat(outputs[[-1, 0]], room))


def _minus(point: extension.Element, values: Array) -> Array:
    return field.sub(extension.spread(point, 1), values)


def _folds(first: Values, shape: Shape, challenges: Challenges) -> tuple[Array, Array]:
    """The factors of the folded products: rows and weights by batch, then gradient and errors by row."""
    narrow = {name: first["narrow"][0, place] for name, place in shape.sections.items()}
    inputs = np.empty((shape.width, shape.rows), dtype=np.uint64)
    inputs[:-1] = field.sub(narrow["features"], np.uint64(FEATURE_LIMIT)).reshape(shape.features, -1)
    inputs[-1] = INTERCEPT
    high = field.mul(narrow["weight_high"], np.uint64(1 << 16))
    weights = field.sub(field.add(narrow["weight_low"], high), np.uint64(WEIGHT_LIMIT)).reshape(
        -1, shape.width
    )
    by_batch, weights_by_batch = [], []
    for batch in range(shape.batch_count):
        inside = slice(batch * shape.batch_rows, (batch + 1) * shape.batch_rows)
        by_batch.append(matrix.product(challenges.rows[:, inside], inputs[:, inside].T))
        steps = [step for step in range(shape.steps) if shape.batches[step] == batch]
        weights_by_batch.append(matrix.product(challenges.activation_steps[:, steps], weights[steps]))
    gradient = matrix.product(challenges.weights, inputs)
    errors = _errors_by_row(first, narrow, shape, challenges)
    return np.concatenate([*by_batch, gradient], axis=1), np.concatenate([*weights_by_batch, errors], axis=1)


def _errors_by_row(first: Values, narrow: Values, shape: Shape, challenges: Challenges) -> Array:
    scale = np.uint64(label_scale(shape.model))
    if shape.model is Model.LOGISTIC:
        labels = field.mul(first["label"][0], scale)
    else:
        labels = field.sub(narrow["labels"], np.uint64(FEATURE_LIMIT))
    output = first["output"][0].reshape(shape.steps, shape.batch_rows)
    goal = np.zeros(shape.batch_count * shape.batch_rows, dtype=np.uint64)
    goal[: shape.rows] = labels
    errors = field.sub(output, goal[shape.row_of])
    result = np.empty((challenges.degree, shape.batch_count, shape.batch_rows), dtype=np.uint64)
    for batch in range(shape.batch_count):
        steps = [step for step in range(shape.steps) if shape.batches[step] == batch]
        result[:, batch] = matrix.product(challenges.gradient_steps[:, steps], errors[steps])
    return result.reshape(challenges.degree, -1)[:, : shape.rows]
