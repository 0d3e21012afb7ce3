"""How long FastLZ would make some bytes: the measure of size by which OP Stack networks charge since Fjord.

ethereum-optimism/specs, fjord/exec-engine.md ("FastLZ implementation"): LZ77 with a table of 8192 hashes and
without the literal run of the last 13 bytes being searched. Only the length is computed.
"""

from __future__ import annotations

_HASHES = 8192
_MULTIPLIER = 2654435769
_LONGEST_LITERALS = 32
_LONGEST_MATCH = 262
_LONG_MATCH = 6
_TAIL = 13
_REACH = 8191


def fastlz_size(raw: bytes) -> int:
    """Bytes of `raw` after FastLZ compression (level 1)."""
    limit = max(0, len(raw) - _TAIL)
    heads = [0] * _HASHES
    size = anchor = 0
    place = 2
    while place < limit:
        start, place = _find(raw, place, limit, heads)
        if place >= limit:
            break
        place -= 1
        size += _literals(place - anchor)
        length = _alike(raw, start + 3, place + 3, limit + 9)
        size += _match(length)
        place += length
        for _ in range(2):
            heads[_hash(_three(raw, place))] = place
            place += 1
        anchor = place
    return size + _literals(len(raw) - anchor)


def _find(raw: bytes, place: int, limit: int, heads: list[int]) -> tuple[int, int]:
    """The start of an earlier match, and the place after where it was found (`limit` without one)."""
    while True:
        three = _three(raw, place)
        slot = _hash(three)
        start, heads[slot] = heads[slot], place
        far = place - start
        if place >= limit:
            return start, place
        place += 1
        if far <= _REACH and three == _three(raw, start):
            return start, place


def _alike(raw: bytes, left: int, right: int, end: int) -> int:
    """The code of the match's length: bytes alike up to the first difference, which counts too."""
    count = 0
    while right + count < end:
        same = raw[left + count] == raw[right + count]
        count += 1
        if not same:
            break
    return count


def _match(length: int) -> int:
    whole, rest = divmod(length - 1, _LONGEST_MATCH)
    return 3 * whole + (3 if rest >= _LONG_MATCH else 2)


def _literals(count: int) -> int:
    whole, rest = divmod(count, _LONGEST_LITERALS)
    return (_LONGEST_LITERALS + 1) * whole + (rest + 1 if rest else 0)


def _three(raw: bytes, place: int) -> int:
    return raw[place] | raw[place + 1] << 8 | raw[place + 2] << 16


def _hash(three: int) -> int:
    return (_MULTIPLIER * three & 0xFFFFFFFF) >> 19 & 0x1FFF
