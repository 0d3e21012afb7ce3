"""Transactions that were really signed, and what a node says of them, without any network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_hash.auto import keccak

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call
from desktop_app.chain.journal import read_receipt
from desktop_app.chain.outcomes import outcome_of
from desktop_app.chain.wire import Json, to_data, to_quantity
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import UnavailableError
from desktop_app.core.paths import AppPaths
from desktop_app.services.app import Services, build_services
from desktop_app.services.receipts import Receipt
from desktop_app.store.tokens import Collaborator, Token
from desktop_app.store.transactions import Purpose, StoredTransaction, TransactionRepository
from desktop_app.wallet.accounts import address_of
from desktop_app.wallet.signer import AccountSigner

NOW = 1_795_651_200
KEY = bytes(range(1, 33))
ME = address_of(KEY)
SIGNER = AccountSigner(ME, lambda: KEY)
TOKEN, STRANGER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
BEN = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"
BLOCK_HASH = "0x" + "b1" * 32
GAS_LIMIT, MAX_FEE = 500_000, 3 * 10**9


class Node:
    """Answers by method; what is not there is out of reach."""

    host = "node"

    def __init__(self, answers: Mapping[str, Json]) -> None:
        self.answers = dict(answers)

    def call(self, method: str, _params: list[Json] | None = None) -> Json:
        if method not in self.answers:
            raise UnavailableError("chain.unreachable", host=self.host)
        return self.answers[method]

    def close(self) -> None: ...


class World:
    """The app of somebody with one account, one work and its royalty token."""

    def __init__(self, home: Any, title: str = "Night Train", symbol: str = "NIGHT") -> None:
        self.services: Services = build_services(AppPaths(home), FixedClock(NOW))
        self.network = self.services.networks.active
        self.journal = TransactionRepository(self.services.database)
        self.services.earnings.own_accounts = lambda: (ME,)  # type: ignore[method-assign]
        self.services.receipts._accounts = lambda: (ME,)
        assert self.network.dollar is not None
        self.dollar, self.coin = self.network.dollar, self.network.native
        self.services.royalties._tokens.add(
            Token(
                self.network.chain_id, TOKEN, None, ME, title, symbol, 1000, 0, None,
                (Collaborator(BEN, 250_000),), (self.coin, self.dollar),
            )
        )  # fmt: skip

    def sign(
        self, call: Call, nonce: int = 0, purpose: Purpose = Purpose.SEND, bump: int = 0
    ) -> StoredTransaction:
        """Signed and in the journal; nowhere else."""
        raw = SIGNER.sign_transaction(
            {
                "type": 2, "chainId": self.network.chain_id, "nonce": nonce, "to": call.to,
                "value": call.value, "data": to_data(call.data), "gas": GAS_LIMIT,
                "maxFeePerGas": MAX_FEE + bump,
                "maxPriorityFeePerGas": 1,
            }
        )  # fmt: skip
        stored = StoredTransaction(
            self.network.chain_id, to_data(keccak(raw)), ME, nonce, raw, call.code, call.params, NOW,
            purpose=purpose, recipient=call.to,
        )  # fmt: skip
        self.journal.add(stored)
        return stored

    def mine(
        self, stored: StoredTransaction, logs: list[Json] | None = None, final: bool = True, **says: Json
    ) -> None:
        """The node tells that it is in block 7; `says` changes words of its receipt."""
        chain = Chain(self.network, node(stored, logs or [], **says))  # type: ignore[arg-type]
        told = read_receipt(chain, stored.tx_hash)
        assert told is not None
        mark = self.journal.mark_mined if told.succeeded else self.journal.mark_failed
        mark(self.network.chain_id, stored.tx_hash, outcome_of(chain, told))
        if final:
            self.journal.mark_final(self.network.chain_id, stored.tx_hash)

    def receipt_of(self, call: Call, logs: list[Json] | None = None, nonce: int = 0, **says: Json) -> Receipt:
        stored = self.sign(call, nonce)
        self.mine(stored, logs, **says)
        return self.services.receipts.get(stored.tx_hash)


def node(stored: StoredTransaction, logs: list[Json], **says: Json) -> Node:
    receipt = {
        "transactionHash": stored.tx_hash, "blockNumber": "0x7", "blockHash": BLOCK_HASH,
        "gasUsed": "0x5208", "effectiveGasPrice": "0x3b9aca00", "status": "0x1",
        "logs": logs,
        **says,
    }  # fmt: skip
    block = {
        "number": "0x7", "hash": BLOCK_HASH, "parentHash": "0x" + "b0" * 32,
        "timestamp": to_quantity(NOW - 60),
    }  # fmt: skip
    return Node({"eth_getTransactionReceipt": receipt, "eth_getBlockByNumber": block})


def word(address: str) -> str:
    return "0x" + "00" * 12 + address[2:].lower()


def transfer_log(contract: str, sender: str, receiver: str, units: int) -> Json:
    from desktop_app.chain.logs import TRANSFER

    return _log(contract, [TRANSFER, word(sender), word(receiver)], f"0x{units:064x}")


def coin_log(topic: str, contract: str, party: str, units: int, to: str = "") -> Json:
    """Pushed or Claimed, in the network's coin."""
    data = f"{units:064x}" + (word(to)[2:] if to else "")
    return _log(contract, [topic, word(party), "0x" + "00" * 32], "0x" + data)


def _log(contract: str, topics: list[str], data: str) -> Json:
    return {
        "address": contract.lower(), "topics": topics, "data": data, "blockNumber": "0x7", "logIndex": "0x0",
        "blockHash": BLOCK_HASH, "transactionHash": "0x" + "77" * 32, "transactionIndex": "0x0",
    }  # fmt: skip
