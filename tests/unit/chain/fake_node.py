"""A node behind HTTP that answers by method, for methods that no real node here has."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[list[Any]], Any]


class Refusal(Exception):  # noqa: N818 - what a node says, not an error of ours
    """An answer with an error member."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@contextmanager
def fake_node(answers: Mapping[str, Answer]) -> Iterator[tuple[str, list[tuple[str, list[Any]]]]]:
    """The address of the node, and the list that collects what it was asked."""
    asked: list[tuple[str, list[Any]]] = []

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        asked.append((request["method"], request["params"]))
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            if request["method"] not in answers:
                raise Refusal(-32601, "the method does not exist")
            reply["result"] = answers[request["method"]](request["params"])
        except Refusal as refusal:
            reply["error"] = {"code": refusal.code, "message": refusal.message}
        return reply

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            replies = [answer(one) for one in sent] if isinstance(sent, list) else answer(sent)
            body = json.dumps(replies).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake node")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
