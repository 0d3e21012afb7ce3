"""Puts the certificates in a time-stamp answer into the order that DER asks for (X.690, 11.6).

OpenSSL's authorities send them as they come, and strict readers refuse that. The order is under no signature,
so nothing that counts is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

_SEQUENCE, _CERTIFICATES = 0x30, 0xA0


def in_der_order(answer: bytes) -> bytes:
    """A TimeStampResp (RFC 3161) with its certificates sorted; anything else comes back as it was."""
    try:
        # TimeStampResp: status, token; ContentInfo: type, [0]; SignedData: version, digests, content, [0] ...
        _, token = list(_children(answer, *_only(answer, 0, len(answer))))[:2]
        _, explicit = list(_children(answer, *_inside(answer, token)))[:2]
        (signed,) = _children(answer, *_inside(answer, explicit))
        parts = list(_children(answer, *_inside(answer, signed)))
        place = next(part for part in parts[3:] if answer[part[0]] == _CERTIFICATES)
        start, end = _inside(answer, place)
        items = sorted(answer[first:last] for first, last in _children(answer, start, end))
    except (ValueError, IndexError, StopIteration):
        return answer
    return answer[:start] + b"".join(items) + answer[end:]


def _only(data: bytes, start: int, end: int) -> tuple[int, int]:
    ((first, last),) = _children(data, start, end)
    if data[first] != _SEQUENCE:
        raise ValueError("no sequence")
    return _inside(data, (first, last))


def _children(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each element between two places begins and ends."""
    while start < end:
        content, last = _header(data, start)
        if last > end or content > last:
            raise ValueError("an element that is longer than what holds it")
        yield start, last
        start = last


def _inside(data: bytes, element: tuple[int, int]) -> tuple[int, int]:
    return _header(data, element[0])


def _header(data: bytes, start: int) -> tuple[int, int]:
    """Where the content of the element at `start` begins and ends; definite lengths of up to four bytes."""
    length, content = data[start + 1], start + 2
    if length >= 0x80:
        size = length - 0x80
        if not 1 <= size <= 4:
            raise ValueError("no definite length")
        length, content = int.from_bytes(data[content : content + size], "big"), content + size
    return content, content + length
