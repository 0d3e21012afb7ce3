"""Canonical JSON: the public RFC 8785 vectors, and nothing but InvalidInputError for any bytes."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_app.core.errors import BugError, InvalidInputError
from desktop_app.proofs.canonical_json import (
    MAX_DEPTH,
    MAX_INTEGER,
    read,
    read_dataclass,
    read_object,
    write,
    write_dataclass,
)

MEBI = 1 << 20

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: depth(value) <= MAX_DEPTH)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def refused(data: bytes, size: int = MEBI) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read(data, size)
    return caught.value.code


def test_the_library_writes_the_public_vectors(shared_vectors: Path) -> None:
    for source in sorted((shared_vectors / "jcs" / "input").glob("*.json")):
        expected = (shared_vectors / "jcs" / "output" / source.name).read_bytes()
        assert rfc8785.dumps(json.loads(source.read_bytes())) == expected.rstrip(b"\n"), source.name


@given(json_values)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert read(write(value), MEBI) == value


@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbf{}")
@example(b'"\\ud800"')
@example(b"[" * 5000)
def test_any_bytes_give_a_value_or_the_one_error(data: bytes) -> None:
    with contextlib.suppress(InvalidInputError):
        assert write(read(data, MEBI)) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "certificate.key_twice"),
        (b'{"a":1,"\\u0061":1}', "certificate.key_twice"),
        (b'{"a":1.0}', "certificate.not_an_integer"),
        (b'{"a":1e3}', "certificate.not_an_integer"),
        (b'{"a":-0}', "certificate.not_an_integer"),
        (b'{"a":NaN}', "certificate.not_an_integer"),
        (b'{"a":Infinity}', "certificate.not_an_integer"),
        (b'{"a":9007199254740992}', "certificate.not_an_integer"),
        (b'{"a":' + b"9" * 5000 + b"}", "certificate.not_an_integer"),
        (b'{"a":01}', "certificate.not_json"),
        (b'{"a":0x1}', "certificate.not_json"),
        (b'{"b":1,"a":1}', "certificate.not_canonical"),
        (b'{"a": 1}', "certificate.not_canonical"),
        (b'{"a":1}\n', "certificate.not_canonical"),
        (b'{"a":"\\u0041"}', "certificate.not_canonical"),
        (b'{"a":"\\/"}', "certificate.not_canonical"),
        (b"\xef\xbb\xbf{}", "certificate.not_json"),
        ('{"a":"ä"}'.encode("latin-1"), "certificate.not_json"),
        ("{}".encode("utf-16"), "certificate.not_json"),
        (b'{"a":"\\ud800"}', "certificate.not_json"),
        (b'{"a":"\xed\xa0\x80"}', "certificate.not_json"),
        (b"", "certificate.not_json"),
        (b"{}{}", "certificate.not_json"),
        (b'{"a":1', "certificate.not_json"),
        (b'{"a":"\n"}', "certificate.not_json"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "certificate.too_deep"),
        (b"[" * 500_000, "certificate.too_deep"),
        (b'{"a":' * 100_000, "certificate.too_deep"),
    ],
)
def test_every_other_form_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    value = {"a": "[[[[[[[[[[[[[[", "b": '\\"[[[[[[[[[[[['}
    assert read(write(value), MEBI) == value


def test_a_hundred_megabytes_are_refused_by_their_length() -> None:
    assert refused(b'"' * 100_000_000) == "certificate.too_large"


@pytest.mark.parametrize("unit", [b'"', b'\\"', b'"\\', b"[]", b'"[', b"{"])
def test_hostile_bytes_up_to_the_limit_take_no_more_than_linear_time(unit: bytes) -> None:
    refused((b'"' + unit * MEBI)[:MEBI])  # a quadratic scan would run into the time limit of the tests


def test_floats_and_huge_numbers_are_never_written() -> None:
    for value in ({"a": 2**53}, {"a": float("nan")}, {"a": "\ud800"}):
        with pytest.raises(BugError):
            write(value)


@dataclass(frozen=True)
class Inner:
    name: str


@dataclass(frozen=True)
class Outer:
    count: int
    inner: Inner
    names: tuple[str, ...]


def test_dataclasses_are_read_with_exactly_their_fields_and_types() -> None:
    outer = Outer(3, Inner("x"), ("a", "b"))
    value = write_dataclass(outer)
    assert value == {"count": 3, "inner": {"name": "x"}, "names": ["a", "b"]}
    assert read_dataclass(Outer, value) == outer
    assert read_dataclass(Outer, {**value, "kind": "x"}, "kind") == outer
    wrong: list[Any] = [
        {**value, "count": True},
        {**value, "count": "3"},
        {**value, "count": None},
        {**value, "inner": "x"},
        {**value, "inner": {"name": 1}},
        {**value, "inner": {"name": "x", "more": 1}},
        {**value, "names": "ab"},
        {**value, "names": [1]},
        {**value, "more": 1},
        {"count": 3, "inner": {"name": "x"}},
        [],
        None,
        "text",
    ]
    for case in wrong:
        with pytest.raises(InvalidInputError):
            read_dataclass(Outer, case)


def test_an_unknown_key_is_named_without_its_own_tricks() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_object({"a": 1, "\u202eevil" + "x" * 500: 2}, ["a"])
    assert len(str(caught.value.params["key"])) <= 40
    assert "\u202e" not in str(caught.value.params["key"])


def test_other_types_are_not_written_from_a_dataclass() -> None:
    @dataclass(frozen=True)
    class Wrong:
        value: bytes

    with pytest.raises(BugError):
        write_dataclass(Wrong(b"x"))
