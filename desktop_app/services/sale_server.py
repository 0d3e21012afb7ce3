"""A small web server for sellers who can open a port: locked files with ranges, and prepaid plays.

Nothing but the finished locked files of what is on sale can be read, by their names; the content itself only
under the secret address of a play that was paid for. Pages from anywhere may ask (CORS), also those opened
from disk.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from desktop_app.content.sale_package import read_content
from desktop_app.core.errors import ColophonError, NotFoundError, RefusedError, UnavailableError
from desktop_app.services.byte_ranges import UnsatisfiableRangeError, byte_range
from desktop_app.services.play_sales import PlaySales, VoucherRefusedError
from desktop_app.services.sale_records import SaleState
from desktop_app.services.sales import SaleService
from desktop_app.services.wording import message

PACKAGES, STREAM, PLAYS = "/packages/", "/stream/", "/plays"
MOST_BODY = 2_000
MOST_AT_ONCE = 64
MOST_CONNECTIONS = 256
"""More would take the files from the rest of the program, which has orders to deliver."""
TIMEOUT = 30.0
"""Seconds of silence after which a connection is closed."""
_PIECE = 64 * 1024
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Range",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range",
    "Access-Control-Max-Age": "600",
}
_log = logging.getLogger(__name__)


class SaleServer:
    """Serves in the background from `start` to `close`."""

    def __init__(self, sales: SaleService, plays: PlaySales, host: str, port: int) -> None:
        self._sales = sales
        self._plays = plays
        self._place = (host, port)
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """The address, such as "http://127.0.0.1:8642". Raises UnavailableError("selling.port_taken")."""
        server = self

        class Handler(_Handler):
            files, plays, limit = server.files, server._plays, threading.Semaphore(MOST_AT_ONCE)

        try:
            self._http = _Server(self._place, Handler)
        except OSError as error:
            raise UnavailableError("selling.port_taken", port=self._place[1], reason=str(error)) from error
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.2}, name="colophon-serve", daemon=True
        )
        self._thread.start()
        host, port = self._http.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}"

    def files(self) -> dict[str, Path]:
        """The locked files by the name in their address; the newest sale wins where names are the same."""
        open_sales = [one for one in self._sales.sales() if one.state is SaleState.OPEN]
        return {one.package_path.name: one.package_path for one in reversed(open_sales)}

    def addresses(self, base: str) -> dict[str, str]:
        """Where each file can be had, under the address `base` of this server."""
        return {name: base.rstrip("/") + PACKAGES + quote(name) for name in self.files()}

    def close(self) -> None:
        """Idempotent."""
        http, self._http = self._http, None
        if http is not None:
            http.shutdown()
            http.server_close()
        if self._thread is not None:
            self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int], handler: type[_Handler]) -> None:
        self._free = threading.Semaphore(MOST_CONNECTIONS)
        super().__init__(place, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke is nobody's mistake, and who it was is not noted."""
        _log.info("a connection broke", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Colophon"
    sys_version = ""
    timeout = TIMEOUT
    files: Callable[[], dict[str, Path]]
    plays: PlaySales
    limit: threading.Semaphore

    def do_OPTIONS(self) -> None:
        self._guarded(self._options)

    def do_HEAD(self) -> None:
        self._guarded(self._get)

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Who asks for what is nobody's business."""

    # --- Answers -----------------------------------------------------------------------------------------

    def _guarded(self, answer: Callable[[], None]) -> None:
        # A body that nobody reads must not be taken for the next question on a proxy's shared connection.
        if "Transfer-Encoding" in self.headers or self.headers.get("Content-Length", "0") != "0":
            self.close_connection = True
        if not self.limit.acquire(blocking=False):
            self._error(HTTPStatus.SERVICE_UNAVAILABLE, UnavailableError("selling.server_busy"))
            return
        try:
            answer()
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except ColophonError as error:
            self._error(_status(error), error)
        except Exception:  # noqa: BLE001 - one listener's trouble must not end the server
            _log.exception("the server met an unexpected error")
            self.close_connection = True
        finally:
            self.limit.release()

    def _options(self) -> None:
        self._head(HTTPStatus.NO_CONTENT, {"Access-Control-Allow-Private-Network": "true"}, 0)

    def _get(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith(PACKAGES):
            file = self.files().get(path.removeprefix(PACKAGES))
            if file is None or not file.is_file():
                raise NotFoundError("selling.no_such_file")
            self._send(file.stat().st_size, "application/octet-stream", lambda a, b: _read(file, a, b))
        elif path.startswith(STREAM):
            package, key, size, media_type = self.plays.playing(path.removeprefix(STREAM))
            self._send(size, media_type, lambda a, b: read_content(package, key, a, b))
        else:
            raise NotFoundError("selling.no_such_file")

    def _send(self, size: int, media_type: str, read: Callable[[int, int], Iterator[bytes]]) -> None:
        try:
            wanted = byte_range(self.headers.get("Range"), size)
        except UnsatisfiableRangeError:
            status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            self._head(status, {"Content-Range": f"bytes */{size}"}, 0)
            return
        first, end = wanted or (0, size)
        head = {
            "Content-Type": media_type,
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        if wanted is not None:
            head["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
        self._head(HTTPStatus.PARTIAL_CONTENT if wanted else HTTPStatus.OK, head, end - first)
        if self.command == "HEAD":
            return
        sent = 0
        for part in read(first, end):
            self.wfile.write(part)
            sent += len(part)
        if sent != end - first:
            self.close_connection = True  # the file changed meanwhile

    def _post(self) -> None:
        if urlsplit(self.path).path != PLAYS:
            raise NotFoundError("selling.no_such_file")
        try:
            length = int(self.headers.get("Content-Length", ""))
            if not 0 < length <= MOST_BODY:
                raise ValueError("length")
            found = json.loads(self.rfile.read(length))
            licence, total = _number(found["licence"]), _number(found["total"])
            signature = bytes.fromhex(found["signature"].removeprefix("0x"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise RefusedError("selling.no_voucher_sent") from None
        stream = self.plays.redeem(licence, total, signature)
        self._json(
            HTTPStatus.OK,
            {
                "stream": STREAM + stream.token,
                "size": stream.size,
                "media_type": stream.media_type,
                "left": str(stream.left),
            },
        )

    def _error(self, status: HTTPStatus, error: ColophonError) -> None:
        told = message(error)
        body = {"error": error.code, "message": f"{told.title}. {told.reason}"}
        if isinstance(error, VoucherRefusedError):
            body["newest"] = str(error.newest)
        self._json(status, body)

    def _json(self, status: HTTPStatus, value: object) -> None:
        data = json.dumps(value).encode()
        self._head(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, len(data))
        if self.command != "HEAD":
            self.wfile.write(data)

    def _head(self, status: HTTPStatus, fields: dict[str, str], length: int) -> None:
        self.send_response(status)
        for name, value in {**_CORS, **fields, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()


def _number(text: object) -> int:
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 20:
        raise ValueError("number")
    return int(text)


def _status(error: ColophonError) -> HTTPStatus:
    if isinstance(error, NotFoundError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, UnavailableError) or error.code == "wallet.locked":
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, VoucherRefusedError):
        return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST


def _read(file: Path, start: int, stop: int) -> Iterator[bytes]:
    with file.open("rb") as source:
        source.seek(start)
        left = stop - start
        while left:
            part = source.read(min(_PIECE, left))
            if not part:
                return
            left -= len(part)
            yield part
