"""The guide: chapters in Markdown from resources/guide, in the language in use if it has them; a search.

A chapter in another language is resources/guide/<language>/<chapter>.md. Its n-th heading answers to the
anchor of the n-th English one, so that links into the guide hold in every language.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from desktop_app.core.errors import NotFoundError
from desktop_app.core.paths import resource
from desktop_app.core.translations import language

ORDER = (
    "first-steps", "works", "certificates", "royalties", "networks", "selling", "training", "privacy",
    "taxes", "security",
)  # fmt: skip
"""The chapters as one reads them; others follow by name."""
FIRST = ORDER[0]
DEEPEST = 3
"""Headings below this level are no places of their own."""
_HEADING = re.compile(rf"^(#{{1,{DEEPEST}}}) +(.+?) *$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_AROUND = 70


@dataclass(frozen=True)
class Heading:
    """`anchor`, behind # in a link to it, is what GitHub makes of the English heading, in all languages."""

    text: str
    level: int
    anchor: str


@dataclass(frozen=True)
class Chapter:
    """`text` is Markdown; links and pictures in it are relative to `folder`."""

    key: str
    title: str
    text: str
    folder: Path
    headings: tuple[Heading, ...]

    def place(self, wanted: str) -> str:
        """The anchor of the heading meant: by that or by what GitHub makes of its own text."""
        known = {anchor(heading.text): heading.anchor for heading in self.headings}
        return known.get(wanted, wanted)


@dataclass(frozen=True)
class Found:
    """A place where words were found: its chapter and heading, and the words around it."""

    chapter: str
    title: str
    heading: str
    anchor: str
    excerpt: str


def chapters() -> tuple[Chapter, ...]:
    """All chapters, in the order of reading."""
    return _chapters(language())


def chapter(key: str) -> Chapter:
    """One chapter by its key ("networks"). Raises NotFoundError."""
    known = chapters()
    for one in known:
        if one.key == key.removesuffix(".md").strip().lower():
            return one
    raise NotFoundError("guide.no_chapter", name=key[:80], known=", ".join(one.key for one in known))


def search(text: str) -> list[Found]:
    """Every section that holds all these words, those with the words in a heading first."""
    wanted = plain(text).split()
    found: list[tuple[int, Found]] = []
    if not wanted:
        return []
    for one in chapters():
        for heading, body in _sections(one):
            readable = re.sub(r"\s+", " ", re.sub(r"[*`|#>]|\[|\]\([^)]*\)", " ", body)).strip()
            told, name = plain(readable), plain(heading.text)
            if all(word in f"{name} {told}" for word in wanted):
                where = next((place for word in wanted if (place := told.find(word)) >= 0), 0)
                excerpt = readable[max(0, where - _AROUND) : where + _AROUND].strip()
                rank = 0 if all(word in name for word in wanted) else 1
                found.append((rank, Found(one.key, one.title, heading.text, heading.anchor, excerpt)))
    return [one for _, one in sorted(found, key=lambda item: item[0])]


def anchor(text: str) -> str:
    """The anchor of a heading, as GitHub makes it: "What to do" is what-to-do."""
    kept = "".join(sign for sign in text.lower() if sign.isalnum() or sign in " -_")
    return kept.strip().replace(" ", "-")


def plain(text: str) -> str:
    """`text` without case and accents, for comparing; every sign keeps its place."""
    return "".join((unicodedata.normalize("NFKD", sign)[:1] or sign).lower()[:1] for sign in text)


def _sections(one: Chapter) -> list[tuple[Heading, str]]:
    marks = list(_headings_in(one.text))
    ends = [*(mark.start() for mark in marks[1:]), len(one.text)]
    return [
        (heading, one.text[mark.end() : end])
        for heading, mark, end in zip(one.headings, marks, ends, strict=True)
    ]


def _headings_in(text: str) -> list[re.Match[str]]:
    """The headings, but not what looks like one inside of a command."""
    fenced = [match.span() for match in _FENCED.finditer(text)]
    return [
        match
        for match in _HEADING.finditer(text)
        if not any(start <= match.start() < end for start, end in fenced)
    ]


@cache
def _chapters(language: str) -> tuple[Chapter, ...]:
    folder = resource("guide")
    found = {path.stem: path for path in folder.glob("*.md")}
    names = [*(name for name in ORDER if name in found), *sorted(set(found) - set(ORDER))]
    return tuple(_read(name, found[name], folder / language / f"{name}.md") for name in names)


def _read(key: str, english: Path, translated: Path) -> Chapter:
    """The translated chapter; the English one where it is missing or, having other headings, out of date."""
    original = read_chapter(key, english)
    if not translated.is_file():
        return original
    own = read_chapter(key, translated)
    if [one.level for one in own.headings] != [one.level for one in original.headings]:
        return original
    pairs = zip(own.headings, original.headings, strict=True)
    return replace(own, headings=tuple(replace(ours, anchor=theirs.anchor) for ours, theirs in pairs))


def read_chapter(key: str, path: Path) -> Chapter:
    """One file as it is, with the anchors of its own headings."""
    text = path.read_text(encoding="utf-8")
    headings = tuple(
        Heading(match[2].replace("`", ""), len(match[1]), anchor(match[2])) for match in _headings_in(text)
    )
    return Chapter(key, headings[0].text if headings else key, text, path.parent, headings)
