"""Facts and previews of real files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from unit.content.media import epub, ffmpeg, film, needs_ffmpeg, pdf, picture, sound

from desktop_app.content.media_facts import MediaFacts, media_facts
from desktop_app.content.metadata import Creator, WorkMetadata
from desktop_app.content.preview import preview
from desktop_app.core.errors import CancelledError
from desktop_app.core.progress import Task

KINDS = [
    "image/png", "image/gif", "audio/mpeg", "audio/flac", "audio/ogg", "audio/wav", "audio/mp4", "audio/aiff",
    "application/pdf", "application/epub+zip",
]  # fmt: skip


def size_of(png: bytes | None) -> tuple[int, int]:
    assert png is not None
    with Image.open(BytesIO(png), formats=["PNG"]) as opened:
        return opened.size


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "gif", "avif"])
def test_a_picture_tells_its_size_and_is_its_own_preview(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    picture().resize((240, 120)).save(path)
    assert media_facts(path, f"image/{suffix}", Task()) == MediaFacts(width=240, height=120)
    assert size_of(preview(path, f"image/{suffix}", Task(), 100)) == (100, 50)


def test_a_photograph_says_who_took_it_and_when(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0132], exif[0x0112] = "Ebb", "Ada Wren", "2024:05:01 10:00:00", 6
    picture().resize((240, 120)).save(tmp_path / "a.jpg", exif=exif)
    found = media_facts(tmp_path / "a.jpg", "image/jpeg", Task())
    assert found.said == WorkMetadata("Ebb", (Creator("Ada Wren"),), 2024)
    assert (found.width, found.height) == (120, 240)


@needs_ffmpeg
@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac", "ogg", "m4a"])
def test_a_song_tells_its_length_and_shows_its_wave(tmp_path: Path, suffix: str) -> None:
    path = sound(tmp_path / f"a.{suffix}", 4)
    found = media_facts(path, "audio/x", Task())
    assert found.problem is None
    assert abs(found.duration_ms - 4000) < 120
    assert found.sample_rate == 22050 and found.channels in (1, 2)
    assert size_of(preview(path, "audio/x", Task(), 256)) == (256, 64)


@needs_ffmpeg
def test_a_tagged_song_with_a_cover_tells_and_shows_them(tmp_path: Path) -> None:
    picture().save(tmp_path / "cover.png")
    sound(tmp_path / "a.wav", 2)
    tags = ("title=Low Water", "artist=Ada Wren", "composer=Bo", "date=2024", "TSRC=USRC17607839")
    ffmpeg("-i", str(tmp_path / "a.wav"), "-i", str(tmp_path / "cover.png"), "-map", "0", "-map", "1",
           *(part for tag in tags for part in ("-metadata", tag)), str(tmp_path / "a.mp3"))  # fmt: skip
    found = media_facts(tmp_path / "a.mp3", "audio/mpeg", Task())
    creators = (Creator("Ada Wren", "artist"), Creator("Bo", "composer"))
    assert found.said == WorkMetadata("Low Water", creators, 2024, isrc="USRC17607839")
    assert size_of(preview(tmp_path / "a.mp3", "audio/mpeg", Task(), 100)) == (100, 100)


@needs_ffmpeg
def test_a_film_tells_its_size_and_length_and_shows_a_frame(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", "-metadata", "title=Flood", "-metadata", "date=1999")
    found = media_facts(path, "video/mp4", Task())
    assert (found.width, found.height, found.duration_ms) == (160, 120, 3000)
    assert found.said == WorkMetadata("Flood", year=1999)
    assert size_of(preview(path, "video/mp4", Task(), 80)) == (80, 60)


def test_documents_and_tables_tell_what_they_hold(tmp_path: Path) -> None:
    found = media_facts(pdf(tmp_path / "a.pdf", ["x"]), "application/pdf", Task())
    assert found == MediaFacts(pages=1, said=WorkMetadata("The Tide", (Creator("Ada Wren"),)))
    book = media_facts(epub(tmp_path / "a.epub", ["x"]), "application/epub+zip", Task())
    assert book.said == WorkMetadata("The Tide", (Creator("Ada Wren"),), language="en")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3,4")
    assert media_facts(tmp_path / "a.csv", "text/csv", Task()).rows == 3
    assert preview(tmp_path / "a.csv", "text/csv", Task()) is None


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=200))
def test_any_bytes_under_any_name_have_facts_without_failing(
    kind: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "any"
    path.write_bytes(data)
    assert isinstance(media_facts(path, kind, Task()), MediaFacts)
    if not kind.startswith("audio"):
        assert preview(path, kind, Task()) is None


@needs_ffmpeg
@pytest.mark.parametrize("kind", ["video/mp4", "audio/mpeg"])
def test_a_damaged_film_or_song_has_no_preview(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"garbage" * 99)
    assert preview(tmp_path / "a", kind, Task()) is None
    problem = media_facts(tmp_path / "a", kind, Task()).problem
    assert problem is not None and problem.code == "content.media_unreadable"


def test_without_the_tools_there_is_a_plain_icon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.mp4").write_bytes(b"any")
    assert preview(tmp_path / "a.mp4", "video/mp4", Task()) is None
    problem = media_facts(tmp_path / "a.mp4", "video/mp4", Task()).problem
    assert problem is not None and problem.code == "similarity.no_tool"


def test_facts_of_a_cancelled_task_are_not_looked_for(tmp_path: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        media_facts(tmp_path / "a.png", "image/png", task)
