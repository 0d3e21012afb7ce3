"""Tables become integers by a schema that reads back, and every bad place is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError, NotFoundError
from desktop_app.training.table import Table, TableSchema, infer_schema
from desktop_app.training.table_files import read_table, write_csv

LOANS = Table(
    {
        "income": ["1000", "2000.5", "3e3", "4000"],
        "region": ["north", "south", "south", "north"],
        "default": ["yes", "no", "no", "yes"],
    }
)


def test_numbers_are_scaled_and_groups_spread_over_columns() -> None:
    schema = infer_schema(LOANS, "default", "logistic", positive="yes")
    data = schema.data_set(LOANS)
    assert data.schema.features == ("(income - 2500) / 1120", "region is north", "region is south")
    assert data.labels.tolist() == [1, 0, 0, 1]
    assert data.features[:, 1:].tolist() == [[256, 0], [0, 256], [0, 256], [256, 0]]
    assert data.features[3, 0] == round((4000 - 2500) / 1120 * 256)


def test_a_linear_label_is_scaled_too() -> None:
    schema = infer_schema(LOANS, "income", "linear", leave_out=["default"])
    assert (schema.centre, schema.spread) == ("2500", "1120")
    assert schema.data_set(LOANS).labels.tolist()[3] == round((4000 - 2500) / 1120 * 1024)


def test_a_schema_reads_back_and_binds_every_part() -> None:
    schema = infer_schema(LOANS, "default", "logistic", categories=["income"])
    assert TableSchema.read(schema.encode()) == schema
    assert len(schema.features()) == 6
    other = infer_schema(LOANS, "default", "logistic", positive="no", categories=["income"])
    assert other.schema().digest() != schema.schema().digest()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"income": ["1000", "", "3", "4"]}, "no_number_in_row"),
        ({"income": ["1000", "nan", "3", "4"]}, "no_number_in_row"),
        ({"income": ["1000", "1e9", "3", "4"]}, "feature_out_of_range"),
        ({"region": ["north", "west", "south", "north"]}, "unknown_category"),
        ({"region": ["north", "", "south", "north"]}, "no_number_in_row"),
        ({"default": ["yes", "", "no", "no"]}, "no_number_in_row"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(changes: dict[str, list[str]], code: str) -> None:
    schema = infer_schema(LOANS, "default", "logistic")
    with pytest.raises(InvalidInputError, match=code):
        schema.data_set(Table(LOANS.columns | changes))


def test_what_cannot_be_a_schema_is_refused() -> None:
    for label, model, code in (
        ("income", "logistic", "label_not_two"),
        ("region", "linear", "no_number_in_row"),
        ("nothing", "logistic", "no_such_column"),
        ("default", "forest", "unknown_model"),
    ):
        with pytest.raises(InvalidInputError, match=code):
            infer_schema(LOANS, label, model)
    with pytest.raises(InvalidInputError, match="no_such_label"):
        infer_schema(LOANS, "default", "logistic", positive="maybe")
    many = Table({"name": [f"n{i}" for i in range(100)], "y": ["0", "1"] * 50})
    with pytest.raises(InvalidInputError, match="too_many_categories"):
        infer_schema(many, "y", "logistic")
    for damaged in (b"{}", b"[]", LOANS.columns["income"][0].encode(), b""):
        with pytest.raises(InvalidInputError):
            TableSchema.read(damaged)
    for spread in (b"0", b"-1", b"NaN", b"1e-400", b"1e400"):  # the last two are no floats above zero
        wrong = infer_schema(LOANS, "default", "logistic").encode().replace(b'"1120"', b'"%s"' % spread)
        with pytest.raises(InvalidInputError, match="wrong_scale"):
            TableSchema.read(wrong)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(lambda text: text.strip())


@given(st.lists(st.tuples(CELLS.filter(bool), CELLS), min_size=1, max_size=6))
def test_a_table_survives_csv(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    table = Table({"a": [row[0] for row in rows], 'b "c", d': [row[1] for row in rows]})
    write_csv(path, table)
    assert read_table(path) == table


def test_parquet_and_csv_give_the_same_table(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    numbers = {"x": [1.5, float("nan"), None], "n": [1, 2, 3]}
    columns = numbers | {"flag": [True, False, True], "s": ["a", "b", " c "]}
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("x,n,flag,s\n1.5,1,1,a\n,2,0,b\n,3,1, c \n", encoding="utf-8-sig")
    assert read_table(tmp_path / "t.parquet") == read_table(tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").without_gaps().rows == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n1\n", "uneven_row"),
        (b"a,a\n1,2\n", "column_names"),
        (b"a,\n1,2\n", "column_names"),
        (b"", "column_names"),
        (b"a,b\n", "empty_table"),
        (b"a,b\n\xff\xfe,1\n", "no_table"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=code):
        read_table(path)


def test_parquet_that_is_none_and_no_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(InvalidInputError, match="no_table"):
        read_table(path)
    with pytest.raises(NotFoundError, match="no_such_file"):
        read_table(tmp_path / "nothing.csv")


def test_the_example_of_the_guide_has_the_integers_of_numpy() -> None:
    values = np.random.default_rng(1).normal(10, 4, 500)
    table = Table({"v": [repr(float(v)) for v in values], "y": ["a", "b"] * 250})
    data = infer_schema(table, "y", "logistic").data_set(table)
    assert abs(float(data.features.mean())) < 2
    assert abs(float(data.features.std()) - 256) < 2
