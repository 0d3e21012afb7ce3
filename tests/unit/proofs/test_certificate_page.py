"""A certificate as a web page: what goes in comes out, and nothing in it can break out."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.paths import resource
from desktop_app.proofs.certificate_page import extract, render

HOSTILE = '</script><script>alert(1)</script><!-- "&amp; \\u003c \ud800 \x00'


@pytest.fixture(scope="module")
def data(issue: Callable[..., bytes]) -> bytes:
    return issue()


class Scripts(HTMLParser):
    """Collects what a browser would take for scripts, their kinds, and elements that load something."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.loads: list[str] = []
        self.title = ""
        self._inside = ""
        self.feed(page.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside = tag
        if tag == "script":
            self.scripts.append((given, ""))
        self.loads += [str(given[name]) for name in ("src", "href", "action", "data") if name in given]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            attributes, before = self.scripts.pop()
            self.scripts.append((attributes, before + data))
        if self._inside == "title":
            self.title += data


def test_the_page_carries_the_certificate_unchanged(data: bytes) -> None:
    assert extract(render(data)) == data
    assert extract(render(data, "A title")) == data


@given(st.text(max_size=60))
def test_no_title_can_break_the_page(data: bytes, title: str) -> None:
    page = render(data, title)
    assert extract(page) == data
    assert len(Scripts(page).scripts) == 3


def test_a_hostile_title_and_audience_stay_text(issue: Callable[..., bytes]) -> None:
    data = issue(audience="</script><script>alert(1)</script>")
    page = Scripts(render(data, HOSTILE))
    assert [attributes.get("id") for attributes, _ in page.scripts] == ["given", None, None]
    given = json.loads(page.scripts[0][1])
    assert b64decode(given["certificate"]) == data
    assert given["title"] == '</script><script>alert(1)</script><!-- "&amp; \\u003c'
    assert page.title.startswith("</script><script>alert(1)</script>")


def test_the_policy_allows_the_shipped_program_and_no_connection(data: bytes) -> None:
    page = render(data, "A title")
    match = re.search(rb'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert match
    rules = dict(rule.split(" ", 1) for rule in match[1].decode().split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {
        "default-src",
        "script-src",
        "style-src",
        "font-src",
        "img-src",
        "base-uri",
        "form-action",
    }
    assert {rules["font-src"], rules["img-src"]} == {"data:"}
    assert "unsafe" not in match[1].decode()
    for _, program in Scripts(page).scripts[1:]:
        digest = b64encode(hashlib.sha256(program.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules["script-src"]


def test_the_page_loads_nothing_from_elsewhere(data: bytes) -> None:
    assert all(address.startswith("data:") for address in Scripts(render(data)).loads)
    assert not re.search(rb"\b(?:eval|fetch|XMLHttpRequest|WebSocket|importScripts)\s*\(", render(data))


def test_the_page_is_small(data: bytes) -> None:
    assert len(render(data)) < 200_000


def test_what_is_no_certificate_makes_no_page(data: bytes) -> None:
    for broken in (b"", b"{}", data[:-1], data + b"\n"):
        with pytest.raises(InvalidInputError):
            render(broken)


def test_a_page_without_or_with_two_certificates_gives_none(data: bytes) -> None:
    page = render(data)
    for broken in (
        b"",
        resource("verifier/verifier.html").read_bytes(),
        page + page,
        page[:100],
        page.replace(b'id="given"', b""),
    ):
        with pytest.raises(InvalidInputError, match="no_certificate"):
            extract(broken)
