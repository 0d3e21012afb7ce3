"""Why a contract said no: Error(string) and Panic(uint256) of the Solidity ABI, which Vyper shares."""

from __future__ import annotations

_ERROR = bytes.fromhex("08c379a0")  # Error(string)
_PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)


def revert_reason(returned: bytes) -> str:
    """The reason in a revert's data; "" when it holds none that can be read. Never raises."""
    if returned[:4] == _PANIC and len(returned) == 36:
        return f"panic 0x{int.from_bytes(returned[4:], 'big'):02x}"
    if returned[:4] != _ERROR or len(returned) < 68:
        return ""
    body = returned[4:]
    offset = int.from_bytes(body[:32], "big")
    if offset + 32 > len(body):
        return ""
    length = int.from_bytes(body[offset : offset + 32], "big")
    text = body[offset + 32 : offset + 32 + length]
    if len(text) != length:
        return ""
    return "".join(c if c.isprintable() else " " for c in text.decode("utf-8", "replace"))[:300]
