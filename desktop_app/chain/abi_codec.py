"""ABI decoding (eth_abi) of what strangers wrote: all bytes decode as text, and every text is one line."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def codec() -> Any:
    """An eth_abi ABICodec whose texts are fit to be shown beside what is to be signed.

    Whatever is not UTF-8 or not printable (control characters, line breaks, turns of direction) becomes a
    replacement character, so that no name breaks a page, hides a token, or writes lines of its own.
    """
    from eth_abi.codec import ABICodec
    from eth_abi.decoding import StringDecoder
    from eth_abi.registry import BaseEquals, registry

    class Shown(StringDecoder):
        def decode(self, stream: Any) -> str:
            return printable(super().decode(stream))  # type: ignore[no-untyped-call]

        __call__ = decode

    ours = registry.copy()  # type: ignore[no-untyped-call]
    ours.unregister_decoder("string")
    lenient = Shown(handle_string_errors="replace")  # type: ignore[no-untyped-call]
    ours.register_decoder(BaseEquals("string"), lenient, label="string")  # type: ignore[no-untyped-call]
    return ABICodec(ours)


def printable(text: str) -> str:
    """The same on one line, with replacement characters for what is not seen or turns the direction."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
