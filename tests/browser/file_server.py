"""A web server as sellers use them: open to all pages, with ranges or without, and a till for plays."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, Any]]


class FileServer:
    """`files` by path; `asked` are the Range headers that came, in order; `till` answers what is posted."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.has_ranges = True
        self.asked: list[str] = []
        self.till: Callable[[dict[str, Any]], Answer] = lambda posted: (404, {})

    def put(self, name: str, content: bytes) -> str:
        """The address of a file."""
        self.files[f"/{name}"] = content
        return f"{self.address}/{name}"


@contextmanager
def serving() -> Iterator[FileServer]:
    """A server on a free port of this machine, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.files.get(self.path)
            if content is None:
                self._head(404, 0)
                return
            wanted = self.headers.get("Range", "")
            files.asked.append(wanted)
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and files.has_ranges else 0
            self._head(206 if start else 200, len(content) - start)
            with suppress(OSError):  # the reader has heard enough
                self.wfile.write(content[start:])

        def do_POST(self) -> None:
            posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = files.till(posted)
            body = json.dumps(answer).encode()
            self._head(status, len(body))
            self.wfile.write(body)

        def do_OPTIONS(self) -> None:
            self._head(204, 0)

        def _head(self, status: int, length: int) -> None:
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Allow-Headers", "Range, Content-Type")
            kind = "text/html" if self.path.endswith(".html") else "application/octet-stream"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    files = FileServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield files
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
