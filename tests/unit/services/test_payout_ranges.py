"""Ranges: every provider's wording is understood, every block is asked for exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.services.scripted_chain import ScriptedChain, ScriptedNode, payment
from unit.services.tracker_bench import Bench

from desktop_app.chain.rpc import BusyError, RpcError
from desktop_app.core.errors import UnavailableError
from desktop_app.services.payout_ranges import RangeSize, is_busy, is_too_much

TOO_MUCH = [
    (-32005, "query returned more than 10000 results. Try with this block range [0xBDE5F8, 0x102DBCC]."),
    (
        -32602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no",
    ),
    (
        -32600,
        "You can make eth_getLogs requests with up to a 500 block range. Based on your parameters, this",
    ),
    (-32600, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range."),
    (-32602, "range 1000000 exceeds limit of 10000"),
    (-32614, "eth_getLogs is limited to a 10,000 range"),
    (-32701, "exceed maximum block range: 50000"),
    (-32602, "query exceeds max block range 100000"),
    (-32602, "query exceeds max results 20000, retry with the range 24383075-24383096"),
    (35, "ranges over 10000 blocks are not supported on freetier"),
    (-32000, "requested too many blocks from 0 to 5000, maximum is set to 2048"),
    (-32600, "block range is too wide"),
    (-32000, "block range too large"),
    (-32000, "Block range limit exceeded. See more details at our documentation"),
    (-32000, "logs matched by query exceeds limit of 10000"),
    (-32000, "log query timed out"),
    (-32005, "query timeout exceeded"),
    (-32000, "query timeout exceeded. Consider reducing your block range."),
    (-32008, "backend response too large"),
    (-32000, "response is too big"),
    (-32005, "limit exceeded"),
    (-32602, "eth_getLogs and eth_newFilter are limited to 0 - 50 blocks range"),
    (-32000, "too many results"),
    (-32000, "result set too large"),
    (-32007, "Response is too big"),
    (-32005, "Requested range exceeds maximum RPC range limit"),
    (-32005, "Too many logs requested. Max logs per response is 20000."),
    (-32600, "eth_getLogs is limited to 1024 block range. Please check the parameter requirements"),
    (-32047, "Max range: 800. Requested range: 5000."),
    (-32020, "backend response too large"),
    (-32000, "block range greater than 10000 max"),
    (-32602, "eth_getLogs range is too large, max is 1k blocks"),
    (35, "Can't query more than 10000 blocks"),
    (-32602, "Maximum allowed number of requested blocks is 10000"),
    (-32000, "context deadline exceeded"),
    (-32603, "request timed out"),
    (-32000, "Exceeded maximum block range: 500"),
    (-32600, "please limit the query to at most 1000 blocks"),
    (-32602, "block range must be less than or equal to 2000"),
    (-32000, "Log response size exceeded. Response size is larger than 150MB limit."),
    (-32701, "Please use a smaller block range or filter by address"),
    (-32602, "eth_getLogs is limited to a 5 block range"),
    (-32000, "getLogs: up to 2000 blocks are allowed"),
    (413, "Payload Too Large"),
]
BUSY = [
    (429, "Your app has exceeded its compute units per second capacity."),
    (-32005, "daily request count exceeded, request rate limited"),
    (-32012, "credits limited to 6000/sec"),
    (-32029, "Too Many Requests"),
    (-32000, "rate limit exceeded"),
    (-32016, "over rate limit"),
    (-32000, "Request exceeds defined limit: too many requests per second"),
    (-32097, "Rate limit exceeded, retry in 10s"),
    (-32003, "daily compute units limit reached, upgrade your plan"),
]
OTHER = [
    (-32000, "internal error"),
    (-32601, "the method eth_getLogs does not exist"),
    (-32000, "header not found"),
    (3, "execution reverted"),
    (-32602, "invalid argument 0: hex string without 0x prefix"),
    (-32000, "no backend is currently healthy to serve traffic"),
    (-32000, "missing trie node"),
    (-32601, "eth_getLogs is not supported by this node"),
]


@pytest.mark.parametrize(("code", "message"), TOO_MUCH)
def test_a_providers_range_limit_is_understood(code: int, message: str) -> None:
    error = RpcError("eth_getLogs", code, message)
    assert is_too_much(error)
    assert not is_busy(error)


@pytest.mark.parametrize(("code", "message"), BUSY)
def test_a_request_limit_is_no_reason_to_split(code: int, message: str) -> None:
    error = RpcError("eth_getLogs", code, message)
    assert is_busy(error)
    assert not is_too_much(error)


@pytest.mark.parametrize(
    "message",
    [
        "batch size is too large",
        "Batch of more than 3 requests are not allowed on free tier",
        "batch limit 10 exceeded",
        "too many requests in batch",
    ],
)
@pytest.mark.parametrize("most", [1, 3, 10])
def test_a_node_that_takes_few_calls_at_once_is_followed_with_small_batches(
    bench: Bench, message: str, most: int
) -> None:
    node = bench.nodes[0]
    ask, sizes = node.batch, []

    def batch(calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        sizes.append(len(calls))
        if len(calls) > most:
            raise RpcError("batch", 31, message)
        return ask(calls)

    node.batch = batch  # type: ignore[method-assign]
    bench.sync()
    bench.assert_true_to_chain()
    assert sum(size > most for size in sizes) <= 6


@pytest.mark.parametrize(("code", "message"), OTHER)
def test_other_refusals_split_nothing(code: int, message: str) -> None:
    error = RpcError("eth_getLogs", code, message)
    assert not is_too_much(error)
    assert not is_busy(error)


def test_size_and_time_limits_of_the_transport_count_too() -> None:
    assert is_too_much(UnavailableError("chain.answer_too_large", host="h", limit=1))
    assert is_too_much(UnavailableError("chain.timeout", host="h"))
    assert is_too_much(UnavailableError("chain.bad_status", host="h", status=413))
    assert not is_too_much(UnavailableError("chain.bad_status", host="h", status=500))
    assert not is_too_much(UnavailableError("chain.unreachable", host="h", reason="ConnectionError"))
    assert is_busy(BusyError(host="h", status=429))


@given(st.integers(1, 1000), st.integers(1, 5000), st.integers(1, 5000))
def test_any_limit_is_found_and_a_range_always_goes_on(limit: int, first: int, length: int) -> None:
    size = RangeSize(first, 5000)
    done = questions = 0
    while done < length:
        blocks = min(size.blocks, length - done)
        questions += 1
        if blocks > limit:
            assert size.refused(blocks)
        else:
            size.answered(blocks, 0.0)
            done += blocks
    assert done == length
    assert questions <= 3 * (length // limit + 1) + 30


def test_a_single_block_cannot_be_halved() -> None:
    size = RangeSize(1, 10)
    assert not size.refused(1)


def test_slow_answers_make_ranges_smaller_and_quick_ones_larger() -> None:
    size = RangeSize(64, 512, slow=0.8, quick=0.4)
    size.answered(64, 2.0)
    assert size.blocks == 32
    size.answered(32, 0.6)
    assert size.blocks == 32
    size.answered(32, 0.1)
    assert size.blocks == 64


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    chain = ScriptedChain()
    for i in range(300):
        chain.mine(payment(i, i))
    bench = Bench(tmp_path, chain, [ScriptedNode(chain)])
    yield bench
    bench.close()


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("error", TOO_MUCH[:2], ids=["results", "bytes"])
def test_a_range_limit_splits_the_range_and_loses_no_block(
    bench: Bench, limit: int, error: tuple[int, str]
) -> None:
    bench.nodes[0].max_range, bench.nodes[0].range_error = limit, error
    bench.sync()
    bench.assert_true_to_chain()
    spans = [params[0] for method, params in bench.nodes[0].asked if method == "eth_getLogs"]
    blocks = [(int(span["fromBlock"], 16), int(span["toBlock"], 16)) for span in spans]
    answered = [(first, last) for first, last in blocks if last - first < limit]
    assert [first for first, _ in answered] == [1, *(last + 1 for _, last in answered[:-1])]
    assert answered[-1][1] == 300


def result_limit(most: int) -> Callable[[str, Sequence[Any], Any], Any]:
    def edit(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method == "eth_getLogs" and len(answer) > most:
            raise RpcError(method, -32005, f"query returned more than {most} results")
        return answer

    return edit


def test_a_result_limit_splits_where_payouts_are_dense(bench: Bench) -> None:
    bench.nodes[0].edits.append(result_limit(10))
    bench.sync()
    bench.assert_true_to_chain()


def test_a_block_that_alone_exceeds_the_limit_is_told_and_nothing_is_skipped(bench: Bench) -> None:
    bench.nodes[0].edits.append(result_limit(2))
    with pytest.raises(RpcError):
        bench.sync()
    assert bench.rows() == []


def test_a_time_out_of_a_long_range_is_tried_with_a_shorter_one(bench: Bench) -> None:
    def slow(method: str, params: Sequence[Any], answer: Any) -> Any:
        if method == "eth_getLogs" and int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) >= 8:
            raise UnavailableError("chain.timeout", host="slow")
        return answer

    bench.nodes[0].edits.append(slow)
    bench.sync()
    bench.assert_true_to_chain()
