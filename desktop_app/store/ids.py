"""Short ids that people can read out: 8 characters of base32 (RFC 4648), lower case."""

from __future__ import annotations

import base64
import secrets


def new_id() -> str:
    """A random id of 40 bits, e.g. "k3v7q2ma"."""
    return base64.b32encode(secrets.token_bytes(5)).decode().lower()
