"""The window's own words, from resources/i18n/<language>/gui.toml, one section per page or dialog."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.services.wording import words


def texts(section: str) -> Callable[..., str]:
    """A function that gives the text `name` of a section, its places filled: t("title", count=3)."""

    def text(name: str, /, **params: object) -> str:
        return words(f"gui.{section}", name, **params)

    return text
