"""From what a person means to bytes of a file: seconds of sound and film in many containers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from desktop_app.content.passage import passage_of_time
from desktop_app.core.errors import InvalidInputError, UnavailableError

CONTAINERS = ("mp3", "flac", "ogg", "m4a", "mp4", "webm", "avi", "aiff")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of sound, and where the container takes it of film, in each container."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    folder = tmp_path_factory.mktemp("recordings")
    sound = ["-f", "lavfi", "-i", "anoisesrc=duration=10:seed=7:sample_rate=44100"]
    film = ["-f", "lavfi", "-i", "testsrc=duration=10:size=64x48:rate=10"]
    targets: list[str] = []
    for ending in CONTAINERS:
        streams = ["-map", "0", "-map", "1"] if ending in ("mp4", "webm", "avi") else ["-map", "0"]
        targets += [*streams, f"{folder}/ten.{ending}"]
    subprocess.run([program, "-v", "error", *sound, *film, *targets], check=True)
    return folder


@pytest.mark.parametrize("ending", CONTAINERS)
def test_seconds_of_sound_and_film_become_bytes(recordings: Path, ending: str) -> None:
    path = recordings / f"ten.{ending}"
    size = path.stat().st_size
    early, late = passage_of_time(path, 2_000, 3_000), passage_of_time(path, 7_000, 8_000)
    whole = passage_of_time(path, 0, 10_000)
    for first, last in (early, late):
        assert whole[0] <= first < last <= whole[1] < size
        assert last - first < 0.35 * size
    assert early[0] < late[0]
    assert early[1] < late[1]
    assert whole[1] - whole[0] > 0.7 * size
    with pytest.raises(InvalidInputError, match="time_range"):
        passage_of_time(path, 12_000, 13_000)
    with pytest.raises(InvalidInputError, match="time_range"):
        passage_of_time(path, 3_000, 2_000)


def test_two_parts_of_an_mp3_meet_without_a_gap(recordings: Path) -> None:
    path = recordings / "ten.mp3"
    first, second = passage_of_time(path, 2_000, 3_000), passage_of_time(path, 3_000, 4_000)
    assert second[0] <= first[1] + 1
    assert first[1] - second[0] < 2_000  # one frame stands in both


def test_a_picture_and_a_text_have_no_seconds(tmp_path: Path) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    text, picture, noise = tmp_path / "text.txt", tmp_path / "picture.png", tmp_path / "noise.bin"
    text.write_text("no sound in here " * 100)
    Image.new("RGB", (64, 64)).save(picture)
    noise.write_bytes(bytes(range(256)) * 8)
    for path in (text, picture, noise):
        with pytest.raises(InvalidInputError, match="no_time_in_file"):
            passage_of_time(path, 0, 1_000)


def test_without_the_program_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3" + bytes(1000))
    with pytest.raises(UnavailableError) as caught:
        passage_of_time(path, 0, 1_000)
    assert caught.value.code == "content.no_time_tool"
