"""The guide has its chapters, its links lead somewhere, and what one looks for is found."""

from __future__ import annotations

import re

import pytest

from desktop_app.core.errors import NotFoundError
from desktop_app.core.paths import resource
from desktop_app.services import guide

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
REQUIRED = {
    "first-steps", "certificates", "royalties", "networks", "selling", "training", "privacy", "taxes",
    "security",
}  # fmt: skip


def test_every_chapter_that_users_need_is_there_with_a_title_and_in_order() -> None:
    keys = [one.key for one in guide.chapters()]
    assert set(keys) >= REQUIRED
    assert keys[0] == guide.FIRST
    for one in guide.chapters():
        assert one.headings[0].level == 1, one.key
        assert one.title == one.headings[0].text
        assert [heading.level for heading in one.headings].count(1) == 1, one.key


def test_every_link_in_the_guide_leads_to_a_chapter_a_heading_or_a_file() -> None:
    anchors = {one.key: {heading.anchor for heading in one.headings} for one in guide.chapters()}
    for one in guide.chapters():
        for link in LINK.findall(one.text):
            if link.startswith("https://"):
                continue
            path, _, place = link.partition("#")
            if path.endswith(".md") or not path:
                key = path.removesuffix(".md") or one.key
                assert key in anchors, f"{one.key}: {link}"
                assert not place or place in anchors[key], f"{one.key}: {link}"
            else:
                assert (resource("guide") / path).is_file(), f"{one.key}: {link}"


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
