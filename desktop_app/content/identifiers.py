"""The numbers of the trade in one checked form: ISRC (ISO 3901), ISWC (ISO 15707), ISBN, DOI."""

from __future__ import annotations

import re

from desktop_app.core.errors import InvalidInputError

_ISWC = re.compile(r"T([0-9]{9})([0-9])")
_ISRC = re.compile(r"([A-Z]{2})([A-Z0-9]{3})([0-9]{2})([0-9]{5})")
# The registrant's part may have sub-elements; the rest is any printable text without spaces.
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[!-~]{1,200}")
_DOI_BEFORE = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?")


def isrc(text: str) -> str:
    """As "USRC17607839". Raises InvalidInputError("content.isrc")."""
    bare = re.sub(r"^ISRC[:\s]*", "", text.strip().upper()).replace("-", "").replace(" ", "")
    if not _ISRC.fullmatch(bare):
        raise InvalidInputError("content.isrc", given=text[:40])
    return bare


def iswc(text: str) -> str:
    """As "T-034.524.680-1", as it is printed. Raises InvalidInputError("content.iswc")."""
    bare = re.sub(r"^ISWC[:\s]*", "", text.strip().upper())
    match = _ISWC.fullmatch(re.sub(r"[-. ]", "", bare))
    if match is not None:
        nine, check = match.groups()
        total = 1 + sum(place * int(digit) for place, digit in enumerate(nine, start=1))
        if -total % 10 == int(check):
            return f"T-{nine[:3]}.{nine[3:6]}.{nine[6:]}-{check}"
    raise InvalidInputError("content.iswc", given=text[:40])


def isbn(text: str) -> str:
    """The 13 digits; an ISBN-10 is turned into one. Raises InvalidInputError("content.isbn")."""
    bare = re.sub(r"^ISBN(?:-1[03])?[:\s]*", "", text.strip().upper()).replace("-", "").replace(" ", "")
    if re.fullmatch(r"[0-9]{9}[0-9X]", bare):
        values = [10 if digit == "X" else int(digit) for digit in bare]
        if sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0:
            return _with_check_digit("978" + bare[:9])
    elif re.fullmatch(r"97[89][0-9]{10}", bare) and _with_check_digit(bare[:12]) == bare:
        return bare
    raise InvalidInputError("content.isbn", given=text[:40])


def doi(text: str) -> str:
    """As "10.1000/182", in lower case since case does not count. Raises InvalidInputError("content.doi")."""
    bare = _DOI_BEFORE.sub("", text.strip()).lower()
    if not _DOI.fullmatch(bare):
        raise InvalidInputError("content.doi", given=text[:40])
    return bare


def language(text: str) -> str:
    """A language tag (BCP 47: language, script, region) in its usual case, as "pt-BR".

    Raises InvalidInputError("content.language").
    """
    match = _LANGUAGE.fullmatch(text.strip().replace("_", "-"))
    if match is None:
        raise InvalidInputError("content.language", given=text[:40])
    spoken, script, region = match.groups()
    return "-".join(
        part for part in (spoken.lower(), script and script.title(), region and region.upper()) if part
    )


def _with_check_digit(twelve: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-total % 10)
