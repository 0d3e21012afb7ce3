"""Talking to a Ledger over USB: APDUs (ISO 7816-4) in the 64-byte HID frames of Ledger's own protocol.

A frame: channel 0x0101, tag 0x05, sequence number (2 bytes), in the first one the APDU's length (2), data.
The optional package `hidapi` reaches the USB port. Not verified on a device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from desktop_app.core.clock import Clock, SystemClock
from desktop_app.core.errors import RefusedError, UnavailableError

VENDOR = 0x2C97
FRAME_BYTES = 64
ANSWER_SECONDS = 10
CONFIRM_SECONDS = 180
"""How long a person may look at the device's display before pressing a button."""
_HEAD = bytes.fromhex("010105")
_USAGE_PAGE = 0xFFA0
_LARGEST_ANSWER = 1 << 12

_REFUSALS = {
    0x6985: "ledger.declined",
    0x6982: "ledger.declined",
    0x5501: "ledger.declined",
    0x5515: "ledger.locked",
    0x6B0C: "ledger.locked",
    0x6804: "ledger.locked",
    0x6511: "ledger.no_app",
    0x6D00: "ledger.no_app",
    0x6D02: "ledger.no_app",
    0x6E00: "ledger.no_app",
    0x6E01: "ledger.no_app",
    0x6A80: "ledger.blind_signing",
    0x6984: "ledger.blind_signing",
}


class HidDevice(Protocol):
    """What `hid.device` offers of an open USB device."""

    def write(self, data: bytes) -> int: ...

    def read(self, size: int, timeout_ms: int) -> Sequence[int]: ...

    def close(self) -> None: ...


Opener = Callable[[], HidDevice]


def open_hid() -> HidDevice:
    """The first Ledger that is plugged in. Raises UnavailableError."""
    try:
        import hid
    except ImportError as error:
        raise UnavailableError("ledger.not_installed") from error
    for found in hid.enumerate(VENDOR, 0):
        if found.get("interface_number") == 0 or found.get("usage_page") == _USAGE_PAGE:
            device: HidDevice = hid.device()
            try:
                device.open_path(found["path"])  # type: ignore[attr-defined]
            except OSError as error:
                raise UnavailableError("ledger.not_reachable") from error
            return device
    raise UnavailableError("ledger.not_found")


class LedgerTransport:
    """One conversation; close it after use."""

    def __init__(self, device: HidDevice, clock: Clock | None = None) -> None:
        self._device = device
        self._clock = clock or SystemClock()

    def __enter__(self) -> LedgerTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self._device.close()

    def exchange(self, command: int, first: int, data: bytes, seconds: int = ANSWER_SECONDS) -> bytes:
        """Send one APDU of class 0xE0 with at most 255 bytes of data; the answer without its status word.

        Raises RefusedError ("ledger.declined", "ledger.locked", "ledger.no_app", "ledger.blind_signing",
        "ledger.refused") or UnavailableError ("ledger.silent", "ledger.not_reachable", "ledger.nonsense").
        """
        apdu = bytes([0xE0, command, first, 0, len(data)]) + data
        try:
            for frame in frames(apdu):
                if self._device.write(b"\0" + frame) < 0:
                    raise UnavailableError("ledger.not_reachable")
            answer = self._answer(seconds)
        except (OSError, ValueError) as error:
            raise UnavailableError("ledger.not_reachable") from error
        status = int.from_bytes(answer[-2:], "big")
        if status != 0x9000:
            raise RefusedError(_REFUSALS.get(status, "ledger.refused"), status=f"{status:04x}")
        return answer[:-2]

    def _answer(self, seconds: int) -> bytes:
        limit = self._clock.monotonic() + seconds
        size, answer, number = 0, b"", 0
        while number == 0 or len(answer) < size:
            left = int((limit - self._clock.monotonic()) * 1000)
            frame = bytes(self._device.read(FRAME_BYTES, left)) if left > 0 else b""
            if not frame:
                raise UnavailableError("ledger.silent")
            if len(frame) < 7 or frame[:3] != _HEAD or int.from_bytes(frame[3:5], "big") != number:
                raise UnavailableError("ledger.nonsense")
            if number == 0:
                size = int.from_bytes(frame[5:7], "big")
                if not 2 <= size <= _LARGEST_ANSWER:
                    raise UnavailableError("ledger.nonsense")
            answer += frame[7 if number == 0 else 5 :]
            number += 1
        return answer[:size]


def frames(apdu: bytes) -> list[bytes]:
    """An APDU cut into frames of 64 bytes, the last one filled up with zeros."""
    rest = len(apdu).to_bytes(2, "big") + apdu
    cut: list[bytes] = []
    while rest:
        head = _HEAD + len(cut).to_bytes(2, "big")
        room = FRAME_BYTES - len(head)
        cut.append((head + rest[:room]).ljust(FRAME_BYTES, b"\0"))
        rest = rest[room:]
    return cut
