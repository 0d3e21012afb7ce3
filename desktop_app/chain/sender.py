"""Sends transactions so that none is lost and none happens twice.

A transaction is signed and stored before it leaves, and from then on it is its hash: a lost answer, a crash
or a restart leads to looking that hash up and, where the node does not know it, to sending the same bytes
again. The same bytes can take effect only once. A stuck transaction gets a second version with the same
nonce, so that one of the two can take effect, never both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop_app.chain import wire
from desktop_app.chain.artifacts import DEPLOYER
from desktop_app.chain.connection import Chain, reverted
from desktop_app.chain.contracts import Call
from desktop_app.chain.fees import (
    GAS_MARGIN_PERCENT,
    FeeQuote,
    Speed,
    call_fee_bound,
    gas_prices,
    price_table,
    quote_fee,
    replacement_prices,
)
from desktop_app.chain.journal import Receipt, TransactionJournal, read_receipt, same_effect
from desktop_app.chain.raw_transaction import require_own
from desktop_app.chain.refusals import Verdict, judge
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.watch import Watch
from desktop_app.chain.wire import Json, to_data, to_quantity
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import Clock
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.store.transactions import Purpose, StoredTransaction, TransactionStatus
from desktop_app.wallet.signer import Signer

__all__ = ["Receipt", "Replacement", "Sender", "TransactionJournal"]

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_LAG_TRIES = 5
_LAG_PAUSE = 1.0
_NONCE_TRIES = 20
_DECIMALS = 8
"""Of amounts in messages: a fee has eighteen, which nobody can read."""


@dataclass(frozen=True)
class Replacement:
    """A new version for `tx_hash`, priced so that nodes let it take its place."""

    tx_hash: str
    call: Call
    quote: FeeQuote
    purpose: Purpose


class Sender:
    """Sends for one account on one network. Thread-safe; keep one per account, as it hands out the nonces.

    `patience` is how many seconds `send` and `wait` wait for a block; `speed` is asked before each quote.
    """

    def __init__(
        self,
        chain: Chain,
        signer: Signer,
        journal: TransactionJournal,
        clock: Clock,
        *,
        patience: float = 600.0,
        speed: Callable[[], Speed] = lambda: Speed.NORMAL,
    ) -> None:
        self.chain = chain
        self._signer = signer
        self._journal = journal
        self._clock = clock
        self._patience = patience
        self._speed = speed
        self._watch = Watch(chain, signer.address, journal)
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        return self._signer.address

    def quote(self, call: Call, speed: Speed | None = None) -> FeeQuote:
        """Try the call out and price it, at the speed of the settings by default. Nothing is signed.

        Raises RefusedError: `chain.wrong_network`, `chain.no_contract`, `chain.no_deployer`, `chain.reverted`
        (param `reason` in the contract's words), `chain.insufficient_funds`, `chain.fee_too_high`;
        UnavailableError.
        """
        self.chain.check_chain_id()
        # Where no contract is, a call succeeds, does nothing and keeps the money.
        if call.data and not self.chain.code(call.to):
            code = "chain.no_deployer" if call.to == DEPLOYER else "chain.no_contract"
            raise RefusedError(code, address=call.to, network=self.chain.network.name)
        quote = quote_fee(
            self.chain, self._try_out(call), call, self.address, speed=speed or self._speed()
        )
        self._check_money(call, quote)
        return quote

    def highest_fee(self, call: Call, gas: int, quote: FeeQuote) -> Amount:
        """The most that a call can cost which can be tried out only later, with `gas` that it cannot exceed,
        at the prices of `quote`. Raises UnavailableError."""
        return call_fee_bound(self.chain, call, self.address, gas, quote)

    def _try_out(self, call: Call) -> int:
        """Gas that the call will probably use; raises what `quote` does when it would fail."""
        message = self._message(call)
        try:
            self.chain.rpc.call("eth_call", [message, "latest"])
            return wire.quantity(self.chain.rpc.call("eth_estimateGas", [message]), "estimateGas")
        except RpcError as refused:
            reason = reverted(refused)
            if reason is not None:
                raise RefusedError("chain.reverted", reason=reason) from refused
            if judge(refused) is Verdict.NO_MONEY:
                raise self._no_money(Amount(call.value, self.chain.network.native)) from refused
            raise

    def send(self, call: Call, quote: FeeQuote | None = None, task: Task | None = None) -> Receipt:
        """Sign, store, send and wait for the block.

        Cancelling the task stops the waiting, not the transaction. Raises what `submit` and `wait` raise.
        """
        return self.wait(self.submit(call, quote, task), task)

    def submit(self, call: Call, quote: FeeQuote | None = None, task: Task | None = None) -> str:
        """Sign, store and send; the transaction's hash, before it is in a block.

        With a `quote` that the user has seen, no more than that is paid. RefusedError: `chain.fee_outdated`
        when it no longer suffices, `chain.happened_after_all` when an earlier transaction that seemed to have
        failed was carried out (said once: who still wants this one asks again), `chain.refused_funds` or
        `chain.refused_transaction` when the node says no. An answer that gets lost is no error here: `wait`
        finds out what happened.
        """
        task = task or Task()
        self.chain.check_chain_id()
        quote = quote or self.quote(call)
        with self._lock:
            late = self._watch.notice_late()
            if late:
                raise RefusedError("chain.happened_after_all", tx_hash=late[0])
            self._watch.resume()
            self._check_money(call, quote)
            if gas_prices(self.chain).base_fee > quote.max_fee:
                raise RefusedError("chain.fee_outdated")
            for _ in range(_NONCE_TRIES):
                nonce, set_back = self._next_nonce(task)
                task.check()
                try:
                    return self._sign_and_send(call, quote, nonce, Purpose.SEND, anew=set_back)
                except RefusedError as refused:
                    # Another program of ours was quicker: then its transaction keeps that number.
                    if refused.code != "store.number_taken":
                        raise
            raise UnavailableError("chain.numbers_taken")

    def replacement(self, tx_hash: str, purpose: Purpose, speed: Speed = Speed.FAST) -> Replacement:
        """Price a faster version of a waiting transaction (SPEED_UP), or one that does nothing (CANCEL).

        Raises RefusedError: `chain.already_mined`, `chain.fee_too_high`, `chain.insufficient_funds`.
        """
        self.chain.check_chain_id()
        with self._lock:
            self._watch.resume()
            live = self._live_versions(tx_hash)
        # What was cancelled is not revived by making it faster.
        purpose = Purpose.CANCEL if live[-1].purpose is Purpose.CANCEL else purpose
        decoded = [require_own(version) for version in live]
        prices = replacement_prices(
            price_table(self.chain)[speed],
            max(version.max_fee for version in decoded),
            max(version.priority_fee for version in decoded),
        )
        asked = next((one for one in live if one.purpose is not Purpose.CANCEL), live[0])
        if purpose is Purpose.CANCEL:
            call = Call(self.address, b"", 0, "action.cancel", {"tx_hash": asked.tx_hash})
            gas = self._try_out(call)
        else:
            fields = require_own(asked)
            call = Call(fields.to, fields.data, fields.value, asked.code, asked.params)
            # The limit of the first version, without the margin that quote_fee adds again.
            gas = -(-fields.gas_limit * 100 // GAS_MARGIN_PERCENT)
        quote = quote_fee(self.chain, gas, call, self.address, prices, speed)
        self._check_money(call, quote)
        return Replacement(tx_hash, call, quote, purpose)

    def replace(self, replacement: Replacement, task: Task | None = None) -> str:
        """Sign, store and send the new version; its hash. Raises what `replacement` and `submit` do.

        A refusal takes nothing back: the earlier version is still on its way.
        """
        task = task or Task()
        self.chain.check_chain_id()
        with self._lock:
            self._watch.resume()
            live = self._live_versions(replacement.tx_hash)
            task.check()
            try:
                return self._sign_and_send(
                    replacement.call, replacement.quote, live[0].nonce, replacement.purpose
                )
            except RefusedError:
                if self._watch.mined_version(live[0]) is None:
                    raise
                raise RefusedError("chain.already_mined", tx_hash=replacement.tx_hash) from None

    def _live_versions(self, tx_hash: str) -> list[StoredTransaction]:
        chain_id = self.chain.network.chain_id
        self._journal.get(chain_id, tx_hash)
        versions = self._journal.versions(chain_id, tx_hash)
        waiting = (TransactionStatus.PREPARED, TransactionStatus.SENT)
        if not versions or any(version.status not in waiting for version in versions):
            raise RefusedError("chain.already_mined", tx_hash=tx_hash)
        return versions

    def _sign_and_send(
        self, call: Call, quote: FeeQuote, nonce: int, purpose: Purpose, *, anew: bool = False
    ) -> str:
        stored = self._sign(call, quote, nonce, purpose)
        self._journal.add(stored, anew=anew)
        refusal = self._transmit(stored)
        if refusal is not None:
            raise refusal
        return stored.tx_hash

    def wait(self, tx_hash: str, task: Task | None = None) -> Receipt:
        """Wait for the block of a submitted transaction, in whatever version it gets there.

        Raises RefusedError `chain.mined_reverted`, `chain.cancelled` or `chain.replaced`, UnavailableError
        `chain.still_waiting` after the patience ran out, CancelledError; the transaction stays in the journal
        in the last two.
        """
        task = task or Task()
        limit = self._clock.monotonic() + self._patience
        stored = self._journal.get(self.chain.network.chain_id, tx_hash)
        pause = _FIRST_PAUSE
        overtaken = False
        while True:
            try:
                mined = self._watch.mined_version(stored)
                if mined is None and pause >= _LONGEST_PAUSE:
                    overtaken = self._watch.look_after(stored, overtaken)
            except UnavailableError:
                # A node that is away for a moment says nothing about the transaction.
                mined = None
            if mined is not None:
                version, receipt = mined
                self._watch.settle(receipt)
                if not same_effect(version, stored):
                    code = "chain.cancelled" if version.purpose is Purpose.CANCEL else "chain.replaced"
                    raise RefusedError(code, tx_hash=tx_hash)
                if not receipt.succeeded:
                    raise RefusedError("chain.mined_reverted", tx_hash=receipt.tx_hash)
                return receipt
            if self._clock.monotonic() > limit:
                raise UnavailableError("chain.still_waiting", tx_hash=tx_hash)
            task.wait(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def resume(self) -> list[str]:
        """Look after everything that was stored and not settled, as after a restart; does not wait.

        Settles what is in a block, sends again what no node knows, and takes back what is in a block that
        vanished. Hashes that are still on their way, in every version.
        """
        self.chain.check_chain_id()
        with self._lock:
            return self._watch.resume()

    def waiting_with(self, part: bytes) -> str | None:
        """The hash of a transaction on its way whose call contains these bytes; None where there is none.

        For what a crash kept from being noted: the transaction was stored before it left.
        """
        for stored in self._journal.pending(self.chain.network.chain_id, self.address):
            if stored.purpose is not Purpose.CANCEL and part in require_own(stored).data:
                return stored.tx_hash
        return None

    def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt of a mined transaction, in whatever version it was mined; None while there is none."""
        found = read_receipt(self.chain, tx_hash)
        if found is not None:
            return found
        versions = self._journal.versions(self.chain.network.chain_id, tx_hash)
        asked = next((version for version in versions if version.tx_hash == tx_hash), None)
        for version in versions:
            if asked is not None and version is not asked and same_effect(version, asked):
                found = read_receipt(self.chain, version.tx_hash)
                if found is not None:
                    return found
        return None

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
            needed=_readable(needed, up=True),
            held=_readable(self.chain.balance(self.address)),
            symbol=needed.currency.symbol,
            address=self.address,
        )

    def _next_nonce(self, task: Task) -> tuple[int, bool]:
        """The lowest nonce that is free on the node and in the journal, and whether the chain was set back.

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
        set_back = not waiting and nonce < floor
        while nonce in waiting:
            nonce += 1
        return nonce, set_back

    def _sign(self, call: Call, quote: FeeQuote, nonce: int, purpose: Purpose) -> StoredTransaction:
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
            purpose=purpose,
            recipient=str(call.params.get("to") or call.params.get("token") or call.to),
        )

    def _transmit(self, stored: StoredTransaction) -> RefusedError | None:
        return self._watch.transmit(stored, first=True)


def _readable(amount: Amount, *, up: bool = False) -> str:
    """A number with at most 8 decimals: what is needed rounded up, what is there cut off."""
    step = 10 ** max(0, amount.currency.decimals - _DECIMALS)
    units = -(-amount.units // step) if up else amount.units // step
    return Amount(units * step, amount.currency).plain()
