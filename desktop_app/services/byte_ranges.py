"""The Range header of HTTP (RFC 9110, section 14): one range; several are answered with the whole."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)


class UnsatisfiableRangeError(ValueError):
    """The range lies behind the end (status 416)."""


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last, for a file of `size` > 0 bytes; None for the whole file.

    Raises UnsatisfiableRangeError. What is not understood is ignored, as the RFC wants it.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        length = int(match[2])
        if not length:
            raise UnsatisfiableRangeError
        return max(0, size - length), size
    first = int(match[1])
    last = int(match[2]) if match[2] else max(first, size - 1)
    if last < first:
        return None
    if first >= size:
        raise UnsatisfiableRangeError
    return first, min(last, size - 1) + 1
