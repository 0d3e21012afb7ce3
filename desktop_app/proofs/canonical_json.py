"""Strict reading of canonical JSON (RFC 8785): one sequence of bytes for one meaning, all else refused.

`read` never raises anything but InvalidInputError, whatever the bytes are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args, get_origin, get_type_hints

import rfc8785

from desktop_app.core.errors import BugError, InvalidInputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{}]', re.DOTALL)  # linear in any case
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)


def write(value: Json) -> bytes:
    """The canonical bytes; raises BugError for what JSON cannot carry exactly."""
    try:
        return rfc8785.dumps(cast(Any, value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise BugError("not representable as canonical JSON") from error


def read(data: bytes, max_size: int) -> Json:
    """The value; raises InvalidInputError for anything but canonical bytes without floats."""
    if len(data) > max_size:
        raise InvalidInputError("certificate.too_large", size=len(data), maximum=max_size)
    if _depth(data) > MAX_DEPTH:
        raise InvalidInputError("certificate.too_deep", maximum=MAX_DEPTH)
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_int=_small_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        again = rfc8785.dumps(cast(Any, value))
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise InvalidInputError("certificate.not_json") from error
    if again != data:
        raise InvalidInputError("certificate.not_canonical")
    return value


def read_object(value: Json, keys: Sequence[str]) -> dict[str, Json]:
    """The value as an object with exactly these keys; raises InvalidInputError."""
    if not isinstance(value, dict):
        raise InvalidInputError("certificate.wrong_form", where=keys[0])
    for key in keys:
        if key not in value:
            raise InvalidInputError("certificate.key_missing", key=key)
    unknown = sorted(set(value) - set(keys))
    if unknown:
        raise InvalidInputError("certificate.key_unknown", key=ascii(unknown[0])[1:41])
    return value


def read_dataclass(kind: type[T], value: Json, *ignored: str) -> T:
    """An instance from an object with exactly its fields (and the `ignored` keys), of exactly their types.

    Field types: str, int, dataclasses, and tuples of any one of them.
    """
    names = [entry.name for entry in fields(kind)]
    given = read_object(value, [*ignored, *names])
    hints = _hints(kind)
    return kind(**{name: _read_value(hints[name], given[name], name) for name in names})


def write_dataclass(instance: DataclassInstance) -> dict[str, Json]:
    """The inverse of `read_dataclass`."""
    return {entry.name: _write_value(getattr(instance, entry.name)) for entry in fields(instance)}


@cache
def _hints(kind: type[DataclassInstance]) -> dict[str, Any]:
    return get_type_hints(kind)


def _read_value(hint: Any, value: Json, name: str) -> object:
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_read_value(get_args(hint)[0], entry, name) for entry in value)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return read_dataclass(hint, value)
    if hint in (str, int) and type(value) is hint:
        return value
    raise InvalidInputError("certificate.wrong_form", where=name)


def _write_value(value: object) -> Json:
    if isinstance(value, tuple):
        return [_write_value(entry) for entry in value]
    if is_dataclass(value) and not isinstance(value, type):
        return write_dataclass(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise BugError(f"a field of type {type(value).__name__}")


def _depth(data: bytes) -> int:
    depth = deepest = 0
    for match in _TOKEN.finditer(data):
        token = match.group()
        if token in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in b"]}":
            depth -= 1
    return deepest


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidInputError("certificate.key_twice")
    return found


def _small_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) > MAX_INTEGER:
        raise InvalidInputError("certificate.not_an_integer")
    return int(text)


def _no_float(text: str) -> Json:
    raise InvalidInputError("certificate.not_an_integer")
