"""What the app can be asked to open from outside: files of its own, and links that only lead to a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

SCHEME = "colophon"
FILE_ENDINGS = (".colophon",)
"""Certificates, training proofs and what belongs to them: the page Verify knows them apart."""
MOST = 20


@dataclass(frozen=True)
class ToOpen:
    """Files to look at, and where a link leads: the words of its path, such as ("guide", "networks")."""

    files: tuple[Path, ...] = ()
    places: tuple[tuple[str, ...], ...] = ()


def is_to_open(argument: str) -> bool:
    """Whether an argument of the program is a file or a link to open, and not a command."""
    ours = argument.lower().endswith(FILE_ENDINGS) and not argument.startswith("-")
    return ours or _is_link(argument)


def absolute(arguments: Sequence[str]) -> list[str]:
    """The same with whole paths, for a window that was started in another folder."""
    return [one if _is_link(one) else str(Path(one).absolute()) for one in arguments[:MOST]]


def to_open(arguments: Sequence[str]) -> ToOpen:
    """The files and places that the arguments name; a link without words leads to none."""
    files: list[Path] = []
    places: list[tuple[str, ...]] = []
    for argument in arguments[:MOST]:
        if not _is_link(argument):
            files.append(Path(argument))
            continue
        link = urlsplit(argument)
        if link.scheme == "file":
            files.append(Path(unquote(link.path)))
        elif words := tuple(unquote(word) for word in f"{link.netloc}/{link.path}".split("/") if word):
            places.append(words)
    return ToOpen(tuple(files), tuple(places))


def _is_link(argument: str) -> bool:
    return argument.lower().startswith((f"{SCHEME}:", "file:"))
