"""Our contracts on a node, people who pay and claim, and what the chain itself says was paid."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_abi import decode
from eth_account import Account
from eth_hash.auto import keccak

from desktop_app.chain import contracts
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.logs import TokenCreated, decode_logs
from desktop_app.chain.networks import network
from desktop_app.chain.rpc import Rpc
from desktop_app.chain.sender import Receipt, Sender
from desktop_app.core.amounts import Amount
from desktop_app.core.clock import SystemClock
from desktop_app.proofs import registration
from desktop_app.proofs.commitment import Opening
from desktop_app.store.database import Database
from desktop_app.store.payouts import Payout
from desktop_app.store.transactions import TransactionRepository

PRACTICE = network("practice")
CHAIN_ID = PRACTICE.chain_id
BEN, CLEO, SHOP = "0x" + "b1" * 20, "0x" + "c1" * 20, "0x" + "44" * 20
COIN = PRACTICE.native
EVENTS = {
    keccak(signature.encode()): (kind, types)
    for kind, signature, types in [
        ("payment", "Payment(address,address,uint256,bytes32)", ("uint256", "bytes32")),
        ("push", "Pushed(address,address,uint256)", ("uint256",)),
        ("push_failed", "PushFailed(address,address,uint256)", ("uint256",)),
        ("forward", "Forwarded(address,address,uint256)", ("uint256",)),
        ("claim", "Claimed(address,address,uint256,address)", ("uint256", "address")),
    ]
}


class KeySigner:
    """A signer over a throw-away key."""

    def __init__(self, key: str | bytes) -> None:
        self._account = Account.from_key(key)
        self.address: str = self._account.address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)

    def sign_typed_data(self, full_message: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_typed_data(full_message=dict(full_message)).signature)


class RoyaltyWorld:
    """One creator with a royalty token. `rpc` must know the signer as rich."""

    def __init__(self, rpc: Rpc, signer: KeySigner, folder: Path) -> None:
        self.rpc = rpc
        self.signer = signer
        clock = SystemClock()
        self.database = Database(folder / "sender.db", folder / "backups", clock)
        self.journal = TransactionRepository(self.database)
        self.sender = Sender(Chain(PRACTICE, rpc), signer, self.journal, clock, patience=30)
        for name in ("Registry", "RoyaltyFactory", "TestDollar"):
            if rpc.call("eth_getCode", [contract_address(name), "latest"]) == "0x":
                self.sender.send(contracts.deploy_call(name))
        self._numbers = itertools.count(1)

    def make_token(self) -> tuple[str, int]:
        """(address, block of its creation) of a new token: 33.3333 % to Ben, 12.5 % to Cleo."""
        number = next(self._numbers)
        opening = Opening(number, number + 1, number + 2)
        proof = registration.make(CHAIN_ID, contract_address("Registry"), self.signer.address, opening)
        self.sender.send(
            contracts.register_call(proof.commitment, proof.challenge, proof.responses, bytes(32))
        )
        receipt = self.sender.send(
            contracts.create_token_call(
                commitment_id=proof.commitment_id,
                name="Song",
                symbol="SONG",
                supply=1_000,
                collaborators=[(BEN, 333_333), (CLEO, 125_000)],
                currencies=["", contract_address("TestDollar")],
                uri="",
                salt=number.to_bytes(32, "big"),
                registrant=self.signer.address,
            )
        )
        created = [event for event in decode_logs(receipt.logs) if isinstance(event, TokenCreated)]
        return created[0].token, receipt.block_number

    def pay(self, token: str, units: int, memo: bytes = bytes(32)) -> Receipt:
        return self.sender.send(contracts.pay_call(token, Amount(units, COIN), memo))

    def claim(self, token: str) -> Receipt:
        return self.sender.send(contracts.claim_call(token, self.signer.address, ""))

    def facts(self, *tokens: str) -> list[tuple[Any, ...]]:
        """What the chain holds, read receipt by receipt and decoded by eth_abi."""
        wanted = {token.lower() for token in tokens}
        found = []
        for number in range(int(self.rpc.call("eth_blockNumber"), 16) + 1):
            block = self.rpc.call("eth_getBlockByNumber", [hex(number), False])
            for tx_hash in block["transactions"]:
                receipt = self.rpc.call("eth_getTransactionReceipt", [tx_hash])
                ordinals: dict[str, int] = {}
                for log in receipt["logs"]:
                    event = EVENTS.get(bytes.fromhex(log["topics"][0][2:]))
                    token = log["address"].lower()
                    if token not in wanted or event is None:
                        continue
                    ordinal = ordinals[token] = ordinals.get(token, -1) + 1
                    values = decode(event[1], bytes.fromhex(log["data"][2:]))
                    party, currency = ("0x" + topic[26:] for topic in log["topics"][1:])
                    found.append(
                        (number, int(log["logIndex"], 16), block["hash"], tx_hash, ordinal, token, event[0],
                         party, "" if int(currency, 16) == 0 else currency, values[0])
                    )  # fmt: skip
        return found

    def close(self) -> None:
        self.database.close()


def as_facts(rows: tuple[Payout, ...]) -> list[tuple[Any, ...]]:
    """Stored payouts in the form of `RoyaltyWorld.facts`."""
    return sorted(
        (p.block_number, p.log_index, p.block_hash, p.tx_hash, p.ordinal, p.token.lower(), p.kind,
         p.party.lower(), p.currency.lower(), p.amount)
        for p in rows
    )  # fmt: skip
