"""Sends transactions so that none is lost and none happens twice.

A transaction is signed and stored before it leaves, and from then on it is its hash: a lost answer, a crash
or a restart leads to looking that hash up and, where the node does not know it, to sending the same bytes
again. The same bytes can take effect only once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from desktop_app.chain import wire
from desktop_app.chain.artifacts import DEPLOYER
from desktop_app.chain.connection import Chain, reverted
from desktop_app.chain.contracts import Call
from desktop_app.chain.fees import FeeQuote, gas_prices, quote_fee
from desktop_app.chain.refusals import Verdict, judge
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import Json, to_data, to_quantity
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import Clock
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.store.transactions import StoredTransaction
from desktop_app.wallet.signer import Signer

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_LAG_TRIES = 5
_LAG_PAUSE = 1.0


class TransactionJournal(Protocol):
    """Where the sender keeps its transactions; `store.transactions.TransactionRepository` is one."""

    def add(self, transaction: StoredTransaction) -> None: ...

    def get(self, chain_id: int, tx_hash: str) -> StoredTransaction: ...

    def pending(self, chain_id: int, from_address: str) -> list[StoredTransaction]: ...

    def next_nonce_floor(self, chain_id: int, from_address: str) -> int: ...

    def mark_sent(self, chain_id: int, tx_hash: str) -> None: ...

    def mark_mined(
        self, chain_id: int, tx_hash: str, *, block_number: int, gas_used: int, fee: int
    ) -> None: ...

    def mark_failed(
        self,
        chain_id: int,
        tx_hash: str,
        *,
        block_number: int | None = None,
        gas_used: int | None = None,
        fee: int | None = None,
    ) -> None: ...

    def mark_replaced(self, chain_id: int, tx_hash: str) -> None: ...


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction. `fee` is all that it cost; `logs` are raw, for `logs.decode_logs`."""

    tx_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    fee: Amount
    logs: tuple[Mapping[str, Json], ...]


