"""How dates, sizes and kinds of files are written for people."""

from __future__ import annotations

import re
from datetime import datetime

from desktop_app.core import localised
from desktop_app.core.localised import grouped
from desktop_app.gui.texts import texts
from desktop_app.services.address_book import short_address
from desktop_app.services.licences import Licence

file_size = localised.size
_LONG_HEX = re.compile(r"0x[0-9a-fA-F]{40,}")


def local_time(timestamp: int | None) -> str:
    """Date and time where the user is: "24 Nov 2026, 09:14"."""
    return localised.moment(timestamp) if timestamp else "–"


def readable_time(text: str) -> str:
    """`text` as local time where it is a time like 2026-11-24T07:00:00Z, else as it is."""
    try:
        return local_time(int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()))
    except ValueError:
        return text


def local_date(timestamp: int | None) -> str:
    """Date where the user is: "24 Nov 2026"."""
    return localised.day(timestamp) if timestamp else "–"


def kind_of(media_type: str) -> tuple[str, str]:
    """Icon and word for a media type: ("music", "Audio")."""
    t = texts("kinds")
    top = media_type.split("/", maxsplit=1)[0]
    if top == "audio":
        return "music", t("audio")
    if top == "video":
        return "film", t("video")
    if top == "image":
        return "image", t("image")
    if media_type in ("application/epub+zip", "application/pdf") or top == "text":
        return (
            ("data", t("data"))
            if media_type in ("text/csv", "text/tab-separated-values")
            else ("book", t("text"))
        )
    if media_type in ("application/json", "application/zip", "application/gzip", "application/vnd.sqlite3"):
        return "data", t("data")
    return "file", t("file")


def breakable(address: str) -> str:
    """An address that may go on in the next line where it is too long for one."""
    return "\u200b".join(address[at : at + 6] for at in range(0, len(address), 6))


def shortened(text: str) -> str:
    """A sentence with its addresses and hashes shortened: whole, they would not fit into a narrow line."""
    return _LONG_HEX.sub(lambda match: short_address(match[0]), text)


def licence_line(one: Licence) -> str:
    """ "10 plays or performances (3 used), until 24 Nov 2026"."""
    t = texts("royalty")
    text = one.in_words
    if one.used:
        text += " " + t("used", used=grouped(one.used))
    if one.expires_at:
        text += ", " + t("ended" if one.expired else "until", date=local_date(one.expires_at))
    return text
