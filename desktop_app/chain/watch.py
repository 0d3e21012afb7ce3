"""Follows an account's transactions to their end: settled, sent again, taken back or replaced."""

from __future__ import annotations

import logging

from desktop_app.chain.connection import Chain
from desktop_app.chain.journal import Receipt, TransactionJournal, read_receipt
from desktop_app.chain.outcomes import outcome_of
from desktop_app.chain.refusals import Verdict, judge
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import to_data
from desktop_app.core.errors import RefusedError, UnavailableError
from desktop_app.store.transactions import StoredTransaction

_DEEP = 1000
"""Blocks after which one counts as final where the network does not say."""

_log = logging.getLogger(__name__)


class Watch:
    """What is known of one account's transactions on one network. The sender's lock guards it."""

    def __init__(self, chain: Chain, address: str, journal: TransactionJournal) -> None:
        self.chain = chain
        self.address = address
        self._journal = journal

    def mined_version(self, stored: StoredTransaction) -> tuple[StoredTransaction, Receipt] | None:
        """The version of a transaction that is in a block, with its receipt."""
        versions = self._journal.versions(stored.chain_id, stored.tx_hash) or [stored]
        for version in reversed(versions):
            receipt = read_receipt(self.chain, version.tx_hash)
            if receipt is not None:
                return version, receipt
        return None

    def resume(self) -> list[str]:
        """One round over everything that is not settled for good; hashes that are still on their way."""
        chain_id = self.chain.network.chain_id
        self._take_back_vanished()
        self.notice_late()
        pending = self._journal.pending(chain_id, self.address)
        if not pending:
            return []
        used = self.chain.nonce(self.address)
        waiting: list[str] = []
        for nonce in sorted({stored.nonce for stored in pending}):
            versions = [stored for stored in pending if stored.nonce == nonce]
            mined = self.mined_version(versions[-1])
            if mined is not None:
                self.settle(mined[1])
            elif used > nonce and self.mined_version(versions[-1]) is None:
                for version in versions:
                    self._journal.mark_replaced(chain_id, version.tx_hash)
            else:
                self._send_again_if_forgotten(versions)
                waiting += [version.tx_hash for version in versions]
        return waiting

    def notice_late(self) -> list[str]:
        """Hashes of transactions that were given up and are in a block all the same, now noted as such.

        A node that refuses a transaction has it, signed, and may still pass it on; one that lags behind the
        others may not know a block yet. Who is not told of it pays a second time.
        """
        chain_id = self.chain.network.chain_id
        given_up = self._journal.given_up(chain_id, self.address)
        used = self.chain.nonce(self.address) if given_up else 0
        found = []
        for stored in given_up:
            receipt = read_receipt(self.chain, stored.tx_hash) if stored.nonce < used else None
            if receipt is not None:
                _log.warning("a transaction that had been given up is in a block")
                self.settle(receipt)
                found.append(stored.tx_hash)
        return found

    def _take_back_vanished(self) -> None:
        """Notice blocks that are gone, and stop looking at those that are final."""
        chain_id = self.chain.network.chain_id
        unsettled = self._journal.unsettled(chain_id, self.address)
        if not unsettled:
            return
        final = self._final_block()
        for stored in unsettled:
            receipt = read_receipt(self.chain, stored.tx_hash)
            if receipt is None:
                # A node that lags behind knows nothing of the block yet, which is not the same.
                if self.chain.block_number() >= (stored.block_number or 0):
                    _log.warning("the block of a transaction vanished; it is on its way again")
                    self._journal.mark_vanished(chain_id, stored.tx_hash)
                continue
            if receipt.block_hash != stored.block_hash:
                self.settle(receipt)
            if receipt.block_number <= final:
                self._journal.mark_final(chain_id, stored.tx_hash)

    def _final_block(self) -> int:
        try:
            return self.chain.head("finalized").number
        except RpcError:
            return self.chain.block_number() - _DEEP

    def _send_again_if_forgotten(self, versions: list[StoredTransaction]) -> None:
        """Send the best version again where the node knows none of them."""
        if not any(self._is_known(version.tx_hash) for version in versions):
            self.transmit(versions[-1], first=False)

    def look_after(self, stored: StoredTransaction, overtaken: bool) -> bool:
        """Notice a transaction that was replaced, and send again one that every node forgot.

        True when its nonce is used up although no version has a receipt. Nodes learn of blocks at different
        times, so that counts only when it is seen twice in a row.
        """
        if self.chain.nonce(self.address) > stored.nonce:
            if overtaken and self.mined_version(stored) is None:
                for version in self._journal.versions(stored.chain_id, stored.tx_hash):
                    self._journal.mark_replaced(stored.chain_id, version.tx_hash)
                raise RefusedError("chain.replaced", tx_hash=stored.tx_hash)
            return True
        # A forgotten transaction with a lower nonce would hold this one up as well.
        pending = [
            one for one in self._journal.pending(stored.chain_id, self.address) if one.nonce <= stored.nonce
        ]
        for nonce in sorted({one.nonce for one in pending}):
            versions = [one for one in pending if one.nonce == nonce]
            self._send_again_if_forgotten(versions)
        return False

    def _is_known(self, tx_hash: str) -> bool:
        return self.chain.rpc.call("eth_getTransactionByHash", [tx_hash]) is not None

    def transmit(self, stored: StoredTransaction, *, first: bool) -> RefusedError | None:
        """Send the stored bytes once. Gives a clear no, after which they will never take effect.

        Only the `first` time can there be one: after that, some node may have the bytes, whatever this one
        says now. Then only a receipt, or a nonce that is used up without one, ends the transaction.
        """
        try:
            self.chain.rpc.call("eth_sendRawTransaction", [to_data(stored.raw)])
        except RpcError as refused:
            verdict = judge(refused)
            if verdict is not Verdict.KNOWN:
                clear = first and verdict is not Verdict.UNCLEAR
                return self._refused(stored, refused, verdict) if clear else None
        except UnavailableError:
            # The answer is lost, which says nothing about whether the request arrived.
            return None
        self._journal.mark_sent(stored.chain_id, stored.tx_hash)
        return None

    def _refused(self, stored: StoredTransaction, refused: RpcError, verdict: Verdict) -> RefusedError:
        self._journal.mark_failed(stored.chain_id, stored.tx_hash)
        if verdict is Verdict.NO_MONEY:
            return RefusedError("chain.refused_funds", address=self.address)
        return RefusedError("chain.refused_transaction", message=refused.rpc_message[:200])

    def settle(self, receipt: Receipt) -> None:
        """Note that a transaction is in a block."""
        mark = self._journal.mark_mined if receipt.succeeded else self._journal.mark_failed
        mark(self.chain.network.chain_id, receipt.tx_hash, outcome_of(self.chain, receipt))
        # The practice network has no other blocks than those that it made.
        if self.chain.network.kind == "practice":
            self._journal.mark_final(self.chain.network.chain_id, receipt.tx_hash)
