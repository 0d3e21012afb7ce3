"""Two nodes against each other: a payout is final only when both have told the same for its range."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop_app.chain.wire import Json
from desktop_app.core.errors import ColophonError, RefusedError, UnavailableError
from desktop_app.core.progress import Task
from desktop_app.services.payout_endpoint import Endpoint
from desktop_app.services.payout_events import TOPICS, ChainMovedError, read_events
from desktop_app.services.payout_evidence import Header
from desktop_app.services.payout_ranges import RangeSize, is_too_much
from desktop_app.store.payout_checkpoints import (
    Change,
    Checkpoint,
    Following,
    PayoutCheckpoints,
    PayoutRow,
)


def events_of_block(endpoints: Sequence[Endpoint], header: Header, tokens: Sequence[str]) -> list[Json]:
    """Our raw logs of one block from whole, proved receipts; of two nodes where there are two, and equal.

    `tokens` in lower case. Raises UnavailableError ("payouts.unproved", "payouts.second_source",
    "payouts.sources_disagree"), ChainMovedError when the first node has another block there by now.
    """
    wanted = min(2, len(endpoints))
    answers: list[list[Json]] = []
    for turn, endpoint in enumerate(endpoints):
        try:
            found, logs = endpoint.whole_block(header.number)
        except (UnavailableError, RefusedError):
            continue
        if found.hash != header.hash:
            if turn == 0:
                raise ChainMovedError(header.number)
            continue
        answers.append([log for log in logs if _is_ours(log, tokens)])
        if len(answers) == wanted:
            break
    if not answers:
        raise UnavailableError("payouts.unproved", block=header.number)
    if len(answers) < wanted:
        raise UnavailableError("payouts.second_source", block=header.number)
    if any(list(map(_essence, answer)) != list(map(_essence, answers[0])) for answer in answers):
        raise UnavailableError("payouts.sources_disagree", block=header.number)
    return answers[0]


def _is_ours(log: Json, tokens: Sequence[str]) -> bool:
    return log["address"].lower() in tokens and bool(log["topics"]) and log["topics"][0].lower() in TOPICS


def _essence(log: Json) -> tuple[str, ...]:
    topics = [topic.lower() for topic in log["topics"]]
    return (str(log["transactionHash"]).lower(), log["address"].lower(), str(log["data"]).lower(), *topics)


class SecondSource:
    """Makes rows final: with one node on its word alone, with more after two have agreed."""

    def __init__(self, checkpoints: PayoutCheckpoints, monotonic: Callable[[], float]) -> None:
        self._checkpoints = checkpoints
        self._monotonic = monotonic
        self._size = RangeSize(2_000, 100_000, slow=0.8, quick=0.4)

    def confirm(
        self, endpoints: Sequence[Endpoint], task: Task, on_change: Callable[[Change], None]
    ) -> ColophonError | None:
        """Go as far as the finalized block; returns what keeps it from doing so, since following goes on."""
        while True:
            task.check()
            checkpoint = self._checkpoints.load()
            group = _least_confirmed(checkpoint)
            if not group or checkpoint.final is None:
                return None
            first = group[0].confirmed_to + 1
            last = min(checkpoint.final.number, *(following.synced_to for following in group))
            last = min([last, *(f.confirmed_to for f in checkpoint.tokens if f.confirmed_to >= first)])
            if len(endpoints) == 1:
                change = self._checkpoints.confirm(checkpoint, group, last)
            else:
                last = min(last, first + self._size.blocks - 1)
                before = self._monotonic()
                try:
                    change = self._compare(endpoints, checkpoint, group, first, last)
                except UnavailableError as error:
                    if is_too_much(error) and self._size.refused(last - first + 1, error):
                        continue
                    return error
                self._size.answered(last - first + 1, self._monotonic() - before)
            if change != Change():
                on_change(change)

    def _compare(
        self,
        endpoints: Sequence[Endpoint],
        checkpoint: Checkpoint,
        group: Sequence[Following],
        first: int,
        last: int,
    ) -> Change:
        tokens = {following.token.lower(): following.token for following in group}
        told: list[list[PayoutRow]] = []
        asked: list[Endpoint] = []
        known = self._checkpoints.headers([last]).get(last)
        disagree = False
        for turn, endpoint in enumerate(endpoints):
            try:
                answer = endpoint.sparse_window(first, last, list(tokens))
                rows = read_events(answer.logs, answer.headers, tokens).rows
            except (UnavailableError, RefusedError) as error:
                if is_too_much(error) and last > first:
                    raise
                continue
            except ChainMovedError:
                if turn == 0:
                    raise
                continue  # what another node tells does not fit together: it is no witness
            known = known or answer.headers[last].hash
            if answer.headers[last].hash != known:
                disagree = True
                continue
            told.append(rows)
            asked.append(endpoint)
            if len(told) == 2:
                break
        if len(told) < 2:
            code = "payouts.sources_disagree" if disagree else "payouts.second_source"
            raise UnavailableError(code, block=last)
        stored = self._checkpoints.rows_between(group, first, last)
        doubtful = _differing(stored, told[0]) | _differing(stored, told[1])
        truth: list[PayoutRow] = []
        for number in sorted(doubtful):
            header, _ = asked[0].whole_block(number)
            logs = events_of_block(asked, header, list(tokens))
            truth += read_events(logs, {number: header}, tokens).rows
        keys = {_key(row) for row in truth}
        surplus = [row for row in stored if row.block_number in doubtful and _key(row) not in keys]
        return self._checkpoints.confirm(checkpoint, group, last, missing=truth, surplus=surplus)


def _least_confirmed(checkpoint: Checkpoint) -> list[Following]:
    """The tokens with the earliest range that is final but not confirmed."""
    if checkpoint.final is None:
        return []
    waiting = [f for f in checkpoint.tokens if f.confirmed_to < min(f.synced_to, checkpoint.final.number)]
    earliest = min((following.confirmed_to for following in waiting), default=0)
    return [following for following in waiting if following.confirmed_to == earliest]


def _key(row: PayoutRow) -> tuple[str, str, int]:
    return row.tx_hash, row.token, row.ordinal


def _differing(stored: Sequence[PayoutRow], told: Sequence[PayoutRow]) -> set[int]:
    """The blocks in which the two do not hold the same, whatever the state."""
    left, right = {row[:-1] for row in stored}, {row[:-1] for row in told}
    return {row[4] for row in left ^ right}
