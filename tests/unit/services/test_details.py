"""What is known of a work beyond its fingerprint."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services.app import Services
from desktop_app.services.details import Closeness, Creator, WorkMetadata
from desktop_app.services.media_words import clock_time, inside
from tests.unit.content.media import epub, needs_ffmpeg, needs_fpcalc, picture, sound


def test_a_look_finds_facts_preview_and_code(services: Services, tmp_path: Path) -> None:
    picture().save(tmp_path / "a.png")
    work = services.library.add(tmp_path / "a.png").work
    assert not services.details.portrait(work.id).looked
    portrait = services.details.look(work.id)
    assert portrait.looked and portrait.iscc.startswith("ISCC:")
    assert inside(portrait.facts) == "240 × 240 pixels"
    assert portrait.preview is not None
    with Image.open(portrait.preview) as small:
        assert max(small.size) <= 320
    assert portrait.preview.stat().st_mode & 0o077 == 0


def test_tags_fill_what_is_not_said_yet_and_nothing_else(services: Services, tmp_path: Path) -> None:
    work = services.library.add(epub(tmp_path / "book.epub", ["It was late"]), "My Title").work
    assert services.details.look(work.id).metadata == WorkMetadata(
        "My Title", (Creator("Ada Wren"),), language="en"
    )
    services.details.set_metadata(work.id, WorkMetadata("My Title", year=1999))
    assert services.details.look(work.id).metadata == WorkMetadata("My Title", year=1999)


def test_metadata_changes_the_title_too_and_a_rename_keeps_the_rest(
    services: Services, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("words")
    work = services.library.add(tmp_path / "a.txt").work
    services.details.set_metadata(work.id, WorkMetadata("Tide", (Creator("Ada", "poet"),), 2020))
    assert services.library.get(work.id).title == "Tide"
    services.library.rename(work.id, "High Tide")
    assert services.details.metadata(work.id) == WorkMetadata("High Tide", (Creator("Ada", "poet"),), 2020)
    assert services.details.json_ld(work.id)["name"] == "High Tide"
    document = services.details.token_document(work.id, "TIDE")
    assert (document["name"], document["symbol"], document["description"]) == (
        "High Tide", "TIDE", "High Tide (Ada)",
    )  # fmt: skip


def test_bad_metadata_changes_nothing(services: Services, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    work = services.library.add(tmp_path / "a.txt", "Tide").work
    with pytest.raises(InvalidInputError):
        services.details.set_metadata(work.id, WorkMetadata("Other", isrc="x"))
    assert services.details.metadata(work.id) == WorkMetadata("Tide")


@needs_ffmpeg
@needs_fpcalc
def test_near_works_are_found_nearest_first(services: Services, tmp_path: Path) -> None:
    sound(tmp_path / "song.wav")
    sound(tmp_path / "song.mp3")
    picture(0).save(tmp_path / "one.png")
    picture(0).save(tmp_path / "one.jpg", quality=40)
    picture(3).save(tmp_path / "other.png")
    ids = {}
    for path in sorted(tmp_path.iterdir()):
        if path.is_file():
            ids[path.name] = services.library.add(path).work.id
            services.details.look(ids[path.name])
    near = services.details.similar(ids["one.png"])
    assert [one.work.path.name for one in near] == ["one.jpg"]
    assert near[0].nearness.closeness >= Closeness.NEARLY_THE_SAME
    songs = services.details.similar(ids["song.wav"])
    assert [(one.work.path.name, one.nearness.kind) for one in songs] == [("song.mp3", "song")]


def test_a_changed_file_is_not_looked_into_as_the_old_work(services: Services, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    work = services.library.add(tmp_path / "a.txt").work
    (tmp_path / "a.txt").write_text("other words")
    with pytest.raises(RefusedError) as caught:
        services.details.look(work.id)
    assert caught.value.code == "library.file_changed"


def test_a_damaged_file_is_looked_into_and_says_why_nothing_is_known(
    services: Services, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"damaged" * 10)
    work = services.library.add(tmp_path / "a.png").work
    portrait = services.details.look(work.id)
    assert portrait.facts.problem is not None and portrait.facts.problem.code == "content.picture_unreadable"
    assert portrait.preview is None and portrait.iscc


@pytest.mark.parametrize(("milliseconds", "shown"), [(0, "0:00"), (222_999, "3:42"), (3_723_000, "1:02:03")])
def test_lengths_read_like_a_clock(milliseconds: int, shown: str) -> None:
    assert clock_time(milliseconds) == shown
