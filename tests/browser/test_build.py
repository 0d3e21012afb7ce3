"""The shipped pages are what their sources make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser.conftest import CHECKOUT, VERIFIER, run


@pytest.mark.parametrize("page", [VERIFIER / "verifier.html", CHECKOUT / "checkout.html"])
def test_a_shipped_page_is_built_from_its_source(page: Path) -> None:
    built = run(page.with_name("build.mjs"), "-")
    assert built == page.read_bytes(), f"run: node {page.with_name('build.mjs')}"


def test_the_lock_file_names_no_address() -> None:
    lock = json.loads((VERIFIER / "package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_page_with_everything_inside_is_below_200_kilobytes() -> None:
    assert (VERIFIER / "verifier.html").stat().st_size < 200_000


def test_the_checkout_page_with_everything_inside_is_below_300_kilobytes() -> None:
    assert (CHECKOUT / "checkout.html").stat().st_size < 300_000
