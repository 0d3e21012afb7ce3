"""A node over real HTTP on a scripted chain, which fails in every way that nodes and proxies do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from unit.services.scripted_chain import ScriptedNode

from desktop_app.chain.rpc import RpcError

Fault = Callable[["Handler", bytes], None]


class FakeNode(ThreadingHTTPServer):
    """`faults` says how to answer request number n (from 0), where not as a good node would."""

    daemon_threads = True
    block_on_close = True

    def __init__(self, node: ScriptedNode) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.node = node
        self.faults: Callable[[int], Fault | None] = lambda number: None
        self.requests = 0
        self.released = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def heal(self) -> None:
        self.faults = lambda number: None
        self.node.edits.clear()
        self.node.lag = 0

    def answer(self, body: bytes) -> bytes:
        asked = json.loads(body)
        if isinstance(asked, list):
            return json.dumps([self._one(one) for one in asked]).encode()
        return json.dumps(self._one(asked)).encode()

    def _one(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            answer["result"] = self.node.call(asked["method"], asked["params"])
        except RpcError as refused:
            answer["error"] = {"code": refused.rpc_code, "message": refused.rpc_message}
        return answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeNode

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        if len(body) < size:
            return  # the client died
        with self.server.lock:
            number = self.server.requests
            self.server.requests += 1
            fault = self.server.faults(number)
        if fault is None:
            self.send(self.server.answer(body))
        else:
            fault(self, body)

    def send(
        self, body: bytes, status: int = 200, kind: str = "application/json", length: int | None = None,
        **headers: str,
    ) -> None:  # fmt: skip
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def handle(self) -> None:
        with suppress(OSError):  # the client died
            super().handle()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass


def cut_short(handler: Handler, body: bytes) -> None:
    answer = handler.server.answer(body)
    handler.send(answer[: len(answer) // 2], length=len(answer))
    handler.close_connection = True


def cut_short_and_whole_by_its_length(handler: Handler, body: bytes) -> None:
    answer = handler.server.answer(body)
    handler.send(answer[: len(answer) * 2 // 3])


def wrong_json(handler: Handler, body: bytes) -> None:
    handler.send(b'{"jsonrpc": "2.0", "id": 1, "result": [}')


def not_utf8(handler: Handler, body: bytes) -> None:
    handler.send(b"\xff\xfe\xfa" + handler.server.answer(body))


def nothing_at_all(handler: Handler, body: bytes) -> None:
    handler.close_connection = True


def empty_answer(handler: Handler, body: bytes) -> None:
    handler.send(b"")


def html_with_200(handler: Handler, body: bytes) -> None:
    handler.send(b"<!DOCTYPE html><html><body>Checking your browser</body></html>", kind="text/html")


def html_with_502(handler: Handler, body: bytes) -> None:
    handler.send(b"<html><h1>502 Bad Gateway</h1></html>", 502, "text/html")


def busy_for_a_second(handler: Handler, body: bytes) -> None:
    handler.send(b"slow down", 429, "text/plain", Retry_After="1")


def busy_until_a_date(handler: Handler, body: bytes) -> None:
    handler.send(b"{}", 503, Retry_After=formatdate(usegmt=True))


def too_few_answers(handler: Handler, body: bytes) -> None:
    answers = json.loads(handler.server.answer(body))
    handler.send(json.dumps(answers[:-1] if isinstance(answers, list) else []).encode())


def others_answers(handler: Handler, body: bytes) -> None:
    answers = json.loads(handler.server.answer(body))
    for one in answers if isinstance(answers, list) else [answers]:
        one["id"] += 1_000
    handler.send(json.dumps(answers).encode())


def one_refusal_for_a_batch(handler: Handler, body: bytes) -> None:
    handler.send(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"internal error"}}')


def nulls(handler: Handler, body: bytes) -> None:
    answers = json.loads(handler.server.answer(body))
    for one in answers if isinstance(answers, list) else [answers]:
        one["result"] = None
        one.pop("error", None)
    handler.send(json.dumps(answers).encode())


def silence(handler: Handler, body: bytes) -> None:
    """Longer than the client waits."""
    handler.server.released.wait(5)
    handler.close_connection = True


def drip(handler: Handler, body: bytes) -> None:
    """A byte now and then: each silence is short, the whole is not."""
    answer = handler.server.answer(body)
    handler.send(b"", length=len(answer))
    for place in range(40):
        if handler.server.released.wait(0.08):
            break
        try:
            handler.wfile.write(answer[place : place + 1])
        except OSError:
            break
    handler.close_connection = True


def shuffled(handler: Handler, body: bytes) -> None:
    """No fault: JSON-RPC allows answers in any order."""
    answers = json.loads(handler.server.answer(body))
    handler.send(json.dumps(answers[::-1] if isinstance(answers, list) else answers).encode())


FAULTS: tuple[Fault, ...] = (
    cut_short, cut_short_and_whole_by_its_length, wrong_json, not_utf8, nothing_at_all, empty_answer,
    html_with_200, html_with_502, busy_for_a_second, busy_until_a_date, too_few_answers, others_answers,
    one_refusal_for_a_batch, nulls, silence, drip, shuffled,
)  # fmt: skip


@contextmanager
def serving(node: ScriptedNode) -> Iterator[FakeNode]:
    server = FakeNode(node)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), name="fake node")
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
