"""Looking for logs over a long stretch of blocks, however little a node answers at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop_app.chain.abi_logs import decode_abi_log, event_topic
from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.logs import CREATED, TRANSFER, Event, TokenCreated, Transfer, decode_logs
from desktop_app.chain.rpc import RpcError
from desktop_app.chain.wire import Json
from desktop_app.core.errors import NotFoundError


def search_logs(
    chain: Chain, first: int, last: int, addresses: Sequence[str], topics: Sequence[Json]
) -> Iterator[Event]:
    """Our frequent events in blocks `first` to `last`, in order."""
    yield from decode_logs(search_raw_logs(chain, first, last, addresses, topics))


def search_raw_logs(
    chain: Chain, first: int, last: int, addresses: Sequence[str], topics: Sequence[Json]
) -> Iterator[Json]:
    """Raw logs in blocks `first` to `last`, in order. A refused range is asked for in halves."""
    waiting = [(first, last)]
    while waiting:
        start, end = waiting.pop()
        try:
            found = chain.logs(start, end, addresses, topics)
        except RpcError:
            if start == end:
                raise
            middle = (start + end) // 2
            waiting += [(middle + 1, end), (start, middle)]
            continue
        yield from found


def creation_block(chain: Chain, token: str) -> int:
    """The block in which our factory made a token. Raises NotFoundError."""
    topics = [CREATED, topic_of(token)]
    for event in search_logs(chain, 0, chain.block_number(), [contract_address("RoyaltyFactory")], topics):
        if isinstance(event, TokenCreated):
            return event.place.block_number
    raise NotFoundError("chain.not_our_token", address=token, network=chain.network.name)


def share_recipients(chain: Chain, token: str, created_block: int) -> tuple[str, ...]:
    """Everyone who ever received shares of a royalty token, oldest first."""
    found: dict[str, None] = {}
    for event in search_logs(chain, created_block, chain.block_number(), [token], [TRANSFER]):
        # Anyone can send nothing to anyone, and fill the list with strangers.
        if isinstance(event, Transfer) and event.value:
            found[event.receiver] = None
    return tuple(found)


def children(chain: Chain, token: str, created_block: int) -> tuple[str, ...]:
    """The royalty tokens of works that build on a token's work, oldest first."""
    factory = contract_address("RoyaltyFactory")
    topics = [event_topic("RoyaltyFactory", "ParentNamed"), topic_of(token)]
    found: dict[str, None] = {}
    for log in search_raw_logs(chain, created_block, chain.block_number(), [factory], topics):
        event = decode_abi_log("RoyaltyFactory", log)
        if event is not None and event.place.contract == factory:
            found[event.values["token"]] = None
    return tuple(found)


def topic_of(address: str) -> str:
    """An address as it stands in an indexed field."""
    return "0x" + "0" * 24 + address[2:].lower()
