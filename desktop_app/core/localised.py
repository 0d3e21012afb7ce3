"""Numbers, dates and sizes as they are written where the user lives (Unicode CLDR, through Babel).

Only what people read goes through here; files, JSON and databases keep decimal points and ISO dates. Numbers
are exact: integers and decimals, never floats.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING

from desktop_app.core.errors import InvalidInputError

if TYPE_CHECKING:
    from babel import Locale

_DEFAULT = "en_150"
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")
_locale = _DEFAULT


def use(language: str, usual: str, system: tuple[str, ...] = ()) -> None:
    """Write as the first of the `system` locales of this language does, else as `usual` does."""
    global _locale  # noqa: PLW0603  # one process, one user, one place
    for tag in (*system, usual):
        name = re.split(r"[.@]", tag.replace("-", "_"))[0]
        if name.split("_")[0].lower() == language and "_" in name and _known(name):
            _locale = name
            return
    _locale = usual


def formats() -> str:
    """The locale whose formats are in use, e.g. "de_CH"."""
    return _locale


def _known(name: str) -> bool:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


@cache
def _cldr(name: str) -> Locale:
    from babel import Locale

    return Locale.parse(name)


@cache
def _signs(name: str) -> tuple[str, str]:
    """Decimal sign and the sign between thousands."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale = _cldr(name)
    return get_decimal_symbol(locale), get_group_symbol(locale)


def grouped(value: int) -> str:
    """A count with its thousands grouped: 12345 is "12,345" or "12.345"."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_cldr(_locale)))


def decimal(plain: str, *, thousands: bool = False) -> str:
    """An exact decimal number such as "-1234.50", with the local signs; every digit stays."""
    whole, _, part = plain.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    shown = grouped(int(digits)) if thousands else digits
    return f"{sign}{shown}{decimal_sign()}{part}" if part else f"{sign}{shown}"


def decimal_sign() -> str:
    return "." if _locale == _DEFAULT else _signs(_locale)[0]


def day(timestamp: int) -> str:
    """The date where the user is, e.g. "24 Nov 2026"; `timestamp` in seconds since 1970."""
    return _day(datetime.fromtimestamp(timestamp, UTC).astimezone().date())


def _day(value: date) -> str:
    from babel.dates import format_date

    return str(format_date(value, "medium", locale=_cldr(_locale)))


def moment(timestamp: int) -> str:
    """Date and time where the user is, e.g. "24 Nov 2026, 09:14"."""
    from babel.dates import format_time

    local = datetime.fromtimestamp(timestamp, UTC).astimezone()
    clock = format_time(local.time(), "short", locale=_cldr(_locale))
    joined = str(_cldr(_locale).datetime_formats["medium"])
    return joined.replace("{1}", _day(local.date())).replace("{0}", str(clock)).replace("'", "")


def size(count: int) -> str:
    """Bytes in decimal units: 1_234_567 is "1.2 MB"; cut off, not rounded up."""
    value, unit, remainder = count, 0, 0
    while value >= 1000 and unit < len(_SIZES) - 1:
        value, remainder = divmod(value, 1000)
        unit += 1
    shown = str(value) if unit == 0 or value >= 100 else f"{value}.{remainder // 100}"
    return f"{decimal(shown)} {_SIZES[unit]}"


def typed_number(text: str) -> str:
    """What a person typed as a plain number: with a point for "12,5" and "1.234,50" where the comma is usual.

    Raises InvalidInputError for what has two readings there, such as "1.234"; what is no number stays as it
    is, for the caller's parser to refuse.
    """
    typed = text.strip()
    if typed.endswith("%"):
        return f"{typed_number(typed[:-1])} %"
    sign, group = (".", ",") if _locale == _DEFAULT else _signs(_locale)
    if sign == ".":
        return typed
    if group == "." and re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", typed):
        raise InvalidInputError("amount.two_readings", text=typed[:80])
    if re.fullmatch(rf"\d{{1,3}}({re.escape(group)}\d{{3}})*{re.escape(sign)}\d+", typed):
        return typed.replace(group, "").replace(sign, ".")
    return typed.replace(sign, ".") if re.fullmatch(rf"\d+{re.escape(sign)}\d+", typed) else typed
