"""A Ledger as the signer of an account: the commands of its Ethereum app (github.com/LedgerHQ/app-ethereum).

Why not ledgereth: its current version asks for rlp 4 and eth-utils 5, which web3 8 does not go with, and the
last one that installs (0.1.3) knows no EIP-1559. Not verified on a device.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from desktop_app.core.errors import InvalidInputError, RefusedError, UnavailableError
from desktop_app.wallet.accounts import eth_account_on_coincurve
from desktop_app.wallet.ledger_transport import CONFIRM_SECONDS, LedgerTransport, Opener, open_hid

PATH = "44'/60'/{index}'/0/0"
"""Where Ledger Live keeps its accounts."""
_GET_ADDRESS, _SIGN_TRANSACTION, _SIGN_TYPED_DATA = 0x02, 0x04, 0x0C
_FIRST, _FOLLOWING, _ON_DISPLAY = 0x00, 0x80, 0x01
_CHUNK = 255
_busy = threading.Lock()
"""One conversation at a time: frames of two would be mixed up."""


class LedgerSigner:
    """Signs for one address with the key in a Ledger; a person presses the buttons.

    Every signature is checked against the address before it is handed on.
    """

    def __init__(self, address: str, path: str, opener: Opener = open_hid) -> None:
        self._address = address
        self._path = path
        self._opener = opener

    @property
    def address(self) -> str:
        return self._address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """Raises RefusedError or UnavailableError of the "ledger" namespace."""
        import rlp

        if not transaction.get("chainId"):
            raise InvalidInputError("wallet.no_chain_id")
        fields = [
            transaction["chainId"],
            transaction["nonce"],
            transaction["maxPriorityFeePerGas"],
            transaction["maxFeePerGas"],
            transaction["gas"],
            bytes.fromhex(transaction["to"].removeprefix("0x")),
            transaction["value"],
            bytes.fromhex(transaction["data"].removeprefix("0x")),
            [],
        ]
        payload = encoded_path(self._path) + b"\x02" + rlp.encode(fields)
        with _busy, LedgerTransport(self._opener()) as device:
            self._require_own(device)
            answer, first = b"", _FIRST
            for start in range(0, len(payload), _CHUNK):
                chunk = payload[start : start + _CHUNK]
                answer = device.exchange(_SIGN_TRANSACTION, first, chunk, CONFIRM_SECONDS)
                first = _FOLLOWING
        parity, r, s = _signature(answer)
        raw = b"\x02" + bytes(rlp.encode([*fields, parity, r, s]))
        if eth_account_on_coincurve().recover_transaction(raw) != self._address:
            raise RefusedError("ledger.other_device", address=self._address)
        return raw

    def sign_typed_data(self, full_message: Mapping[str, Any]) -> bytes:
        """The device shows the two hashes of EIP-712, not the message itself."""
        from eth_account.messages import encode_typed_data

        signable = encode_typed_data(full_message=dict(full_message))
        data = encoded_path(self._path) + bytes(signable.header) + bytes(signable.body)
        with _busy, LedgerTransport(self._opener()) as device:
            self._require_own(device)
            parity, r, s = _signature(device.exchange(_SIGN_TYPED_DATA, _FIRST, data, CONFIRM_SECONDS))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])
        if eth_account_on_coincurve().recover_message(signable, signature=signature) != self._address:
            raise RefusedError("ledger.other_device", address=self._address)
        return signature

    def show_address(self) -> None:
        """Let the device show the address; returns when the person has confirmed it there."""
        with _busy, LedgerTransport(self._opener()) as device:
            if _address(device, self._path, _ON_DISPLAY) != self._address:
                raise RefusedError("ledger.other_device", address=self._address)

    def _require_own(self, device: LedgerTransport) -> None:
        if _address(device, self._path) != self._address:
            raise RefusedError("ledger.other_device", address=self._address)

    def __repr__(self) -> str:
        return f"LedgerSigner({self._address})"


def addresses(count: int, opener: Opener = open_hid) -> tuple[tuple[str, str], ...]:
    """(path, address) of the first accounts of the Ledger that is plugged in."""
    with _busy, LedgerTransport(opener()) as device:
        paths = [PATH.format(index=index) for index in range(count)]
        return tuple((path, _address(device, path)) for path in paths)


def encoded_path(path: str) -> bytes:
    """Number of parts, then each part as 4 bytes, hardened ones (') with the highest bit set."""
    parts = path.split("/")
    numbers = [int(part.rstrip("'")) | (0x80000000 if part.endswith("'") else 0) for part in parts]
    return bytes([len(numbers)]) + b"".join(number.to_bytes(4, "big") for number in numbers)


def _address(device: LedgerTransport, path: str, first: int = _FIRST) -> str:
    from eth_utils.address import is_hex_address, to_checksum_address

    seconds = CONFIRM_SECONDS if first == _ON_DISPLAY else 10
    answer = device.exchange(_GET_ADDRESS, first, encoded_path(path), seconds)
    start = 1 + answer[0] if answer else 0
    text = answer[start + 1 : start + 41].decode("ascii", "replace")
    if answer[start : start + 1] != b"\x28" or not is_hex_address("0x" + text):
        raise UnavailableError("ledger.nonsense")
    return str(to_checksum_address("0x" + text))


def _signature(answer: bytes) -> tuple[int, int, int]:
    """(parity, r, s) of an answer v || r || s; v is 0, 1, 27 or 28."""
    if len(answer) != 65 or answer[0] not in (0, 1, 27, 28):
        raise UnavailableError("ledger.nonsense")
    return answer[0] % 27, int.from_bytes(answer[1:33], "big"), int.from_bytes(answer[33:], "big")
