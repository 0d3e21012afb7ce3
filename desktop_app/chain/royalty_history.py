"""Everything that a royalty token's contract ever said, in order and up to one block, from a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desktop_app.chain import reads
from desktop_app.chain.connection import BlockHead, Chain
from desktop_app.chain.log_search import search_logs
from desktop_app.chain.logs import (
    CLAIMED,
    FORWARDED,
    PAYMENT,
    PUSH_FAILED,
    PUSHED,
    TRANSFER,
    Claimed,
    Forwarded,
    Payment,
    Pushed,
    PushFailed,
    Transfer,
)
from desktop_app.chain.reads import TokenTerms
from desktop_app.chain.wire import bad_answer
from desktop_app.core.errors import InvalidInputError, UnavailableError
from desktop_app.core.progress import Task

RoyaltyEvent = Payment | Pushed | PushFailed | Claimed | Forwarded | Transfer
_TOPICS = [PAYMENT, PUSHED, PUSH_FAILED, CLAIMED, FORWARDED, TRANSFER]


@dataclass(frozen=True)
class RoyaltyHistory:
    """`events` from the token's creation up to the block `head`, in the order in which they count.

    `times` are Unix times in seconds of the blocks that hold them.
    """

    terms: TokenTerms
    head: BlockHead
    events: tuple[RoyaltyEvent, ...]
    times: Mapping[int, int]


def read_history(
    chain: Chain, token: str, created_block: int, until: int | None = None, task: Task | None = None
) -> RoyaltyHistory:
    """Read a token's history up to block `until`, the latest by default.

    Every event must belong to the block that the chain has at its height. Raises InvalidInputError for a
    block that does not exist (yet) or is before the token, UnavailableError when the chain changed while it
    was read.
    """
    task = task or Task()
    task.report(0, 3, "stage.reading_events")
    terms = reads.token_terms(chain, token)
    head = chain.head()
    if until is not None:
        if not created_block <= until <= head.number:
            raise InvalidInputError("chain.no_such_block", block=until, first=created_block, last=head.number)
        head = chain.heads([until])[0]
    found = list(search_logs(chain, created_block, head.number, [token], [_TOPICS]))
    task.report(1, 3, "stage.reading_events")
    events: list[RoyaltyEvent] = []
    place = (-1, -1)
    for event in found:
        if not isinstance(event, RoyaltyEvent) or event.place.contract != token:
            raise bad_answer("log.contract")
        before, place = place, (event.place.block_number, event.place.log_index)
        if place <= before or place[0] > head.number:
            raise bad_answer("log.order")
        events.append(event)
    blocks = sorted({event.place.block_number for event in events} | {head.number})
    heads = {one.number: one for one in chain.heads(blocks)}
    task.report(2, 3, "stage.reading_events")
    moved = heads[head.number].block_hash != head.block_hash or any(
        heads[event.place.block_number].block_hash != event.place.block_hash for event in events
    )
    if moved:
        raise UnavailableError("chain.moved", network=chain.network.name)
    times = {number: one.timestamp for number, one in heads.items()}
    return RoyaltyHistory(terms, head, tuple(events), times)
