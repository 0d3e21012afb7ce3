"""The one way to an Ethereum node: JSON-RPC 2.0 calls, over HTTP or in process.

`HttpRpc` never sends anything twice by itself: whether to ask again is the caller's decision, because a
transaction that was sent may have arrived although its answer was lost.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from desktop_app.chain.wire import Json, bad_answer
from desktop_app.core.clock import Clock, SystemClock
from desktop_app.core.errors import InvalidInputError, UnavailableError

if TYPE_CHECKING:
    import requests

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CHUNK = 256 * 1024


class Rpc(Protocol):
    """A node. Values are in wire form (hex strings), as in the JSON."""

    def call(self, method: str, params: Sequence[Json] = ()) -> Json:
        """The result. Raises RpcError when the node refuses, UnavailableError when it cannot be reached."""
        ...

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json | RpcError]:
        """Results in the order of the calls; a refused call gives its RpcError in place."""
        ...

    def close(self) -> None: ...


class RpcError(UnavailableError):
    """The node understood the call and refused it."""

    def __init__(self, method: str, rpc_code: int, rpc_message: str, data: Json = None) -> None:
        self.method = method
        self.rpc_code = rpc_code
        self.rpc_message = "".join(c if c.isprintable() else " " for c in rpc_message)[:500]
        self.data = data
        super().__init__(
            "chain.node_refused", method=method, rpc_code=rpc_code, message=self.rpc_message[:200]
        )

    @property
    def revert_data(self) -> bytes | None:
        """What a reverting contract returned, or None when this is no revert (geth: code 3 with data)."""
        found = self.data
        if isinstance(found, dict):
            found = found.get("data")
        if isinstance(found, str) and found.startswith("0x"):
            try:
                return bytes.fromhex(found[2:])
            except ValueError:
                return None
        return b"" if self.rpc_code == 3 or "revert" in self.rpc_message.lower() else None

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.method, self.rpc_code, self.rpc_message, self.data)


class BusyError(UnavailableError):
    """The node asks for patience (HTTP 429 or 503). `retry_after` is its wish in seconds, if it has one."""

    def __init__(self, code: str = "chain.busy", *, retry_after: int = 0, **params: str | int) -> None:
        self.retry_after = retry_after
        super().__init__(code, retry_after=retry_after, **params)


class HttpRpc:
    """A node behind an HTTP address. Thread-safe; connections are kept open and reused.

    `timeout` in seconds bounds the connection, each silence, and three times over the whole answer.
    """

    def __init__(
        self,
        url: str,
        timeout: float = 20.0,
        *,
        max_answer: int = MAX_ANSWER_BYTES,
        clock: Clock | None = None,
    ) -> None:
        try:
            parts = urlsplit(url)
            named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # brackets that do not match, a port that is no number
            named = False
        if not named or parts.hostname is None:
            raise InvalidInputError("chain.not_a_node_address", text=url[:80])
        self._url = url
        self._timeout = timeout
        self._max_answer = max_answer
        self._clock = clock or SystemClock()
        self._ids = itertools.count(1)
        self._session: requests.Session | None = None
        self.host = parts.hostname
        """All of the address that may be shown: the rest often holds an access key."""

    def call(self, method: str, params: Sequence[Json] = ()) -> Json:
        request = self._request(method, params)
        return self._result(method, request["id"], self._post(request))

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json | RpcError]:
        if not calls:
            return []
        requests_ = [self._request(method, params) for method, params in calls]
        answers = self._post(requests_)
        if isinstance(answers, dict):
            self._result("batch", None, answers)
            raise bad_answer("batch")
        if not isinstance(answers, list) or len(answers) != len(calls):
            raise bad_answer("batch.length")
        by_id = {a["id"]: a for a in answers if isinstance(a, dict) and type(a.get("id")) is int}
        results: list[Json | RpcError] = []
        for request in requests_:
            if request["id"] not in by_id:
                raise bad_answer("batch.id")
            try:
                results.append(self._result(request["method"], request["id"], by_id[request["id"]]))
            except RpcError as refused:
                results.append(refused)
        return results

    def close(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        from requests.adapters import HTTPAdapter

        # requests leaves open connections to the garbage collector, which a kept exception can delay.
        for adapter in session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                pools = adapter.poolmanager.pools
                for key in list(pools.keys()):
                    pools[key].close()
        session.close()

    def _request(self, method: str, params: Sequence[Json]) -> dict[str, Json]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}

    @staticmethod
    def _result(method: str, request_id: int | None, answer: Json) -> Json:
        if not isinstance(answer, dict):
            raise bad_answer("answer")
        error = answer.get("error")
        if error is not None:
            if not isinstance(error, dict):
                raise bad_answer("error")
            code, message = error.get("code"), error.get("message")
            known = code if type(code) is int and abs(code) < 2**53 else 0
            raise RpcError(method, known, message if isinstance(message, str) else "", error.get("data"))
        if request_id is not None and (answer.get("id") != request_id or type(answer["id"]) is not int):
            raise bad_answer("answer.id")
        if "result" not in answer:
            raise bad_answer("answer.result")
        return answer["result"]

    def _open(self) -> requests.Session:
        if self._session is None:
            from http.cookiejar import DefaultCookiePolicy

            import requests

            session = requests.Session()
            # Without this, requests would send the user's ~/.netrc password for the host.
            session.auth = lambda request: request
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.headers["Content-Type"] = "application/json"
            self._session = session
        return self._session

    def _post(self, body: Json) -> Json:
        from http.client import HTTPException

        import requests
        import urllib3

        text = json.dumps(body, separators=(",", ":")).encode()
        try:
            with self._open().post(
                self._url, data=text, timeout=self._timeout, stream=True, allow_redirects=False
            ) as response:
                if response.status_code in (429, 503):
                    raise BusyError(
                        host=self.host,
                        status=response.status_code,
                        retry_after=_seconds(response.headers.get("Retry-After"), self._clock),
                    )
                raw = self._read(response)
                status = response.status_code
        except requests.exceptions.Timeout:
            raise UnavailableError("chain.timeout", host=self.host) from None
        except urllib3.exceptions.TimeoutError:
            raise UnavailableError("chain.timeout", host=self.host) from None
        except (
            requests.exceptions.RequestException,
            urllib3.exceptions.HTTPError,
            HTTPException,
            OSError,
        ) as failure:
            # The text of the exception holds the whole address; only its kind may be shown.
            raise UnavailableError(
                "chain.unreachable", host=self.host, reason=type(failure).__name__
            ) from None
        return self._parse(raw, status)

    def _read(self, response: requests.Response) -> bytes:
        limit = self._clock.monotonic() + 3 * self._timeout
        parts: list[bytes] = []
        size = 0
        # read1 comes back after each piece, so that a node which drips single bytes meets the time limit.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > self._max_answer:
                raise UnavailableError("chain.answer_too_large", host=self.host, limit=self._max_answer)
            if self._clock.monotonic() > limit:
                raise UnavailableError("chain.timeout", host=self.host)
            parts.append(chunk)
        return b"".join(parts)

    def _parse(self, raw: bytes, status: int) -> Json:
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError):
            if status != 200:
                raise UnavailableError("chain.bad_status", host=self.host, status=status) from None
            raise UnavailableError("chain.not_json", host=self.host) from None
        is_refusal = isinstance(answer, dict) and isinstance(answer.get("error"), dict)
        if status != 200 and not is_refusal:
            raise UnavailableError("chain.bad_status", host=self.host, status=status)
        return answer


def _seconds(header: str | None, clock: Clock) -> int:
    """Retry-After in seconds (RFC 9110 10.2.3: a number or a date), at most an hour."""
    if not header:
        return 0
    if header.strip().isdigit():
        return min(int(header.strip()[:9]), 3600)
    from email.utils import parsedate_to_datetime

    try:
        return max(0, min(int(parsedate_to_datetime(header).timestamp()) - clock.now(), 3600))
    except (ValueError, TypeError, OverflowError):
        return 0
