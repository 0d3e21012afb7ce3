"""Every language says everything, with the same things filled in; what it lacks is said in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core import translations
from desktop_app.core.errors import BugError
from desktop_app.services.language import speak, speak_as_set, system_languages
from desktop_app.services.wording import words
from tests.i18n_missing import chapter_gaps, files, gaps, hardcoded

OTHERS = [one for one in translations.languages() if one != translations.ENGLISH]


@pytest.fixture(autouse=True)
def _english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("COLOPHON_LANGUAGE")
    yield
    monkeypatch.setenv("COLOPHON_LANGUAGE", "en")
    speak("en")


def test_a_language_that_ships_has_exactly_the_texts_of_english() -> None:
    found = [f"{one}: {gap}" for one in OTHERS for gap in gaps(one)]
    assert not found, f"{len(found)} gaps, see python -m tests.i18n_missing\n" + "\n".join(found)


def test_a_language_that_ships_has_every_chapter_of_the_guide_in_the_same_form() -> None:
    found = [f"{one}: {gap}" for one in OTHERS for gap in chapter_gaps(one)]
    assert not found, "\n".join(found)


def test_no_translation_is_empty_where_english_is_not() -> None:
    english = files("en")
    empty = [
        f"{language}: {file} [{entry}] {field}"
        for language in OTHERS
        for file, entries in files(language).items()
        for entry, fields in entries.items()
        for field, text in fields.items()
        if not text.strip() and english.get(file, {}).get(entry, {}).get(field, "").strip()
    ]
    assert not empty


def test_the_window_and_the_command_line_have_no_texts_outside_of_the_files() -> None:
    found = list(hardcoded())
    assert not found, "\n".join(found)


def test_a_text_that_a_language_lacks_is_shown_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "xx").mkdir()
    (tmp_path / "en" / "app.toml").write_text(
        '[one]\ntext = "One {count}"\nmore = "More"\n[two]\ntext = "Two"\n'
    )
    (tmp_path / "xx" / "app.toml").write_text('[one]\ntext = "{count} ONE"\n')
    for language in ("en", "xx"):
        (tmp_path / language / "language.toml").write_text('[language]\nformats = "en_150"\n')
    with monkeypatch.context() as patch:
        patch.setattr(translations, "resource", lambda name: tmp_path / name[len("i18n/") :])
        forget()
        translations.use("xx")
        assert words("app.one", count=3) == "3 ONE"
        assert words("app.one", "more") == "More"
        assert words("app.two") == "Two"
        with pytest.raises(BugError):
            words("app.three")
    forget()


def forget() -> None:
    translations.languages.cache_clear()
    translations._texts.cache_clear()
    translations.use("en")


def test_only_languages_that_are_here_can_be_used() -> None:
    with pytest.raises(BugError):
        translations.use("tlh")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("en_GB.UTF-8",), "en"),
        (("tlh", "en"), "en"),
        (("zh_TW",), "en"),
        (("zh-Hant-HK",), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_that_is_here_is_taken(wanted: tuple[str, ...], found: str) -> None:
    assert translations.best(wanted) == found


def test_every_language_is_found_by_the_names_that_systems_give_it() -> None:
    for language in translations.languages():
        assert translations.best([f"{language}.UTF-8"]) == language
        assert translations.best([f"{language}-XX"]) == language
        assert translations.own_name(language)


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({}, ()),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, ()),
        ({"LANG": "de_AT.UTF-8"}, ("de_AT.UTF-8",)),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "es:de"}, ("es", "de", "en_US.UTF-8")),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_MX"}, ("es_MX",)),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_MX", "LC_ALL": "fr_FR"}, ("fr_FR",)),
    ],
)
def test_the_environment_is_read_as_gettext_reads_it(
    environment: dict[str, str], asked: tuple[str, ...]
) -> None:
    assert system_languages(environment) == asked


def test_the_variable_comes_before_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[app]\nlanguage = "en"\n')
    assert speak_as_set(settings, ("tlh",)) == "en"
    monkeypatch.setenv("COLOPHON_LANGUAGE", translations.PSEUDO)
    assert speak_as_set(settings) == translations.PSEUDO


def test_settings_that_cannot_be_read_do_not_keep_the_app_from_speaking(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("not [ toml")
    assert speak_as_set(settings, ("tlh",)) == "en"


def test_the_pseudo_languages_have_longer_texts_and_the_same_placeholders() -> None:
    english = files("en")
    for language in (translations.PSEUDO, translations.PSEUDO_MIRRORED):
        translations.use(language)
        assert translations.reads_right_to_left() == (language == translations.PSEUDO_MIRRORED)
        for file, entries in english.items():
            if file == "language":
                continue
            made = translations.namespace(file)
            for entry, fields in entries.items():
                for field, text in fields.items():
                    assert translations.placeholders(made[entry][field]) == translations.placeholders(text)
                    assert len(made[entry][field]) >= len(text)
