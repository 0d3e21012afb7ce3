"""A small picture of a work: of the picture itself, a cover, a frame of a film, the wave of a sound."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from desktop_app.content.pictures import open_picture
from desktop_app.content.tools import FFMPEG, LOCAL_ONLY, QUICK, run
from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.core.progress import Task

_COVER_LIMIT = 32 * 1024 * 1024
_PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif")
# Shown on light and dark ground alike.
_WAVE_COLOUR = "0x808890"


def preview(path: Path, media_type: str, task: Task, edge: int = 512) -> bytes | None:
    """A PNG of at most `edge` pixels in width and height; None where a plain icon has to do.

    Raises CancelledError.
    """
    kind = media_type.partition("/")[0]
    try:
        if kind == "image":
            return _small(path, edge)
        if kind == "audio":
            return _of_sound(path, task, edge)
        if kind == "video":
            # The first frames of a film are often black; of a short one the first frame has to do.
            return _frame(path, ("-ss", "3"), task, edge) or _frame(path, (), task, edge)
        if media_type == "application/epub+zip":
            return _of_epub(path, edge)
    except (InvalidInputError, UnavailableError):
        return None
    return None


def _small(source: Path | BytesIO, edge: int) -> bytes:
    with open_picture(source) as picture:
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        # Colours of a palette cannot be mixed; anything else is made small first, to save memory.
        shown = picture.convert(mode) if picture.mode in ("P", "PA", "1") else picture
        shown.thumbnail((edge, edge))
        shown = shown.convert(mode)
        output = BytesIO()
        shown.save(output, "PNG")
    return output.getvalue()


def _of_sound(path: Path, task: Task, edge: int) -> bytes | None:
    from tinytag import TinyTag, TinyTagException

    try:
        cover = TinyTag.get(path, image=True).images.any
    except (TinyTagException, OSError, ValueError, LookupError, TypeError, ArithmeticError):
        cover = None
    if cover is not None:
        try:
            return _small(BytesIO(cover.data), edge)
        except InvalidInputError:
            pass
    wave = f"showwavespic=s={edge}x{edge // 4}:colors={_WAVE_COLOUR}:split_channels=0"
    return _drawn(path, (), ("-filter_complex", wave), task, edge)


def _frame(path: Path, start: tuple[str, ...], task: Task, edge: int) -> bytes | None:
    return _drawn(path, start, ("-map", "0:v:0"), task, edge)


def _drawn(
    path: Path, before: tuple[str, ...], after: tuple[str, ...], task: Task, edge: int
) -> bytes | None:
    reading = ["-nostdin", *LOCAL_ONLY, *before]
    reading += ["-i", f"file:{path.absolute()}", *after]
    writing = ["-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "-"]
    outcome = run(FFMPEG, [*reading, *writing], task, limit=QUICK)
    return _small(BytesIO(outcome.output), edge) if outcome.output else None


def _of_epub(path: Path, edge: int) -> bytes | None:
    try:
        with zipfile.ZipFile(path) as archive:
            pictures = [name for name in archive.namelist() if name.lower().endswith(_PICTURE_ENDINGS)]
            covers = [name for name in pictures if "cover" in name.lower()] or pictures
            if not covers:
                return None
            with archive.open(covers[0]) as file:
                return _small(BytesIO(file.read(_COVER_LIMIT)), edge)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return None
