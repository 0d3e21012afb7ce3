"""revm behind the same interface as `evm.Evm`, a hundred times faster: for long random runs.

py-evm stays the reference for gas: here storage slots stay warm from one transaction to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyrevm

from harness.evm import CHAIN_ID, DEPLOYER, DEPLOYER_CODE, GAS, START, Log, Receipt, Reverted, account, reason

_REVERT = re.compile(r"^Revert \{ gas_used: (\d+), output: 0x([0-9a-f]*) \}$")
_HALT = re.compile(r"^Halt \{ reason: (\w+).*, gas_used: (\d+) \}$")


@dataclass
class Mark:
    """A state to come back to, as often as one likes."""

    checkpoint: pyrevm.JournalCheckpoint
    time: int
    codes: int


class FastEvm:
    """One chain state."""

    def __init__(self) -> None:
        self.time = START + 12
        environment = pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=CHAIN_ID), block=self._block())
        self._evm = pyrevm.EVM(env=environment, gas_limit=60_000_000, spec_id="PRAGUE")
        self._replaced: list[tuple[str, bytes]] = []
        self.set_code(DEPLOYER, DEPLOYER_CODE)

    def _block(self) -> pyrevm.BlockEnv:
        return pyrevm.BlockEnv(number=1, timestamp=self.time, basefee=0, gas_limit=60_000_000)

    def snapshot(self) -> Mark:
        """A mark to come back to."""
        return Mark(self._evm.snapshot(), self.time, len(self._replaced))

    def restore(self, mark: Mark) -> None:
        """Back to a mark; marks set after it are void."""
        self._evm.revert(mark.checkpoint)
        while len(self._replaced) > mark.codes:
            self._put_code(*self._replaced.pop())
        mark.checkpoint = self._evm.snapshot()
        self.time = mark.time
        self._evm.set_block_env(self._block())

    def pass_time(self, seconds: int) -> None:
        """Let the next transactions be later."""
        self.time += seconds
        self._evm.set_block_env(self._block())

    def balance(self, address: str) -> int:
        """Native balance in wei."""
        return self._evm.get_balance(address)

    def code(self, address: str) -> bytes:
        """Runtime code."""
        return self._evm.get_code(address) or b""

    def set_code(self, address: str, code: bytes) -> None:
        """Put code at an address, for hostile accounts."""
        self._replaced.append((address, self.code(address)))
        self._put_code(address, code)

    def _put_code(self, address: str, code: bytes) -> None:
        # Inserting an account is not part of revm's journal, and resets its balance.
        balance = self.balance(address)
        self._evm.insert_account_info(address, pyrevm.AccountInfo(nonce=1, code=code))
        self._evm.set_balance(address, balance)

    def fund(self, address: str, wei: int) -> None:
        """Give native coins from nowhere."""
        self._evm.set_balance(address, self.balance(address) + wei)

    def send(self, sender: str, to: str | None, data: bytes = b"", value: int = 0, gas: int = GAS) -> Receipt:
        """A whole transaction. Raises Reverted."""
        try:
            if to is None:
                output, created = b"", self._evm.deploy(sender, data, value, gas).lower()
            else:
                output, created = self._evm.message_call(sender, to, data, value, gas), to
        except RuntimeError as failure:
            raise _reverted(str(failure)) from None
        finally:
            self._evm.reset_transient_storage()
        result = self._evm.result
        logs = tuple(
            Log(log.address.lower(), tuple(log.data[0]), log.data[1]) for log in result.logs
        )
        return Receipt(bytes(output), result.gas_used, logs, created)

    def call(self, to: str, data: bytes, sender: str = account(0), gas: int = 30_000_000) -> bytes:
        """What a call returns; nothing stays changed. Raises Reverted."""
        checkpoint = self._evm.snapshot()
        try:
            return bytes(self._evm.message_call(sender, to, data, 0, gas))
        except RuntimeError as failure:
            raise _reverted(str(failure)) from None
        finally:
            self._evm.revert(checkpoint)
            self._evm.reset_transient_storage()

    def deploy(self, code: bytes, sender: str = account(0)) -> str:
        """Create a contract from init code by a plain transaction."""
        return self.send(sender, None, code).created

    def deploy_at_fixed_address(self, init_code: bytes) -> str:
        """Create a contract through the deterministic deployer with a zero salt."""
        return "0x" + self.send(account(0), DEPLOYER, bytes(32) + init_code, gas=16_000_000).output.hex()


def _reverted(words: str) -> Reverted:
    if found := _REVERT.match(words):
        return Reverted(reason(bytes.fromhex(found[2])), int(found[1]))
    if found := _HALT.match(words):
        return Reverted(found[1], int(found[2]))
    return Reverted(words, 0)
