"""ISCC: the same codes as the reference implementation gives, and near works found as near."""

from __future__ import annotations

import hashlib
import random
from io import BytesIO
from pathlib import Path

import iscc_core
import iscc_lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.content.media import epub, film, needs_ffmpeg, needs_fpcalc, pdf, picture, sound

from desktop_app.content import tools
from desktop_app.content.fingerprint import fingerprint
from desktop_app.content.pictures import open_picture
from desktop_app.content.similarity import (
    BITS,
    Closeness,
    SimilarityCode,
    content_code,
    frame_signatures,
    grey_pixels,
    nearest,
    nearness,
    similarity_code,
    sound_features,
)
from desktop_app.core.errors import CancelledError, ColophonError, InvalidInputError
from desktop_app.core.progress import Task

STORY = "The tide came in at four and took the letters from the sand, one after another. "


def code_of(path: Path) -> SimilarityCode:
    found = fingerprint(path, bytes(32), Task())
    return similarity_code(path, found.media_type, found.data_code, found.instance_code, Task())


def story(seed: int, words: int = 600) -> str:
    chosen = random.Random(seed)
    return " ".join(
        "".join(chosen.choices("abcdefghijklmnoprstuvw", k=chosen.randint(2, 9))) for _ in range(words)
    )


def test_the_library_passes_the_conformance_tests_of_the_standard() -> None:
    assert iscc_lib.conformance_selftest()


