"""Tables on disk: CSV (RFC 4180) with a first line of names, and Parquet where pyarrow is installed."""

from __future__ import annotations

import csv
from math import isnan
from pathlib import Path

from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from desktop_app.training.table import Table

MAX_TABLE_ROWS = 1 << 22


def read_table(path: Path) -> Table:
    """The table in a file, every value as text without spaces around it.

    Raises NotFoundError, UnavailableError or InvalidInputError for a file that cannot be used.
    """
    if not path.is_file():
        raise NotFoundError("training.no_such_file", path=str(path))
    table = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    if not table.rows:
        raise InvalidInputError("training.empty_table")
    return table


def write_csv(path: Path, table: Table) -> None:
    """A CSV file that `read_table` reads back."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows(zip(*table.columns.values(), strict=True))


def _csv(path: Path) -> Table:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            names = [name.strip() for name in next(reader, [])]
            _check_names(names)
            columns: list[list[str]] = [[] for _ in names]
            for row in reader:
                if not row:
                    continue
                if len(row) != len(names) or len(columns[0]) >= MAX_TABLE_ROWS:
                    raise InvalidInputError("training.uneven_row", line=reader.line_num)
                for column, value in zip(columns, row, strict=True):
                    column.append(value.strip())
    except OSError as error:
        raise UnavailableError("training.cannot_read", path=str(path)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError("training.no_table", path=str(path)) from error
    return Table(dict(zip(names, columns, strict=True)))


def _parquet(path: Path) -> Table:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise RefusedError("training.parquet_missing") from error
    try:
        found = pyarrow.parquet.read_table(path)
    except OSError as error:
        raise UnavailableError("training.cannot_read", path=str(path)) from error
    except pyarrow.ArrowException as error:
        raise InvalidInputError("training.no_table", path=str(path)) from error
    names = [str(name).strip() for name in found.column_names]
    _check_names(names)
    if found.num_rows > MAX_TABLE_ROWS:
        raise InvalidInputError("training.too_large")
    return Table(
        {name: [_text(value) for value in found.column(i).to_pylist()] for i, name in enumerate(names)}
    )


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""  # pandas writes an empty place among numbers as "not a number"
    if isinstance(value, bool):
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value).strip()


def _check_names(names: list[str]) -> None:
    if not names or len(set(names)) != len(names) or not all(names):
        raise InvalidInputError("training.column_names")
