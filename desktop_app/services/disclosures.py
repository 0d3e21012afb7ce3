"""What a certificate can disclose: one type for each kind, and in plain words what it reveals."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop_app.core.amounts import parse_units
from desktop_app.core.errors import InvalidInputError
from desktop_app.services.wording import words

_TIME = r"(?:(\d{1,4}):)?(\d{1,6}(?:\.\d{1,3})?)"


@dataclass(frozen=True)
class Knowledge:
    """I know what is inside my sealed record. Nothing of the content is shown."""

    kind = "opening"


@dataclass(frozen=True)
class WholeFile:
    """This very file is inside my record: whoever has the file can check that."""

    kind = "file"


@dataclass(frozen=True)
class Passage:
    """Bytes `first` to `last` (both included, from 0) are part of my work; they are shown in whole chunks."""

    first: int
    last: int

    kind = "excerpt"


@dataclass(frozen=True)
class SameWork:
    """My record on another network holds the same work. Which work it is stays hidden."""

    other_network: str

    kind = "same-work"


@dataclass(frozen=True)
class OneOfMany:
    """One of the works registered before a block is mine, not which.

    In one `scope` (the name of a vote, a prize, a list) the same owner shows the same number each time, so
    that nobody counts twice. `before_block` None: up to now.
    """

    scope: str
    before_block: int | None = None

    kind = "membership"


Disclosure = Knowledge | WholeFile | Passage | SameWork | OneOfMany
KINDS: tuple[str, ...] = tuple(each.kind for each in (Knowledge, WholeFile, Passage, SameWork, OneOfMany))


@dataclass(frozen=True)
class Preview:
    """What the audience learns, and what stays hidden, as sentences."""

    shows: tuple[str, ...]
    hides: tuple[str, ...]


def preview(kind: str) -> Preview:
    """The plain consequences of a certificate of this kind; raises BugError for an unknown one."""
    return Preview(
        tuple(words(_entry(kind), "shows").split("\n")), tuple(words(_entry(kind), "hides").split("\n"))
    )


def title(kind: str) -> str:
    """The name of this kind for people."""
    return words(_entry(kind), "title")


def proved(kind: str) -> str:
    """What a valid certificate of this kind has shown, as a sentence."""
    return words(_entry(kind), "proved")


def _entry(kind: str) -> str:
    return f"disclosure.{kind.replace('-', '_')}"


def time_range(text: str) -> tuple[int, int]:
    """Milliseconds from "10-25.5" or "1:10-1:25"; raises InvalidInputError."""
    match = re.fullmatch(rf"\s*{_TIME}\s*-\s*{_TIME}\s*", text, re.ASCII)
    if match is None:
        raise InvalidInputError("ownership.not_a_time_range", text=text[:80])
    minutes, seconds, end_minutes, end_seconds = match.groups()
    start = int(minutes or 0) * 60_000 + parse_units(seconds, 3)
    return start, int(end_minutes or 0) * 60_000 + parse_units(end_seconds, 3)


def byte_range(text: str) -> tuple[int, int]:
    """First and last byte from "0-1023"; raises InvalidInputError."""
    match = re.fullmatch(r"\s*(\d{1,15})\s*-\s*(\d{1,15})\s*", text, re.ASCII)
    if match is None:
        raise InvalidInputError("ownership.not_a_byte_range", text=text[:80])
    return int(match.group(1)), int(match.group(2))
