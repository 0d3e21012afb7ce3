"""The texts of resources/i18n in the language of this process; what a language lacks is shown in English.

A process speaks one language, as with gettext: `use` sets it once, before the first text is asked for. Two
pseudo-languages are made from English to try the layout: longer texts with accents, also from right to left.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from desktop_app.core.errors import BugError
from desktop_app.core.paths import resource

Entry = dict[str, str]

ENGLISH = "en"
PSEUDO, PSEUDO_MIRRORED = "pseudo", "pseudo-mirrored"
_ACCENTED = str.maketrans("AEIOUYaeiouycnsz", "ÅÉÎÖÛÝåéîöûýçñšž")
_RIGHT_TO_LEFT_MARK = "\u200f"
_TRADITIONAL = {"hant", "tw", "hk", "mo"}
_language = ENGLISH


def use(language: str) -> None:
    """Speak this language from now on. Raises BugError for one that is not here."""
    global _language  # noqa: PLW0603  # one language for the whole process
    if language not in (*languages(), PSEUDO, PSEUDO_MIRRORED):
        raise BugError(f"no texts in {language!r}")
    _language = language


def language() -> str:
    """The tag (BCP 47) of the language in use, such as "de"."""
    return _language


@cache
def languages() -> tuple[str, ...]:
    """The tags of all languages that are here, English first."""
    found = {path.parent.name for path in resource("i18n").glob("*/language.toml")}
    return (ENGLISH, *sorted(found - {ENGLISH}))


def own_name(language: str) -> str:
    """What a language calls itself, e.g. "Deutsch"."""
    return _texts("language", language)["language"]["name"]


def reads_right_to_left() -> bool:
    return _texts("language", _language)["language"]["direction"] == "rtl"


def usual_formats() -> str:
    """The locale (CLDR) whose dates and numbers go with the language where nothing else is known."""
    return _texts("language", _language)["language"]["formats"]


def best(wanted: Iterable[str]) -> str:
    """The first of these languages ("de_AT.UTF-8", "zh-Hans-CN", ...) that is here, else English."""
    for one in wanted:
        parts = re.split(r"[_.@-]", one.lower())
        if parts[0] == "zh" and _TRADITIONAL & set(parts):
            continue  # the texts are in simplified Chinese
        if parts[0] in languages():
            return parts[0]
    return ENGLISH


def namespace(name: str) -> Mapping[str, Entry]:
    """All entries of one file; raises BugError when it does not exist."""
    return _texts(name, _language)


@cache
def _texts(name: str, language: str) -> dict[str, Entry]:
    if language in (PSEUDO, PSEUDO_MIRRORED):
        return _pseudo(name, mirrored=language == PSEUDO_MIRRORED)
    english = read_texts(name, ENGLISH)
    if english is None:
        raise BugError(f"no wording file for {name!r}")
    own = None if language == ENGLISH else read_texts(name, language)
    if own is None:
        return english
    return {code: entry | own.get(code, {}) for code, entry in english.items()}


def read_texts(name: str, language: str) -> dict[str, Entry] | None:
    """One file as it is, without English in its gaps; None where there is none."""
    path = resource(f"i18n/{language}/{name}.toml")
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return tomllib.load(file)


def placeholders(text: str) -> frozenset[str]:
    """The names of what is filled into a text: "{count} works" has "count". Raises ValueError."""
    return frozenset(re.split(r"[.\[]", name)[0] for _, name, _, _ in string.Formatter().parse(text) if name)


def _pseudo(name: str, *, mirrored: bool) -> dict[str, Entry]:
    english = _texts(name, ENGLISH)
    if name == "language":
        entry = english["language"]
        return {"language": {**entry, "direction": "rtl" if mirrored else "ltr"}}
    start = _RIGHT_TO_LEFT_MARK if mirrored else ""

    def told(text: str) -> str:
        return start + _longer(text) if text else ""

    return {code: {part: told(text) for part, text in entry.items()} for code, entry in english.items()}


def _longer(text: str) -> str:
    """The text with accents and three tenths longer, as German often is; its placeholders stay."""
    made = []
    for literal, field, spec, conversion in string.Formatter().parse(text):
        made.append(literal.translate(_ACCENTED).replace("{", "{{").replace("}", "}}"))
        if field is not None:
            kind = (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            made.append("{" + field + kind + "}")
    return f"{''.join(made)}{'·' * (len(text) * 3 // 10)}" if text.strip() else text
