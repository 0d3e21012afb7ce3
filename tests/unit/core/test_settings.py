"""Settings are typed, and their file survives saves, strangers and accidents."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.core import settings as s
from desktop_app.core.errors import InvalidInputError


def test_a_missing_file_means_all_defaults(tmp_path: Path) -> None:
    settings = s.Settings(tmp_path / "settings.toml")
    assert [settings.get(each) for each in s.SETTINGS] == [each.default for each in s.SETTINGS]


def test_a_value_survives_a_restart_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('# mine\n[window]\ntheme = "light" # day\n[other]\nkey = 1\n')
    s.Settings(path).set(s.THEME, "dark")
    assert s.Settings(path).text(s.THEME) == "dark"
    text = path.read_text()
    assert "# mine" in text
    assert "key = 1" in text


@pytest.mark.parametrize(
    ("setting", "value"),
    [(s.THEME, "pink"), (s.THEME, 3), (s.AUTO_LOCK, -1), (s.AUTO_LOCK, True), (s.CERTIFICATE_DAYS, 0)],
)
def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(
    tmp_path: Path, setting: s.Setting, value: s.Value
) -> None:
    settings = s.Settings(tmp_path / "settings.toml")
    with pytest.raises(InvalidInputError):
        settings.set(setting, value)
    assert not (tmp_path / "settings.toml").exists()


@pytest.mark.parametrize(
    "text", ["[window\n", "window = 3\n", "[window]\ntheme = 1.5\n", "[window]\ntheme=[]\n"]
)
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match="settings"):
        s.Settings(path).get(s.THEME)


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    assert s.setting_named("window.theme") is s.THEME
    with pytest.raises(InvalidInputError, match="unknown_key"):
        s.setting_named("window.colour")
