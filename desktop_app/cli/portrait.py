"""What is known of a work's inside, in words for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.services.details import WorkPortrait


def described(portrait: WorkPortrait) -> list[tuple[str, object]]:
    """Label and value of what the creator says and of what the file says."""
    from desktop_app.services.details import creators_text
    from desktop_app.services.media_words import inside
    from desktop_app.services.wording import words

    said = portrait.metadata
    return [
        ("Creators", creators_text(said.creators)),
        ("Year", said.year or ""),
        ("Language", said.language),
        ("ISRC", said.isrc),
        ("ISWC", said.iswc),
        ("ISBN", said.isbn),
        ("DOI", said.doi),
        ("AI training", words(f"credentials.training_{said.training.lower()}") if said.training else ""),
        ("About", said.description),
        ("Inside", inside(portrait.facts)),
        ("Preview", portrait.preview or ""),
        ("Version of", portrait.previous.id if portrait.previous else ""),
    ]
