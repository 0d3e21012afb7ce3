"""What a file says of itself, in words for both front ends: "1920 x 1080 pixels, 3:42 long"."""

from __future__ import annotations

from desktop_app.content.media_facts import MediaFacts
from desktop_app.core.localised import grouped
from desktop_app.services.wording import words


def inside(facts: MediaFacts) -> str:
    """All that is known, "" when nothing is."""
    parts = []
    if facts.width:
        parts.append(words("library.pixels", width=facts.width, height=facts.height))
    if facts.duration_ms:
        parts.append(words("library.duration", time=clock_time(facts.duration_ms)))
    if facts.sample_rate:
        parts.append(words("library.sound", rate=grouped(facts.sample_rate), channels=facts.channels))
    if facts.pages:
        parts.append(words("library.pages", count=grouped(facts.pages)))
    if facts.rows:
        parts.append(words("library.rows", count=grouped(facts.rows)))
    return ", ".join(parts)


def clock_time(milliseconds: int) -> str:
    """ "3:42" or "1:02:03"."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
