"""Random histories: mining, reorganisations, restarts, faulty nodes; the end is always the truth."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st
from unit.services.scripted_chain import TOKENS, ScriptedChain, ScriptedNode, Tx, claim, noise, payment, tx
from unit.services.tracker_bench import Bench

from desktop_app.core.errors import ColophonError, UnavailableError

STEP = st.one_of(
    st.tuples(st.just("mine"), st.integers(1, 12)),
    st.tuples(st.just("mine"), st.integers(1, 3)),
    st.tuples(st.just("reorg"), st.integers(1, 11)),
    st.tuples(st.just("reorg in a batch"), st.integers(1, 11)),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("follow"), st.integers(1, 3)),
    st.tuples(st.just("drop"), st.integers(0, 1)),
    st.tuples(st.just("refuse"), st.integers(0, 1)),
    st.tuples(st.just("lag"), st.integers(0, 20)),
    st.tuples(st.just("limit"), st.integers(1, 8)),
    st.tuples(st.just("heal"), st.just(0)),
    st.tuples(st.just("heal"), st.just(0)),
)
STEPS = st.lists(st.tuples(STEP, st.booleans()), min_size=10, max_size=60)


class History:
    """Drives a chain and a tracker through the steps."""

    def __init__(self, folder: Path, nodes: int, dense_reach: int, seed: int) -> None:
        self.dice = random.Random(seed)
        self.chain = ScriptedChain(safe_lag=3, final_lag=14)
        made = [ScriptedNode(self.chain) for _ in range(nodes)]
        self.bench = Bench(folder, self.chain, made, dense_reach=dense_reach)
        self.count = 0

    def transactions(self) -> list[Tx]:
        found: list[Tx] = []
        for _ in range(self.dice.randrange(4)):
            self.count += 1
            token = self.dice.choice(TOKENS)
            kind = self.dice.randrange(4)
            if kind == 0:
                found.append(noise(self.count))
            elif kind == 1:
                found.append(claim(self.count, self.dice.randrange(2**100), token))
            elif kind == 2:
                found.append(
                    payment(self.count, self.dice.randrange(2**200), token, pushes=self.dice.randrange(4))
                )
            else:
                both = (
                    payment(f"{self.count}a", 7, token).facts + payment(f"{self.count}b", 8, TOKENS[0]).facts
                )
                found.append(tx(self.count, *both))
        return found

    def reorg(self, depth: int) -> None:
        depth = min(depth, self.chain.head - self.chain.final)
        if depth < 1:
            return
        gone = [list(block.txs) for block in self.chain.blocks[-depth:]]
        kept = [entry for block in gone for entry in block if self.dice.random() < 0.7]
        self.dice.shuffle(kept)
        blocks: list[list[Tx]] = [[] for _ in range(depth + self.dice.randrange(3))]
        for entry in kept:
            self.dice.choice(blocks).append(entry)
        for block in blocks:
            block += self.transactions()
        self.chain.reorg(depth, blocks)

    def step(self, name: str, number: int) -> None:
        node = self.bench.nodes[number % len(self.bench.nodes)]
        if name == "mine":
            for _ in range(number):
                self.chain.mine(*self.transactions())
        elif name == "reorg":
            self.reorg(number)
        elif name == "reorg in a batch":
            self.strike_in_a_batch(number)
        elif name == "restart":
            self.bench.restart()
        elif name == "follow" and TOKENS[number] not in dict(self.bench.tokens):
            self.bench.tokens.append((TOKENS[number], 1))
        elif name == "drop" and (len(self.bench.nodes) > 1 or self.bench.dense_reach > 1000):
            # Long settled history has no blooms to look at: there it takes a second node.
            node.edits.append(self.drop)
        elif name == "refuse":
            node.edits.append(self.fail)
        elif name == "lag":
            node.lag = number
        elif name == "limit":
            node.max_range = number
        elif name == "heal":
            self.heal()

    def sync(self) -> None:
        try:
            self.bench.sync()
        except ColophonError as error:
            note(str(error))

    def heal(self) -> None:
        for node in self.bench.nodes:
            node.edits.clear()
            node.lag = node.max_range = 0
            node.before_batch = None

    def strike_in_a_batch(self, depth: int) -> None:
        self.step("mine", self.dice.randrange(1, 8))
        calls = self.dice.randrange(1, 30)

        def strike(method: str, params: Sequence[Any], answer: Any) -> Any:
            nonlocal calls
            calls -= 1
            if calls == 0:
                self.reorg(depth)
            return answer

        self.bench.nodes[0].edits.append(strike)

    def drop(self, method: str, params: Sequence[Any], answer: Any) -> Any:
        return [] if method == "eth_getLogs" and self.dice.random() < 0.5 else answer

    def fail(self, method: str, params: Sequence[Any], answer: Any) -> Any:
        if self.dice.random() < 0.05:
            raise UnavailableError("chain.unreachable", host="node", reason="ConnectionError")
        return answer


@given(STEPS, st.integers(1, 2), st.sampled_from([4096, 20]), st.integers(0, 2**32))
def test_after_any_history_the_database_equals_the_chain(
    steps: list[tuple[tuple[str, int], bool]], nodes: int, dense_reach: int, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), nodes, dense_reach, seed)
        try:
            for (name, number), look in steps:
                history.step(name, number)
                if look:
                    history.sync()
            history.heal()
            history.bench.sync()
            for _ in range(20):
                history.chain.mine()
            result = history.bench.sync()
            assert result.note is None
            history.bench.assert_true_to_chain()
            assert set(history.bench.states().values()) <= {"final"}
        finally:
            history.bench.close()
