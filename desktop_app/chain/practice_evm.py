"""The EVM of the practice network: py-evm's Prague rules on a BlockStore, one block per transaction.

Imported on first use only: py-evm takes a good part of a second to load. Refusals carry the words of
go-ethereum (core/error.go, core/txpool/errors.go), so that callers see one dialect everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from eth.abc import BlockAPI, BlockHeaderAPI, ComputationAPI, ReceiptAPI, SignedTransactionAPI
from eth.chains.base import MiningChain
from eth.consensus.applier import ConsensusApplier
from eth.consensus.pos import PosConsensus
from eth.db.atomic import AtomicDB
from eth.exceptions import HeaderNotFound, PyEVMError, Revert, TransactionNotFound, VMError
from eth.vm.chain_context import ChainContext
from eth.vm.forks.prague import PragueVM
from eth.vm.spoof import SpoofTransaction
from eth_hash.auto import keccak
from eth_keys.datatypes import PrivateKey
from eth_typing import Address, BlockNumber, Hash32
from eth_utils.exceptions import ValidationError

from desktop_app.chain.practice_store import BlockStore
from desktop_app.chain.reverts import revert_reason
from desktop_app.core.errors import CorruptError

CHAIN_ID = 6516588
BLOCK_GAS_LIMIT = 30_000_000
DEPLOYER = bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c")
DEPLOYER_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039"
    "578182fd5b8082525050506014600cf3"
)
# Practice money is worth nothing: this key is public on purpose.
FAUCET_KEY = keccak(b"colophon practice faucet")
FAUCET_WEI = 10**27
_FAUCET_GAS = 200_000
_TOKEN_FLOOR = 10  # EIP-7623
_ESTIMATE_TOLERANCE = 0.015  # as go-ethereum's gasestimator


class NodeRefusedError(Exception):
    """The node's own no: a JSON-RPC error code, a message and data."""

    def __init__(self, message: str, *, code: int = -32000, data: bytes | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.data = message, code, data


class PracticeChain(MiningChain):
    """Prague from the first block, with a constant gas limit."""

    chain_id = CHAIN_ID
    vm_configuration = ConsensusApplier(PosConsensus).amend_vm_configuration(((BlockNumber(0), PragueVM),))

    def create_header_from_parent(
        self, parent_header: BlockHeaderAPI, **header_params: Any
    ) -> BlockHeaderAPI:
        header_params["gas_limit"] = parent_header.gas_limit
        return super().create_header_from_parent(parent_header, **header_params)


@dataclass(frozen=True)
class Message:
    """What eth_call and eth_estimateGas execute. `to` is empty for a creation, fees are wei per gas."""

    sender: bytes
    to: bytes
    value: int
    data: bytes
    gas: int
    fee: int


class PracticeEvm:
    """The chain itself. Not thread-safe: the node holds a lock. `now` gives seconds since 1970."""

    def __init__(self, store: BlockStore, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        if store.is_empty:
            self.reset()
        else:
            self._load()

    def _load(self) -> None:
        try:
            self.chain = PracticeChain(AtomicDB(self._store))  # type: ignore[arg-type]
            self.head: BlockHeaderAPI = self.chain.get_canonical_head()
        except (PyEVMError, KeyError, ValueError) as failure:
            raise CorruptError("practice.corrupt") from failure

    def reset(self) -> None:
        """Forget everything and begin again, on a chain with another genesis hash."""
        fresh: dict[bytes, bytes] = {}
        faucet = PrivateKey(FAUCET_KEY).public_key.to_canonical_address()
        PracticeChain.from_genesis(
            AtomicDB(fresh),  # type: ignore[arg-type]
            {
                "coinbase": Address(b"\x00" * 20),
                "difficulty": 0,
                "extra_data": os.urandom(32),
                "gas_limit": BLOCK_GAS_LIMIT,
                "timestamp": self._now(),
            },
            {
                Address(DEPLOYER): {"balance": 0, "nonce": 1, "code": DEPLOYER_CODE, "storage": {}},
                Address(faucet): {"balance": FAUCET_WEI, "nonce": 0, "code": b"", "storage": {}},
            },
        )
        self._store.rollback()
        self._store.update(fresh)
        self._store.commit(replace_all=True)
        self._load()

    def header(self, number: int) -> BlockHeaderAPI | None:
        if not 0 <= number <= self.head.block_number:
            return None
        return self.chain.get_canonical_block_header_by_number(BlockNumber(number))

    def header_by_hash(self, block_hash: bytes) -> BlockHeaderAPI | None:
        try:
            return self.chain.get_block_header_by_hash(Hash32(block_hash))
        except HeaderNotFound:
            return None

    def block(self, header: BlockHeaderAPI) -> BlockAPI:
        return self.chain.get_block_by_header(header)

    def receipts(self, header: BlockHeaderAPI) -> tuple[ReceiptAPI, ...]:
        vm = self.chain.get_vm_class(header)
        return self.chain.chaindb.get_receipts(header, vm.get_receipt_builder())

    def place(self, tx_hash: bytes) -> tuple[int, int] | None:
        """Block number and index of a mined transaction."""
        try:
            return self.chain.get_canonical_transaction_index(Hash32(tx_hash))
        except TransactionNotFound:
            return None

    def state(self, header: BlockHeaderAPI) -> Any:
        """The accounts after the given block, to be read only."""
        return self.chain.get_vm(header).state

    def send(self, raw: bytes) -> bytes:
        """Check a signed transaction as a node's pool does, mine a block with it and give its hash."""
        try:
            transaction = self.chain.get_vm(self.head).get_transaction_builder().decode(raw)
            tx_hash, sender = bytes(transaction.hash), transaction.sender
            transaction.validate()
        except Exception as failure:
            raise NodeRefusedError(f"rlp: invalid transaction ({type(failure).__name__})") from failure
        self._check(transaction, tx_hash, sender)
        self._mine(transaction)
        return tx_hash

    def _check(self, transaction: SignedTransactionAPI, tx_hash: bytes, sender: bytes) -> None:
        if getattr(transaction, "type_id", None) == 3:
            raise NodeRefusedError("transaction type not supported")
        chain_id = transaction.chain_id
        if chain_id is None:
            raise NodeRefusedError("only replay-protected (EIP-155) transactions allowed over RPC")
        if chain_id != CHAIN_ID:
            raise NodeRefusedError(f"invalid chain id for signer: have {chain_id} want {CHAIN_ID}")
        if self.place(tx_hash) is not None:
            raise NodeRefusedError("already known")
        state = self.state(self.head)
        nonce, balance = state.get_nonce(sender), state.get_balance(sender)
        who = "0x" + sender.hex()
        if transaction.nonce < nonce:
            raise NodeRefusedError(f"nonce too low: address {who}, tx: {transaction.nonce} state: {nonce}")
        if transaction.nonce > nonce:
            raise NodeRefusedError(f"nonce too high: address {who}, tx: {transaction.nonce} state: {nonce}")
        if transaction.gas > BLOCK_GAS_LIMIT:
            raise NodeRefusedError("exceeds block gas limit")
        if transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas:
            raise NodeRefusedError("max priority fee per gas higher than max fee per gas")
        needed = _least_gas(transaction)
        if transaction.gas < needed:
            raise NodeRefusedError(f"intrinsic gas too low: gas {transaction.gas}, minimum needed {needed}")
        cost = transaction.value + transaction.gas * transaction.max_fee_per_gas
        if cost > balance:
            raise NodeRefusedError(
                f"insufficient funds for gas * price + value: balance {balance}, tx cost {cost}, "
                f"overshot {cost - balance}"
            )
        base_fee = self.next_base_fee()
        if transaction.max_fee_per_gas < base_fee:
            raise NodeRefusedError(
                f"max fee per gas less than block base fee: address {who}, "
                f"maxFeePerGas: {transaction.max_fee_per_gas}, baseFee: {base_fee}"
            )

    def _mine(self, transaction: SignedTransactionAPI) -> None:
        # The header that py-evm prepared may hold an older time than the clock tells now.
        self.chain.header = self._next_header()
        try:
            result, _, _ = self.chain.mine_all([transaction], mix_hash=keccak(self.head.hash))
        except BaseException as failure:
            self._store.rollback()
            self._load()
            if isinstance(failure, ValidationError):
                raise NodeRefusedError(str(failure)) from failure
            raise
        try:
            self._store.commit()
        except BaseException:
            self._load()
            raise
        self.head = result.imported_block.header

    def _next_header(self) -> BlockHeaderAPI:
        timestamp = max(self.head.timestamp + 1, self._now())
        return self.chain.create_header_from_parent(self.head, timestamp=timestamp)

    def next_base_fee(self) -> int:
        """Wei per gas that the next block burns."""
        return self._next_header().base_fee_per_gas or 0

    def nonce(self, address: bytes) -> int:
        return int(self.state(self.head).get_nonce(address))

    def faucet(self, address: bytes, wei: int) -> bytes:
        """Give practice coins; the transaction's hash."""
        key = PrivateKey(FAUCET_KEY)
        nonce = self.nonce(key.public_key.to_canonical_address())
        fee = 2 * self.next_base_fee() + 1
        builder: Any = self.chain.get_vm(self.head).get_transaction_builder()
        unsigned = builder.new_unsigned_dynamic_fee_transaction(
            CHAIN_ID, nonce, 1, fee, _FAUCET_GAS, address, wei, b"", ()
        )
        return self.send(unsigned.as_signed_transaction(key).encode())

    def run(
        self, message: Message, at: BlockHeaderAPI, codes: Mapping[bytes, bytes] = MappingProxyType({})
    ) -> ComputationAPI:
        """Execute without fees on top of block `at` and forget the effects. Raises NodeRefusedError.

        `codes` stand in place of accounts' own code meanwhile.
        """
        timestamp = max(at.timestamp + 1, self._now())
        header = self.chain.create_header_from_parent(at, timestamp=timestamp).copy(base_fee_per_gas=0)
        vm = self.chain.get_vm(header)
        state: Any = vm.build_state(
            self.chain.chaindb.db, header, ChainContext(CHAIN_ID), vm.previous_hashes or ()
        )
        for address, code in codes.items():
            state.set_code(address, code)
        builder: Any = vm.get_transaction_builder()
        unsigned = builder.new_unsigned_dynamic_fee_transaction(
            CHAIN_ID,
            state.get_nonce(message.sender),
            0,
            0,
            message.gas,
            message.to,
            message.value,
            message.data,
            (),
        )
        if message.gas < unsigned.intrinsic_gas:
            raise NodeRefusedError(
                f"intrinsic gas too low: have {message.gas}, want {unsigned.intrinsic_gas}"
            )
        try:
            computation: ComputationAPI = state.apply_transaction(
                SpoofTransaction(unsigned, from_=Address(message.sender))
            )
        except ValidationError as failure:
            if state.get_balance(message.sender) < message.value:
                raise NodeRefusedError("insufficient funds for transfer") from failure
            raise NodeRefusedError(str(failure)) from failure
        return computation

    def call(
        self, message: Message, at: BlockHeaderAPI, codes: Mapping[bytes, bytes] = MappingProxyType({})
    ) -> bytes:
        """What the called contract returns. Raises NodeRefusedError; a revert has code 3 and data."""
        computation = self.run(message, at, codes)
        if computation.is_error:
            raise _failure(computation)
        return computation.output

    def estimate(self, message: Message, at: BlockHeaderAPI) -> int:
        """The gas limit that the message needs, at most 1.5 % above the least."""
        high = min(message.gas, BLOCK_GAS_LIMIT)
        if message.fee:
            balance = self.state(at).get_balance(message.sender)
            if balance < message.value:
                raise NodeRefusedError("insufficient funds for transfer")
            high = min(high, (balance - message.value) // message.fee)
        least = _least_gas(message)
        if high < least:
            raise NodeRefusedError(f"gas required exceeds allowance ({high})")
        first = self.run(_with_gas(message, high), at)
        if first.is_error:
            failure = _failure(first)
            if failure.message.startswith("out of gas"):
                raise NodeRefusedError(f"gas required exceeds allowance ({high})")
            raise failure
        used = max(high - first.get_gas_remaining(), least)
        low = used - 1
        # Often the gas used is enough; else usually the 1/64 that calls keep back (EIP-150) and the stipend.
        for trial in (used, (used + first.get_gas_refund() + 2300) * 64 // 63):
            if low < trial < high:
                low, high = self._halve(message, at, trial, low, high)
        while low + 1 < high and (high - low) / high > _ESTIMATE_TOLERANCE:
            low, high = self._halve(message, at, (low + high) // 2, low, high)
        return high

    def _halve(
        self, message: Message, at: BlockHeaderAPI, trial: int, low: int, high: int
    ) -> tuple[int, int]:
        """Gas known to be too little and gas known to suffice, after trying one between them."""
        failed = self.run(_with_gas(message, trial), at).is_error
        return (trial, high) if failed else (low, trial)


def _with_gas(message: Message, gas: int) -> Message:
    return Message(message.sender, message.to, message.value, message.data, gas, message.fee)


def _least_gas(transaction: Any) -> int:
    """Gas that is used whatever happens: EIP-2 and successors, and the calldata floor of EIP-7623."""
    call_data: bytes = transaction.data
    zeros = call_data.count(0)
    tokens = zeros + 4 * (len(call_data) - zeros)
    floor = 21_000 + _TOKEN_FLOOR * tokens
    if isinstance(transaction, Message):
        creation = 0 if transaction.to else 32_000 + 2 * ((len(call_data) + 31) // 32)
        return max(21_000 + 4 * tokens + creation, floor)
    return max(int(transaction.intrinsic_gas), floor)


def _failure(computation: ComputationAPI) -> NodeRefusedError:
    error: VMError = computation.error
    if isinstance(error, Revert):
        reason = revert_reason(computation.output)
        return NodeRefusedError(
            f"execution reverted: {reason}" if reason else "execution reverted",
            code=3,
            data=computation.output,
        )
    words = {
        "OutOfGas": "out of gas",
        "InvalidInstruction": "invalid opcode",
        "InvalidJumpDestination": "invalid jump destination",
        "InsufficientFunds": "insufficient balance for transfer",
        "WriteProtection": "write protection",
    }
    return NodeRefusedError(words.get(type(error).__name__, type(error).__name__))
