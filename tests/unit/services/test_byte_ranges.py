"""Ranges of HTTP, against a plain model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.services.byte_ranges import UnsatisfiableRangeError, byte_range

sizes = st.integers(1, 1 << 40)


@given(size=sizes, first=st.integers(0, 1 << 41), length=st.integers(0, 1 << 41))
def test_a_range_is_cut_at_the_end_of_the_file(size: int, first: int, length: int) -> None:
    header = f"bytes={first}-{first + length}"
    if first >= size:
        with pytest.raises(UnsatisfiableRangeError):
            byte_range(header, size)
    else:
        assert byte_range(header, size) == (first, min(first + length + 1, size))


@given(size=sizes, count=st.integers(1, 1 << 41))
def test_the_last_bytes_and_the_rest(size: int, count: int) -> None:
    assert byte_range(f"bytes=-{count}", size) == (max(0, size - count), size)
    assert byte_range("bytes=0-", size) == (0, size)
    for behind in ("bytes=-0", f"bytes={size}-"):
        with pytest.raises(UnsatisfiableRangeError):
            byte_range(behind, size)


@given(header=st.text(max_size=30), size=sizes)
def test_anything_else_is_the_whole_file_or_a_range_of_it(header: str, size: int) -> None:
    try:
        found = byte_range(header, size)
    except UnsatisfiableRangeError:
        return
    assert found is None or 0 <= found[0] < found[1] <= size


@pytest.mark.parametrize(
    "header", [None, "", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=٣-"]
)
def test_what_is_not_understood_is_ignored(header: str | None) -> None:
    assert byte_range(header, 10) is None
