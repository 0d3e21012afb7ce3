"""The guide in the window: every page leads to its chapter, links and search work, pictures fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from desktop_app.core import translations
from desktop_app.core.paths import resource
from desktop_app.gui.widgets.guide_view import GuideView, as_html
from desktop_app.services import guide
from desktop_app.services.guide import Chapter, Heading


def test_every_page_has_a_question_mark_that_opens_its_chapter(user: Any) -> None:
    main = user.main
    for key, page in main.pages.items():
        if key == "guide":
            continue
        chapter, _, place = page.chapter.partition("#")
        headings = guide.chapter(chapter).headings
        assert not place or place in [one.anchor for one in headings], f"{key}: {page.chapter}"
        main.go(key)
        button = next(one for one in page.header.findChildren(QToolButton) if one.accessibleName())
        assert page.header.title.text() in button.accessibleName() or key in ("work", "royalty")
        user.click(button)
        assert main.current is main.pages["guide"]
        assert main.guide.view.accessibleName() == guide.chapter(chapter).title
        main.guide.left.emit()
        assert main.current is page
    main.go("networks")
    user.in_front()
    QTest.keyClick(main, Qt.Key.Key_F1)
    assert main.current is main.guide
    user.settle()
    user.shot("guide")
    main.resize(900, 600)
    user.settle()
    user.shot("guide-small")

    # Links inside lead on; one searches; the first result is shown.
    view: GuideView = main.guide.view
    view.anchorClicked.emit(QUrl("privacy.md#erasing"))
    assert view.accessibleName() == "Privacy and erasure"
    assert view.verticalScrollBar().value() > 0
    user.type(main.guide.search, "prospectuses")
    QTest.keyClick(main.guide.search, Qt.Key.Key_Return)
    assert view.accessibleName() == guide.chapter("taxes").title
    user.type(main.guide.search, "zyxwv")
    user.wait(main.guide._nothing.isVisible, "nothing is found, in words")
    user.shot("guide-nothing")
    main.guide.search.clear()
    user.wait(main.guide.contents.isVisible, "the chapters again")

    # A picture is no wider than the room, sharp on a fine screen, and only the guide's own are shown.
    picture: Any = view.loadResource(2, QUrl("images/library-light.png"))
    assert 0 < picture.width() / picture.devicePixelRatio() <= view.viewport().width()
    view.show_chapter(replace(view._chapter, folder=resource("guide/xx")))
    same: Any = view.loadResource(2, QUrl("../images/library-light.png"))
    assert same.size() == picture.size()
    foreigners = ("https://example.org/x.png", "file:///etc/passwd", "../../icons/mark.svg", "images/../x")
    for foreign in foreigners:
        shown: Any = view.loadResource(2, QUrl(foreign))
        assert shown is None or shown.isNull()
    assert not user.faults, "\n".join(user.faults)


def test_html_in_a_chapter_is_shown_and_not_obeyed() -> None:
    text = "# One <b>two</b>\n\n<script>x</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    made = as_html(Chapter("one", "One", text, Path(), (Heading("One", 1, "the-place"),)))
    assert "<script>" not in made
    assert "<b>" not in made
    assert 'id="the-place"' in made
    assert "<table>" in made


@pytest.mark.parametrize("language", translations.languages())
def test_a_chapter_in_any_language_has_the_places_that_the_reader_counts(language: str) -> None:
    translations.use(language)
    try:
        for chapter in guide.chapters():
            made = as_html(chapter)
            assert [f'id="{one.anchor}"' in made for one in chapter.headings].count(False) == 0, chapter.key
    finally:
        translations.use(translations.ENGLISH)
