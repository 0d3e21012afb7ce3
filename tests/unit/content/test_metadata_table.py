"""Metadata of many works from a table."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content.ai_use import Training
from desktop_app.content.metadata import Creator, WorkMetadata, checked
from desktop_app.content.metadata_table import (
    applied,
    creators_from,
    creators_text,
    guarded,
    parse_table,
    read_table,
    write_table,
)
from desktop_app.core.errors import ColophonError, InvalidInputError

line = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
name = line.filter(lambda text: text.strip() and not set(text) & set(";()"))


def is_usable(said: WorkMetadata) -> bool:
    try:
        return checked(said) == said
    except InvalidInputError:
        return False


metadata = st.builds(
    WorkMetadata,
    title=line.map(lambda text: " ".join(text.split())),
    creators=st.lists(
        st.builds(Creator, name.map(str.strip), st.sampled_from(["", "composer", "lyrics"])), max_size=3
    ).map(tuple),
    year=st.integers(0, 9999),
    language=st.sampled_from(["", "en", "pt-BR"]),
    description=line.map(str.strip),
    isrc=st.sampled_from(["", "USRC17607839"]),
    isbn=st.sampled_from(["", "9780306406157"]),
    doi=st.sampled_from(["", "10.1000/182"]),
    iswc=st.sampled_from(["", "T-034.524.680-1"]),
    training=st.sampled_from([None, *Training]),
).filter(is_usable)


@given(metadata)
def test_a_written_table_reads_back_as_it_was(said: WorkMetadata) -> None:
    rows = parse_table(write_table([("abcdefgh", "/music/a.wav", said)]))
    assert [(row.line, row.work, row.file) for row in rows] == [(2, "abcdefgh", "/music/a.wav")]
    assert applied(rows[0], WorkMetadata("before")) == said


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_a_typed_error(text: str) -> None:
    for given_text in (text, "work,title\n" + text, "file;year\n" + text):
        try:
            rows = parse_table(given_text)
        except InvalidInputError as error:
            assert error.code.startswith("metadata.")
        else:
            assert rows
            for row in rows:
                try:
                    applied(row, WorkMetadata("before"))
                except InvalidInputError as error:
                    assert error.code == "metadata.row"


@given(st.text(max_size=40))
def test_no_cell_is_a_formula_to_a_spreadsheet(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_formula_in_a_title_is_written_as_text_and_comes_back() -> None:
    said = WorkMetadata('=HYPERLINK("http://example.invalid")')
    table = write_table([("w", "f", said)])
    assert list(csv.reader(StringIO(table)))[1][2].startswith("'=")
    assert applied(parse_table(table)[0], WorkMetadata("x")) == said


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_cells_are_parted_by_what_the_first_line_uses(delimiter: str) -> None:
    rows = parse_table(
        delimiter.join(["work", "year"]) + "\r\n" + delimiter.join(["abc", "1999"]) + "\r\n\r\n"
    )
    assert applied(rows[0], WorkMetadata("t", isrc="USRC17607839")) == WorkMetadata(
        "t", year=1999, isrc="USRC17607839"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "metadata.columns"),
        ("title,year\nx,1", "metadata.columns"),
        ("work,titel\na,b", "metadata.columns"),
        ("work,work\na,b", "metadata.columns"),
        ("work,title\n", "metadata.no_rows"),
        ("work,title\na,b,c\n", "metadata.broken_line"),
        ('work,title\na,"b\n', "metadata.broken_line"),
        ("work,title\n,b\n", "metadata.row_without_work"),
        ("work,title\na,\0\n", "metadata.unreadable"),
        ("work,title\na," + "x" * 200_000, "metadata.broken_line"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_table(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("column", "text"),
    [("year", "MMXX"), ("year", "-5"), ("isrc", "x"), ("isbn", "123"), ("doi", "x"), ("language", "english"),
     ("title", "x" * 500), ("creators", "(composer)")],
)  # fmt: skip
def test_a_bad_cell_is_named_with_line_and_column(column: str, text: str) -> None:
    row = parse_table(f"work,{column}\na,{text}\n")[0]
    with pytest.raises(ColophonError) as caught:
        applied(row, WorkMetadata("t"))
    assert (caught.value.params["line"], caught.value.params["column"]) == (2, column)


def test_creators_have_their_roles_in_brackets() -> None:
    people = creators_from("Ada Wren (composer);  Ben Low ;Cleo (voice)")
    assert people == (Creator("Ada Wren", "composer"), Creator("Ben Low"), Creator("Cleo", "voice"))
    assert creators_from(creators_text(people)) == people


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("work,title\na,Müller".encode("latin-1"))
    for path in (tmp_path / "latin.csv", tmp_path / "none.csv", tmp_path):
        with pytest.raises(InvalidInputError) as caught:
            read_table(path)
        assert caught.value.code == "metadata.unreadable"
