"""The practice network: a real EVM in this process that answers as an Ethereum node does.

One block per transaction; the head counts as safe and final at once. State lives in one SQLite file and
survives restarts and kills. py-evm is loaded on the first call, never at import.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.chain import wire
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import Json, to_data, to_quantity
from desktop_app.core.clock import Clock
from desktop_app.core.errors import CorruptError, UnavailableError

if TYPE_CHECKING:
    from desktop_app.chain.practice_evm import Message, PracticeEvm

PRACTICE_CHAIN_ID = 6516588
_TAGS = ("latest", "safe", "finalized", "pending")
_INVALID_PARAMS = -32602
_NO_METHOD = -32601
_MAX_HISTORY = 1024


class PracticeNode:
    """An Rpc in process. Thread-safe. The file opens at the first call and stays held until `close`.

    `wait` is how many seconds to wait for another process that uses the same file, before UnavailableError
    `practice.in_use`.
    """

    def __init__(self, path: Path, clock: Clock, wait: float = 2.0) -> None:
        self._path = path
        self._clock = clock
        self._wait = wait
        self._lock = threading.RLock()
        self._opened: PracticeEvm | None = None
        self._closing: Callable[[], None] | None = None
        self._copying: Callable[[Path], None] | None = None
        self._closed = False

    def call(self, method: str, params: Sequence[Json] = ()) -> Json:
        handler = _METHODS.get(method)
        if handler is None:
            raise RpcError(method, _NO_METHOD, f"the method {method} does not exist/is not available")
        with self._lock:
            evm = self._open()
            from desktop_app.chain.practice_evm import NodeRefusedError

            try:
                return handler(_Request(evm, list(params)))
            except NodeRefusedError as refused:
                data = None if refused.data is None else to_data(refused.data)
                raise RpcError(method, refused.code, refused.message, data) from None
            except (UnavailableError, IndexError, ValueError, TypeError, AttributeError) as malformed:
                if isinstance(malformed, UnavailableError) and malformed.code != "chain.bad_answer":
                    raise
                raise RpcError(method, _INVALID_PARAMS, f"invalid argument: {malformed}") from malformed

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json | RpcError]:
        with self._lock:
            results: list[Json | RpcError] = []
            for method, params in calls:
                try:
                    results.append(self.call(method, params))
                except RpcError as refused:
                    results.append(refused)
            return results

    def faucet(self, address: str, wei: int) -> str:
        """Give practice coins to an address; the transaction's hash."""
        with self._lock:
            return to_data(self._open().faucet(wire.data(address, 20, "address"), wei))

    def reset(self) -> None:
        """Begin the practice network anew, even after its file was damaged.

        The genesis hash changes, so that followers notice.
        """
        with self._lock:
            try:
                evm = self._open()
            except CorruptError:
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
                self._open()
            else:
                evm.reset()

    def snapshot(self, target: Path) -> bool:
        """Write the present state to the new file `target`; False when there is none yet."""
        with self._lock:
            if self._opened is None and not self._path.exists():
                return False
            self._open()
            if self._copying is not None:
                self._copying(target)
            return True

    def close(self) -> None:
        """Let go of the file; every later call raises UnavailableError `practice.closed`."""
        with self._lock:
            self._closed = True
            self._opened = None
            if self._closing is not None:
                self._closing()
                self._closing = None

    def _open(self) -> PracticeEvm:
        if self._closed:
            raise UnavailableError("practice.closed")
        if self._opened is None:
            from desktop_app.chain.practice_evm import PracticeEvm
            from desktop_app.chain.practice_store import BlockStore

            store = BlockStore(self._path, self._wait)
            try:
                self._opened = PracticeEvm(store, self._clock.now)
            except BaseException:
                store.close()
                raise
            self._closing, self._copying = store.close, store.copy_to
        return self._opened


