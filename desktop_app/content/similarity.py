"""How near two works are: the International Standard Content Code, ISO 24138, by iscc-lib.

An ISCC lets anyone confirm a guess about the content: it stays private until the creator publishes it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from xml.etree.ElementTree import ParseError, iterparse

from desktop_app.content.pictures import open_picture
from desktop_app.content.plain_text import has_text, plain_text
from desktop_app.content.tools import FFMPEG, FPCALC, LOCAL_ONLY, run
from desktop_app.core.errors import ColophonError, InvalidInputError, UnavailableError
from desktop_app.core.progress import Task

if TYPE_CHECKING:
    from PIL.Image import Image

STAGE = "similarity.listening"
BITS = 256
"""Length of every unit. The ISCC-CODE itself takes the first 64 bits of each."""

_FRAMES_PER_SECOND = 5
_FRAME_LENGTH = 380
_STRIP = 256
"""Rows of a picture that are worked on at once."""


@dataclass(frozen=True)
class SimilarityCode:
    """`iscc` is the ISCC-CODE over all `units` of 256 bits: the Content-Code of picture, sound, film or text,
    then Data-Code and Instance-Code. `without_content` says why the first is missing, where it is.
    """

    iscc: str = field(repr=False)
    units: tuple[str, ...] = field(repr=False)
    without_content: ColophonError | None = None


class Closeness(IntEnum):
    """How near two works are, the nearest last."""

    DIFFERENT = 0
    RELATED = 1
    NEARLY_THE_SAME = 2
    SAME_CONTENT = 3
    SAME_FILE = 4


@dataclass(frozen=True)
class Nearness:
    """`distance` of `bits` bits differ; unrelated works differ in about half of them.

    `kind` says what was compared: "picture", "song", "film", "text", "data" (structure of the bytes), "file".
    """

    kind: str
    distance: int
    bits: int

    @property
    def closeness(self) -> Closeness:
        if self.kind == "file":
            return Closeness.SAME_FILE
        if self.distance == 0:
            return Closeness.SAME_CONTENT
        if self.distance * 10 <= self.bits:
            return Closeness.NEARLY_THE_SAME
        return Closeness.RELATED if self.distance * 4 <= self.bits else Closeness.DIFFERENT

    @property
    def percent(self) -> int:
        """100 for the same, 0 for as far as chance."""
        return max(0, 100 - 200 * self.distance // self.bits)


def similarity_code(
    path: Path, media_type: str, data_code: str, instance_code: str, task: Task
) -> SimilarityCode:
    """The code of the file at `path`; the two units of its bytes come from its fingerprint.

    A missing program or an unreadable file only leaves the Content-Code out, and `without_content` says why.
    Raises CancelledError.
    """
    from iscc_lib import gen_iscc_code_v0

    task.report(0, 0, STAGE)
    content: list[str] = []
    reason: ColophonError | None = None
    try:
        content = [content_code(path, media_type, task)]
    except (InvalidInputError, UnavailableError) as error:
        reason = error
    units = (*content, data_code, instance_code)
    return SimilarityCode(str(gen_iscc_code_v0(list(units)).iscc), units, reason)


def content_code(path: Path, media_type: str, task: Task) -> str:
    """The ISCC Content-Code (256 bits) of a picture, sound, film or text.

    Raises InvalidInputError "similarity.no_content_code" for other kinds, "similarity.too_short",
    "similarity.unreadable", "content.picture_unreadable", "content.picture_too_large",
    "content.text_unreadable"; UnavailableError "similarity.no_tool"; CancelledError.
    """
    import iscc_lib

    kind = media_type.partition("/")[0]
    if media_type == "image/svg+xml":
        kind = ""
    if kind == "image":
        with open_picture(path) as picture:
            return str(iscc_lib.gen_image_code_v0(grey_pixels(picture), BITS).iscc)
    if kind == "audio":
        return str(iscc_lib.gen_audio_code_v0(sound_features(path, task), BITS).iscc)
    if kind == "video":
        return str(iscc_lib.gen_video_code_v0(frame_signatures(path, task), BITS).iscc)
    if has_text(media_type):
        text = iscc_lib.text_clean(plain_text(path, media_type, task))
        if not iscc_lib.text_collapse(text):
            raise InvalidInputError("similarity.too_short")
        return str(iscc_lib.gen_text_code_v0(text, BITS).iscc)
    raise InvalidInputError("similarity.no_content_code")


def grey_pixels(picture: Image) -> bytes:
    """The 32 x 32 grey pixels that the Image-Code is made of, normalised as ISO 24138 describes: white behind
    what is transparent, without a border of one colour.
    """
    from PIL import Image, ImageChops

    # In strips, as several whole copies of a large picture would fill the memory.
    width, height = picture.size
    corner = _opaque(picture.crop((0, 0, 1, 1))).getpixel((0, 0))
    grey = Image.new("L", picture.size)
    inner: tuple[int, int, int, int] | None = None
    for top in range(0, height, _STRIP):
        strip = _opaque(picture.crop((0, top, width, min(top + _STRIP, height))))
        grey.paste(strip.convert("L"), (0, top))
        found = ImageChops.difference(strip, Image.new("RGB", strip.size, corner)).getbbox()
        if found is not None:
            left, upper, right, lower = found
            box = (left, upper + top, right, lower + top)
            inner = box if inner is None else _around(inner, box)
    return (grey.crop(inner) if inner else grey).resize((32, 32), Image.Resampling.BICUBIC).tobytes()


def _opaque(picture: Image) -> Image:
    """White behind what is transparent."""
    from PIL import Image

    coloured = picture.convert("RGBA")
    white = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, coloured).convert("RGB")


def _around(
    one: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> tuple[int, int, int, int]:
    """The smallest box that holds both."""
    return (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def sound_features(path: Path, task: Task) -> list[int]:
    """Chromaprint features of the whole sound, signed 32-bit numbers, by fpcalc."""
    outcome = run(FPCALC, ["-raw", "-json", "-signed", "-length", "0", str(path.absolute())], task)
    try:
        features = json.loads(outcome.output)["fingerprint"]
    except (ValueError, KeyError, TypeError):
        # Its Debian build ends with 3 after complete output, so only the output tells.
        raise InvalidInputError("similarity.unreadable", tool=FPCALC) from None
    if not features:
        raise InvalidInputError("similarity.too_short")
    return [int(feature) for feature in features]


def frame_signatures(path: Path, task: Task) -> list[bytes]:
    """MPEG-7 signatures (380 values from 0 to 2) of five frames a second, each once, by ffmpeg."""
    with tempfile.TemporaryDirectory(prefix="colophon-") as folder:
        signature = Path(folder) / "signature.xml"
        options = f"fps=fps={_FRAMES_PER_SECOND},signature=format=xml:filename={signature.name}"
        reading = ["-nostdin", *LOCAL_ONLY, "-i", f"file:{path.absolute()}"]
        run(FFMPEG, [*reading, "-map", "0:v:0", "-vf", options, "-f", "null", "-"], task, Path(folder))
        try:
            found = dict.fromkeys(_frames(signature))
        except (OSError, ParseError, ValueError):
            raise InvalidInputError("similarity.unreadable", tool=FFMPEG) from None
    if not found:
        raise InvalidInputError("similarity.too_short")
    return list(found)


def _frames(signature: Path) -> Iterator[bytes]:
    for _, element in iterparse(signature):  # noqa: S314
        if element.tag.endswith("}FrameSignature"):
            frame = bytes(int(value) for value in (element.text or "").split())
            if len(frame) != _FRAME_LENGTH:
                raise ValueError("a frame signature has 380 values")
            yield frame
        element.clear()


def nearness(one: Iterable[str], other: Iterable[str]) -> Nearness | None:
    """How near the units of two works are: by their bytes when these are equal, else by their content, else
    by the structure of their bytes. None where they have no kind of unit in common.
    """
    ours, theirs = _by_kind(tuple(one)), _by_kind(tuple(other))
    if "file" in ours and ours["file"] == theirs.get("file"):
        return Nearness("file", 0, BITS)
    common = [kind for kind in ours if kind in theirs and kind != "file"]
    compared = [_compared(kind, ours[kind], theirs[kind]) for kind in common]
    # Two files of one origin may be near in either way, so the nearer of both counts.
    return min(compared, key=lambda found: found.distance / found.bits, default=None)


Reference = TypeVar("Reference")


def nearest(
    units: Iterable[str],
    works: Iterable[tuple[Reference, Iterable[str]]],
    at_least: Closeness = Closeness.RELATED,
) -> list[tuple[Reference, Nearness]]:
    """The works at least this near, the nearest first."""
    wanted = tuple(units)
    found = [(reference, nearness(wanted, theirs)) for reference, theirs in works]
    near = [(reference, near) for reference, near in found if near and near.closeness >= at_least]
    return sorted(near, key=lambda pair: (-pair[1].closeness, pair[1].distance / pair[1].bits))


_CONTENT_KINDS = {0: "text", 1: "picture", 2: "song", 3: "film"}
_CONTENT, _DATA, _INSTANCE = 2, 3, 4


@lru_cache(maxsize=100_000)
def _kind_and_digest(unit: str) -> tuple[str, bytes]:
    from iscc_lib import iscc_decode

    try:
        main, sub, _, _, digest = iscc_decode(unit)
    except ValueError as error:
        raise InvalidInputError("similarity.not_a_code") from error
    if main == _CONTENT:
        return _CONTENT_KINDS.get(int(sub), "mixed"), digest
    return {_DATA: "data", _INSTANCE: "file"}.get(int(main), "other"), digest


def _by_kind(units: tuple[str, ...]) -> dict[str, bytes]:
    return dict(_kind_and_digest(unit) for unit in units)


def _compared(kind: str, one: bytes, other: bytes) -> Nearness:
    length = min(len(one), len(other))
    differing = int.from_bytes(one[:length], "big") ^ int.from_bytes(other[:length], "big")
    return Nearness(kind, differing.bit_count(), 8 * length)
