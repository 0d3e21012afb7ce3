"""From a table of text to the integers of a data set, by a schema that everybody can read.

Numbers become (x - centre) / spread, categories one column of 0 and 1 for each value. Several owners, and a
test set, use the schema of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import InvalidInputError
from desktop_app.proofs import canonical_json
from desktop_app.training.activation import Model, model_of
from desktop_app.training.dataset import DataSet, Schema
from desktop_app.training.recipe import FEATURE_BITS

NUMBER, CATEGORY = "number", "category"
MAX_CATEGORIES = 64
MAX_SCHEMA_SIZE = 1 << 20


@dataclass(frozen=True)
class Table:
    """Columns of text, each as long as the others."""

    columns: dict[str, list[str]]

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def column(self, name: str) -> list[str]:
        """Raises InvalidInputError where there is none of this name."""
        if name not in self.columns:
            raise InvalidInputError("training.no_such_column", column=name[:80])
        return self.columns[name]

    def without_gaps(self) -> Table:
        """The rows that have a value in every column."""
        kept = [i for i, row in enumerate(zip(*self.columns.values(), strict=True)) if all(row)]
        return Table({name: [values[i] for i in kept] for name, values in self.columns.items()})


@dataclass(frozen=True)
class Column:
    """How one column of the table is read."""

    name: str
    kind: str
    """"number" or "category"."""
    centre: str = "0"
    spread: str = "1"
    """Decimal numbers."""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSchema:
    model: str
    columns: tuple[Column, ...]
    label: str
    positive: str
    """Logistic: the value of the label that counts as 1; every other counts as 0."""
    centre: str = "0"
    spread: str = "1"
    """Linear: how the label is scaled."""

    def encode(self) -> bytes:
        return canonical_json.write(canonical_json.write_dataclass(self))

    @staticmethod
    def read(data: bytes) -> TableSchema:
        """Raises InvalidInputError for anything but a schema."""
        found = canonical_json.read_dataclass(TableSchema, canonical_json.read(data, MAX_SCHEMA_SIZE))
        model_of(found.model)
        for column in found.columns:
            if column.kind not in (NUMBER, CATEGORY):
                raise InvalidInputError("training.unknown_column_kind", column=column.name[:80])
            _scale(column.centre, column.spread)
        _scale(found.centre, found.spread)
        return found

    def features(self) -> tuple[str, ...]:
        """One description for each feature; together with the label's they are what the commitment binds."""
        found: list[str] = []
        for column in self.columns:
            if column.kind == CATEGORY:
                found += [f"{column.name} is {value}" for value in column.categories]
            else:
                found.append(f"({column.name} - {column.centre}) / {column.spread}")
        return tuple(found)

    def schema(self) -> Schema:
        """What the data set's header names by its digest."""
        if model_of(self.model) is Model.LOGISTIC:
            label = f"{self.label} is {self.positive}"
        else:
            label = f"({self.label} - {self.centre}) / {self.spread}"
        return Schema(self.features(), label, self.model)

    def inputs(self, table: Table) -> NDArray[np.float64]:
        """The rows without their label, (n, d); raises InvalidInputError with the row that does not fit."""
        if not table.rows or not self.columns:
            raise InvalidInputError("training.empty_table")
        return np.column_stack([_features(column, table.column(column.name)) for column in self.columns])

    def data_set(self, table: Table) -> DataSet:
        """The rows as integers; raises InvalidInputError with the row where a value does not fit."""
        inputs = self.inputs(table)
        label = table.column(self.label)
        if model_of(self.model) is Model.LOGISTIC:
            _no_gaps(self.label, label)
            labels = np.asarray([float(value == self.positive) for value in label])
        else:
            labels = _numbers(self.label, label, self.centre, self.spread)
        return DataSet.of_numbers(self.schema(), inputs, labels)


    def describe(self, inputs: Sequence[int]) -> list[tuple[str, str]]:
        """Column and value of one row of features (in units of 2^-8), as close as those units allow."""
        found = []
        place = 0
        for column in self.columns:
            if column.kind == CATEGORY:
                part = inputs[place : place + len(column.categories)]
                chosen = [name for name, value in zip(column.categories, part, strict=True) if value]
                found.append((column.name, ", ".join(chosen)))
                place += len(column.categories)
            else:
                middle, width = _scale(column.centre, column.spread)
                found.append((column.name, f"{middle + width * inputs[place] / 2**FEATURE_BITS:.4g}"))
                place += 1
        return found


