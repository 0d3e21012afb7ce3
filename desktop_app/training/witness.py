"""The prover's values of what all kinds of statements share: rows, range look-ups, activations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from desktop_app.core.errors import RefusedError
from desktop_app.training import extension, field
from desktop_app.training.activation import CELLS, HIGHEST, LOWEST, Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.field import Array
from desktop_app.training.gradient_descent import Integers
from desktop_app.training.recipe import FEATURE_LIMIT
from desktop_app.training.shape import Shape

Values = dict[str, Array]
"""Cells of each block, shape (parts, size)."""

MIN_SATURATION = 256
LOW = 0xFFFF


def saturation_room(excess: Integers) -> int:
    """Room for the different values beyond the table: a power of two, so that it tells little."""
    found = max(len(np.unique(excess[excess > 0])), len(np.unique(excess[excess < 0])))
    return max(MIN_SATURATION, 1 << (found - 1).bit_length() if found else 0)


def shared_first_values(
    features: Integers, labels: Integers, sections: Mapping[str, Integers], shape: Shape
) -> Values:
    """Rows and 16-bit values; `sections` holds those beside features and labels, by name."""
    parts = dict(sections)
    if shape.rows:
        parts["features"] = (features.T + FEATURE_LIMIT).reshape(-1)
        if shape.model is Model.LINEAR:
            parts["labels"] = labels + FEATURE_LIMIT
    empty = np.zeros(0, dtype=np.int64)
    narrow = np.concatenate([parts.get(name, empty) for name in shape.sections])
    values = {"narrow": narrow, "narrow_count": np.bincount(narrow, minlength=CELLS)}
    for name in shape.ranged:
        if name != "narrow":
            values[name] = parts[name]
            values["narrow_count"] += np.bincount(parts[name], minlength=CELLS)
    if shape.model is Model.LOGISTIC and shape.rows:
        values["label"] = labels
    return as_blocks(values)


def activation_values(
    cell: Integers, excess: Integers, output: Integers, shape: Shape
) -> tuple[Values, dict[str, Integers]]:
    """The blocks of the activation look-ups, and their sections of 16-bit values."""
    signed, distances, counts = _saturated(excess, shape.saturation)
    values = {
        "cell": cell.reshape(-1),
        "excess": excess.reshape(-1),
        "output": output.reshape(-1),
        "cell_count": np.bincount(cell[excess == 0] - LOWEST, minlength=CELLS),
        "saturated": signed,
        "saturated_count": counts,
    }
    return as_blocks(values), {"excess_low": distances & LOW, "excess_high": distances >> 16}


def as_blocks(values: Mapping[str, Integers]) -> Values:
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


def shared_second_values(first: Values, shape: Shape, challenges: Challenges) -> Values:
    """The look-ups' inverses. Raises ZeroDivisionError at a pole (probability 2^-100)."""
    degree = challenges.degree
    values = {
        f"{name}_inverse": extension.inverse(
            _minus(challenges.range_point, extension.embed(first[name][0], degree))
        )
        for name in shape.ranged
    }
    if shape.activations:
        cells = fingerprints(first["cell"][0], first["excess"][0], first["output"][0], challenges.cell_mix)
        saturated = fingerprints(*saturated_cells(first["saturated"][0], shape), challenges.cell_mix)
        fractions = extension.inverse(_minus(challenges.cell_point, saturated))
        values["cell_inverse"] = extension.inverse(_minus(challenges.cell_point, cells))
        values["saturated_fraction"] = field.mul(fractions, first["saturated_count"])
    return values


def fingerprints(cell: Array, excess: Array, output: Array, mix: extension.Element) -> Array:
    """cell + mix * excess + mix^2 * output, shape (degree, n)."""
    square = extension.mul_elements(mix, mix)
    mixed = field.add(
        field.mul(extension.spread(mix, 1), excess), field.mul(extension.spread(square, 1), output)
    )
    return field.add(mixed, extension.embed(cell, len(mix)))


def saturated_cells(excess: Array, shape: Shape) -> tuple[Array, Array, Array]:
    """The triples of the table of saturated values: the upper end first."""
    room, outputs = shape.saturation, shape.outputs
    ends = np.repeat(np.asarray([HIGHEST, LOWEST]), room)
    return field.array(ends), excess, field.array(np.repeat(outputs[[-1, 0]], room))


def _minus(point: extension.Element, values: Array) -> Array:
    return field.sub(extension.spread(point, 1), values)
