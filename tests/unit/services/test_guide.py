"""The guide has its chapters, its links lead somewhere, and what one looks for is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.i18n_missing
from desktop_app.core import translations
from desktop_app.core.errors import NotFoundError
from desktop_app.services import guide

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
REQUIRED = {
    "first-steps", "certificates", "royalties", "networks", "selling", "training", "privacy", "taxes",
    "security",
}  # fmt: skip


@pytest.fixture
def english_afterwards() -> Iterator[None]:
    yield
    translations.use(translations.ENGLISH)


@pytest.fixture
def two_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, english_afterwards: None
) -> Iterator[Path]:
    """A guide of three chapters in English; of one and a half in a language that the app speaks."""
    (tmp_path / "xx").mkdir()
    (tmp_path / "images").mkdir()
    for name, text in {
        "first-steps": "# First steps\n\n[Safety](security.md#the-phrase).\n\n```\nwallet --json\n```\n",
        "security": "# Security\n\nSafe.\n\n## The phrase\n\nWords.\n\n## The `key`\n\nA secret.\n",
        "taxes": "# Taxes\n\n## What to ask\n",
        "xx/security": "# Sicherheit\n\nJa.\n\n## Die Wörter\n\nZwölf.\n\n## Der `Schlüssel`\n\nGeheim.\n",
        "xx/taxes": "# Steuern\n",
    }.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    for place in (guide, tests.i18n_missing):
        monkeypatch.setattr(place, "resource", lambda name: tmp_path / name.removeprefix("guide").strip("/"))
    monkeypatch.setattr(guide, "language", lambda: "xx")
    guide._chapters.cache_clear()
    yield tmp_path
    guide._chapters.cache_clear()


def test_a_chapter_is_in_the_language_in_use_and_otherwise_in_english(two_languages: Path) -> None:
    assert [one.title for one in guide.chapters()] == ["First steps", "Taxes", "Sicherheit"]
    found = guide.search("zwolf")
    assert [(one.chapter, one.heading, one.anchor) for one in found] == [
        ("security", "Die Wörter", "the-phrase")
    ]


def test_a_place_keeps_its_anchor_in_every_language(two_languages: Path) -> None:
    chapter = guide.chapter("security")
    assert [one.anchor for one in chapter.headings] == ["security", "the-phrase", "the-key"]
    assert chapter.place("the-key") == chapter.place("der-schlüssel") == "the-key"


def test_what_the_guide_lacks_in_a_language_is_listed(two_languages: Path) -> None:
    assert list(tests.i18n_missing.chapter_gaps("xx")) == [
        "missing: guide/first-steps.md",
        "other headings: guide/taxes.md has [1], English [1, 2]",
    ]
    (two_languages / "xx" / "first-steps.md").write_text("# Los\n\n```\ncolophon home\n```\n")
    assert list(tests.i18n_missing.chapter_gaps("xx", ("guide/first-steps",))) == [
        "other links: guide/first-steps.md has [], English ['security.md']",
        "other options: guide/first-steps.md has [], English ['--json']",
    ]
    (two_languages / "xx" / "gone.md").write_text("# Weg\n")
    assert "stale: guide/gone.md (there is no such English chapter)" in tests.i18n_missing.chapter_gaps("xx")


def test_every_chapter_that_users_need_is_there_with_a_title_and_in_order() -> None:
    keys = [one.key for one in guide.chapters()]
    assert set(keys) >= REQUIRED
    assert keys[0] == guide.FIRST
    for one in guide.chapters():
        assert one.headings[0].level == 1, one.key
        assert one.title == one.headings[0].text
        assert [heading.level for heading in one.headings].count(1) == 1, one.key


@pytest.mark.parametrize("language", translations.languages())
def test_every_link_in_the_guide_leads_to_a_chapter_a_heading_or_a_file(
    language: str, english_afterwards: None
) -> None:
    translations.use(language)
    anchors = {one.key: {heading.anchor for heading in one.headings} for one in guide.chapters()}
    for one in guide.chapters():
        for link in LINK.findall(one.text):
            if link.startswith("https://"):
                continue
            path, _, place = link.partition("#")
            if path.endswith(".md") or not path:
                key = path.removesuffix(".md") or one.key
                assert key in anchors, f"{one.key}: {link}"
                assert not place or guide.chapter(key).place(place) in anchors[key], f"{one.key}: {link}"
            else:
                assert (one.folder / path).is_file(), f"{one.key}: {link}"


def test_a_search_finds_the_section_with_all_words_and_headings_first() -> None:
    found = guide.search("Erasing")
    assert (found[0].chapter, found[0].anchor) == ("privacy", "erasing")
    assert {one.chapter for one in guide.search("network erased")} >= {"privacy"}
    assert guide.search("") == []
    assert guide.search("zyxwv") == []


def test_an_unknown_chapter_names_those_that_there_are() -> None:
    with pytest.raises(NotFoundError) as caught:
        guide.chapter("nowhere")
    assert "first-steps" in str(caught.value.params["known"])
    assert guide.chapter("networks.md").key == "networks"
