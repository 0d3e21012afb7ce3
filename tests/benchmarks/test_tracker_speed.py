"""Design section 10: node to database over 20,000 payouts a second; a long list opens at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from integration.killed_tracker import killing
from pytest_benchmark.fixture import BenchmarkFixture
from unit.services.scripted_chain import CHAIN_ID, TOKENS, ScriptedChain, ScriptedNode, payment
from unit.services.tracker_bench import Bench

from desktop_app.chain.logs import decode_logs
from desktop_app.chain.rpc import HttpRpc
from desktop_app.services.payouts import PayoutFilter, PayoutService

PER_BLOCK = 100

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
headers, logs, safe, final = json.load(open(sys.argv[1]))
tags = {"latest": len(headers) - 1, "safe": safe, "finalized": final}
def answer(method, params):
    if method == "eth_chainId":
        return '"0x7a69"'
    if method == "eth_getBlockByNumber":
        return headers[tags[params[0]] if params[0] in tags else int(params[0], 16)]
    if method == "eth_getLogs":
        first, last = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
        return "[" + ",".join(text for text in logs[first : last + 1] if text) + "]"
    return None
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        many = asked if isinstance(asked, list) else [asked]
        told = []
        for one in many:
            found = answer(one["method"], one["params"])
            told.append('{"jsonrpc":"2.0","id":%d,%s}' % (one["id"], '"result":' + found if found else
                '"error":{"code":-32601,"message":"no such method"}'))
        body = ("[" + ",".join(told) + "]" if isinstance(asked, list) else told[0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


class RawNode:
    """Answers in the raw JSON of a node, prepared beforehand: only reading it is measured."""

    def __init__(self, chain: ScriptedChain) -> None:
        self._node = ScriptedNode(chain)
        self.headers = [json.dumps(block.header()) for block in chain.blocks]
        self.logs = [json.dumps(block.logs())[1:-1] for block in chain.blocks]

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        return json.loads(self._text(method, params))

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        raw = "[" + ",".join(f'{{"result":{self._text(method, params)}}}' for method, params in calls) + "]"
        return [answer["result"] for answer in json.loads(raw)]

    def close(self) -> None:
        pass

    def _text(self, method: str, params: Sequence[Any]) -> str:
        if method == "eth_getBlockByNumber" and params[0].startswith("0x"):
            return self.headers[int(params[0], 16)]
        if method == "eth_getLogs":
            first, last = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
            return "[" + ",".join(text for text in self.logs[first : last + 1] if text) + "]"
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
def test_node_to_database_over_http(
    benchmark: BenchmarkFixture, history: ScriptedChain, tmp_path: Path
) -> None:
    """The node is another process, as in life; its answers lie ready there, and are sent and read."""
    blocks = Path(tmp_path / "history.json")
    raw = RawNode(history)
    blocks.write_text(json.dumps([raw.headers, raw.logs, history.safe, history.final]))
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(blocks)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    rpc = HttpRpc(f"http://127.0.0.1:{port}")
    benches: list[Bench] = []

    def prepare() -> tuple[tuple[Bench], dict[str, Any]]:
        benches.append(Bench(tmp_path / str(len(benches)), history, [rpc]))  # type: ignore[list-item]
        return (benches[-1],), {}

    try:
        benchmark.pedantic(lambda bench: bench.sync(), setup=prepare, rounds=3)
    finally:
        rpc.close()
        server.kill()
        server.wait()
        server.stdout.close()
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


@pytest.mark.timeout(3600)
def test_kill_9_two_hundred_times(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Where nothing is measured, two rounds; CI has twenty in tests/integration."""
    killing(tmp_path, 200 if pytestconfig.getoption("benchmark_enable") else 2, seed=1)
