"""How many blocks to ask for at once: halve when the node says too much, grow when it answers.

Providers limit `eth_getLogs` by blocks, by results, by bytes or by time, and each words it differently: here
are geth, Erigon, Reth, Nitro, Avalanche, Alchemy, Infura, QuickNode, Ankr, dRPC, PublicNode and others.
"""

from __future__ import annotations

import re

from desktop_app.chain.rpc import BusyError, RpcError
from desktop_app.core.errors import ColophonError

_RATE = re.compile(
    r"rate.?limit|too many requests|requests? (rate|per|count)|per (second|minute|day)|throttl|credits|"
    r"compute units|capacity|quota|daily",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"more than [\d,]+ (results|logs|blocks)|too many (results|logs|blocks)|"
    r"blocks? range|max(imum)? (block )?range|range (is )?(too|exceeds|limit)|range of blocks|"
    r"range [\d,]+ exceeds|limited to (a )?(0 - )?[\d,]+ (blocks? )?(range|blocks)|"
    r"ranges? over [\d,]+ blocks|"
    r"no more than [\d,]+ blocks|maximum (allowed|is set|number)|max(imum)? (results|logs|blocks)|"
    r"(log )?response (size|is too|too) ?(exceed|big|large|should not)?|result (set )?too (big|large)|"
    r"exceeds? (the )?(limit of|max)|"
    r"query (timeout|timed out|exceeds)|log query timed|execution timeout|request timed out|timeout exceeded|"
    r"backend response too large|(entity|payload) too large|context deadline exceeded|"
    r"(at most|less than|fewer than|limited to|up to|within) [\d,]+k? blocks|greater than [\d,]+ max|"
    r"range must be|smaller (block )?range|reduce (the |your )?(block )?range|result window is too large|"
    r"requested range|query range",
    re.IGNORECASE,
)
_LIMIT_EXCEEDED = -32005
"""EIP-1474; without further words it can only mean the size of the answer."""


def is_busy(error: ColophonError) -> bool:
    """The node wants fewer requests, not smaller ones."""
    if isinstance(error, RpcError):
        return error.rpc_code == 429 or (
            not is_batch_limit(error) and _RATE.search(error.rpc_message) is not None
        )
    return isinstance(error, BusyError)


def is_too_much(error: ColophonError) -> bool:
    """A smaller range may succeed: the node's answer would be too long, too large or too slow."""
    if isinstance(error, RpcError):
        if is_busy(error):
            return False
        return error.rpc_code == _LIMIT_EXCEEDED or _RANGE.search(error.rpc_message) is not None
    if error.code == "chain.bad_status" and error.params.get("status") == 413:
        return True
    return error.code == "chain.answer_too_large" or is_timeout(error)


def is_timeout(error: ColophonError) -> bool:
    """Nothing came in time, from the node or from the proxy before it."""
    return error.code == "chain.timeout" or (
        error.code == "chain.bad_status" and error.params.get("status") in (504, 524)
    )


def is_batch_limit(error: ColophonError) -> bool:
    """The node takes fewer calls in one batch."""
    return isinstance(error, RpcError) and error.rpc_code != 429 and "batch" in error.rpc_message.lower()


class RangeSize:
    """The number of blocks for the next question, between 1 and `largest`."""

    _PATIENCE = 32
    _MOST_TIMEOUTS = 2

    def __init__(self, first: int, largest: int, *, slow: float = 1.5, quick: float = 0.5) -> None:
        self.blocks = first
        self._largest = largest
        self._ceiling = largest
        self._successes = 0
        self._timeouts = 0
        self._slow = slow
        self._quick = quick

    def answered(self, blocks: int, seconds: float) -> None:
        """A range of `blocks` took `seconds`: grow, unless that was slow or lately refused."""
        self._successes += 1
        self._timeouts = 0
        if self._successes >= self._PATIENCE:
            self._ceiling, self._successes = self._largest, 0
        if seconds > self._slow:
            self.blocks = max(1, blocks // 2)
        elif seconds < self._quick and blocks >= self.blocks:
            self.blocks = min(self.blocks * 2, self._ceiling)

    def refused(self, blocks: int, error: ColophonError | None = None) -> bool:
        """A range of `blocks` was too much: ask for its first half. False when that is of no use.

        After a time-out much less is asked for, and only a few times: a node may simply be silent, and each
        question to it costs the whole time limit.
        """
        timed_out = error is not None and is_timeout(error)
        self._timeouts = self._timeouts + 1 if timed_out else 0
        if blocks <= 1 or self._timeouts > self._MOST_TIMEOUTS:
            self._timeouts = 0
            return False
        self.blocks = max(1, blocks // (16 if timed_out else 2))
        self._ceiling = self.blocks
        self._successes = 0
        return True
