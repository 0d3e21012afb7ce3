"""The quadratic constraints: left * right = product in every cell of aligned blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from desktop_app.training import extension, field
from desktop_app.training.activation import HIGHEST, LOWEST, Model
from desktop_app.training.challenges import Challenges
from desktop_app.training.extension import Element
from desktop_app.training.field import Array
from desktop_app.training.shape import RunShape, Shape


@dataclass(frozen=True)
class Quadratic:
    """In each cell: (constant + head, in the first cells only, + sum of factor * block) * right = product.

    The product is a block, or 1 in the cells that are used.
    """

    name: str
    size: int
    constant: Element
    left: tuple[tuple[str, Element], ...]
    right: str
    product: str | None
    head: tuple[int, Element] | None = None


def ranges_are_inverted(
    shape: Shape, challenges: Challenges, name: str = "ranges_are_inverted", block: str = "narrow"
) -> Quadratic:
    minus = extension.constant(-1, challenges.degree)
    return Quadratic(
        name, shape.ranged[block], challenges.range_point, ((block, minus),), f"{block}_inverse", None
    )


def labels_are_bits(shape: Shape, challenges: Challenges) -> Quadratic:
    unit, zero = extension.constant(1, challenges.degree), extension.constant(0, challenges.degree)
    return Quadratic("labels_are_bits", shape.rows, zero, (("label", unit),), "label", "label")


def cells_are_inverted(shape: Shape, challenges: Challenges) -> Quadratic:
    mix = challenges.cell_mix
    square = extension.mul_elements(mix, mix)
    factors = (
        ("cell", extension.constant(-1, challenges.degree)),
        ("excess", extension.scale_element(mix, -1)),
        ("output", extension.scale_element(square, -1)),
    )
    return Quadratic(
        "cells_are_inverted", shape.activations, challenges.cell_point, factors, "cell_inverse", None
    )


def saturated_are_counted(shape: Shape, challenges: Challenges) -> Quadratic:
    mix = challenges.cell_mix
    square = extension.mul_elements(mix, mix)

    def end(cell: int, output: int) -> Element:
        """cell_point - (cell + mix^2 * output): what an end of the table contributes."""
        fixed = extension.add_elements(
            extension.constant(cell, challenges.degree), extension.scale_element(square, output)
        )
        return extension.add_elements(challenges.cell_point, extension.scale_element(fixed, -1))

    upper, lower = end(HIGHEST, int(shape.outputs[-1])), end(LOWEST, int(shape.outputs[0]))
    return Quadratic(
        "saturated_are_counted", 2 * shape.saturation, lower,
        (("saturated", extension.scale_element(mix, -1)),), "saturated_fraction", "saturated_count",
        (shape.saturation, extension.add_elements(upper, extension.scale_element(lower, -1))),
    )  # fmt: skip


def products_agree(name: str, size: int, degree: int, left: str, right: str, product: str) -> Quadratic:
    """left * right = product in every cell of three blocks."""
    unit, zero = extension.constant(1, degree), extension.constant(0, degree)
    return Quadratic(name, size, zero, ((left, unit),), right, product)


def shared_quadratics(shape: Shape, challenges: Challenges) -> list[Quadratic]:
    """What belongs to rows, range look-ups and activations of any kind of statement."""
    found = [ranges_are_inverted(shape, challenges)]
    if shape.model is Model.LOGISTIC and shape.rows:
        found.append(labels_are_bits(shape, challenges))
    if shape.activations:
        found += [cells_are_inverted(shape, challenges), saturated_are_counted(shape, challenges)]
    return found


def training_quadratics(shape: RunShape, challenges: Challenges) -> list[Quadratic]:
    folds = products_agree(
        "folds_are_multiplied", shape.fold_size, challenges.degree, "fold_left", "fold_right", "fold_product"
    )
    return [*shared_quadratics(shape, challenges), folds]


BlockValues = Callable[[str], Array]
"""The values of a block's rows as extension elements, shape (degree, height, points)."""
HeadValues = Callable[[int], Array]
"""For a number of cells: the polynomial of each row that is 1 in the cells before it, (height, points)."""


def evaluate(constraint: Quadratic, block: BlockValues, head: HeadValues) -> Array:
    """left * right - product at points of the code, shape (degree, height, points)."""
    right = block(constraint.right)
    height = right.shape[1]
    left = np.broadcast_to(extension.spread(constraint.constant, 2), (len(right), *right.shape[1:]))
    if constraint.head is not None:
        count, weight = constraint.head
        term = field.mul(extension.spread(weight, 2), _grown(head(count), height)[None])
        left = field.add(left, term)
    for name, factor in constraint.left:
        values = block(name)
        term = field.mul(values, np.uint64(factor[0]))
        if any(factor[1:]):
            term = extension.mul(values, extension.spread(factor, 2))
        left = field.add(left, term)
    if constraint.product is None:
        product = extension.embed(_grown(head(constraint.size), height), len(right))
    else:
        product = block(constraint.product)
    return field.sub(extension.mul(left, right), product)


def _grown(values: Array, height: int) -> Array:
    """The same for `height` rows: rows without a counted cell are zero."""
    grown = np.zeros((height, values.shape[1]), dtype=np.uint64)
    grown[: len(values)] = values
    return grown


def combine(
    constraints: list[Quadratic], weights: Mapping[str, Array], block: BlockValues, head: HeadValues
) -> Array:
    """The sum of all constraints, each row with its own random weight, shape (degree, points)."""
    result: Array | None = None
    for constraint in constraints:
        values = extension.mul(evaluate(constraint, block, head), weights[constraint.name][:, :, None])
        part = field.total(values, axis=1)
        result = part if result is None else field.add(result, part)
    assert result is not None
    return result
