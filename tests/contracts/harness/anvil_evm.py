"""A real node behind the same interface as `evm.Evm`: anvil with free gas and accounts that need no keys."""

from __future__ import annotations

import time
from typing import Any

from desktop_app.chain.rpc import HttpRpc, RpcError
from harness.evm import DEPLOYER, GAS, Log, Receipt, Reverted, account, reason

OPTIONS = ("--gas-price", "0", "--block-base-fee-per-gas", "0", "--auto-impersonate")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])


class AnvilEvm:
    """One node, started with OPTIONS."""

    def __init__(self, url: str) -> None:
        self._rpc = HttpRpc(url)
        self.time = int(self._ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def _ask(self, method: str, *params: Any) -> Any:
        return self._rpc.call(method, list(params))

    def pass_time(self, seconds: int) -> None:
        """Let the next transactions be later."""
        self._ask("evm_increaseTime", seconds)
        self._ask("evm_mine")

    def fund(self, address: str, wei: int) -> None:
        """Give native coins from nowhere."""
        balance = int(self._ask("eth_getBalance", address, "latest"), 16)
        self._ask("anvil_setBalance", address, hex(balance + wei))

    def send(self, sender: str, to: str | None, data: bytes = b"", value: int = 0, gas: int = GAS) -> Receipt:
        """A whole transaction. Raises Reverted."""
        message = {"from": sender, "data": "0x" + data.hex(), "value": hex(value), "gas": hex(gas)}
        message |= {"maxFeePerGas": "0x0", "maxPriorityFeePerGas": "0x0"} | ({"to": to} if to else {})
        output = bytes.fromhex(self._call(message)[2:]) if to else b""
        done = self._mined(self._ask("eth_sendTransaction", message))
        assert done["status"] == "0x1", "worked when it was tried, failed when it was sent"
        self.time = int(self._ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        logs = tuple(
            Log(log["address"].lower(), tuple(map(_bytes, log["topics"])), _bytes(log["data"]))
            for log in done["logs"]
        )
        return Receipt(output, int(done["gasUsed"], 16), logs, (done["contractAddress"] or to or "").lower())

    def _mined(self, tx_hash: str) -> Any:
        # anvil answers before it has mined.
        end = time.monotonic() + 20
        while (done := self._ask("eth_getTransactionReceipt", tx_hash)) is None:
            assert time.monotonic() < end, "not mined"
            time.sleep(0.01)
        return done

    def call(self, to: str, data: bytes, sender: str = account(0), gas: int = 30_000_000) -> bytes:
        """What a call returns. Raises Reverted."""
        message = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(gas)}
        return bytes.fromhex(self._call(message)[2:])

    def _call(self, message: dict[str, Any]) -> str:
        try:
            return str(self._ask("eth_call", message, "latest"))
        except RpcError as failure:
            raise Reverted(reason(failure.revert_data or b""), 0) from failure

    def deploy_at_fixed_address(self, init_code: bytes) -> str:
        """Create a contract through the deterministic deployer with a zero salt."""
        return "0x" + self.send(account(0), DEPLOYER, bytes(32) + init_code, gas=16_000_000).output.hex()
