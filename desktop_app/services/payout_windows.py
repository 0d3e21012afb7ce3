"""One window of blocks: read, shown to be complete and on one chain, and committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.chain.wire import Json
from desktop_app.core.errors import UnavailableError
from desktop_app.services.payout_endpoint import Answer, Endpoint
from desktop_app.services.payout_events import TOPICS, ChainMovedError, Found, read_events
from desktop_app.services.payout_evidence import contradicts, says_nothing, unexplained
from desktop_app.services.payout_sources import events_of_block
from desktop_app.store.payout_checkpoints import BlockRef, Change, Checkpoint, Following, PayoutCheckpoints


@dataclass(frozen=True)
class Window:
    """Blocks `first` to `last` for the tokens of `group`, which are complete up to `first - 1`.

    A `sparse` window lies in settled history, where nothing can be reorganised: only the headers of blocks
    with events and of the last block are fetched. Rows up to `settled` become final at once. With `prove`
    the events of every block are taken from its whole receipts, not from the node's list.
    """

    checkpoint: Checkpoint
    group: Sequence[Following]
    first: int
    last: int
    sparse: bool
    settled: int
    prove: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was stored, and what kept the rest of the window from being stored.

    `on_trust`: some of it rests on what the node listed, without a bloom that would show a gap.
    """

    change: Change
    held: UnavailableError | None = None
    on_trust: bool = False


def read_window(endpoints: Sequence[Endpoint], checkpoints: PayoutCheckpoints, window: Window) -> Outcome:
    """Ask `endpoints[0]`; the others only where its answer needs a second opinion.

    Raises UnavailableError, ChainMovedError, StaleCheckpointError; then nothing was stored.
    """
    tokens = {following.token.lower(): following.token for following in window.group}
    safe, final = window.checkpoint.safe_number, window.settled
    held: UnavailableError | None = None
    end = window.last
    if window.sparse:
        answer = endpoints[0].sparse_window(window.first, window.last, list(tokens))
        found = read_events(answer.logs, answer.headers, tokens, safe=safe, final=final)
        headers = [answer.headers[end]]
    else:
        answer = endpoints[0].window(window.first, window.last, list(tokens))
        _check_links(checkpoints, window, answer)
        found = read_events(answer.logs, answer.headers, tokens, safe=safe, final=final)
        logs, end, held = _examine(endpoints, window, answer, found)
        if end < window.first:
            return Outcome(Change(), held)
        if logs is not answer.logs:
            found = read_events(logs, answer.headers, tokens, safe=safe, final=final)
        headers = [answer.headers[number] for number in range(window.first, end + 1)]
    change = checkpoints.commit(
        window.checkpoint,
        window.group,
        BlockRef(end, answer.headers[end].hash),
        [BlockRef(header.number, header.hash) for header in headers],
        found.rows if held is None else [row for row in found.rows if row.block_number <= end],
        confirmed=final,
    )
    return Outcome(change, held, window.sparse or any(map(says_nothing, headers)))


def _check_links(checkpoints: PayoutCheckpoints, window: Window, answer: Answer) -> None:
    """The headers form one chain, which goes on from ours and agrees with it where they overlap."""
    stored = checkpoints.headers_between(window.first - 1, window.last)
    parent = stored.get(window.first - 1, "")
    for number in range(window.first, window.last + 1):
        header = answer.headers[number]
        if parent and header.parent != parent:
            raise ChainMovedError(number - 1)
        if stored.get(number, header.hash) != header.hash:
            raise ChainMovedError(number)
        parent = header.hash


def _examine(
    endpoints: Sequence[Endpoint], window: Window, answer: Answer, found: Found
) -> tuple[list[Json], int, UnavailableError | None]:
    """The logs with doubtful blocks replaced by proved ones; up to which block; why not further."""
    tokens = [following.token.lower() for following in window.group]
    proved: dict[int, list[Json]] = {}
    end, held = window.last, None
    for number in range(window.first, window.last + 1):
        header = answer.headers[number]
        from_tokens, topics = found.sources.get(number, ((), ()))
        if contradicts(header, (*from_tokens, *topics)):
            raise UnavailableError("payouts.contradiction", block=number, endpoint=endpoints[0].name)
        listed = window.prove and bool(from_tokens)
        if listed or unexplained(header, tokens, TOPICS, from_tokens, topics):
            try:
                proved[number] = events_of_block(endpoints, header, tokens)
            except UnavailableError as failure:
                end, held = number - 1, failure
                break
    if not proved:
        return answer.logs, end, held
    logs = [log for log in answer.logs if int(log["blockNumber"], 16) not in proved]
    for block in proved.values():
        logs += block
    return logs, end, held
