"""py-evm without blocks or fees: whole transactions with their real gas, and cheap snapshots.

Gas is that of Prague with intrinsic gas, refunds (EIP-3529) and the calldata floor (EIP-7623); the price is
zero, so that balances tell exactly what contracts moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from eth.chains.base import MiningChain
from eth.consensus.applier import ConsensusApplier
from eth.consensus.pos import PosConsensus
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.exceptions import Revert
from eth.vm.chain_context import ChainContext
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.state import PragueTransactionExecutor
from eth.vm.message import Message
from eth.vm.spoof import SpoofTransaction
from eth_abi import decode, encode
from eth_hash.auto import keccak

from desktop_app.chain.artifacts import load_artifact

CHAIN_ID = 6516588
START = 1_760_000_000
GAS = 5_000_000
NATIVE = "0x" + "00" * 20
DEPLOYER = "0x4e59b44847b379578588920ca78fbf26c0b4956c"
DEPLOYER_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039"
    "578182fd5b8082525050506014600cf3"
)


class TestChain(MiningChain):
    """Prague from the first block."""

    __test__ = False
    chain_id = CHAIN_ID
    vm_configuration = ConsensusApplier(PosConsensus).amend_vm_configuration(((0, PragueVM),))


def raw(address: str) -> bytes:
    """The 20 bytes of an address."""
    return bytes.fromhex(address[2:])


def account(number: int) -> str:
    """An address without code."""
    return "0x" + keccak(b"account %d" % number)[-20:].hex()


class Reverted(Exception):  # noqa: N818
    """A call failed; `reason` is the contract's own word, or the EVM's."""

    def __init__(self, reason: str, gas_used: int) -> None:
        super().__init__(reason)
        self.reason, self.gas_used = reason, gas_used


@dataclass(frozen=True)
class Log:
    """One raw event."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    """What a transaction did."""

    output: bytes
    gas_used: int
    logs: tuple[Log, ...]
    created: str


class Evm:
    """One chain state."""

    def __init__(self) -> None:
        self._db = AtomicDB(MemoryDB())
        chain = TestChain.from_genesis(
            self._db,
            {"difficulty": 0, "gas_limit": 60_000_000, "timestamp": START, "mix_hash": bytes(32)},
            {raw(DEPLOYER): {"balance": 0, "nonce": 1, "code": DEPLOYER_CODE, "storage": {}}},
        )
        header = chain.get_canonical_head()
        self.time = START + 12
        self._header = chain.create_header_from_parent(header, timestamp=self.time).copy(base_fee_per_gas=0)
        self._vm = chain.get_vm(self._header)
        self._builder = self._vm.get_transaction_builder()
        self._state = self._at(header.state_root)

    def _at(self, root: bytes) -> Any:
        header = self._header.copy(state_root=root, timestamp=self.time)
        return self._vm.build_state(self._db, header, ChainContext(CHAIN_ID), ())

    def snapshot(self) -> bytes:
        """A mark to come back to."""
        self._state.persist()
        return bytes(self._state.state_root)

    def restore(self, mark: bytes) -> None:
        """Back to a mark."""
        self._state = self._at(mark)

    def pass_time(self, seconds: int) -> None:
        """Let the next transactions be later."""
        self.time += seconds
        self.restore(self.snapshot())

    def balance(self, address: str) -> int:
        """Native balance in wei."""
        return int(self._state.get_balance(raw(address)))

    def code(self, address: str) -> bytes:
        """Runtime code."""
        return bytes(self._state.get_code(raw(address)))

    def set_code(self, address: str, code: bytes) -> None:
        """Put code at an address, for hostile accounts."""
        self._state.set_code(raw(address), code)

    def fund(self, address: str, wei: int) -> None:
        """Give native coins from nowhere."""
        self._state.delta_balance(raw(address), wei)

    def send(self, sender: str, to: str | None, data: bytes = b"", value: int = 0, gas: int = GAS) -> Receipt:
        """A whole transaction. Raises Reverted."""
        self._state.lock_changes()
        origin = raw(sender)
        unsigned = self._builder.new_unsigned_dynamic_fee_transaction(
            CHAIN_ID,
            self._state.get_nonce(origin),
            0,
            0,
            gas,
            raw(to) if to else b"",
            value,
            data,
            (),
        )
        result = self._state.apply_transaction(SpoofTransaction(unsigned, from_=origin))
        used = gas - result.get_gas_remaining()
        refund = min(result.get_gas_refund(), used // 5)
        used += PragueTransactionExecutor.calc_data_floor_gas(unsigned, used, refund) - refund
        self._raise(result, used)
        logs = tuple(
            Log("0x" + address.hex(), tuple(topic.to_bytes(32, "big") for topic in topics), bytes(payload))
            for address, topics, payload in result.get_log_entries()
        )
        return Receipt(bytes(result.output), used, logs, "0x" + result.msg.storage_address.hex())

    def call(self, to: str, data: bytes, sender: str = account(0), gas: int = 30_000_000) -> bytes:
        """What a call returns; nothing stays changed. Raises Reverted."""
        self._state.lock_changes()
        mark = self._state.snapshot()
        message = Message(gas=gas, to=raw(to), sender=raw(sender), value=0, data=data, code=self.code(to))
        context = self._state.get_transaction_context_class()(gas_price=0, origin=raw(sender))
        result = self._state.computation_class.apply_message(self._state, message, context)
        self._state.revert(mark)
        self._state.clear_transient_storage()
        self._raise(result, gas - result.get_gas_remaining())
        return bytes(result.output)

    @staticmethod
    def _raise(result: Any, used: int) -> None:
        if not result.is_error:
            return
        if isinstance(result.error, Revert):
            raise Reverted(reason(bytes(result.output)), used)
        raise Reverted(type(result.error).__name__, used)

    def deploy(self, code: bytes, sender: str = account(0)) -> str:
        """Create a contract from init code by a plain transaction."""
        return self.send(sender, None, code).created

    def deploy_at_fixed_address(self, init_code: bytes) -> str:
        """Create a contract through the deterministic deployer with a zero salt."""
        return "0x" + self.send(account(0), DEPLOYER, bytes(32) + init_code, gas=16_000_000).output.hex()


def reason(output: bytes) -> str:
    """The contract's word in a revert, or the raw answer in hex."""
    if output[:4] == bytes.fromhex("08c379a0"):
        return str(decode(["string"], output[4:])[0])
    return "panic" if output[:4] == bytes.fromhex("4e487b71") else output.hex()


