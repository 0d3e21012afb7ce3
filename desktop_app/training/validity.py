"""What is proved when a data set is committed to: so many rows, and every value of each within its range.

Features lie in the public range of their column, labels are 0 or 1 (logistic) or lie in their range (linear).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json
from desktop_app.training import extension
from desktop_app.training.activation import Model, model_of
from desktop_app.training.challenges import Challenges
from desktop_app.training.claim import VERSION, Claim
from desktop_app.training.dataset import CommittedData, DataHeader
from desktop_app.training.linear_constraints import (
    Context,
    data_is_committed,
    named,
    ranges_are_looked_up,
    scaled,
    unused_cells_are_zero,
)
from desktop_app.training.quadratic_constraints import Quadratic, shared_quadratics
from desktop_app.training.recipe import FEATURE_LIMIT
from desktop_app.training.shape import Shape
from desktop_app.training.witness import Values, shared_first_values, shared_second_values

KIND = "colophon-data-set-proof"
LOWEST, HIGHEST = -FEATURE_LIMIT, FEATURE_LIMIT - 1

Range = tuple[int, int]
"""The smallest and the largest value, both included."""


@dataclass(frozen=True)
class ValidityStatement(Claim):
    data: DataHeader
    ranges: tuple[Range, ...]
    """One for each feature, in units of 2^-8, and the label's last (0 and 1, or in units of 2^-10)."""

    @staticmethod
    def of(
        data: DataHeader, ranges: tuple[Range, ...] | None = None, security: int = 100
    ) -> ValidityStatement:
        """The statement with these ranges, or with the widest."""
        label = (0, 1) if model_of(data.model) is Model.LOGISTIC else (LOWEST, HIGHEST)
        everything = (*((LOWEST, HIGHEST) for _ in range(data.features)), label)
        return ValidityStatement(KIND, VERSION, security, data, ranges or everything)

    @staticmethod
    def read(value: Json) -> ValidityStatement:
        """From JSON; raises InvalidInputError for anything but a statement that can be true."""
        found = canonical_json.read_dataclass(ValidityStatement, value)
        found.check()
        return found

    @property
    def committed(self) -> tuple[DataHeader, ...]:
        return (self.data,)

    def shape(self) -> ValidityShape:
        return ValidityShape(Model(self.data.model), (self.data.rows,), self.data.features, 0)

    def check(self) -> None:
        self.check_commitments(KIND)
        if len(self.ranges) != self.data.features + 1:
            raise InvalidInputError("training.wrong_shape")
        if not all(LOWEST <= low <= high <= HIGHEST for low, high in self.ranges):
            raise InvalidInputError("training.range_out_of_range")
        if model_of(self.data.model) is Model.LOGISTIC and self.ranges[-1] != (0, 1):
            raise InvalidInputError("training.range_out_of_range")
        self.check_size()


@dataclass(frozen=True)
class ValidityShape(Shape):
    @property
    def bounded(self) -> int:
        """Values with a range of their own: features, and numbers that are labels."""
        return self.rows * (self.features + (self.model is Model.LINEAR))

    @property
    def narrow_sizes(self) -> dict[str, int]:
        return super().narrow_sizes | {"above": self.bounded, "below": self.bounded}


Validity = Context[ValidityStatement, ValidityShape]


def values_lie_above(c: Validity) -> None:
    """value = lowest + a 16-bit value."""
    _beside(c, "above", 0, 1)


def values_lie_below(c: Validity) -> None:
    """value = highest - a 16-bit value."""
    _beside(c, "below", 1, -1)


def _beside(c: Validity, section: str, end: int, sign: int) -> None:
    drawn, shape = c.draw(section, c.shape.bounded), c.shape
    c.narrow("features", drawn[:, : shape.rows * shape.features])
    if shape.model is Model.LINEAR:
        c.narrow("labels", drawn[:, shape.rows * shape.features :])
    c.narrow(section, scaled(drawn, -sign))
    by_column = drawn.reshape(c.degree, -1, shape.rows)
    for column in range(by_column.shape[1]):
        offset = c.statement.ranges[column][end] + FEATURE_LIMIT
        c.form.require(extension.scale_element(extension.total(by_column[:, column]), offset))


VALIDITY_CONSTRAINTS = named(
    data_is_committed, values_lie_above, values_lie_below, ranges_are_looked_up, unused_cells_are_zero
)


def validity_quadratics(shape: ValidityShape, challenges: Challenges) -> list[Quadratic]:
    return shared_quadratics(shape, challenges)


def validity_second_values(first: Values, shape: ValidityShape, challenges: Challenges) -> Values:
    return shared_second_values(first, shape, challenges)


def validity_values(statement: ValidityStatement, data: CommittedData) -> Values:
    """The blocks committed before any challenge. Raises RefusedError where a value is out of range."""
    shape, rows = statement.shape(), data.data
    columns = [*rows.features.T, *([rows.labels] if shape.model is Model.LINEAR else [])]
    above = [column - low for column, (low, _) in zip(columns, statement.ranges, strict=False)]
    below = [high - column for column, (_, high) in zip(columns, statement.ranges, strict=False)]
    if min(part.min() for part in (*above, *below)) < 0:
        raise RefusedError("training.not_in_range")
    sections = {"above": np.concatenate(above), "below": np.concatenate(below)}
    return shared_first_values(rows.features, rows.labels, sections, shape)


def ranges_of(data: CommittedData) -> tuple[Range, ...]:
    """The tightest ranges that hold: they tell the smallest and the largest value of each column."""
    rows = data.data
    columns = [*rows.features.T, rows.labels]
    found = [(int(column.min()), int(column.max())) for column in columns]
    if model_of(data.header.model) is Model.LOGISTIC:
        found[-1] = (0, 1)
    return tuple(found)
