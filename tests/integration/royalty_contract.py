"""A royalty token on the contract tests' bare EVM, with everything that a node would tell of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "contracts"))

from harness.evm import NATIVE, Contract, Receipt, Reverted, account
from harness.world import World

try:
    from harness.fast_evm import FastEvm
except ImportError:
    FastEvm = None  # type: ignore[assignment, misc]

from desktop_app.chain.logs import decode_logs
from desktop_app.chain.reads import TokenTerms
from desktop_app.chain.royalty_history import RoyaltyEvent
from desktop_app.chain.wire import checksummed
from desktop_app.services.royalty_audit import Audit, ContractWord, CurrencyWord, audit, people
from desktop_app.services.royalty_ledger import Ledger, replay

__all__ = ["NATIVE", "FastEvm", "Reverted", "RoyaltyContract", "World", "account"]


class RoyaltyContract:
    """Collects the events of `token` as raw logs, one block for each transaction."""

    def __init__(self, world: World, token: Contract, made: Receipt, currencies: Sequence[str]) -> None:
        self.world, self.evm, self.token = world, world.evm, token
        self.currencies = list(currencies)
        self.raw: list[dict[str, Any]] = []
        self.block = 0
        self.take(made)
        collaborators = token.call("collaborators")
        self.terms = TokenTerms(
            address=checksummed(token.address),
            work=token.call("work"),
            creator=checksummed(token.call("creator")),
            name=token.call("name"),
            symbol=token.call("symbol"),
            supply=token.call("totalSupply"),
            collaborators=tuple((checksummed(who), share) for who, share in collaborators),
            holders_share=token.call("holders_share"),
            currencies=tuple("" if one == NATIVE else checksummed(one) for one in currencies),
            uri="",
            parents=tuple((checksummed(who), share) for who, share in token.call("parents")),
        )

    def take(self, receipt: Receipt) -> Receipt:
        """Note the logs of a transaction that was sent elsewhere."""
        self.block += 1
        for index, log in enumerate(receipt.logs):
            if log.address == self.token.address:
                self.raw.append(
                    {
                        "address": log.address,
                        "topics": ["0x" + topic.hex() for topic in log.topics],
                        "data": "0x" + log.data.hex(),
                        "blockNumber": hex(self.block),
                        "blockHash": "0x" + self.block.to_bytes(32, "big").hex(),
                        "transactionHash": "0x" + (self.block + 2**128).to_bytes(32, "big").hex(),
                        "transactionIndex": "0x0",
                        "logIndex": hex(index),
                    }
                )
        return receipt

    def send(self, name: str, *args: object, sender: str, value: int = 0) -> Receipt | None:
        """A transaction; None where the contract refused it."""
        try:
            return self.take(self.token.send(name, *args, sender=sender, value=value))
        except Reverted:
            return None

    @property
    def events(self) -> list[RoyaltyEvent]:
        return [event for event in decode_logs(self.raw) if isinstance(event, RoyaltyEvent)]

    @property
    def times(self) -> dict[int, int]:
        return {block: 1_760_000_000 + block for block in range(self.block + 1)}

    def word(self, events: Sequence[RoyaltyEvent] | None = None) -> ContractWord:
        """What the contract answers now."""
        named = people(self.terms, self.events if events is None else events)
        words = {}
        for currency in self.terms.currencies:
            key = currency.lower() or NATIVE
            held = self.evm.balance(self.token.address) if not currency else self._held(key)
            words[currency] = CurrencyWord(
                balance=held,
                received=self.token.call("received", key),
                liabilities=self.token.call("liabilities", key),
                pending={who: self._ask("pending", who, key) for who in named},
                forwardable={who: self._ask("forwardable", who, key) for who, _ in self.terms.parents},
            )
        shares = {who: self.token.call("balanceOf", who.lower()) for who in named}
        return ContractWord(shares, words)

    def _ask(self, function: str, who: str, currency: str) -> int | None:
        try:
            return int(self.token.call(function, who.lower(), currency))
        except Reverted:
            return None

    def _held(self, currency: str) -> int:
        return int(Contract.shipped(self.evm, currency, "TestDollar").call("balanceOf", self.token.address))

    def audited(self) -> Audit:
        return audit(self.terms, self.events, self.times, self.word())

    def ledger(self) -> Ledger:
        return replay(self.terms, self.events, self.times)
