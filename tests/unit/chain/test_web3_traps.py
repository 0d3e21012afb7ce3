"""What web3.py 8 is known to do wrong with a sender's money, and that it cannot happen here.

Each is tried against a real server on loopback: a refused connection, a time-out after which the transaction
was mined, a node that asks for patience, and a node of another network.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest
from unit.chain.test_rpc import ScriptedNode, raw, result, rpc, scripted

from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import Call
from desktop_app.chain.endpoints import EndpointState, FailoverRpc
from desktop_app.chain.networks import network
from desktop_app.chain.practice import PracticeNode
from desktop_app.chain.raw_transaction import decode
from desktop_app.chain.rpc import BusyError, HttpRpc
from desktop_app.chain.sender import Sender
from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import RefusedError, UnavailableError

__all__ = ["rpc", "scripted"]


def nobody() -> HttpRpc:
    """An address where the connection is refused."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return HttpRpc(f"http://127.0.0.1:{port}")


def test_a_refused_connection_is_tried_at_the_next_node_at_once(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    """web3.py gives up: its retry list does not hold refused connections, and it knows one node only."""
    clock = FixedClock(0)
    base = network("base")
    both = FailoverRpc(base, [nobody(), rpc], clock)
    scripted.script += [result(hex(base.chain_id)), result("0x10")]
    assert both.call("eth_blockNumber") == "0x10"
    assert [one.state for one in both.health()] == [EndpointState.RESTING, EndpointState.GOOD]
    both.close()


def slow(seconds: float) -> Callable[[Any, Any], None]:
    def reply(handler: Any, body: Any) -> None:
        time.sleep(seconds)
        with suppress(OSError):
            raw("late")(handler, body)

    return reply


def test_a_transaction_is_sent_once_when_the_answer_does_not_come(
    scripted: ScriptedNode, rpc: HttpRpc
) -> None:
    """web3.py sends the same request again on a time-out, and raises though it was mined."""
    scripted.script += [slow(0.6), result("0x1")]
    with pytest.raises(UnavailableError):
        rpc.call("eth_sendRawTransaction", ["0x02"])
    assert [asked["method"] for asked in scripted.asked] == ["eth_sendRawTransaction"]


def test_a_node_that_asks_for_patience_is_not_asked_again_before(
    scripted: ScriptedNode, rpc: HttpRpc
) -> None:
    """web3.py asks five times within two seconds and does not read Retry-After."""
    clock = FixedClock(0)
    base = network("base")
    other = nobody()
    both = FailoverRpc(base, [rpc, other], clock)
    scripted.script += [result(hex(base.chain_id)), raw("busy", 429, Retry_After="90")]
    with pytest.raises(UnavailableError):
        both.call("eth_blockNumber")
    assert len(scripted.asked) == 2, "once who it is, once the question"
    first = both.health()[0]
    assert isinstance(first.problem, BusyError)
    assert first.problem.retry_after == 90
    both.close()


def test_the_chain_id_is_ours_and_never_the_nodes(sender: Sender, node: PracticeNode, chain: Chain) -> None:
    """web3.py's build_transaction takes over whatever chain id the node says."""
    call = Call("0x" + "44" * 20, b"", 5, "action.transfer", {})
    quote = sender.quote(call)
    signed = decode(sender._sign(call, quote, 0, sender_purpose()).raw)
    assert signed.chain_id == chain.network.chain_id

    class Liar:
        def call(self, method: str, params: Any = ()) -> Any:
            return "0x1" if method == "eth_chainId" else node.call(method, params)

        def batch(self, calls: Any) -> Any:
            return node.batch(calls)

        def close(self) -> None: ...

    lying = Sender(Chain(chain.network, Liar()), sender._signer, sender._journal, FixedClock(0))
    with pytest.raises(RefusedError, match="wrong_network"):
        lying.send(call, quote)
    assert sender._journal.pending(chain.network.chain_id, sender.address) == [], "nothing was signed"


def sender_purpose() -> Any:
    from desktop_app.store.transactions import Purpose

    return Purpose.SEND


def test_a_page_of_html_is_an_answer_that_makes_no_sense(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    """web3.py raises JSONDecodeError, which nothing above it expects."""
    scripted.script.append(raw("<html>maintenance</html>"))
    with pytest.raises(UnavailableError):
        rpc.call("eth_blockNumber")
