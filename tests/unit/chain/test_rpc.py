"""HttpRpc against a scripted server on loopback that behaves as badly as real ones do."""

from __future__ import annotations

import gzip
import json
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from desktop_app.chain.rpc import BusyError, HttpRpc, RpcError
from desktop_app.core.errors import InvalidInputError, UnavailableError

Reply = Callable[[BaseHTTPRequestHandler, Any], None]


class ScriptedNode:
    """Answers each request with the next step of its script; keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.asked: list[Any] = []
        self.headers: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body)
                outer.headers.append(dict(self.headers))
                outer.script.pop(0)(self, body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/secret-key"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def scripted() -> Iterator[ScriptedNode]:
    node = ScriptedNode()
    yield node
    node.close()


@pytest.fixture
def rpc(scripted: ScriptedNode) -> Iterator[HttpRpc]:
    client = HttpRpc(scripted.url, timeout=0.4, max_answer=100_000)
    yield client
    client.close()


def raw(text: str | bytes, status: int = 200, close: bool = False, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, body: Any) -> None:
        data = text.encode() if isinstance(text, str) else text
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)
        handler.close_connection = close

    return reply


def answer(make: Callable[[Any], Any], status: int = 200) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, body: Any) -> None:
        raw(json.dumps(make(body)), status)(handler, body)

    return reply


def result(value: Any) -> Reply:
    return answer(lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "result": value})


def test_a_call_is_json_rpc_2_and_gives_the_result(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [result("0x1"), result(None)]
    assert rpc.call("eth_chainId") == "0x1"
    assert rpc.call("eth_getTransactionReceipt", ["0x12"]) is None
    assert scripted.asked[0]["jsonrpc"] == "2.0"
    assert scripted.asked[1]["params"] == ["0x12"]
    assert scripted.asked[0]["id"] != scripted.asked[1]["id"]
    assert scripted.headers[0]["Content-Type"] == "application/json"


def test_a_compressed_answer_is_read(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    def reply(handler: BaseHTTPRequestHandler, body: Any) -> None:
        text = json.dumps({"id": body["id"], "result": "x" * 5000})
        raw(gzip.compress(text.encode()), Content_Encoding="gzip")(handler, body)

    scripted.script = [reply]
    assert rpc.call("x") == "x" * 5000


def test_a_batch_is_put_in_order_by_id(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    def shuffled(asked: Any) -> Any:
        return [{"id": one["id"], "result": one["method"]} for one in reversed(asked)]

    scripted.script = [answer(shuffled)]
    assert rpc.batch([("a", []), ("b", []), ("c", [1])]) == ["a", "b", "c"]


def test_an_empty_batch_asks_nothing(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    assert rpc.batch([]) == []
    assert scripted.asked == []


def test_a_refused_call_in_a_batch_leaves_the_others(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    def mixed(asked: Any) -> Any:
        return [
            {"id": asked[0]["id"], "error": {"code": -32005, "message": "too many results"}},
            {"id": asked[1]["id"], "result": 5},
        ]

    scripted.script = [answer(mixed)]
    first, second = rpc.batch([("a", []), ("b", [])])
    assert isinstance(first, RpcError)
    assert (first.rpc_code, first.method) == (-32005, "a")
    assert second == 5


@pytest.mark.parametrize(
    "make",
    [
        lambda asked: [{"id": asked[0]["id"], "result": 1}],
        lambda asked: [{"id": asked[0]["id"], "result": 1}] * 2,
        lambda asked: [{"id": one["id"] + 100, "result": 1} for one in asked],
        lambda asked: [{"id": True, "result": 1}, {"id": asked[1]["id"], "result": 1}],
        lambda asked: [None, None],
        lambda asked: "what?",
        lambda asked: {"result": 3},
    ],
)
def test_a_batch_answer_that_does_not_match_is_refused(
    scripted: ScriptedNode, rpc: HttpRpc, make: Callable[[Any], Any]
) -> None:
    scripted.script = [answer(make)]
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        rpc.batch([("a", []), ("b", [])])


def test_a_node_without_batches_says_so(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [answer(lambda _: {"id": None, "error": {"code": -32600, "message": "no batches"}})]
    with pytest.raises(RpcError, match="no batches"):
        rpc.batch([("a", [])])


def test_an_error_answer_keeps_code_words_and_revert_data(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    error = {"code": 3, "message": "execution reverted: no\nmoney", "data": "0x08c379a0"}
    scripted.script = [answer(lambda asked: {"id": asked["id"], "error": error})]
    with pytest.raises(RpcError) as caught:
        rpc.call("eth_call")
    assert caught.value.rpc_code == 3
    assert caught.value.rpc_message == "execution reverted: no money"
    assert caught.value.revert_data == bytes.fromhex("08c379a0")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.method, copy.data) == ("eth_call", "0x08c379a0")


def test_an_error_answer_with_status_500_is_still_an_error_answer(
    scripted: ScriptedNode, rpc: HttpRpc
) -> None:
    error = {"code": -32000, "message": "header not found"}
    scripted.script = [answer(lambda asked: {"id": asked["id"], "error": error}, status=500)]
    with pytest.raises(RpcError, match="header not found"):
        rpc.call("x")


@pytest.mark.parametrize(
    "make",
    [
        lambda asked: {"id": asked["id"]},
        lambda asked: {"id": asked["id"] + 1, "result": 1},
        lambda asked: {"id": str(asked["id"]), "result": 1},
        lambda asked: {"result": 1},
        lambda asked: {"id": asked["id"], "error": "no"},
        lambda asked: [1],
        lambda asked: None,
        lambda asked: 5,
    ],
)
def test_an_answer_that_is_no_json_rpc_is_refused(
    scripted: ScriptedNode, rpc: HttpRpc, make: Callable[[Any], Any]
) -> None:
    scripted.script = [answer(make)]
    with pytest.raises(UnavailableError, match=r"chain\.bad_answer"):
        rpc.call("x")


@pytest.mark.parametrize(
    "text", ["<html>Sign in to the WiFi</html>", "", '{"id": 1, "result": ', b"\xff\xfe\x00", "[" * 200_00]
)
def test_a_page_instead_of_json_is_refused(scripted: ScriptedNode, rpc: HttpRpc, text: str | bytes) -> None:
    scripted.script = [raw(text)]
    with pytest.raises(UnavailableError, match=r"chain\.not_json"):
        rpc.call("x")


@pytest.mark.parametrize("status", [301, 401, 404, 500, 502])
def test_a_bad_status_is_told_and_no_redirect_is_followed(
    scripted: ScriptedNode, rpc: HttpRpc, status: int
) -> None:
    scripted.script = [raw("<html>no</html>", status, Location="http://127.0.0.1:1/")]
    with pytest.raises(UnavailableError) as caught:
        rpc.call("x")
    assert caught.value.code == "chain.bad_status"
    assert caught.value.params["status"] == status


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"Retry_After": "17"}, 17), ({}, 0), ({"Retry_After": "soon"}, 0), ({"Retry_After": "99999999"}, 3600)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_node_is_believed_and_asked_once(
    scripted: ScriptedNode, rpc: HttpRpc, status: int, header: dict[str, str], seconds: int
) -> None:
    scripted.script = [raw("slow down", status, **header)]
    with pytest.raises(BusyError) as caught:
        rpc.call("eth_sendRawTransaction", ["0x02"])
    assert caught.value.retry_after == seconds
    assert len(scripted.asked) == 1


def test_a_date_in_retry_after_is_understood(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    from email.utils import formatdate

    scripted.script = [raw("", 503, Retry_After=formatdate(time.time() + 30, usegmt=True))]
    with pytest.raises(BusyError) as caught:
        rpc.call("x")
    assert 25 <= caught.value.retry_after <= 30


def test_an_endless_answer_is_cut_off(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [raw("x" * 100_001, close=True)]
    with pytest.raises(UnavailableError, match=r"chain\.answer_too_large"):
        rpc.call("x")


def test_a_compressed_bomb_is_cut_off(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [raw(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip", close=True)]
    with pytest.raises(UnavailableError, match=r"chain\.answer_too_large"):
        rpc.call("x")


def test_a_truncated_answer_is_unreachable_not_empty(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    def reply(handler: BaseHTTPRequestHandler, body: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"id": 1, "result": []}')
        handler.close_connection = True

    scripted.script = [reply]
    with pytest.raises(UnavailableError, match=r"chain\.unreachable"):
        rpc.call("eth_getLogs")


def test_a_silent_node_times_out_and_is_asked_once(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [lambda handler, body: time.sleep(0.8)]
    with pytest.raises(UnavailableError, match=r"chain\.timeout"):
        rpc.call("eth_sendRawTransaction", ["0x02"])
    assert len(scripted.asked) == 1


def test_a_dripping_node_times_out(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    def reply(handler: BaseHTTPRequestHandler, body: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(40):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass
        handler.close_connection = True

    scripted.script = [reply]
    started = time.monotonic()
    with pytest.raises(UnavailableError, match=r"chain\.timeout"):
        rpc.call("x")
    assert time.monotonic() - started < 3


def test_a_connection_that_closes_without_answer_is_not_sent_again(
    scripted: ScriptedNode, rpc: HttpRpc
) -> None:
    def hang_up(handler: BaseHTTPRequestHandler, body: Any) -> None:
        handler.close_connection = True

    scripted.script = [result(1), hang_up]
    rpc.call("x")
    with pytest.raises(UnavailableError, match=r"chain\.unreachable"):
        rpc.call("eth_sendRawTransaction", ["0x02"])
    assert len(scripted.asked) == 2


def test_a_connection_closed_while_idle_is_replaced_quietly(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [raw(json.dumps({"id": 1, "result": 1}), close=True), result(2)]
    rpc.call("x")
    time.sleep(0.05)
    assert rpc.call("eth_sendRawTransaction", ["0x02"]) == 2


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    rpc = HttpRpc(f"http://127.0.0.1:{port}/v1/secret-key", timeout=0.5)
    with pytest.raises(UnavailableError, match=r"chain\.unreachable"):
        rpc.call("x")
    rpc.close()


def test_errors_never_show_the_key_in_the_address(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [raw("<html>", 401), raw("<html>"), raw("x" * 100_001, close=True), raw("", 503)]
    for _ in range(4):
        with pytest.raises(UnavailableError) as caught:
            rpc.call("x")
        assert "secret-key" not in f"{caught.value!r} {caught.value.params} {caught.value.__cause__}"


@pytest.mark.parametrize("url", ["", "mainnet.base.org", "ftp://x", "http://", "file:///etc/passwd"])
def test_what_is_no_address_of_a_node_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match=r"chain\.not_a_node_address"):
        HttpRpc(url)


def test_many_threads_share_one_client(scripted: ScriptedNode, rpc: HttpRpc) -> None:
    scripted.script = [answer(lambda asked: {"id": asked["id"], "result": asked["params"][0]})] * 40
    seen: list[bool] = []

    def work(start: int) -> None:
        seen.extend(rpc.call("x", [start + i]) == start + i for i in range(10))

    threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 40
