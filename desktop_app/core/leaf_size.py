"""How long the chunks of a work are. It follows from its size, so that who commits to one commits to both."""

from __future__ import annotations

FINE_LEAF = 1024
COARSE_LEAF = 64 * 1024
FINE_LIMIT = 16 * 1024 * 1024
"""Works up to this size (bytes) have chunks of 1 KiB, larger ones of 64 KiB."""


def leaf_size_of(size: int) -> int:
    """Bytes of each chunk but the last, for a work of `size` bytes."""
    return FINE_LEAF if size <= FINE_LIMIT else COARSE_LEAF