class _Request:
    """The parameters of one call, read against the chain."""

    def __init__(self, evm: PracticeEvm, params: list[Json]) -> None:
        self.evm = evm
        self.params = params

    def param(self, index: int, default: Json = None) -> Json:
        return self.params[index] if len(self.params) > index else default

    def address(self, index: int) -> bytes:
        return wire.data(self.params[index], 20, "address")

    def header(self, index: int) -> Any:
        """The block that a tag, number or EIP-1898 object names; None when there is none."""
        block = self.param(index, "latest")
        if isinstance(block, dict):
            if "blockHash" in block:
                return self.evm.header_by_hash(wire.data(block["blockHash"], 32, "blockHash"))
            block = block["blockNumber"]
        return self.evm.header(self.number(block))

    def known_header(self, index: int) -> Any:
        """As `header`, but refuses as a node does when there is none."""
        return self._found(self.header(index))

    def known(self, number: int) -> Any:
        return self._found(self.evm.header(number))

    @staticmethod
    def _found(header: Any) -> Any:
        from desktop_app.chain.practice_evm import NodeRefusedError

        if header is None:
            raise NodeRefusedError("header not found")
        return header

    def number(self, tag: Json) -> int:
        if tag is None or tag in _TAGS:
            return int(self.evm.head.block_number)
        return 0 if tag == "earliest" else wire.quantity(tag, "block")

    def codes(self, position: int) -> dict[bytes, bytes]:
        """Code to put in place of accounts' own for one call: the only state override that is known here."""
        given = wire.mapping(self.param(position) or {}, "overrides")
        return {
            bytes.fromhex(wire.address(address)[2:]): wire.data(
                wire.mapping(override, "override").get("code"), what="override.code"
            )
            for address, override in given.items()
        }

    def message(self) -> Message:
        from desktop_app.chain.practice_evm import BLOCK_GAS_LIMIT, Message

        given = wire.mapping(self.params[0], "transaction")
        gas = wire.quantity(given["gas"]) if given.get("gas") is not None else BLOCK_GAS_LIMIT
        fee = given.get("maxFeePerGas") or given.get("gasPrice") or "0x0"
        return Message(
            sender=wire.data(given.get("from") or wire.ZERO_ADDRESS, 20, "from"),
            to=wire.data(given["to"], 20, "to") if given.get("to") else b"",
            value=wire.quantity(given.get("value") or "0x0", "value"),
            data=wire.data(given.get("input") or given.get("data") or "0x", what="data"),
            gas=min(gas, BLOCK_GAS_LIMIT),
            fee=wire.quantity(fee, "fee"),
        )


def _block(request: _Request, header: Any) -> Json:
    from desktop_app.chain.practice_json import block_json

    return None if header is None else block_json(request.evm.block(header), bool(request.param(1, False)))


def _block_by_hash(request: _Request) -> Json:
    return _block(request, request.evm.header_by_hash(wire.data(request.params[0], 32, "hash")))


def _transaction(request: _Request) -> Json:
    from desktop_app.chain.practice_json import transaction_json

    place = request.evm.place(wire.data(request.params[0], 32, "hash"))
    if place is None:
        return None
    header: Any = request.evm.header(place[0])
    return transaction_json(header, request.evm.block(header).transactions[place[1]], place[1])


def _receipt(request: _Request) -> Json:
    from desktop_app.chain.practice_json import receipt_json

    place = request.evm.place(wire.data(request.params[0], 32, "hash"))
    if place is None:
        return None
    header: Any = request.evm.header(place[0])
    return receipt_json(request.evm.block(header), request.evm.receipts(header), place[1])


def _block_receipts(request: _Request) -> Json:
    from desktop_app.chain.practice_json import receipt_json

    given = request.param(0, "latest")
    by_hash = isinstance(given, str) and len(given) == 66
    header = request.evm.header_by_hash(wire.data(given, 32)) if by_hash else request.header(0)
    if header is None:
        return None
    block, receipts = request.evm.block(header), request.evm.receipts(header)
    return [receipt_json(block, receipts, index) for index in range(len(receipts))]


