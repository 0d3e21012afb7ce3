"""Several nodes of one network, some of which fail, lie or serve another network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from desktop_app.chain.connection import Chain
from desktop_app.chain.endpoints import FIRST_REST, EndpointState, FailoverRpc
from desktop_app.chain.networks import network
from desktop_app.chain.rpc import BusyError, RpcError
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import ColophonError, RefusedError, UnavailableError
from desktop_app.services.wording import message, words

BASE = network("base")
ME = "0x" + "11" * 20
GONE = UnavailableError("chain.timeout", host="node")


class Node:
    """Answers from a table of values, errors and functions, and remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {
            "eth_chainId": hex(BASE.chain_id),
            "eth_blockNumber": "0x64",
            "eth_getBalance": "0x5",
            "eth_getBlockByNumber": lambda params: block(int(params[0], 16)),
        } | answers
        self.asked: list[str] = []

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        self.asked.append(method)
        answer = self.answers.get(method, GONE)
        if isinstance(answer, Exception):
            raise answer
        return answer(params) if callable(answer) else answer

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        return [self.call(*call) for call in calls]

    def close(self) -> None:
        self.asked.append("close")


def block(number: int, salt: str = "aa") -> dict[str, str]:
    return {
        "number": hex(number),
        "hash": "0x" + salt * 28 + f"{number:08x}",
        "parentHash": "0x" + salt * 28 + f"{number - 1:08x}",
        "timestamp": "0x1",
    }


def together(clock: FixedClock, *nodes: Node) -> FailoverRpc:
    return FailoverRpc(BASE, nodes, clock)


def states(rpc: FailoverRpc) -> list[EndpointState]:
    for one in rpc.health():
        assert words(f"endpoint.{one.state.value}")
    return [one.state for one in rpc.health()]


GOOD, RESTING, WRONG, DOUBTED, UNKNOWN = (
    EndpointState.GOOD, EndpointState.RESTING, EndpointState.WRONG_NETWORK, EndpointState.DOUBTED,
    EndpointState.UNKNOWN,
)  # fmt: skip


def test_the_next_node_answers_when_the_first_does_not(clock: FixedClock) -> None:
    first, second = Node(eth_getBalance=GONE), Node()
    rpc = together(clock, first, second)
    assert rpc.call("eth_getBalance", [ME, "latest"]) == "0x5"
    assert states(rpc) == [RESTING, GOOD]
    first.asked.clear()
    assert rpc.call("eth_getBalance", [ME, "latest"]) == "0x5"
    assert first.asked == [], "a node that failed is left alone for a while"
    first.answers["eth_getBalance"] = "0x6"
    clock.time += int(FIRST_REST) + 1
    assert rpc.call("eth_getBalance", [ME, "latest"]) == "0x6"
    assert first.asked == ["eth_chainId", "eth_getBalance"], "and asked again who it is"
    assert states(rpc) == [GOOD, GOOD]


def test_a_failing_node_rests_longer_each_time_and_as_long_as_it_asks(clock: FixedClock) -> None:
    first, second = Node(eth_chainId=GONE), Node()
    rpc = together(clock, first, second)
    waits = []
    for _ in range(4):
        rpc.call("eth_blockNumber")
        start = clock.time
        while first.asked.count("eth_chainId") == len(waits) + 1:
            clock.time += 1
            rpc.call("eth_blockNumber")
        waits.append(clock.time - start)
    assert waits[0] >= FIRST_REST
    assert waits == sorted(set(waits))
    busy = Node(eth_blockNumber=BusyError(retry_after=500, host="node", status=429))
    rpc = together(clock, busy, Node())
    rpc.call("eth_blockNumber")
    clock.time += 499
    rpc.call("eth_blockNumber")
    assert busy.asked.count("eth_blockNumber") == 1


@pytest.mark.parametrize("method", ["call", "batch"])
def test_a_transaction_goes_to_one_node_only(clock: FixedClock, method: str) -> None:
    first, second = Node(eth_sendRawTransaction=GONE), Node(eth_sendRawTransaction="0x")
    rpc = together(clock, first, second)
    with pytest.raises(UnavailableError, match=r"chain\.timeout"):
        if method == "call":
            rpc.call("eth_sendRawTransaction", ["0x02"])
        else:
            rpc.batch([("eth_sendRawTransaction", ["0x02"])])
    assert "eth_sendRawTransaction" not in second.asked
    assert rpc.call("eth_sendRawTransaction", ["0x02"]) == "0x", "the sender's next try goes elsewhere"


def test_a_refusal_of_a_transaction_is_final_for_this_try(clock: FixedClock) -> None:
    first = Node(eth_sendRawTransaction=RpcError("eth_sendRawTransaction", -32603, "internal error"))
    second = Node()
    with pytest.raises(RpcError):
        together(clock, first, second).call("eth_sendRawTransaction", ["0x02"])
    assert second.asked == []


def test_a_transaction_passes_over_a_node_that_cannot_even_say_who_it_is(clock: FixedClock) -> None:
    first, second = Node(eth_chainId=GONE), Node(eth_sendRawTransaction="0xok")
    assert together(clock, first, second).call("eth_sendRawTransaction", ["0x02"]) == "0xok"
    assert first.asked == ["eth_chainId"]


