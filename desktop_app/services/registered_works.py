"""All works ever registered on a network, in their order: the crowd in which one owner can hide."""

from __future__ import annotations

import threading

from desktop_app.chain.artifacts import contract_address
from desktop_app.chain.connection import Chain
from desktop_app.chain.contracts import REGISTRY
from desktop_app.chain.log_search import search_logs
from desktop_app.chain.logs import REGISTERED, Registered
from desktop_app.chain.rpc import Rpc
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.progress import Task
from desktop_app.proofs.group import Group, P, default_group

_SETTLED = 64
"""Blocks below the head that are not kept in memory, as a reorganisation may still change them."""


class RegisteredWorks:
    """Reads the list from the chain, and only what is new the next time. Thread-safe.

    What one node said is kept for that node only: a node that somebody else names must not teach us what the
    list is, neither for checking a certificate nor for hiding among its entries.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[Rpc, str, int, dict[bytes, int]]] = {}

    def until(self, chain: Chain, block: int, task: Task) -> list[bytes]:
        """The 48-byte commitments registered up to and including `block`, each once, oldest first.

        A commitment that two people registered counts once; anchored bytes that are no point do not count.
        Raises InvalidInputError for a block that does not exist yet.
        """
        head = chain.block_number()
        if block > head:
            raise InvalidInputError("ownership.block_ahead", block=block, head=head)
        genesis = chain.head("0x0").block_hash
        with self._lock:
            reached, found = -1, dict[bytes, int]()
            known = self._known.get(chain.network.chain_id)
            if known is not None and known[0] is chain.rpc and known[1] == genesis:
                reached, found = known[2], dict(known[3])
            task.report(0, 0, "stage.reading_records")
            group = default_group()
            for event in search_logs(chain, reached + 1, block, [contract_address(REGISTRY)], [REGISTERED]):
                task.check()
                if isinstance(event, Registered):
                    point = _point(group, event.commitment)
                    if point is not None:
                        found.setdefault(point, event.place.block_number)
            settled = min(block, head - _SETTLED)
            if settled > reached:
                kept = {point: number for point, number in found.items() if number <= settled}
                self._known[chain.network.chain_id] = (chain.rpc, genesis, settled, kept)
        return [point for point, number in found.items() if number <= block]


def _point(group: Group[P], commitment: bytes) -> bytes | None:
    """The 48-byte form, None for what is no commitment: an anchor checks nothing, and must spoil nothing."""
    try:
        return group.encode(group.decode_from_chain(commitment))
    except InvalidInputError:
        return None
