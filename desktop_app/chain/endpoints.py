"""Several nodes of one network behind one Rpc: another one takes over when one fails, and health is kept.

Reading may go to any node. A transaction goes to one node once: whether to send it again is the sender's
decision, after the hash was looked up. A node of another network is never used.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from desktop_app.chain import wire
from desktop_app.chain.connection import parse_head
from desktop_app.chain.networks import Network
from desktop_app.chain.rpc import BusyError, HttpRpc, Rpc, RpcError
from desktop_app.chain.wire import Json
from desktop_app.core.clock import Clock
from desktop_app.core.errors import ColophonError, RefusedError, UnavailableError

T = TypeVar("T")

FIRST_REST, LONGEST_REST = 15.0, 600.0
"""Seconds that a failing node is left alone, doubled with each failure in a row."""
SHALLOW = 64
"""A node whose head falls back by more blocks than this, without a common history, is not believed."""
_WRITES = ("eth_sendRawTransaction",)
# Refusals that are about the node, not about the question (EIP-1474 and geth).
_NODE_TROUBLE = (-32601, -32603, -32005, -32004, -32002)


class EndpointState(StrEnum):
    UNKNOWN = "unknown"
    GOOD = "good"
    RESTING = "resting"
    """It failed a moment ago and is left alone for a while."""
    WRONG_NETWORK = "wrong_network"
    DOUBTED = "doubted"
    """What it says contradicts what it or another node said before."""


@dataclass(frozen=True)
class EndpointHealth:
    """One node as seen so far. `latency_ms` of the last answer, `head` the last block it spoke of.

    `problem` and `doubts` are errors for `wording.message`; `failures` are those in a row.
    """

    host: str
    state: EndpointState = EndpointState.UNKNOWN
    latency_ms: int | None = None
    answers: int = 0
    failures: int = 0
    head: int | None = None
    chain_id: int | None = None
    problem: ColophonError | None = None
    doubts: tuple[ColophonError, ...] = ()


class _Endpoint:
    def __init__(self, rpc: Rpc, host: str) -> None:
        self.rpc = rpc
        self.health = EndpointHealth(host)
        self.rest_until = 0.0


class FailoverRpc:
    """Asks the nodes in their order, passing over those that rest. Thread-safe when they are."""

    def __init__(self, network: Network, endpoints: Sequence[Rpc], clock: Clock) -> None:
        self._network = network
        self._clock = clock
        self._endpoints = [
            _Endpoint(rpc, rpc.host if isinstance(rpc, HttpRpc) else str(number))
            for number, rpc in enumerate(endpoints, start=1)
        ]
        self._lock = threading.Lock()

    def call(self, method: str, params: Sequence[Json] = ()) -> Json:
        def ask(rpc: Rpc) -> Json:
            return rpc.call(method, params)

        if method == "eth_chainId" and len(self._endpoints) == 1:
            # A sole node's answer is for the caller to judge.
            return self._ask(self._endpoints[0], ask)
        return self._first(ask, once=method in _WRITES)

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json | RpcError]:
        return self._first(lambda rpc: rpc.batch(calls), once=any(method in _WRITES for method, _ in calls))

    def close(self) -> None:
        for endpoint in self._endpoints:
            endpoint.rpc.close()

    def health(self) -> tuple[EndpointHealth, ...]:
        """What is known, without asking anybody."""
        now = self._clock.monotonic()
        return tuple(
            replace(one.health, state=EndpointState.RESTING)
            if one.health.state is EndpointState.GOOD and one.rest_until > now
            else one.health
            for one in self._endpoints
        )

    def check(self, addresses: Sequence[str] = ()) -> tuple[EndpointHealth, ...]:
        """Ask every node now, and compare them: chain id, head, and balances of `addresses` at one block."""
        heads: dict[int, int] = {}
        for position, endpoint in enumerate(self._endpoints):
            endpoint.rest_until = 0.0
            try:
                self._require_network(endpoint, again=True)
                number = self._ask(endpoint, lambda rpc: rpc.call("eth_blockNumber"))
                heads[position] = wire.quantity(number, "blockNumber")
            except (UnavailableError, RefusedError):
                continue
            self._note_head(endpoint, heads[position])
        self._compare(heads, addresses)
        return self.health()

    # --- Choosing ----------------------------------------------------------------------------------------

    def _first(self, ask: Callable[[Rpc], T], *, once: bool) -> T:
        """The first answer. With `once`, no second node is asked after one may have been reached."""
        problem: UnavailableError | RefusedError | None = None
        for endpoint in self._in_order():
            try:
                self._require_network(endpoint)
            except (UnavailableError, RefusedError) as error:
                problem = problem or error
                continue
            try:
                return self._ask(endpoint, ask)
            except RpcError as refused:
                if once or refused.revert_data is not None or refused.rpc_code not in _NODE_TROUBLE:
                    raise
                problem = refused
            except UnavailableError as error:
                if once:
                    raise
                problem = problem or error
        if problem is None:
            raise UnavailableError("chain.no_endpoint", network=self._network.name)
        raise problem

    def _in_order(self) -> list[_Endpoint]:
        """Those that do not rest, as configured; then the others, since a late answer beats none."""
        now = self._clock.monotonic()
        with self._lock:
            return sorted(self._endpoints, key=lambda one: max(0.0, one.rest_until - now))

    def _require_network(self, endpoint: _Endpoint, *, again: bool = False) -> None:
        """Ask a node which network it serves: once, and again after it failed."""
        if len(self._endpoints) == 1 and not again:
            return
        if endpoint.health.chain_id is None or endpoint.health.chain_id != self._network.chain_id or again:
            found = self._ask(endpoint, lambda rpc: rpc.call("eth_chainId"))
            chain_id = wire.quantity(found, "chainId")
            wrong = chain_id != self._network.chain_id
            error = RefusedError(
                "chain.wrong_network",
                network=self._network.name,
                expected=self._network.chain_id,
                found=chain_id,
            )
            self._update(
                endpoint,
                chain_id=chain_id,
                state=EndpointState.WRONG_NETWORK if wrong else EndpointState.GOOD,
                problem=error if wrong else None,
            )
            if wrong:
                self._rest(endpoint, LONGEST_REST)
                raise error

    def _ask(self, endpoint: _Endpoint, ask: Callable[[Rpc], T]) -> T:
        before = self._clock.monotonic()
        try:
            answer = ask(endpoint.rpc)
        except RpcError:
            # It understood and refused: the node itself is well.
            self._answered(endpoint, before)
            raise
        except UnavailableError as error:
            failures = endpoint.health.failures + 1
            rest = min(LONGEST_REST, FIRST_REST * 2 ** min(failures - 1, 10))
            if isinstance(error, BusyError):
                rest = max(rest, error.retry_after)
            self._update(
                endpoint, failures=failures, chain_id=None, problem=error, state=EndpointState.RESTING
            )
            self._rest(endpoint, rest)
            raise
        self._answered(endpoint, before)
        return answer

    def _answered(self, endpoint: _Endpoint, before: float) -> None:
        elapsed = int((self._clock.monotonic() - before) * 1000)
        health = endpoint.health
        resting = health.state in (EndpointState.RESTING, EndpointState.UNKNOWN)
        self._update(
            endpoint,
            latency_ms=elapsed,
            answers=health.answers + 1,
            failures=0,
            state=EndpointState.GOOD if resting else health.state,
            problem=None if resting else health.problem,
        )
        endpoint.rest_until = 0.0 if health.state is not EndpointState.WRONG_NETWORK else endpoint.rest_until

    def _rest(self, endpoint: _Endpoint, seconds: float) -> None:
        endpoint.rest_until = self._clock.monotonic() + seconds

    def _update(self, endpoint: _Endpoint, **changes: object) -> None:
        with self._lock:
            endpoint.health = replace(endpoint.health, **changes)  # type: ignore[arg-type]

    # --- Doubting ----------------------------------------------------------------------------------------

    def _note_head(self, endpoint: _Endpoint, head: int) -> None:
        before = endpoint.health.head
        self._update(endpoint, head=head, doubts=(), state=EndpointState.GOOD)
        if before is not None and head < before - SHALLOW:
            self._doubt(
                endpoint,
                RefusedError("chain.head_went_back", host=endpoint.health.host, before=before, now=head),
            )

    def _doubt(self, endpoint: _Endpoint, error: ColophonError) -> None:
        self._update(
            endpoint, doubts=(*endpoint.health.doubts, error), state=EndpointState.DOUBTED, problem=error
        )

    def _compare(self, heads: dict[int, int], addresses: Sequence[str]) -> None:
        """Nodes that know the same block must say the same about it; who differs from the most is doubted."""
        if len(heads) < 2:
            return
        number = hex(max(0, min(heads.values()) - 2))
        blocks: dict[int, str] = {}
        for position in heads:
            try:
                answer = self._ask(
                    self._endpoints[position],
                    lambda rpc: rpc.call("eth_getBlockByNumber", [number, False]),
                )
                blocks[position] = parse_head(answer).block_hash
            except UnavailableError:
                continue
        self._doubt_minority(blocks, "chain.other_history", number)
        alike = [one for one in blocks if list(blocks.values()).count(blocks[one]) > 1]
        for address in addresses:
            balances: dict[int, str] = {}
            for position in alike:
                try:
                    answer = self._ask(
                        self._endpoints[position],
                        lambda rpc, address=address: rpc.call("eth_getBalance", [address, number]),  # type: ignore[misc]
                    )
                    balances[position] = str(wire.quantity(answer, "balance"))
                except UnavailableError:
                    continue
            self._doubt_minority(balances, "chain.balances_differ", number)

    def _doubt_minority(self, said: dict[int, str], code: str, number: str) -> None:
        values = list(said.values())
        if len(set(values)) < 2:
            return
        most = max(values.count(value) for value in values)
        leaders = {value for value in values if values.count(value) == most}
        for position, value in said.items():
            # Two against two, or one against one: nobody knows who is right, so all are doubted.
            if value not in leaders or len(leaders) > 1:
                endpoint = self._endpoints[position]
                error = RefusedError(code, host=endpoint.health.host, block=int(number, 16))
                self._doubt(endpoint, error)
