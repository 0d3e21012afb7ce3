"""Which language a run speaks: the environment, then the setting, then the languages of the system."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_app.core import localised, translations
from desktop_app.core.errors import ColophonError
from desktop_app.core.settings import LANGUAGE, Settings

VARIABLE = "COLOPHON_LANGUAGE"
SYSTEM = "system"


def speak(setting: str, system: Sequence[str] = ()) -> str:
    """Use the language of the setting ("system" or a tag) from now on, and its formats; returns its tag.

    `system` are the user's languages, best first ("de-CH"); without them, those of the environment.
    """
    wanted = os.environ.get(VARIABLE) or setting
    asked = tuple(system) or system_languages()
    known = (*translations.languages(), translations.PSEUDO, translations.PSEUDO_MIRRORED)
    chosen = wanted if wanted in known else translations.best(asked)
    translations.use(chosen)
    forced = bool(os.environ.get(VARIABLE))
    localised.use(chosen, translations.usual_formats(), () if forced else asked)
    return chosen


def speak_as_set(settings_file: Path, system: Sequence[str] = ()) -> str:
    """The same with the setting in this file; a file that cannot be read is reported by who needs it."""
    try:
        setting = Settings(settings_file).text(LANGUAGE) if settings_file.exists() else SYSTEM
    except (ColophonError, OSError):
        setting = SYSTEM
    return speak(setting, system)


def choices() -> tuple[tuple[str, str], ...]:
    """The languages that there are: tag, and name in the language itself."""
    return tuple((tag, translations.own_name(tag)) for tag in translations.languages())


def system_languages(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The languages that the environment asks for, best first (GNU gettext's rules)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    place = next((environment[name] for name in names if environment.get(name)), "")
    if place.split(".")[0] in ("C", "POSIX"):
        return ()
    listed = tuple(one for one in environment.get("LANGUAGE", "").split(":") if one)
    if place:
        return (*listed, place)
    return _of_windows()


if sys.platform == "win32":

    def _of_windows() -> tuple[str, ...]:
        import ctypes
        import locale

        name = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage())
        return (name,) if name else ()

else:

    def _of_windows() -> tuple[str, ...]:
        return ()
