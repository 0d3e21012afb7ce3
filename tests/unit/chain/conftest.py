"""A practice node in a temporary folder, a signer, and a sender on top of the real journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from desktop_app.chain.connection import Chain
from desktop_app.chain.networks import network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.sender import Sender
from desktop_app.core.clock import FixedClock
from desktop_app.store.database import Database
from desktop_app.store.transactions import TransactionRepository

NOW = 1_800_000_000
ETHER = 10**18


class KeySigner:
    """A signer over a throw-away key."""

    def __init__(self, number: int) -> None:
        self._account = Account.from_key(number.to_bytes(32, "big"))
        self.address: str = self._account.address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)

    def sign_typed_data(self, full_message: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_typed_data(full_message=dict(full_message)).signature)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def node(tmp_path: Path, clock: FixedClock) -> Iterator[PracticeNode]:
    practice = PracticeNode(tmp_path / "practice.db", clock, wait=0.2)
    yield practice
    practice.close()


@pytest.fixture
def signer() -> KeySigner:
    return KeySigner(7)


@pytest.fixture
def funded(node: PracticeNode, signer: KeySigner) -> KeySigner:
    node.faucet(signer.address, 100 * ETHER)
    return signer


@pytest.fixture
def journal(tmp_path: Path, clock: FixedClock) -> Iterator[TransactionRepository]:
    database = Database(tmp_path / "colophon.db", tmp_path / "backups", clock)
    yield TransactionRepository(database)
    database.close()


@pytest.fixture
def chain(node: PracticeNode) -> Chain:
    return Chain(network("practice"), node)


@pytest.fixture
def sender(chain: Chain, funded: KeySigner, journal: TransactionRepository, clock: FixedClock) -> Sender:
    return Sender(chain, funded, journal, clock)


@pytest.fixture
def make_signer() -> Callable[[int], KeySigner]:
    return KeySigner


@pytest.fixture
def transfer(node: PracticeNode) -> Callable[..., bytes]:
    """Signs a plain transfer of one wei with the signer's next nonce; keywords change its fields."""

    def sign(signer: KeySigner, **changes: Any) -> bytes:
        fields = {
            "type": 2,
            "chainId": 6516588,
            "to": "0x" + "22" * 20,
            "value": 1,
            "gas": 21_000,
            "maxFeePerGas": 4 * 10**9,
            "maxPriorityFeePerGas": 1,
        }
        if "nonce" not in changes:
            fields["nonce"] = int(node.call("eth_getTransactionCount", [signer.address, "latest"]), 16)
        return signer.sign_transaction(fields | changes)

    return sign
