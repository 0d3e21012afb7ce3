"""What a royalty token's own books say at one block, to hold the events that were seen of it against.

The contract counts what it has booked (each booking is a `Payment` event) and what it still owes. All that
ever went out (`Pushed`, `Claimed`, ...) is therefore what was booked less what is owed: two sums that show,
with three questions and however long the history is, whether an event is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.chain import wire
from desktop_app.chain.contracts import ROYALTY, encode_call
from desktop_app.chain.rpc import Rpc, RpcError
from desktop_app.chain.wire import ZERO_ADDRESS, Json, to_data

_BALANCE_OF = "0x70a08231" + "0" * 24


@dataclass(frozen=True)
class Books:
    """Of one currency, in its smallest unit: booked income, what went out of it, and money not booked yet."""

    paid_in: int
    paid_out: int
    unbooked: int


def currencies_of(rpc: Rpc, token: str) -> tuple[str, ...]:
    """What a token accepts, with "" for the coin. Raises RpcError, UnavailableError."""
    call = {"to": token, "data": to_data(encode_call(ROYALTY, "currencies"))}
    answer = rpc.call("eth_call", [call, "latest"])
    raw = wire.data(answer, what="royalty books")
    words = [raw[i : i + 32] for i in range(0, len(raw), 32)]
    if len(raw) % 32 or len(words) < 2 or int.from_bytes(words[1], "big") != len(words) - 2:
        raise wire.bad_answer("royalty books")
    found = (wire.address_of(word[12:]) for word in words[2:])
    return tuple("" if address == ZERO_ADDRESS else address for address in found)


def books_at(rpc: Rpc, token: str, currencies: Sequence[str], block: str) -> tuple[Books, ...]:
    """The books of a token in these currencies ("" for the coin), in one batch, at a block number or tag.

    Raises RpcError where the node no longer has (or the contract does not give) that state, UnavailableError.
    """
    questions: list[tuple[str, Sequence[Json]]] = []
    for currency in currencies:
        for function in ("received", "liabilities"):
            data = to_data(encode_call(ROYALTY, function, currency or ZERO_ADDRESS))
            questions.append(("eth_call", [{"to": token, "data": data}, block]))
        if currency:
            call = {"to": currency, "data": _BALANCE_OF + token[2:].lower()}
            questions.append(("eth_call", [call, block]))
        else:
            questions.append(("eth_getBalance", [token, block]))
    answers = rpc.batch(questions)
    found = []
    for number, currency in enumerate(currencies):
        received, owed, held = answers[3 * number : 3 * number + 3]
        balance = _word(held) if currency else wire.quantity(_result(held), "balance")
        unbooked = max(balance - _word(owed), 0)
        paid_in = _word(received) - unbooked
        if paid_in < _word(owed):
            raise wire.bad_answer("royalty books")
        found.append(Books(paid_in, paid_in - _word(owed), unbooked))
    return tuple(found)


def _result(answer: Json | RpcError) -> Json:
    if isinstance(answer, RpcError):
        raise answer
    return answer


def _word(answer: Json | RpcError) -> int:
    return int.from_bytes(wire.data(_result(answer), 32, "royalty books"), "big")
