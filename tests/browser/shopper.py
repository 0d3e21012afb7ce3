"""Drives shopper.mjs: a browser with a wallet in it, whose keys are here and whose network is a real node."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eth_account import Account

from desktop_app.chain.rpc import HttpRpc, RpcError
from desktop_app.core.errors import UnavailableError

HERE = Path(__file__).parent
REJECTED, UNKNOWN_CHAIN = 4001, 4902


class Wallet:
    """A wallet as in a browser extension: one key, one current network, questions to its user.

    `answers` overrides a method: a function, which may raise `Declined` or `Unanswered`. `asked` are the
    methods that came, `sent` the hashes of transactions.
    """

    def __init__(self, key: str, url: str, chain_id: int) -> None:
        self._account = Account.from_key(key)
        self.address: str = self._account.address
        self._node = HttpRpc(url)
        self._chain_id = chain_id
        self.chain = chain_id
        self.known = {chain_id}
        self.connected = False
        self.asked: list[str] = []
        self.sent: list[str] = []
        self.answers: dict[str, Callable[[list[Any]], Any]] = {}

    def answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        """What the page gets: result or error, and the events that follow from it."""
        self.asked.append(method)
        self._emitted: list[tuple[str, Any]] = []
        try:
            known = getattr(self, "_" + method, None)
            if method in self.answers:
                result = self.answers[method](params)
            else:
                result = known(params) if known else self._node.call(method, params)
        except Declined as refusal:
            return {"error": {"code": refusal.code, "message": refusal.message}}
        except RpcError as failure:
            data = "0x" + (failure.revert_data or b"").hex()
            return {"error": {"code": -32603, "message": "execution reverted", "data": data}}
        except UnavailableError:  # the test is over, and its node gone, while the page still looks
            return {"error": {"code": -32603, "message": "the node does not answer"}}
        return {"result": result, "emit": self._emitted}

    def _eth_requestAccounts(self, _params: list[Any]) -> list[str]:
        self.connected = True
        return [self.address.lower()]

    def _eth_accounts(self, _params: list[Any]) -> list[str]:
        return [self.address.lower()] if self.connected else []

    def _eth_chainId(self, _params: list[Any]) -> str:
        return hex(self.chain)

    def _wallet_switchEthereumChain(self, params: list[Any]) -> None:
        chain = int(params[0]["chainId"], 16)
        if chain not in self.known:
            raise Declined(UNKNOWN_CHAIN, "Unrecognized chain ID")
        self.chain = chain
        self._emitted.append(("chainChanged", hex(chain)))

    def _wallet_addEthereumChain(self, params: list[Any]) -> None:
        assert params[0]["rpcUrls"] and params[0]["nativeCurrency"]["decimals"] == 18
        self.known.add(int(params[0]["chainId"], 16))

    def _eth_sendTransaction(self, params: list[Any]) -> str:
        (given,) = params
        assert self.chain == self._chain_id, "a payment on the wrong network"
        assert given["from"] == self.address.lower()
        call = self._node.call
        transaction = {
            "chainId": self._chain_id,
            "nonce": int(call("eth_getTransactionCount", [self.address, "latest"]), 16),
            "to": _checksum(given["to"]),
            "data": given.get("data", "0x"),
            "value": int(given.get("value", "0x0"), 16),
            "gas": int(given["gas"], 16),
            "maxFeePerGas": 2 * int(call("eth_gasPrice", []), 16),
            "maxPriorityFeePerGas": 0,
        }
        signed = self._account.sign_transaction(transaction)
        self.sent.append(call("eth_sendRawTransaction", ["0x" + signed.raw_transaction.hex()]))
        return self.sent[-1]

    def _eth_signTypedData_v4(self, params: list[Any]) -> str:
        address, data = params
        assert address == self.address.lower()
        signature = self._account.sign_typed_data(full_message=json.loads(data)).signature
        return "0x" + bytes(signature).hex()


class Declined(Exception):  # noqa: N818
    """The user or the wallet says no, with a code of EIP-1193."""

    def __init__(self, code: int = REJECTED, message: str = "User rejected the request.") -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Unanswered(Exception):  # noqa: N818
    """The wallet's window is still open: the page hears nothing."""


class Shopper:
    """The person in the browser. Orders wait until they are done; `AssertionError` tells what went wrong."""

    def __init__(self, node: str, chromium: str) -> None:
        self._process = subprocess.Popen(
            [node, str(HERE / "shopper.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.wallet: Wallet | None = None
        self("launch", executable=chromium)

    def __call__(self, order: str, **given: Any) -> Any:
        self._write({"order": order, **given})
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "wallet" in told:
                assert self.wallet is not None, "a question to a wallet that is not there"
                try:
                    answer = self.wallet.answer(told["method"], told["params"])
                except Unanswered:
                    continue
                self._write({"wallet": told["wallet"], **answer})
            elif "failed" in told:
                text = "" if order in ("text", "launch") else self("text")
                raise AssertionError(f"{order} {given}: {told['failed']}\n--- The page says:\n{text}")
            else:
                return told["answer"]
        raise AssertionError("the browser has ended")

    def _write(self, value: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def begin(self, wallet: Wallet | None = None, **options: Any) -> None:
        """A fresh browser, with a wallet or without."""
        self.wallet = wallet
        self("begin", wallet=wallet is not None, **options)

    def click(self, name: str) -> None:
        self("click", name=name)

    def see(self, text: str, seconds: float = 20) -> None:
        """Wait until the page says so."""
        self("see", text=text, seconds=seconds)

    def save(self, name: str) -> bytes:
        """What is saved when a button is pressed."""
        return base64.b64decode(self("save", name=name)["content"])

    @property
    def text(self) -> str:
        return str(self("text"))

    def close(self) -> None:
        try:
            self("quit")
            self._process.wait(20)
        finally:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()


def _checksum(address: str) -> str:
    from eth_utils import to_checksum_address

    return to_checksum_address(address)
