"""A Ledger with its Ethereum app, at the level of USB frames: what goes over the wire is what a device gets.

Follows github.com/LedgerHQ/app-ethereum (doc/ethapp.adoc); never compared with a device.
"""

from __future__ import annotations

from collections.abc import Callable

from eth_account import Account
from eth_account.hdaccount import key_from_seed
from eth_hash.auto import keccak
from eth_keys import keys

SEED = bytes(range(64))


class FakeLedger:
    """`status`, when set, answers every signature with that status word; `spoil` changes outgoing frames."""

    def __init__(self, seed: bytes = SEED) -> None:
        self.seed = seed
        self.status = 0
        self.silent = False
        self.spoil: Callable[[bytes], bytes] = lambda frame: frame
        self.signed: list[bytes] = []
        self.shown: list[str] = []
        self.closed = 0
        self.opened = 0
        self.typed_v = 27
        self._in = b""
        self._out: list[bytes] = []
        self._pending = b""
        self._path = ""

    def __call__(self) -> FakeLedger:
        """Plugged in: what `open_hid` does for a real one."""
        self.opened += 1
        self._in, self._out, self._pending = b"", [], b""
        return self

    def address(self, path: str) -> str:
        return str(Account.from_key(self._key(path)).address)

    def _key(self, path: str) -> bytes:
        return bytes(key_from_seed(self.seed, "m/" + path))

    # The USB side

    def write(self, data: bytes) -> int:
        assert len(data) == 65
        assert data[:4] == b"\0\x01\x01\x05", "report id, channel, tag"
        number = int.from_bytes(data[4:6], "big")
        if number == 0:
            self._in = b""
        self._in += data[6:]
        size = int.from_bytes(self._in[:2], "big")
        if len(self._in) >= size + 2:
            answer = self._apdu(self._in[2 : size + 2])
            rest, count = len(answer).to_bytes(2, "big") + answer, 0
            while rest:
                head = b"\x01\x01\x05" + count.to_bytes(2, "big")
                self._out.append((head + rest[:59]).ljust(64, b"\0"))
                rest, count = rest[59:], count + 1
        return len(data)

    def read(self, size: int, timeout_ms: int) -> list[int]:
        assert size == 64
        assert timeout_ms > 0
        return [] if self.silent or not self._out else list(self.spoil(self._out.pop(0)))

    def close(self) -> None:
        self.closed += 1

    # The app

    def _apdu(self, apdu: bytes) -> bytes:
        assert apdu[0] == 0xE0
        assert apdu[3] == 0
        data = apdu[5:]
        assert apdu[4] == len(data)
        if self.status and apdu[1] != 0x02:
            return self.status.to_bytes(2, "big")
        command = {0x02: self._get_address, 0x04: self._sign, 0x0C: self._sign_typed}.get(apdu[1])
        return b"\x6d\x00" if command is None else command(apdu[2], data)

    @staticmethod
    def _split(data: bytes) -> tuple[str, bytes]:
        count = data[0]
        numbers = [int.from_bytes(data[1 + 4 * n : 5 + 4 * n], "big") for n in range(count)]
        path = "/".join(f"{n & 0x7FFFFFFF}'" if n >> 31 else str(n) for n in numbers)
        return path, data[1 + 4 * count :]

    def _get_address(self, first: int, data: bytes) -> bytes:
        path, rest = self._split(data)
        assert not rest
        if first == 1:
            if self.status:
                return self.status.to_bytes(2, "big")
            self.shown.append(self.address(path))
        public = keys.PrivateKey(self._key(path)).public_key.to_bytes()
        text = self.address(path)[2:].encode()
        return bytes([65]) + b"\x04" + public + bytes([40]) + text + b"\x90\x00"

    def _sign(self, first: int, data: bytes) -> bytes:
        if first == 0:
            self._path, self._pending = self._split(data)
        else:
            assert first == 0x80
            self._pending += data
        assert self._pending[:1] == b"\x02"
        # The app knows the end by the RLP length.
        if len(self._pending) < 1 + _rlp_size(self._pending[1:]):
            return b"\x90\x00"
        self.signed.append(self._pending)
        signature = keys.PrivateKey(self._key(self._path)).sign_msg_hash(keccak(self._pending))
        return self._answer(signature, signature.v)

    def _sign_typed(self, first: int, data: bytes) -> bytes:
        path, hashes = self._split(data)
        assert len(hashes) == 64
        self.signed.append(hashes)
        signature = keys.PrivateKey(self._key(path)).sign_msg_hash(keccak(b"\x19\x01" + hashes))
        return self._answer(signature, signature.v + self.typed_v)

    @staticmethod
    def _answer(signature: keys.Signature, v: int) -> bytes:
        return bytes([v]) + signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big") + b"\x90\x00"


def _rlp_size(data: bytes) -> int:
    """Bytes that an RLP list takes, with its head."""
    head = data[0]
    if head <= 0xF7:
        return 1 + head - 0xC0
    length = head - 0xF7
    return 1 + length + int.from_bytes(data[1 : 1 + length], "big")