def _logs(request: _Request) -> Json:
    from desktop_app.chain.practice_evm import NodeRefusedError
    from desktop_app.chain.practice_json import block_logs
    from desktop_app.chain.practice_logs import LogFilter

    given = wire.mapping(request.params[0], "filter")
    wanted = LogFilter(given.get("address"), given.get("topics"))
    if "blockHash" in given:
        header = request.evm.header_by_hash(wire.data(given["blockHash"], 32, "blockHash"))
        if header is None:
            raise NodeRefusedError("unknown block")
        headers = [header]
    else:
        first, last = request.number(given.get("fromBlock")), request.number(given.get("toBlock"))
        if first > last:
            raise NodeRefusedError("invalid block range params")
        last = min(last, int(request.evm.head.block_number))
        headers = [request.known(number) for number in range(first, last + 1)]
    found: list[Json] = []
    for header in headers:
        if wanted.may_be_in(header.bloom):
            logs = block_logs(request.evm.block(header), request.evm.receipts(header))
            found.extend(log for log in logs if wanted.matches(log))
    return found


def _fee_history(request: _Request) -> Json:
    from desktop_app.chain.practice_json import effective_price

    evm = request.evm
    count = request.params[0]
    wanted = min(count if isinstance(count, int) else wire.quantity(count), _MAX_HISTORY)
    newest = request.known_header(1).block_number
    percentiles = request.param(2)
    headers = [request.known(n) for n in range(max(0, newest - wanted + 1), newest + 1)]
    after: Any = evm.header(newest + 1)
    next_fee = after.base_fee_per_gas if after is not None else evm.next_base_fee()
    history: dict[str, Json] = {
        "oldestBlock": to_quantity(headers[0].block_number),
        "baseFeePerGas": [to_quantity(h.base_fee_per_gas) for h in headers] + [to_quantity(next_fee)],
        "gasUsedRatio": [h.gas_used / h.gas_limit for h in headers],
    }
    if percentiles:
        # A block here has one transaction, whose tip is every percentile.
        tips = [
            [effective_price(h, t) - h.base_fee_per_gas for t in evm.block(h).transactions] for h in headers
        ]
        history["reward"] = [[to_quantity(t[0] if t else 0)] * len(percentiles) for t in tips]
    return history


def _storage(request: _Request) -> Json:
    slot = int(request.params[1], 16)
    value = request.evm.state(request.known_header(2)).get_storage(request.address(0), slot)
    return to_data(value.to_bytes(32, "big"))


_METHODS: dict[str, Callable[[_Request], Json]] = {
    "web3_clientVersion": lambda r: "colophon-practice/py-evm",
    "net_version": lambda r: str(PRACTICE_CHAIN_ID),
    "eth_chainId": lambda r: to_quantity(PRACTICE_CHAIN_ID),
    "eth_syncing": lambda r: False,
    "eth_accounts": lambda r: [],
    "eth_blockNumber": lambda r: to_quantity(r.evm.head.block_number),
    "eth_gasPrice": lambda r: to_quantity(r.evm.next_base_fee() + 1),
    "eth_maxPriorityFeePerGas": lambda r: "0x1",
    "eth_feeHistory": _fee_history,
    "eth_getBlockByNumber": lambda r: _block(r, r.header(0)),
    "eth_getBlockByHash": _block_by_hash,
    "eth_getTransactionByHash": _transaction,
    "eth_getTransactionReceipt": _receipt,
    "eth_getBlockReceipts": _block_receipts,
    "eth_getLogs": _logs,
    "eth_getBalance": lambda r: to_quantity(r.evm.state(r.known_header(1)).get_balance(r.address(0))),
    "eth_getTransactionCount": lambda r: to_quantity(r.evm.state(r.known_header(1)).get_nonce(r.address(0))),
    "eth_getCode": lambda r: to_data(r.evm.state(r.known_header(1)).get_code(r.address(0))),
    "eth_getStorageAt": _storage,
    "eth_call": lambda r: to_data(r.evm.call(r.message(), r.known_header(1), r.codes(2))),
    "eth_estimateGas": lambda r: to_quantity(r.evm.estimate(r.message(), r.known_header(1))),
    "eth_sendRawTransaction": lambda r: to_data(r.evm.send(wire.data(r.params[0], what="transaction"))),
}