class Sender:
    """Sends for one account on one network. Thread-safe; keep one per account, as it hands out the nonces.

    `patience` is how many seconds `send` and `wait` wait for a block.
    """

    def __init__(
        self,
        chain: Chain,
        signer: Signer,
        journal: TransactionJournal,
        clock: Clock,
        *,
        patience: float = 600.0,
    ) -> None:
        self.chain = chain
        self._signer = signer
        self._journal = journal
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return self._signer.address

    def quote(self, call: Call) -> FeeQuote:
        """Try the call out and price it. Nothing is signed.

        Raises RefusedError: `chain.wrong_network`, `chain.no_contract`, `chain.no_deployer`, `chain.reverted`
        (param `reason` in the contract's words), `chain.insufficient_funds`, `chain.fee_too_high`;
        UnavailableError.
        """
        self.chain.check_chain_id()
        # Where no contract is, a call succeeds, does nothing and keeps the money.
        if call.data and not self.chain.code(call.to):
            code = "chain.no_deployer" if call.to == DEPLOYER else "chain.no_contract"
            raise RefusedError(code, address=call.to, network=self.chain.network.name)
        message = self._message(call)
        try:
            self.chain.rpc.call("eth_call", [message, "latest"])
            estimate = wire.quantity(self.chain.rpc.call("eth_estimateGas", [message]), "estimateGas")
        except RpcError as refused:
            reason = reverted(refused)
            if reason is not None:
                raise RefusedError("chain.reverted", reason=reason) from refused
            if judge(refused) is Verdict.NO_MONEY:
                raise self._no_money(Amount(call.value, self.chain.network.native)) from refused
            raise
        quote = quote_fee(self.chain, estimate, len(call.data))
        self._check_money(call, quote)
        return quote

    def send(self, call: Call, quote: FeeQuote | None = None, task: Task | None = None) -> Receipt:
        """Sign, store, send and wait for the block.

        Cancelling the task stops the waiting, not the transaction. Raises what `submit` and `wait` raise.
        """
        return self.wait(self.submit(call, quote, task), task)

    def submit(self, call: Call, quote: FeeQuote | None = None, task: Task | None = None) -> str:
        """Sign, store and send; the transaction's hash, before it is in a block.

        With a `quote` that the user has seen, no more than that is paid; RefusedError `chain.fee_outdated`
        when it no longer suffices, `chain.refused_funds` or `chain.refused_transaction` when the node says
        no. An answer that gets lost is no error here: `wait` finds out what happened.
        """
        task = task or Task()
        self.chain.check_chain_id()
        quote = quote or self.quote(call)
        with self._lock:
            if self._journal.pending(self.chain.network.chain_id, self.address):
                self._resume()
            self._check_money(call, quote)
            if gas_prices(self.chain).base_fee > quote.max_fee:
                raise RefusedError("chain.fee_outdated")
            nonce = self._next_nonce(task)
            task.check()
            stored = self._sign(call, quote, nonce)
            self._journal.add(stored)
            refusal = self._transmit(stored)
        if refusal is not None:
            raise refusal
        return stored.tx_hash

    def wait(self, tx_hash: str, task: Task | None = None) -> Receipt:
        """Wait for a submitted transaction's block.

        Raises RefusedError `chain.mined_reverted` or `chain.replaced`, UnavailableError `chain.still_waiting`
        after the patience ran out, CancelledError; the transaction stays in the journal in the last two.
        """
        task = task or Task()
        limit = self._clock.monotonic() + self._patience
        stored = self._journal.get(self.chain.network.chain_id, tx_hash)
        pause = _FIRST_PAUSE
        overtaken = False
        while True:
            try:
                receipt = self.receipt(tx_hash)
                if receipt is None and pause >= _LONGEST_PAUSE:
                    overtaken = self._look_after(stored, overtaken)
            except UnavailableError:
                # A node that is away for a moment says nothing about the transaction.
                receipt = None
            if receipt is not None:
                self._settle(receipt)
                if not receipt.succeeded:
                    raise RefusedError("chain.mined_reverted", tx_hash=tx_hash)
                return receipt
            if self._clock.monotonic() > limit:
                raise UnavailableError("chain.still_waiting", tx_hash=tx_hash)
            task.wait(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def resume(self) -> list[str]:
        """Look after everything that was stored and not settled, as after a restart; does not wait.

        Settles what is in a block, sends again what no node knows. Hashes that are still on their way.
        """
        self.chain.check_chain_id()
        with self._lock:
            return self._resume()

    def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt of a mined transaction, None while there is none."""
        answer = self.chain.rpc.call("eth_getTransactionReceipt", [tx_hash])
        if answer is None:
            return None
        found = wire.mapping(answer, "receipt")
        if to_data(wire.data(found.get("transactionHash"), 32, "receipt")) != tx_hash:
            raise wire.bad_answer("receipt.transactionHash")
        gas_used = wire.quantity(found.get("gasUsed"), "receipt.gasUsed")
        price = wire.quantity(found.get("effectiveGasPrice"), "receipt.effectiveGasPrice")
        # OP Stack networks charge the data on Ethereum apart from gas and say so here.
        data_fee = wire.quantity(found.get("l1Fee") or "0x0", "receipt.l1Fee")
        return Receipt(
            tx_hash=tx_hash,
            block_number=wire.quantity(found.get("blockNumber"), "receipt.blockNumber"),
            block_hash=to_data(wire.data(found.get("blockHash"), 32, "receipt.blockHash")),
            succeeded=wire.quantity(found.get("status"), "receipt.status") == 1,
            gas_used=gas_used,
            fee=Amount(gas_used * price + data_fee, self.chain.network.native),
            logs=tuple(wire.items(found.get("logs"), "receipt.logs")),
        )

    def _resume(self) -> list[str]:
        chain_id = self.chain.network.chain_id
        waiting: list[str] = []
        for stored in self._journal.pending(chain_id, self.address):
            receipt = self.receipt(stored.tx_hash)
            if receipt is not None:
                self._settle(receipt)
            elif self.chain.nonce(self.address) > stored.nonce and self.receipt(stored.tx_hash) is None:
                self._journal.mark_replaced(chain_id, stored.tx_hash)
            elif self._is_known(stored.tx_hash) or self._transmit(stored) is None:
                waiting.append(stored.tx_hash)
        return waiting

    def _look_after(self, stored: StoredTransaction, overtaken: bool) -> bool:
        """Notice a transaction that was replaced, and send again one that every node forgot.

        True when its nonce is used up although it has no receipt. Nodes learn of blocks at different times,
        so that counts only when it is seen twice in a row.
        """
        if self.chain.nonce(self.address) > stored.nonce:
            if overtaken and self.receipt(stored.tx_hash) is None:
                self._journal.mark_replaced(stored.chain_id, stored.tx_hash)
                raise RefusedError("chain.replaced", tx_hash=stored.tx_hash)
            return True
        # A forgotten transaction with a lower nonce would hold this one up as well.
        for earlier in self._journal.pending(stored.chain_id, self.address):
            if earlier.nonce <= stored.nonce and not self._is_known(earlier.tx_hash):
                refusal = self._transmit(earlier)
                if refusal is not None and earlier.tx_hash == stored.tx_hash:
                    raise refusal
        return False

    def _is_known(self, tx_hash: str) -> bool:
        return self.chain.rpc.call("eth_getTransactionByHash", [tx_hash]) is not None

    def _message(self, call: Call) -> dict[str, Json]:
        return {
            "from": self.address,
            "to": call.to,
            "value": to_quantity(call.value),
            "data": to_data(call.data),
        }

    def _check_money(self, call: Call, quote: FeeQuote) -> None:
        needed = Amount(call.value, self.chain.network.native) + quote.worst_case
        if self.chain.balance(self.address).units < needed.units:
            raise self._no_money(needed)

    def _no_money(self, needed: Amount) -> RefusedError:
        return RefusedError(
            "chain.insufficient_funds",
            needed=needed.plain(),
            held=self.chain.balance(self.address).plain(),
            symbol=needed.currency.symbol,
            address=self.address,
        )

    def _next_nonce(self, task: Task) -> int:
        """The lowest nonce that is free on the node and in the journal.

        Public endpoints are many machines, and one may lag behind the block that was just seen at another.
        A journal that stays ahead means that the node's chain was set back: then the node is right.
        """
        chain_id = self.chain.network.chain_id
        waiting = {stored.nonce for stored in self._journal.pending(chain_id, self.address)}
        floor = self._journal.next_nonce_floor(chain_id, self.address)
        for _ in range(_LAG_TRIES):
            nonce = max(self.chain.nonce(self.address), self.chain.nonce(self.address, "pending"))
            if waiting or nonce >= floor:
                break
            task.wait(_LAG_PAUSE)
        while nonce in waiting:
            nonce += 1
        return nonce

    def _sign(self, call: Call, quote: FeeQuote, nonce: int) -> StoredTransaction:
        from eth_hash.auto import keccak

        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain.network.chain_id,
            "nonce": nonce,
            "to": call.to,
            "value": call.value,
            "data": to_data(call.data),
            "gas": quote.gas_limit,
            "maxFeePerGas": quote.max_fee,
            "maxPriorityFeePerGas": quote.priority_fee,
        }
        raw = self._signer.sign_transaction(transaction)
        return StoredTransaction(
            chain_id=self.chain.network.chain_id,
            tx_hash=to_data(keccak(raw)),
            from_address=self.address,
            nonce=nonce,
            raw=raw,
            code=call.code,
            params=call.params,
            created_at=self._clock.now(),
        )

    def _transmit(self, stored: StoredTransaction) -> RefusedError | None:
        """Send the stored bytes once. Gives a clear no, after which they will never take effect."""
        try:
            self.chain.rpc.call("eth_sendRawTransaction", [to_data(stored.raw)])
        except RpcError as refused:
            verdict = judge(refused)
            if verdict is Verdict.UNCLEAR:
                return None
            if verdict is not Verdict.KNOWN:
                # "Nonce too low" is also what a node says of a transaction that is in a block already.
                if self.receipt(stored.tx_hash) is not None:
                    return None
                self._journal.mark_failed(stored.chain_id, stored.tx_hash)
                if verdict is Verdict.NO_MONEY:
                    return RefusedError("chain.refused_funds", address=self.address)
                return RefusedError("chain.refused_transaction", message=refused.rpc_message[:200])
        except UnavailableError:
            # The answer is lost, which says nothing about whether the request arrived.
            return None
        self._journal.mark_sent(stored.chain_id, stored.tx_hash)
        return None

    def _settle(self, receipt: Receipt) -> None:
        mark = self._journal.mark_mined if receipt.succeeded else self._journal.mark_failed
        mark(
            self.chain.network.chain_id,
            receipt.tx_hash,
            block_number=receipt.block_number,
            gas_used=receipt.gas_used,
            fee=receipt.fee.units,
        )
