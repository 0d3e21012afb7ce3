"""Finds gaps: what was seen of a token, held against what its contract has booked, at the same block.

Long settled history is read without its headers, on a node's word for what it lists. The contract's books
prove that reading complete with a few questions, however long it is. Where they differ, the history is read
again from the first block at which they do, block by block, with headers, blooms and receipts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from desktop_app.chain.rpc import RpcError
from desktop_app.core.errors import ColophonError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payout_endpoint import Endpoint
from desktop_app.store.payout_checkpoints import BlockRef, Following, PayoutCheckpoints

_log = logging.getLogger(__name__)

_AT_ONCE = 20
"""Tokens to check in one round: the others wait for the next, so that following is never held up."""

_EVERY_SECONDS = 600.0
_PATIENCE = 3
"""How often a token's history is read again before a difference is told to the user."""


class BookKeeper:
    """Each token is checked after its history was read; `distrusted` ones are read block by block."""

    def __init__(self, checkpoints: PayoutCheckpoints, monotonic: Callable[[], float]) -> None:
        self._checkpoints = checkpoints
        self._monotonic = monotonic
        self._checked: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._attempts: dict[str, int] = {}
        self.distrusted: set[str] = set()
        self.problem: ColophonError | None = None

    def read_on_trust(self, group: Sequence[Following], *, at_once: bool) -> None:
        """Of these tokens something was read on the node's word: check them when they are up to date, or
        else, where few blocks are concerned, some time after the last check."""
        for following in group:
            if at_once:
                self._checked.pop(following.token, None)
            else:
                self._waiting.add(following.token)

    def _due(self, token: str) -> bool:
        checked = self._checked.get(token)
        if checked is None:
            return True
        return token in self._waiting and abs(self._monotonic() - checked) > _EVERY_SECONDS

    def check(self, endpoint: Endpoint, task: Task) -> bool:
        """Whether a history has to be read again; its position was then moved back."""
        checkpoint = self._checkpoints.load()
        cursor = checkpoint.cursor
        if cursor is None:
            return False
        due = [f for f in checkpoint.tokens if f.synced_to == cursor.number and self._due(f.token)]
        again = False
        for following in due[:_AT_ONCE]:
            task.check()
            try:
                gap = self._gap(endpoint, following, cursor, task)
            except RpcError as refused:
                _log.info("the books of %s cannot be read: %s", following.token, refused)
                gap = None
            except UnavailableError as failure:
                if failure.code != "chain.bad_answer":
                    return again  # asked again next time
                gap = None
            self._checked[following.token] = self._monotonic()
            self._waiting.discard(following.token)
            if gap is not None:
                again = self._read_again(following, *gap) or again
        return again

    def _gap(
        self, endpoint: Endpoint, following: Following, cursor: BlockRef, task: Task
    ) -> tuple[int, bool] | None:
        """The first block at which the books differ, and whether it is known; None where they agree."""
        if not self._differ(endpoint, following, cursor.number):
            self._attempts.pop(following.token, None)
            if following.token in self.distrusted:
                self.problem = None
            return None
        if endpoint.headers([cursor.number]).get(cursor.number) != cursor.hash:
            raise UnavailableError("payouts.node_behind", block=cursor.number)  # reorganised in between
        low, high = following.created_block, cursor.number
        while low < high:
            task.check()
            middle = (low + high) // 2
            try:
                differ = self._differ(endpoint, following, middle)
            except RpcError:
                return following.created_block, False  # the node keeps no old state
            low, high = (low, middle) if differ else (middle + 1, high)
        return low, True

    def _differ(self, endpoint: Endpoint, following: Following, block: int) -> bool:
        seen = self._checkpoints.sums(following.token, block)
        for currency, books in endpoint.books(following.token, block).items():
            if seen.get(currency.lower(), (0, 0)) != (books.paid_in, books.paid_out):
                return True
        return False

    def _read_again(self, following: Following, block: int, located: bool) -> bool:
        attempts = self._attempts.get(following.token, 0)
        if attempts >= _PATIENCE:
            self.problem = UnavailableError("payouts.books_differ", token=following.token)
            return False
        self._attempts[following.token] = attempts + 1
        if located or attempts:
            self.distrusted.add(following.token)
        # Otherwise all has to be read, which is quick only without headers: the node gets a second chance.
        self._checked.pop(following.token, None)
        _log.warning("the books of %s differ from block %d on: reading again", following.token, block)
        # What is not even found by receipts is taken back: it was never there.
        self._checkpoints.read_again(following.token, block, take_back=attempts == _PATIENCE - 1)
        return True
