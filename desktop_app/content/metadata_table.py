"""Metadata of many works as a table (CSV, RFC 4180): one line each, columns as in COLUMNS."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path

from desktop_app.content.ai_use import training_from, training_text
from desktop_app.content.metadata import Creator, WorkMetadata, checked
from desktop_app.core.errors import ColophonError, InvalidInputError

REFERENCES = ("work", "file")
COLUMNS = (
    "title", "creators", "year", "language", "isrc", "iswc", "isbn", "doi", "training", "description"
)  # fmt: skip
SIZE_LIMIT = 64 * 1024 * 1024
ROW_LIMIT = 200_000
_CREATOR = re.compile(r"(?P<name>.*?)\s*(?:\((?P<role>[^()]*)\))?", re.DOTALL)
# A spreadsheet would take a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class MetadataRow:
    """One line (`line` counts from 1, the heading included): which work, and the cells that are not empty."""

    line: int
    work: str
    file: str
    cells: dict[str, str] = field(default_factory=dict)


def read_table(path: Path) -> list[MetadataRow]:
    """All rows of a CSV file: UTF-8, parted by comma, semicolon or tab.

    Raises InvalidInputError: "metadata.unreadable", "metadata.too_large", "metadata.columns",
    "metadata.no_rows", "metadata.row_without_work".
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            raise InvalidInputError("metadata.too_large", megabytes=SIZE_LIMIT // 2**20, rows=ROW_LIMIT)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInputError("metadata.unreadable", path=path.name) from error
    return parse_table(text)


def parse_table(text: str) -> list[MetadataRow]:
    """As `read_table`, from the text of the file."""
    if "\0" in text:
        raise InvalidInputError("metadata.unreadable", path="CSV")
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        unknown = [name for name in names if name not in (*REFERENCES, *COLUMNS)]
        if unknown or len(set(names)) != len(names) or not set(names) & set(REFERENCES):
            raise InvalidInputError(
                "metadata.columns",
                given=", ".join(name[:40] for name in (unknown or names)[:8]),
                known=", ".join((*REFERENCES, *COLUMNS)),
            )
        rows = list(_rows(reader, names))
    except csv.Error as error:
        raise InvalidInputError("metadata.broken_line", line=reader.line_num) from error
    if not rows:
        raise InvalidInputError("metadata.no_rows")
    return rows


def _rows(reader: Iterator[list[str]], names: list[str]) -> Iterator[MetadataRow]:
    line = 1
    for cells in reader:
        line += 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            raise InvalidInputError("metadata.broken_line", line=line)
        if line > ROW_LIMIT + 1:
            raise InvalidInputError("metadata.too_large", megabytes=SIZE_LIMIT // 2**20, rows=ROW_LIMIT)
        found = {name: _unguarded(cell) for name, cell in zip(names, cells, strict=True) if cell.strip()}
        work, file = found.pop("work", "").strip(), found.pop("file", "").strip()
        if not work and not file:
            raise InvalidInputError("metadata.row_without_work", line=line)
        yield MetadataRow(line, work, file, found)


def applied(row: MetadataRow, before: WorkMetadata) -> WorkMetadata:
    """`before` with the row's cells in place; an empty cell changes nothing.

    Raises InvalidInputError("metadata.row", ...) with the line and the column that is wrong.
    """
    said = before
    for column, text in row.cells.items():
        try:
            if column == "creators":
                said = replace(said, creators=creators_from(text))
            elif column == "year":
                said = replace(said, year=year_from(text))
            elif column == "training":
                said = replace(said, training=training_from(text))
            else:
                said = replace(said, **{column: text})  # type: ignore[arg-type]  # all other columns are texts
            said = checked(said)
        except ColophonError as error:
            raise InvalidInputError(
                "metadata.row", line=row.line, column=column, problem=error.code, given=text[:60]
            ) from error
    return said


def creators_from(text: str) -> tuple[Creator, ...]:
    """ "Ada Wren (composer); Ben Low" as creators."""
    found = []
    for part in text.split(";"):
        if part.strip():
            match = _CREATOR.fullmatch(part.strip())
            assert match is not None
            found.append(Creator(match["name"].strip(), (match["role"] or "").strip()))
    return tuple(found)


def creators_text(creators: Iterable[Creator]) -> str:
    """The form that `creators_from` reads, where no name holds its signs."""
    return "; ".join(f"{one.name} ({one.role})" if one.role else one.name for one in creators)


def year_from(text: str) -> int:
    """Raises InvalidInputError("content.year")."""
    bare = text.strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 4):
        raise InvalidInputError("content.year", given=text[:40])
    return int(bare)


def write_table(rows: Iterable[tuple[str, str, WorkMetadata]]) -> str:
    """A CSV file of work id, file and metadata, that a spreadsheet shows as text and `read_table` reads."""
    output = StringIO()
    writer = csv.writer(output)
    writer.writerow((*REFERENCES, *COLUMNS))
    for work, file, said in rows:
        cells = (
            work, file, said.title, creators_text(said.creators), str(said.year or ""), said.language,
            said.isrc, said.iswc, said.isbn, said.doi, training_text(said.training), said.description,
        )  # fmt: skip
        writer.writerow([guarded(cell) for cell in cells])
    return output.getvalue()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.startswith((*_FORMULA, "'")) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell
