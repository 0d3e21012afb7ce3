"""A token with payments on a real node, and a tracker that watches it over HTTP."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from integration.royalty_world import CHAIN_ID, PRACTICE, KeySigner, RoyaltyWorld, as_facts

from desktop_app.chain.rpc import HttpRpc
from desktop_app.core.clock import SystemClock
from desktop_app.services.payouts import PayoutFilter, PayoutService, PayoutUpdate, TrackerState
from desktop_app.store.database import Database


class Watched:
    """A fresh node, a token, payments in the newest blocks, and a service that has seen them."""

    def __init__(self, url: str, key: str, folder: Path) -> None:
        self.rpc = HttpRpc(url)
        self.world = RoyaltyWorld(self.rpc, KeySigner(key), folder)
        self.token, created = self.world.make_token()
        self.database = Database(folder / "colophon.db", folder / "backups", SystemClock())
        self.endpoints: list[Any] = [self.rpc]
        self.service = PayoutService(
            self.database, lambda _: self.endpoints, lambda _: [(self.token, created)], SystemClock()
        )
        self.announced: Counter[tuple[str, int]] = Counter()
        self.service.subscribe(self._hear)

    def _hear(self, update: PayoutUpdate) -> None:
        self.announced.update((one.tx_hash, one.ordinal) for one in update.new)

    def mine(self, blocks: int) -> None:
        self.rpc.call("anvil_mine", [hex(blocks)])

    def head(self) -> int:
        return int(self.rpc.call("eth_blockNumber"), 16)

    def hashes(self, depth: int) -> list[str]:
        head = self.head()
        return [
            self.rpc.call("eth_getBlockByNumber", [hex(number), False])["hash"]
            for number in range(head - depth + 1, head + 1)
        ]

    def reorg(self, depth: int, *again: tuple[bytes, int]) -> None:
        """Replace the newest blocks; `again` are raw transactions and the new block that each goes in."""
        before = self.hashes(depth)
        self.rpc.call("anvil_reorg", [depth, [["0x" + raw.hex(), block] for raw, block in again]])
        after = self.hashes(depth)
        assert not set(before) & set(after), "a simulated reorg must change the hashes"

    def raw(self, tx_hash: str) -> bytes:
        stored = self.world.journal.get(CHAIN_ID, tx_hash)
        return bytes(stored.raw)

    def sync(self) -> None:
        assert self.service.sync_once(PRACTICE).state is TrackerState.OK

    def check(self) -> None:
        rows = self.service.list(PayoutFilter(chain_id=CHAIN_ID), limit=10_000)
        assert as_facts(rows) == self.world.facts(self.token)
        assert set(self.announced.values()) <= {1}

    def close(self) -> None:
        self.service.close()
        self.database.close()
        self.world.close()
        self.rpc.close()
