"""Design section 10: node to database over 20,000 payouts a second; a long list opens at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from integration.killed_tracker import killing
from pytest_benchmark.fixture import BenchmarkFixture
from unit.services.scripted_chain import CHAIN_ID, TOKENS, ScriptedChain, ScriptedNode, payment
from unit.services.tracker_bench import Bench

from desktop_app.chain.logs import decode_logs
from desktop_app.services.payouts import PayoutFilter, PayoutService

PER_BLOCK = 100


class RawNode:
    """Answers in the raw JSON of a node, prepared beforehand: only reading it is measured."""

    def __init__(self, chain: ScriptedChain) -> None:
        self._node = ScriptedNode(chain)
        self._headers = [json.dumps(block.header()) for block in chain.blocks]
        self._logs = [json.dumps(block.logs())[1:-1] for block in chain.blocks]

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        return json.loads(self._text(method, params))

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        raw = "[" + ",".join(f'{{"result":{self._text(method, params)}}}' for method, params in calls) + "]"
        return [answer["result"] for answer in json.loads(raw)]

    def close(self) -> None:
        pass

    def _text(self, method: str, params: Sequence[Any]) -> str:
        if method == "eth_getBlockByNumber" and params[0].startswith("0x"):
            return self._headers[int(params[0], 16)]
        if method == "eth_getLogs":
            first, last = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
            return "[" + ",".join(text for text in self._logs[first : last + 1] if text) + "]"
        return json.dumps(self._node.call(method, params))


@pytest.fixture(scope="module")
def history(pytestconfig: pytest.Config) -> ScriptedChain:
    """100,000 payouts in 1,000 blocks; where nothing is measured, a tenth shows that all still works."""
    blocks = 1_000 if pytestconfig.getoption("benchmark_enable") else 100
    chain = ScriptedChain(final_lag=blocks // 2)
    for block in range(blocks):
        chain.mine(*(payment(f"{block} {i}", 10**18 + i, pushes=3) for i in range(PER_BLOCK // 4)))
    return chain


@pytest.fixture(scope="module")
def filled(history: ScriptedChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PayoutService]:
    bench = Bench(tmp_path_factory.mktemp("filled"), history, [RawNode(history)])  # type: ignore[list-item]
    bench.sync()
    yield PayoutService(bench.database, lambda _: [], lambda _: [], bench.clock)
    bench.close()


@pytest.mark.benchmark(group="tracker")
def test_node_to_database(benchmark: BenchmarkFixture, history: ScriptedChain, tmp_path: Path) -> None:
    node = RawNode(history)
    benches: list[Bench] = []

    def prepare() -> tuple[tuple[Bench], dict[str, Any]]:
        benches.append(Bench(tmp_path / str(len(benches)), history, [node]))  # type: ignore[list-item]
        return (benches[-1],), {}

    benchmark.pedantic(lambda bench: bench.sync(), setup=prepare, rounds=3)
    for bench in benches:
        assert len(bench.announced) == history.head * PER_BLOCK
        bench.close()
    benchmark.extra_info["payouts"] = history.head * PER_BLOCK


@pytest.mark.benchmark(group="tracker")
def test_decoding_raw_logs(benchmark: BenchmarkFixture, history: ScriptedChain) -> None:
    logs = [log for block in history.blocks[:101] for log in block.logs()]
    assert len(benchmark(decode_logs, logs)) == 100 * PER_BLOCK


@pytest.mark.benchmark(group="a list of 100,000 payouts")
@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_one_page(benchmark: BenchmarkFixture, filled: PayoutService, part: float) -> None:
    offset = int(part * filled.count())
    page = benchmark(filled.list, PayoutFilter(chain_id=CHAIN_ID), limit=100, offset=offset)
    assert len(page) == 100


@pytest.mark.benchmark(group="a list of 100,000 payouts")
def test_one_page_of_one_token_and_kind(benchmark: BenchmarkFixture, filled: PayoutService) -> None:
    wanted = PayoutFilter(chain_id=CHAIN_ID, token=TOKENS[0], kind="push")
    assert len(benchmark(filled.list, wanted, limit=100, offset=2_000)) == 100


@pytest.mark.benchmark(group="a list of 100,000 payouts")
def test_count(benchmark: BenchmarkFixture, filled: PayoutService, history: ScriptedChain) -> None:
    assert benchmark(filled.count) == history.head * PER_BLOCK


@pytest.mark.benchmark(group="a list of 100,000 payouts")
def test_totals(benchmark: BenchmarkFixture, filled: PayoutService, history: ScriptedChain) -> None:
    assert sum(total.count for total in benchmark(filled.totals)) == history.head * PER_BLOCK


def test_kill_9_two_hundred_times(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Where nothing is measured, two rounds; CI has twenty in tests/integration."""
    killing(tmp_path, 200 if pytestconfig.getoption("benchmark_enable") else 2, seed=1)
