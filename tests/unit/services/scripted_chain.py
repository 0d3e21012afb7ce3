"""A small chain in memory that can be reorganised, and nodes on it that drop, cut, lag and lie.

Every log keeps the facts it was made from, so that what the database should hold is known without decoding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from eth_bloom import BloomFilter

from desktop_app.chain import logs as events
from desktop_app.chain.contracts import ROYALTY, encode_call
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import ZERO_ADDRESS, checksummed
from desktop_app.store.payouts import Payout

CHAIN_ID = 31_337
GENESIS_TIME = 1_700_000_000
TOPIC = {
    "payment": events.PAYMENT,
    "push": events.PUSHED,
    "push_failed": events.PUSH_FAILED,
    "claim": events.CLAIMED,
    "forward": events.FORWARDED,
}
SELECTORS = {
    name: encode_call(ROYALTY, name, *arguments)[:4]
    for name, arguments in (
        ("currencies", ()),
        ("received", (ZERO_ADDRESS,)),
        ("liabilities", (ZERO_ADDRESS,)),
        ("balanceOf", (ZERO_ADDRESS,)),
    )
}


def address(number: int) -> str:
    return checksummed("0x" + hashlib.sha256(b"address %d" % number).hexdigest()[:40])


TOKENS = [address(1_000 + i) for i in range(4)]
PEOPLE = [address(2_000 + i) for i in range(6)]
COIN, DOLLAR = "", address(3_000)


class Fact(NamedTuple):
    """What one event says; `noise` events are other contracts'."""

    token: str
    kind: str
    party: str
    currency: str
    amount: int
    memo: str = ""
    recipient: str = ""


class Tx(NamedTuple):
    hash: str
    facts: tuple[Fact, ...]


def tx(name: object, *facts: Fact) -> Tx:
    return Tx("0x" + hashlib.sha256(f"tx {name}".encode()).hexdigest(), facts)


