"""The event of one registration, found by the time of its record: a few questions, however old it is.

The registry's record says when; blocks of that second are searched for by their times; the event must be in
one of them, under the hash that the block itself has.
"""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import BlockHead, Chain
from desktop_app.chain.contracts import REGISTRY
from desktop_app.chain.log_search import search_logs, topic_of
from desktop_app.chain.logs import REGISTERED, Registered
from desktop_app.chain.wire import bad_answer, to_data

_AT_ONCE = 16
"""Blocks that are asked for together."""


def find_registration(chain: Chain, registrant: str, commitment_id: bytes, registered_at: int) -> Registered:
    """The event of a record that the registry has, made at that time (Unix seconds).

    Raises UnavailableError "chain.bad_answer" where the node's blocks and events do not bear its record out.
    """
    newest = chain.head()
    first = _first_block(chain, newest, lambda head: head.timestamp >= registered_at)
    after = _first_block(chain, newest, lambda head: head.timestamp > registered_at)
    topics = [REGISTERED, topic_of(registrant), to_data(commitment_id)]
    for event in search_logs(chain, first, after - 1, [contract_address(REGISTRY)], topics):
        if not isinstance(event, Registered) or event.commitment_id != commitment_id:
            continue
        (head,) = chain.heads([event.place.block_number])
        if head.block_hash == event.place.block_hash and head.timestamp == registered_at:
            return event
    raise bad_answer("Registered")


def _first_block(chain: Chain, newest: BlockHead, reached: Callable[[BlockHead], bool]) -> int:
    """The number of the first block that is so, as all after it are; one past the newest where none is."""
    low, high = 0, newest.number + 1
    while low < high:
        step = max(1, (high - low) // (_AT_ONCE + 1))
        asked = range(low, high, step)[:_AT_ONCE] if step == 1 else range(low + step, high, step)[:_AT_ONCE]
        for head in chain.heads(list(asked)):
            if reached(head):
                high = head.number
                break
            low = head.number + 1
    return low