def infer_schema(
    table: Table,
    label: str,
    model: str,
    *,
    positive: str | None = None,
    categories: Sequence[str] = (),
    leave_out: Sequence[str] = (),
) -> TableSchema:
    """A schema in which numbers have mean about 0 and spread about 1; the rest are categories.

    Centre and spread are rounded to three digits: the schema is shown to verifiers. Raises InvalidInputError
    where the label is not two values (logistic) or numbers (linear), or a column has too many categories.
    """
    kind = model_of(model)
    for name in (label, *categories, *leave_out):
        table.column(name)
    if not table.rows:
        raise InvalidInputError("training.empty_table")
    columns = []
    for name, values in table.columns.items():
        if name == label or name in leave_out:
            continue
        if name not in categories and all(is_number(value) for value in values):
            numbers = np.asarray([float(value) for value in values])
            columns.append(Column(name, NUMBER, *_centre_and_spread(numbers)))
            continue
        _no_gaps(name, values)
        found = tuple(sorted(set(values)))
        if len(found) > MAX_CATEGORIES:
            raise InvalidInputError("training.too_many_categories", column=name[:80], found=len(found))
        columns.append(Column(name, CATEGORY, categories=found))
    if not columns:
        raise InvalidInputError("training.empty_table")
    if kind is Model.LINEAR:
        numbers = _numbers(label, table.column(label), "0", "1")
        return TableSchema(model, tuple(columns), label, "", *_centre_and_spread(numbers))
    values = sorted(set(table.column(label)))
    if positive is None and len(values) != 2:
        raise InvalidInputError("training.label_not_two", column=label[:80], found=len(values))
    chosen = values[-1] if positive is None else positive
    if chosen not in values:
        raise InvalidInputError("training.no_such_label", value=chosen[:80])
    return TableSchema(model, tuple(columns), label, chosen)


def _features(column: Column, values: list[str]) -> NDArray[np.float64]:
    if column.kind == NUMBER:
        return _numbers(column.name, values, column.centre, column.spread)[:, None]
    _no_gaps(column.name, values)
    places = {value: place for place, value in enumerate(column.categories)}
    found = np.zeros((len(values), len(column.categories)))
    for row, value in enumerate(values):
        if value not in places:
            raise InvalidInputError("training.unknown_category", row=row + 1, column=column.name[:80])
        found[row, places[value]] = 1
    return found


def _numbers(name: str, values: list[str], centre: str, spread: str) -> NDArray[np.float64]:
    middle, width = _scale(centre, spread)
    found = np.empty(len(values))
    for row, value in enumerate(values):
        if not is_number(value):
            raise InvalidInputError("training.no_number_in_row", row=row + 1, column=name[:80])
        found[row] = (float(value) - middle) / width
    return found


def _no_gaps(name: str, values: list[str]) -> None:
    for row, value in enumerate(values):
        if not value:
            raise InvalidInputError("training.no_number_in_row", row=row + 1, column=name[:80])


def is_number(value: str) -> bool:
    """Whether this is a finite number in Python's spelling."""
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False


def _scale(centre: str, spread: str) -> tuple[float, float]:
    try:
        middle, width = Decimal(centre), Decimal(spread)
    except InvalidOperation as error:
        raise InvalidInputError("training.wrong_scale") from error
    if not middle.is_finite() or not width.is_finite():
        raise InvalidInputError("training.wrong_scale")
    # As floats: a spread may be too small to be one, or either too large.
    found = float(middle), float(width)
    if not all(map(isfinite, found)) or found[1] <= 0:
        raise InvalidInputError("training.wrong_scale")
    return found


def _centre_and_spread(numbers: NDArray[np.float64]) -> tuple[str, str]:
    centre, spread = _three_digits(float(numbers.mean())), _three_digits(float(numbers.std()))
    return centre, spread if Decimal(spread) > 0 else "1"


def _three_digits(value: float) -> str:
    return format(Decimal(f"{value:.3g}").normalize(), "f")