@given(st.binary(min_size=1, max_size=3000), st.text(min_size=1, max_size=200))
def test_codes_of_any_bytes_and_text_equal_those_of_the_reference(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, text: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.bin"
    path.write_bytes(data)
    code = code_of(path)
    assert code.iscc == iscc_core.gen_iscc_code_v0(list(code.units))["iscc"]
    assert iscc_lib.gen_text_code_v0(text, BITS).iscc == iscc_core.gen_text_code_v0(text, BITS)["iscc"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif", "gif", "avif"])
def test_picture_codes_equal_those_of_the_reference(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    picture().save(path)
    with open_picture(path) as opened:
        pixels = grey_pixels(opened)
    assert len(pixels) == 1024
    expected = iscc_core.gen_image_code_v0(list(pixels), BITS)["iscc"]
    code = code_of(path)
    assert code.units[0] == expected
    assert code.iscc == iscc_core.gen_iscc_code_v0(list(code.units))["iscc"]
    assert code.without_content is None


@needs_fpcalc
@needs_ffmpeg
def test_song_codes_equal_those_of_the_reference_and_survive_other_formats(tmp_path: Path) -> None:
    wav = sound(tmp_path / "a.wav")
    assert (
        content_code(wav, "audio/wav", Task())
        == (iscc_core.gen_audio_code_v0(sound_features(wav, Task()), BITS)["iscc"])
    )
    for suffix in ("mp3", "flac", "ogg", "m4a", "opus"):
        near = nearness(code_of(wav).units, code_of(sound(tmp_path / f"a.{suffix}")).units)
        assert near is not None and near.kind == "song"
        assert near.closeness >= Closeness.NEARLY_THE_SAME, suffix


@needs_ffmpeg
def test_film_codes_equal_those_of_the_reference_and_survive_other_formats(tmp_path: Path) -> None:
    mp4 = film(tmp_path / "a.mp4")
    signatures = frame_signatures(mp4, Task())
    expected = iscc_core.gen_video_code_v0([tuple(frame) for frame in signatures], BITS)["iscc"]
    assert content_code(mp4, "video/mp4", Task()) == expected
    near = nearness(code_of(mp4).units, code_of(film(tmp_path / "a.webm", "-s", "80x60")).units)
    assert near is not None and near.kind == "film" and near.closeness >= Closeness.NEARLY_THE_SAME


def test_text_codes_equal_those_of_the_reference_whatever_the_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY * 3)
    (tmp_path / "a.html").write_text(f"<html><head><style>x</style></head><p>{STORY * 3}</p></html>")
    epub(tmp_path / "a.epub", [STORY * 3])
    expected = iscc_core.gen_text_code_v0(STORY * 3, BITS)["iscc"]
    for name in ("a.txt", "a.html", "a.epub"):
        assert code_of(tmp_path / name).units[0] == expected, name
    pdf(tmp_path / "a.pdf", [STORY] * 3)
    near = nearness(code_of(tmp_path / "a.pdf").units, [expected])
    assert near is not None and near.closeness >= Closeness.NEARLY_THE_SAME


def test_near_works_are_found_nearest_first_and_others_are_not(tmp_path: Path) -> None:
    original = picture()
    original.save(tmp_path / "original.png")
    original.resize((120, 120)).save(tmp_path / "small.jpg", quality=60)
    bordered = picture().convert("RGBA")
    bordered.save(tmp_path / "alpha.png")
    library: dict[str, tuple[str, ...]] = {}
    for name in ("original.png", "small.jpg", "alpha.png"):
        library[name] = code_of(tmp_path / name).units
    for number in range(1, 9):
        picture(number).save(tmp_path / f"{number}.png")
        library[f"{number}.png"] = code_of(tmp_path / f"{number}.png").units
    found = nearest(library["original.png"], library.items(), Closeness.NEARLY_THE_SAME)
    assert [(name, near.closeness) for name, near in found] == [
        ("original.png", Closeness.SAME_FILE),
        ("alpha.png", Closeness.SAME_CONTENT),
        ("small.jpg", found[2][1].closeness),
    ]
    assert found[0][1].percent == 100 and found[2][1].percent > 80


def test_a_turned_picture_with_an_orientation_tag_is_the_same(tmp_path: Path) -> None:
    upright = picture()
    upright.save(tmp_path / "upright.png")
    turned = upright.rotate(90, expand=True)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.png", exif=exif)
    one, other = (
        content_code(tmp_path / name, "image/png", Task()) for name in ("upright.png", "turned.png")
    )
    assert one == other


def test_an_altered_text_is_related_and_another_is_not() -> None:
    one, other = story(1), story(2)
    altered = one.replace("a", "ä", 12)
    codes = [iscc_lib.gen_text_code_v0(text, BITS).iscc for text in (one, altered, other)]
    near, far = nearness(codes[:1], codes[1:2]), nearness(codes[:1], codes[2:])
    assert near is not None and near.closeness >= Closeness.RELATED
    assert far is not None and far.closeness is Closeness.DIFFERENT and far.percent < 40


def test_a_changed_data_set_is_found_by_its_bytes(tmp_path: Path) -> None:
    rows = [f"{i},{hashlib.sha256(bytes([i % 256, i // 256])).hexdigest()}\n" for i in range(6000)]
    (tmp_path / "a.csv").write_text("".join(rows))
    (tmp_path / "b.csv").write_text("".join([*rows[:3000], "new,row\n", *rows[3001:]]))
    one, other = code_of(tmp_path / "a.csv"), code_of(tmp_path / "b.csv")
    assert one.without_content is not None
    assert one.without_content.code == "similarity.no_content_code"
    near = nearness(one.units, other.units)
    assert near is not None and near.kind == "data" and near.closeness >= Closeness.RELATED


def test_works_without_a_common_kind_are_not_compared() -> None:
    text = iscc_lib.gen_text_code_v0("a", BITS).iscc
    image = iscc_lib.gen_image_code_v0(bytes(1024), BITS).iscc
    assert nearness([text], [image]) is None
    assert nearest([text], [("x", [image])]) == []


@given(st.binary(min_size=1024, max_size=1024), st.binary(min_size=1024, max_size=1024))
def test_nearness_is_symmetric_and_zero_only_for_equal_codes(one: bytes, other: bytes) -> None:
    codes = [iscc_lib.gen_image_code_v0(pixels, BITS).iscc for pixels in (one, other)]
    there, back = nearness(codes[:1], codes[1:]), nearness(codes[1:], codes[:1])
    assert there is not None and there == back
    expected = sum(
        (a ^ b).bit_count() for a, b in zip(*(iscc_lib.iscc_decode(code)[4] for code in codes), strict=True)
    )
    assert there.distance == expected
    assert (there.distance == 0) == (codes[0] == codes[1])


@given(st.text(max_size=60))
def test_what_is_no_code_is_refused(text: str) -> None:
    try:
        iscc_lib.iscc_decode(text)
    except ValueError:
        with pytest.raises(InvalidInputError) as caught:
            nearness([text], [text])
        assert caught.value.code == "similarity.not_a_code"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "content.picture_unreadable"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "content.picture_unreadable"),
        ("a.pdf", b"%PDF-1.7\n garbage", "content.text_unreadable"),
        ("a.epub", b"PK\x03\x04 garbage", "content.text_unreadable"),
        ("a.txt", b" \n ", "similarity.too_short"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "similarity.no_content_code"),
        ("a.zip", b"PK\x05\x06" + bytes(18), "similarity.no_content_code"),
    ],
)
def test_a_file_without_readable_content_still_has_a_code_and_a_reason(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = code_of(tmp_path / name)
    assert len(found.units) == 2
    assert found.without_content is not None and found.without_content.code == code
    expected = iscc_core.gen_iscc_code_v0(list(found.units))["iscc"]
    assert found.iscc == expected


@needs_ffmpeg
@needs_fpcalc
@pytest.mark.parametrize("name", ["a.mp3", "a.mp4"])
def test_damaged_sound_and_film_have_a_reason(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"ID3" + bytes(2000))
    kind = {"a.mp3": "audio/mpeg", "a.mp4": "video/mp4"}[name]
    found = similarity_code(tmp_path / name, kind, *bytes_units(), Task())
    assert found.without_content is not None and found.without_content.code == "similarity.unreadable"


def bytes_units() -> tuple[str, str]:
    data, instance = iscc_core.gen_data_code_v0, iscc_core.gen_instance_code_v0
    return data(BytesIO(b"x"), bits=BITS)["iscc"], instance(BytesIO(b"x"), bits=BITS)["iscc"]


@needs_fpcalc
@needs_ffmpeg
def test_a_sound_of_a_second_has_no_code(tmp_path: Path) -> None:
    with pytest.raises(ColophonError) as caught:
        content_code(sound(tmp_path / "a.wav", 1), "audio/wav", Task())
    assert caught.value.code == "similarity.unreadable"


def test_without_the_tools_sound_and_film_are_compared_by_their_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not tools.available("fpcalc")
    for name, kind in (("a.mp3", "audio/mpeg"), ("a.mp4", "video/mp4")):
        (tmp_path / name).write_bytes(b"any")
        found = similarity_code(tmp_path / name, kind, *bytes_units(), Task())
        assert found.without_content is not None and found.without_content.code == "similarity.no_tool"


def test_a_running_tool_is_stopped_on_cancel(tmp_path: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        tools.run("sleep", ["60"], task)


def test_a_picture_beyond_the_limit_is_not_loaded(tmp_path: Path) -> None:
    header = b"P5 40000 40000 255\n"
    (tmp_path / "a.pgm").write_bytes(header)
    with pytest.raises(InvalidInputError) as caught:
        content_code(tmp_path / "a.pgm", "image/x-portable-graymap", Task())
    assert caught.value.code == "content.picture_too_large"


def test_codes_are_not_printed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY)
    code = code_of(tmp_path / "a.txt")
    shown = repr((code, fingerprint(tmp_path / "a.txt", bytes(32), Task())))
    assert "ISCC" not in shown
