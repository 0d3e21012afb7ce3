"""Raw logs of royalty tokens turned into payout rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desktop_app.chain import logs
from desktop_app.chain.wire import Json, bad_answer
from desktop_app.services.payout_evidence import Header
from desktop_app.store.payout_checkpoints import PayoutRow

TOPICS = (logs.PAYMENT, logs.PUSHED, logs.PUSH_FAILED, logs.CLAIMED, logs.FORWARDED)
_NO_MEMO = bytes(32)
_Event = logs.Payment | logs.Pushed | logs.PushFailed | logs.Claimed | logs.Forwarded


class ChainMovedError(Exception):
    """What a node told does not fit one chain: it was reorganised in between. Ask anew, `height` first."""

    def __init__(self, height: int) -> None:
        super().__init__(f"at block {height}")
        self.height = height


class Found(NamedTuple):
    """The rows in chain order, and for each block which tokens and topics (lower case) they came from."""

    rows: list[PayoutRow]
    sources: dict[int, tuple[set[str], set[str]]]


def read_events(
    raw_logs: Sequence[Json],
    headers: Mapping[int, Header],
    tokens: Mapping[str, str],
    *,
    safe: int = -1,
    final: int = -1,
) -> Found:
    """`tokens` maps lower-case addresses to the form to store; rows up to `safe`, `final` get that state.

    An event given twice counts once. Raises ChainMovedError when a log belongs to a block outside `headers`,
    UnavailableError("chain.bad_answer") for anything malformed or not asked for.
    """
    events: list[_Event] = []
    for log in raw_logs:
        event = logs.decode_log(log)
        if not isinstance(event, _Event) or event.place.contract.lower() not in tokens:
            raise bad_answer("log")
        if log.get("removed"):
            raise ChainMovedError(event.place.block_number)
        events.append(event)
    events.sort(key=lambda event: (event.place.block_number, event.place.log_index))
    rows: list[PayoutRow] = []
    sources: dict[int, tuple[set[str], set[str]]] = {}
    ordinals: dict[tuple[str, str], int] = {}
    before: _Event | None = None
    for event in events:
        place = event.place
        number = place.block_number
        header = headers.get(number)
        if header is None or header.hash != place.block_hash:
            raise ChainMovedError(number)
        if before is not None and (before.place.block_number, before.place.log_index) == (
            number,
            place.log_index,
        ):
            if event != before:
                raise bad_answer("log.logIndex")
            continue
        before = event
        contract = place.contract.lower()
        key = (place.tx_hash, contract)
        ordinal = ordinals.get(key, 0)
        ordinals[key] = ordinal + 1
        state = "final" if number <= final else "safe" if number <= safe else "seen"
        topic, row = _row(event, tokens[contract], ordinal, header.time, state)
        rows.append(row)
        found = sources.get(number)
        if found is None:
            found = sources[number] = (set(), set())
        found[0].add(contract)
        found[1].add(topic)
    return Found(rows, sources)


def _row(event: _Event, token: str, ordinal: int, time: int, state: str) -> tuple[str, PayoutRow]:
    """The event's topic and its row."""
    memo = recipient = ""
    match event:
        case logs.Payment():
            topic, kind, party = logs.PAYMENT, "payment", event.payer
            memo = "0x" + event.memo.hex() if event.memo != _NO_MEMO else ""
        case logs.Pushed():
            topic, kind, party = logs.PUSHED, "push", event.collaborator
        case logs.PushFailed():
            topic, kind, party = logs.PUSH_FAILED, "push_failed", event.collaborator
        case logs.Claimed():
            topic, kind, party, recipient = logs.CLAIMED, "claim", event.holder, event.to
        case logs.Forwarded():
            topic, kind, party = logs.FORWARDED, "forward", event.parent
    place = event.place
    return topic, PayoutRow(
        token,
        place.tx_hash,
        ordinal,
        place.log_index,
        place.block_number,
        place.block_hash,
        time,
        kind,
        party,
        event.currency,
        str(event.amount),
        memo,
        recipient,
        state,
    )
