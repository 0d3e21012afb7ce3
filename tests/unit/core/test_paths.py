"""Paths as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.core.paths import expanded


def test_home_is_that_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expanded(Path("~/songs")) == tmp_path / "songs"


def test_of_nobody_it_is_a_name_like_others() -> None:
    assert expanded(Path("~nobody-of-this-name/songs")) == Path("~nobody-of-this-name/songs")
    assert expanded(Path("songs")) == Path("songs")