def _type(entry: dict[str, Any]) -> str:
    kind: str = entry["type"]
    if kind.startswith("tuple"):
        return "(" + ",".join(map(_type, entry["components"])) + ")" + kind[5:]
    return kind


Function = tuple[bytes, tuple[str, ...], tuple[str, ...]]
"""Selector, types in, types out."""


def _function(entry: dict[str, Any]) -> Function:
    inputs = tuple(_type(value) for value in entry["inputs"])
    outputs = tuple(_type(value) for value in entry["outputs"])
    return keccak(f"{entry['name']}({','.join(inputs)})".encode())[:4], inputs, outputs


@lru_cache(maxsize=10_000)
def _encoded(function: Function, args: tuple[object, ...]) -> bytes:
    selector, types, _ = function
    return selector + encode(types, args)


class Contract:
    """A contract with its ABI; functions by name and number of arguments."""

    def __init__(self, evm: Evm, address: str, abi: Any) -> None:
        self.evm, self.address = evm, address
        self._functions = {
            (entry["name"], len(entry["inputs"])): _function(entry)
            for entry in abi
            if entry["type"] == "function"
        }
        self._abi = abi

    @classmethod
    def shipped(cls, evm: Evm, address: str, name: str) -> Contract:
        """With the ABI of a shipped artifact."""
        return cls(evm, address, load_artifact(name).abi)

    @cached_property
    def _events(self) -> dict[bytes, dict[str, Any]]:
        events = [entry for entry in self._abi if entry["type"] == "event"]
        return {keccak(f"{e['name']}({','.join(map(_type, e['inputs']))})".encode()): e for e in events}

    def data(self, name: str, *args: object) -> bytes:
        """Call data."""
        try:
            return _encoded(self._functions[name, len(args)], args)
        except TypeError:  # a list: not worth keeping
            selector, types, _ = self._functions[name, len(args)]
            return selector + encode(types, args)

    def _decode(self, name: str, count: int, output: bytes) -> Any:
        types = self._functions[name, count][2]
        if types == ("uint256",) and len(output) == 32:
            return int.from_bytes(output, "big")
        values = decode(types, output)
        return values[0] if len(values) == 1 else values or None

    def call(self, name: str, *args: object, sender: str = account(0)) -> Any:
        """Read."""
        return self._decode(name, len(args), self.evm.call(self.address, self.data(name, *args), sender))

    def send(self, name: str, *args: object, sender: str, value: int = 0, gas: int = GAS) -> Receipt:
        """Write."""
        return self.evm.send(sender, self.address, self.data(name, *args), value, gas)

    def result(self, receipt: Receipt, name: str, count: int) -> Any:
        """The return value of a transaction."""
        return self._decode(name, count, receipt.output)

    def events(self, receipt: Receipt) -> list[tuple[str, dict[str, Any]]]:
        """This contract's events of a transaction, in order."""
        found = []
        for log in receipt.logs:
            if log.address != self.address:
                continue
            event = self._events[log.topics[0]]
            indexed = [entry for entry in event["inputs"] if entry["indexed"]]
            plain = [entry for entry in event["inputs"] if not entry["indexed"]]
            values = {
                entry["name"]: decode([_type(entry)], topic)[0]
                for entry, topic in zip(indexed, log.topics[1:], strict=True)
            }
            decoded = decode([_type(entry) for entry in plain], log.data)
            values |= {entry["name"]: value for entry, value in zip(plain, decoded, strict=True)}
            found.append((event["name"], values))
        return found
