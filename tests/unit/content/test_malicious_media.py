"""Files made to do harm: they are named, and cost neither the memory nor the time of the machine."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from desktop_app.content.examination import look_into
from desktop_app.content.formats import media_type
from desktop_app.content.media_facts import media_facts
from desktop_app.content.preview import preview
from desktop_app.content.tools import FFPROBE, run
from desktop_app.core.errors import UnavailableError
from desktop_app.core.progress import Task
from tests.unit.content.media import needs_ffmpeg

GIB = 2**30


def bomb(path: Path, side: int) -> Path:
    """A grey PNG of side x side pixels in a few kilobytes."""
    row = zlib.compressobj(1)
    data = b"".join(row.compress(b"\0" + bytes(side)) for _ in range(side)) + row.flush()

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
    return path


def test_a_picture_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.png", 13_300)
    look = look_into(path, "image/png", *codes(), Task())
    assert look.facts.problem is not None
    assert look.facts.problem.code == "content.picture_too_large"
    assert (look.preview, len(look.code.units)) == (None, 2)


def test_the_largest_allowed_picture_fits_into_a_gigabyte(tmp_path: Path) -> None:
    path = bomb(tmp_path / "large.png", 13_200)
    code = (
        "import resource, sys; from pathlib import Path\n"
        f"resource.setrlimit(resource.RLIMIT_AS, (3 * {GIB}, 3 * {GIB}))\n"
        "from desktop_app.content.similarity import content_code\n"
        "from desktop_app.content.preview import preview\n"
        "from desktop_app.core.progress import Task\n"
        "content_code(Path(sys.argv[1]), 'image/png', Task())\n"
        "assert preview(Path(sys.argv[1]), 'image/png', Task())\n"
        "print(*(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    # Not ru_maxrss: it begins with what the process that started this one had.
    assert int(done.stdout.split()[1]) * 1024 < GIB


def codes() -> tuple[str, str]:
    import iscc_lib

    hasher = iscc_lib.SumHasher()
    hasher.update(b"x")
    data, instance = hasher.finalize(256, add_units=True)["units"]
    return data, instance


@pytest.mark.parametrize("ending", ["epub", "docx", "odt"])
def test_a_document_that_swells_is_read_up_to_the_limit(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"bomb.{ending}"
    member = {"epub": "OEBPS/1.xhtml", "docx": "word/document.xml", "odt": "content.xml"}[ending]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip" if ending == "epub" else "x", zipfile.ZIP_STORED)
        with archive.open(member, "w", force_zip64=True) as file:
            for _ in range(70):
                file.write(b"<p>" + b" " * (1 << 20))
    look = look_into(path, media_type(path, path.read_bytes()[:64]), *codes(), Task())
    assert len(look.code.units) == 2


def test_entities_that_swell_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "laughs.docx"
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a9;</x>')
    look = look_into(path, media_type(path, b""), *codes(), Task())
    assert look.code.without_content is not None


@needs_ffmpeg
@pytest.mark.parametrize("ending", ["mp4", "mkv", "mp3"])
def test_a_play_list_in_disguise_opens_no_other_file(tmp_path: Path, ending: str) -> None:
    secret = tmp_path / "secret.ts"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=d=2", str(secret)], check=True, timeout=60
    )
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile {secret}\n",
    ):
        path = tmp_path / f"innocent.{ending}"
        path.write_text(text)
        kind = media_type(path, path.read_bytes()[:64])
        facts = media_facts(path, kind, Task())
        assert (facts.width, facts.duration_ms) == (0, 0)
        assert preview(path, kind, Task()) is None


def test_a_tool_that_comes_to_no_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / FFPROBE
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UnavailableError) as caught:
        run(FFPROBE, [], Task(), limit=0.3)
    assert caught.value.code == "similarity.tool_stuck"
