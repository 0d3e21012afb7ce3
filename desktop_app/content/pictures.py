"""Opening pictures with Pillow: known formats only, and none so large that it would fill the memory."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.core.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "AVIF", "BMP", "PSD", "PPM", "ICO", "JPEG2000", "MPO")
MAX_PIXELS = 175_000_000
"""Pillow itself goes little further. Beyond this a picture takes a gigabyte of memory."""


@contextmanager
def open_picture(source: Path | BytesIO) -> Iterator[Image]:
    """The picture in `source`, upright as its EXIF orientation asks.

    Raises InvalidInputError: "content.picture_unreadable", "content.picture_too_large".
    """
    from PIL import Image, ImageOps

    shown = os.fsencode(source.name).decode("utf-8", "replace") if isinstance(source, Path) else ""
    try:
        with warnings.catch_warnings():
            # Pillow warns of a size that our own limit decides about, and of odd but harmless metadata.
            warnings.simplefilter("ignore")
            with Image.open(source, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise InvalidInputError("content.picture_too_large", path=shown)
                picture.load()
                upright = ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError:
        raise InvalidInputError("content.picture_too_large", path=shown) from None
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
    ) as error:
        raise InvalidInputError("content.picture_unreadable", path=shown) from error
    with upright:
        yield upright
