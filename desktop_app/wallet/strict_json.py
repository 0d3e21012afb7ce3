"""JSON of our own files, read without tolerance: no unknown, missing or doubled name, no wrong type."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from desktop_app.core.errors import CorruptError

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)  # linear, also without the closing quote


def canonical(document: object) -> bytes:
    """The one encoding that these files have."""
    return (json.dumps(document, sort_keys=True, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def parse(data: bytes, code: str, max_containers: int = 1_100) -> dict[str, Any]:
    """The object in `data`; raises CorruptError(`code`) for anything that is not one."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) != len(pairs):
            raise ValueError("duplicate name")
        return names

    # A library of ours raises Python's recursion limit, so json would overflow the C stack on deep nesting.
    outside_strings = _STRING.sub(b"", data)
    if outside_strings.count(b"[") + outside_strings.count(b"{") > max_containers:
        raise CorruptError(code, detail="JSON")
    try:
        document = json.loads(data.decode("ascii"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise CorruptError(code, detail="JSON") from error
    if type(document) is not dict:
        raise CorruptError(code, detail="JSON")
    return document


class Fields:
    """An object with exactly these names; each read checks the type and raises CorruptError(`code`)."""

    def __init__(self, document: object, code: str, *names: str) -> None:
        self._code = code
        if type(document) is not dict or set(document) != set(names):
            self.bad("names")
        self._document = document

    def bad(self, detail: str) -> NoReturn:
        raise CorruptError(self._code, detail=detail)

    def integer(self, name: str) -> int:
        """0 to 2**53 - 1."""
        value = self._document[name]
        if type(value) is not int or not 0 <= value < 2**53:
            self.bad(name)
        return value

    def text(self, name: str) -> str:
        value = self._document[name]
        if type(value) is not str:
            self.bad(name)
        return value

    def boolean(self, name: str) -> bool:
        value = self._document[name]
        if type(value) is not bool:
            self.bad(name)
        return value

    def octets(self, name: str, *sizes: int) -> bytes:
        """Lower-case hexadecimal of one of these lengths in bytes."""
        text = self.text(name)
        try:
            value = bytes.fromhex(text)
        except ValueError:
            value = b""
        if value.hex() != text or len(value) not in sizes:
            self.bad(name)
        return value

    def inner(self, name: str, *names: str) -> Fields:
        return Fields(self._document[name], self._code, *names)

    def optional(self, name: str, inner: str) -> tuple[str, ...]:
        """(`inner`,) when the object `name` has that field, else ()."""
        value = self._document[name]
        return (inner,) if type(value) is dict and inner in value else ()

    def has(self, name: str) -> bool:
        return name in self._document

    def each(self, item: object, *names: str) -> Fields:
        """One member of a list of objects."""
        return Fields(item, self._code, *names)

    def kind_of(self, name: str) -> object:
        """The "kind" of an inner object whose other names depend on it."""
        value = self._document[name]
        return value.get("kind") if type(value) is dict else None

    def items(self, name: str, limit: int) -> list[Any]:
        value = self._document[name]
        if type(value) is not list or len(value) > limit:
            self.bad(name)
        return value