def test_what_a_contract_refuses_is_not_asked_elsewhere(clock: FixedClock) -> None:
    first, second = Node(eth_call=RpcError("eth_call", 3, "execution reverted", "0x")), Node()
    with pytest.raises(RpcError):
        together(clock, first, second).call("eth_call", [{}, "latest"])
    assert second.asked == []
    first.answers["eth_call"] = RpcError("eth_call", -32601, "the method does not exist")
    second.answers["eth_call"] = "0x12"
    assert together(clock, first, second).call("eth_call", [{}, "latest"]) == "0x12"


def test_a_node_of_another_network_is_never_used(clock: FixedClock) -> None:
    stranger, ours = Node(eth_chainId="0x1", eth_getBalance="0xffff"), Node()
    rpc = together(clock, stranger, ours)
    assert rpc.call("eth_getBalance", [ME, "latest"]) == "0x5"
    assert stranger.asked == ["eth_chainId"]
    assert states(rpc) == [WRONG, GOOD]
    problem = rpc.health()[0].problem
    assert problem is not None
    assert problem.code == "chain.wrong_network"
    only_strangers = together(clock, Node(eth_chainId="0x1"), Node(eth_chainId="0x2"))
    with pytest.raises(RefusedError, match=r"chain\.wrong_network"):
        only_strangers.call("eth_getBalance", [ME, "latest"])
    with pytest.raises(RefusedError, match=r"chain\.wrong_network"):
        Chain(BASE, together(clock, Node(eth_chainId="0x1"))).check_chain_id()


def test_a_node_that_changes_its_network_after_a_failure_is_noticed(clock: FixedClock) -> None:
    turncoat, ours = Node(), Node()
    rpc = together(clock, turncoat, ours)
    rpc.call("eth_blockNumber")
    turncoat.answers["eth_blockNumber"] = GONE
    rpc.call("eth_blockNumber")
    turncoat.answers |= {"eth_blockNumber": "0x1", "eth_chainId": "0x1"}
    clock.time += 1000
    assert rpc.call("eth_blockNumber") == "0x64"
    assert states(rpc) == [WRONG, GOOD]


def test_when_all_fail_the_first_problem_is_told_and_all_are_tried_again(clock: FixedClock) -> None:
    nodes = [Node(eth_blockNumber=GONE), Node(eth_blockNumber=UnavailableError("chain.not_json", host="x"))]
    rpc = together(clock, *nodes)
    for _ in range(2):
        with pytest.raises(UnavailableError, match=r"chain\.(timeout|not_json)"):
            rpc.call("eth_blockNumber")
    assert [node.asked.count("eth_blockNumber") for node in nodes] == [2, 2]
    with pytest.raises(UnavailableError, match=r"chain\.no_endpoint"):
        together(clock).call("eth_blockNumber")


def doubts(rpc: FailoverRpc) -> list[list[str]]:
    found: list[list[str]] = []
    for one in rpc.health():
        for error in one.doubts:
            assert isinstance(error, ColophonError)
            assert message(error).next_step
        found.append([error.code for error in one.doubts])
    return found


def test_a_check_asks_every_node(clock: FixedClock) -> None:
    rpc = together(
        clock, Node(), Node(eth_blockNumber="0x63"), Node(eth_chainId=GONE), Node(eth_chainId="0x1")
    )
    assert states(rpc) == [UNKNOWN] * 4
    health = rpc.check([ME])
    assert [one.state for one in health] == [GOOD, GOOD, RESTING, WRONG]
    assert [one.head for one in health] == [100, 99, None, None]
    assert health[0].latency_ms == 0
    assert doubts(rpc) == [[], [], [], []]


def test_a_node_that_lies_about_a_balance_is_found_by_the_majority(clock: FixedClock) -> None:
    rpc = together(clock, Node(), Node(eth_getBalance="0x1"), Node())
    rpc.check([ME])
    assert doubts(rpc) == [[], ["chain.balances_differ"], []]
    assert states(rpc) == [GOOD, DOUBTED, GOOD]


def test_two_that_disagree_are_both_doubted(clock: FixedClock) -> None:
    rpc = together(clock, Node(), Node(eth_getBalance="0x1"))
    rpc.check([ME])
    assert doubts(rpc) == [["chain.balances_differ"]] * 2
    rpc = together(clock, Node(), Node(eth_getBlockByNumber=lambda p: block(int(p[0], 16), "bb")))
    rpc.check([ME])
    assert doubts(rpc) == [["chain.other_history"]] * 2


def test_a_head_that_falls_far_back_is_doubted_and_a_short_step_is_not(clock: FixedClock) -> None:
    node = Node(eth_blockNumber="0x1000")
    rpc = together(clock, node)
    rpc.check()
    node.answers["eth_blockNumber"] = "0xff0"
    rpc.check()
    assert doubts(rpc) == [[]]
    node.answers["eth_blockNumber"] = "0x10"
    rpc.check()
    assert doubts(rpc) == [["chain.head_went_back"]]
    rpc.check()
    assert doubts(rpc) == [[]], "it is told once"


def test_closing_closes_all(clock: FixedClock) -> None:
    nodes = [Node(), Node()]
    together(clock, *nodes).close()
    assert [node.asked for node in nodes] == [["close"], ["close"]]
