from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.content.formats import HEAD_SIZE, UNKNOWN, human_kind, media_type


@pytest.mark.parametrize(
    ("name", "head", "media", "kind"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n....", "image/png", "picture"),
        ("a", b"\xff\xd8\xff\xe0", "image/jpeg", "picture"),
        ("wrong.txt", b"\xff\xd8\xff\xe0", "image/jpeg", "picture"),
        ("a", b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav", "song"),
        ("a", b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", "picture"),
        ("a.bin", b"XXXX\x10\0\0\0WAVEfmt ", UNKNOWN, "file"),
        ("a", b"fLaC\0\0", "audio/flac", "song"),
        ("SONG.MP3", b"\xff\xfb\x90", "audio/mpeg", "song"),
        ("a.m4a", b"\0\0\0\x20ftypM4A ", "audio/mp4", "song"),
        ("a.m4a", b"\0\0\0\x20ftypisom", "audio/mp4", "song"),
        ("a.mov", b"\0\0\0\x20ftypqt  ", "video/quicktime", "film"),
        ("a.mp4", b"\0\0\0\x20ftypisom", "video/mp4", "film"),
        ("a.webm", b"\x1a\x45\xdf\xa3", "video/webm", "film"),
        ("a.md", b"# Title", "text/markdown", "text"),
        ("a.pdf", b"%PDF-1.7", "application/pdf", "text"),
        ("a", b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "application/epub+zip", "text"),
        ("a.svg", b"<svg", "image/svg+xml", "picture"),
        ("a.csv", b"a,b", "text/csv", "data"),
        ("a.parquet", b"PAR1", "application/vnd.apache.parquet", "data"),
        ("a.zip", b"PK\x03\x04", "application/zip", "file"),
        ("a.xyz-unheard-of", b"?", UNKNOWN, "file"),
        ("noname", b"", UNKNOWN, "file"),
    ],
)
def test_a_file_is_known_by_its_first_bytes_or_its_name(
    name: str, head: bytes, media: str, kind: str
) -> None:
    assert media_type(Path(name), head) == media
    assert human_kind(media) == kind


@given(st.text(max_size=20), st.binary(max_size=HEAD_SIZE))
def test_any_name_and_content_have_a_type(name: str, head: bytes) -> None:
    found = media_type(Path(name), head)
    assert "/" in found
    assert human_kind(found) in {"song", "picture", "film", "text", "data", "file"}