def payment(name: object, amount: int, token: str = TOKENS[0], currency: str = COIN, pushes: int = 2) -> Tx:
    """A payment with pushes, as the contract makes them."""
    memo = "0x" + hashlib.sha256(f"memo {name}".encode()).hexdigest()
    found = [Fact(token, "payment", PEOPLE[0], currency, amount, memo)]
    for i in range(pushes):
        kind = "push_failed" if i == 2 else "push"
        found.append(Fact(token, kind, PEOPLE[i + 1], currency, amount // (i + 2)))
    return tx(name, *found)


def claim(name: object, amount: int, token: str = TOKENS[0]) -> Tx:
    return tx(name, Fact(token, "claim", PEOPLE[4], DOLLAR, amount, "", PEOPLE[5]))


def noise(name: object) -> Tx:
    return tx(name, Fact(address(hash(str(name)) % 1000), "noise", PEOPLE[0], COIN, 1))


@dataclass(frozen=True)
class Block:
    number: int
    hash: str
    parent: str
    txs: tuple[Tx, ...]

    @property
    def time(self) -> int:
        return GENESIS_TIME + 2 * self.number

    def facts(self) -> Iterator[tuple[int, Tx, Fact]]:
        """(log index, transaction, fact) for every log."""
        index = 0
        for entry in self.txs:
            for fact in entry.facts:
                yield index, entry, fact
                index += 1

    def logs(self) -> list[dict[str, Any]]:
        return [
            {
                "address": fact.token.lower(),
                "topics": _topics(fact),
                "data": _data(fact),
                "blockNumber": hex(self.number),
                "blockHash": self.hash,
                "transactionHash": entry.hash,
                "transactionIndex": hex(self.txs.index(entry)),
                "logIndex": hex(index),
                "removed": False,
            }
            for index, entry, fact in self.facts()
        ]

    def header(self) -> dict[str, Any]:
        return {
            "number": hex(self.number),
            "hash": self.hash,
            "parentHash": self.parent,
            "timestamp": hex(self.time),
            "logsBloom": f"0x{_bloom(self):0512x}",
            "transactions": [entry.hash for entry in self.txs],
        }

    def receipts(self) -> list[dict[str, Any]]:
        logs = self.logs()
        return [
            {
                "transactionHash": entry.hash,
                "blockHash": self.hash,
                "logs": [log for log in logs if log["transactionHash"] == entry.hash],
            }
            for entry in self.txs
        ]


def _word(value: str) -> str:
    return "0x" + (value or ZERO_ADDRESS)[2:].lower().rjust(64, "0")


def _topics(fact: Fact) -> list[str]:
    topic = TOPIC.get(fact.kind, "0x" + "77" * 32)
    return [topic, _word(fact.party), _word(fact.currency)]


def _data(fact: Fact) -> str:
    words = [f"{fact.amount:064x}"]
    if fact.kind == "payment":
        words.append(fact.memo[2:] or "0" * 64)
    if fact.kind == "claim":
        words.append(_word(fact.recipient)[2:])
    return "0x" + "".join(words)


@lru_cache(maxsize=100_000)
def _bloom(block: Block) -> int:
    bloom = BloomFilter()
    for _, _, fact in block.facts():
        bloom.extend([bytes.fromhex(fact.token[2:]), *(bytes.fromhex(t[2:]) for t in _topics(fact))])
    return int(bloom)


class ScriptedChain:
    """`safe_lag` and `final_lag` in blocks behind the newest; finality never goes back."""

    def __init__(self, safe_lag: int = 4, final_lag: int = 12) -> None:
        self.safe_lag, self.final_lag = safe_lag, final_lag
        self._fork = 0
        self._final = 0
        self.blocks: list[Block] = [self._block(0, "0x" + "00" * 32, ())]

    def _block(self, number: int, parent: str, txs: Sequence[Tx]) -> Block:
        text = f"{self._fork} {number} {parent} {[entry.hash for entry in txs]}"
        return Block(number, "0x" + hashlib.sha256(text.encode()).hexdigest(), parent, tuple(txs))

    @property
    def head(self) -> int:
        return len(self.blocks) - 1

    @property
    def safe(self) -> int:
        return max(self.head - self.safe_lag, self.final)

    @property
    def final(self) -> int:
        return max(self._final, self.head - self.final_lag)

    def mine(self, *txs: Tx) -> Block:
        block = self._block(self.head + 1, self.blocks[-1].hash, txs)
        self.blocks.append(block)
        self._final = self.final
        return block

    def reorg(self, depth: int, replacement: Sequence[Sequence[Tx]], *, rewrite: bool = False) -> list[Tx]:
        """Put `replacement` in place of the newest `depth` blocks; what was in them is returned.

        `rewrite` lets it go below the final block, which no honest network does.
        """
        if rewrite:
            self._final = 0
        assert self.head - depth >= self._final
        gone = self.blocks[-depth:]
        del self.blocks[-depth:]
        self._fork += 1
        for txs in replacement:
            self.mine(*txs)
        now = {block.hash for block in self.blocks}
        assert not any(block.hash in now for block in gone), "a reorg must change the hashes"
        return [entry for block in gone for entry in block.txs]

    def expected(self, tokens: Sequence[str] = tuple(TOKENS[:1])) -> list[tuple[Any, ...]]:
        """What the database has to hold, computed from the facts alone."""
        rows = []
        for block in self.blocks:
            ordinals: dict[tuple[str, str], int] = {}
            for index, entry, fact in block.facts():
                if fact.token not in tokens or fact.kind not in TOPIC:
                    continue
                ordinal = ordinals.get((entry.hash, fact.token), 0)
                ordinals[entry.hash, fact.token] = ordinal + 1
                rows.append((block.number, index, block.hash, block.time, entry.hash, ordinal, *fact))
        return rows


def comparable(payout: Payout) -> tuple[Any, ...]:
    p = payout
    return (
        p.block_number, p.log_index, p.block_hash, p.block_time, p.tx_hash, p.ordinal,
        p.token, p.kind, p.party, p.currency, p.amount, p.memo, p.recipient,
    )  # fmt: skip


Edit = Callable[[str, Sequence[Any], Any], Any]


@dataclass
class ScriptedNode:
    """One node. `edits` change its answers in turn: (method, params, answer) -> answer, or raise."""

    chain: ScriptedChain
    chain_id: int = CHAIN_ID
    lag: int = 0
    max_range: int = 0
    range_error: tuple[int, str] = (-32602, "block range is too wide")
    edits: list[Edit] = field(default_factory=list)
    before_batch: Callable[[], None] | None = None
    asked: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    closed: bool = False
    keeps_books: bool = False
    oldest_state: int = 0

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.asked.append((method, params))
        answer = self._answer(method, params)
        for edit in self.edits:
            answer = edit(method, params, answer)
        return answer

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        if self.before_batch is not None:
            self.before_batch()
        answers: list[Any] = []
        for method, params in calls:
            try:
                answers.append(self.call(method, params))
            except RpcError as refused:
                answers.append(refused)
        return answers

    def close(self) -> None:
        self.closed = True

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getBlockByNumber":
            found = self._block(params[0])
            return found.header() if found else None
        if method == "eth_getBlockReceipts":
            found = self._block(params[0])
            return found.receipts() if found else None
        if method == "eth_getTransactionReceipt":
            for block in reversed(self.chain.blocks):
                for receipt in block.receipts():
                    if receipt["transactionHash"] == params[0]:
                        return receipt
            return None
        if method == "eth_getLogs":
            return self._logs(params[0])
        if self.keeps_books and method in ("eth_call", "eth_getBalance"):
            return self._books(method, params)
        raise RpcError(method, -32601, "the method does not exist")

    def _block(self, tag: str) -> Block | None:
        head = self.chain.head - self.lag
        named = {"latest": head, "safe": min(self.chain.safe, head), "finalized": min(self.chain.final, head)}
        number = named[tag] if tag in named else int(tag, 16)
        return self.chain.blocks[number] if 0 <= number <= head else None

    def _books(self, method: str, params: Sequence[Any]) -> Any:
        """The contracts' own sums; this chain's facts must then add up (nothing is paid out twice)."""
        tag = params[1]
        last = self.chain.head - self.lag if tag == "latest" else int(tag, 16)
        if last < self.oldest_state:
            raise RpcError(method, -32000, "missing trie node")
        token = params[0] if method == "eth_getBalance" else params[0]["to"]
        call = b"" if method == "eth_getBalance" else bytes.fromhex(params[0]["data"][2:])
        if call[:4] == SELECTORS["currencies"]:
            return "0x" + f"{32:064x}{2:064x}" + _word(COIN)[2:] + _word(DOLLAR)[2:]
        paid_in = paid_out = 0
        currency = COIN
        if call[:4] == SELECTORS["balanceOf"]:
            currency, token = token, "0x" + call[16:36].hex()
        elif call:
            currency = "" if not any(call[16:36]) else "0x" + call[16:36].hex()
        for block in self.chain.blocks[: last + 1]:
            for _, _, fact in block.facts():
                if fact.token.lower() == token.lower() and fact.currency.lower() == currency.lower():
                    paid_in += fact.amount if fact.kind == "payment" else 0
                    paid_out += fact.amount if fact.kind in ("push", "claim", "forward") else 0
        answer = paid_in if call[:4] == SELECTORS["received"] else paid_in - paid_out
        return hex(answer) if method == "eth_getBalance" else f"0x{answer:064x}"

    def _logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        if self.max_range and last - first + 1 > self.max_range:
            raise RpcError("eth_getLogs", *self.range_error)
        addresses = {one.lower() for one in query["address"]}
        return [
            log
            for block in self.chain.blocks[first : min(last, self.chain.head - self.lag) + 1]
            for log in block.logs()
            if log["address"] in addresses and log["topics"][0] in query["topics"][0]
        ]


def refuse(*methods: str, code: int = -32000, message: str = "internal error") -> Edit:
    """Every call of these methods is refused."""

    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method in methods:
            raise RpcError(method, code, message)
        return answer

    return edit
