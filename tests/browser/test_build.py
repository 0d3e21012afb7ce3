"""The shipped page is what its source makes."""

from __future__ import annotations

import json

from browser.conftest import VERIFIER, run


def test_the_shipped_page_is_built_from_its_source() -> None:
    built = run(VERIFIER / "build.mjs", "-")
    shipped = (VERIFIER / "verifier.html").read_bytes()
    assert built == shipped, "run: node resources/verifier/build.mjs"


def test_the_lock_file_names_no_address() -> None:
    lock = json.loads((VERIFIER / "package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_page_with_everything_inside_is_below_200_kilobytes() -> None:
    assert (VERIFIER / "verifier.html").stat().st_size < 200_000
