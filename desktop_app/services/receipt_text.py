"""What a receipt says, line by line: the same in the window, on the command line, on paper and on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from desktop_app.chain.abi_codec import printable
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core import localised
from desktop_app.core.amounts import Amount, amount_text, cost_text
from desktop_app.core.clock import iso_utc
from desktop_app.core.localised import grouped
from desktop_app.services.address_book import short_address
from desktop_app.services.money_moves import Move, sums
from desktop_app.services.payout_lines import Names
from desktop_app.services.rates import Worth, decimal, round_money
from desktop_app.services.receipts import Party, Receipt, Valued
from desktop_app.services.wording import message, words

MOST_PARTS = 12
_READABLE_DECIMALS = 8
_RATE_PLACES = 12


@dataclass(frozen=True)
class Line:
    """`name` "" continues the line before. `is_code`: an address or hash; `link`: a web address."""

    name: str
    value: str
    is_code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Section:
    heading: str
    lines: tuple[Line, ...]


def kind_text(receipt: Receipt) -> str:
    """Whether it was about real money, as it stands at the top."""
    return _w({"main": "real"}.get(receipt.kind, receipt.kind))


def headline(receipt: Receipt) -> str:
    """What was done, fit to be shown: names from outside may hold signs that turn the direction."""
    return printable(receipt.text)


def sections(receipt: Receipt, valued: Valued | None = None) -> tuple[Section, ...]:
    """The parts of a receipt that have something in them; doubts come first."""
    found = [
        Section(_w("heading_doubts"), tuple(Line("", text) for text in doubts(receipt))),
        Section(_w("heading_what"), tuple(_what(receipt))),
        Section(_w("heading_money"), tuple(_money(receipt))),
        Section(_w("heading_value"), tuple(_value(receipt, valued))),
        Section(_w("heading_place"), tuple(_place(receipt))),
    ]
    return tuple(one for one in found if one.lines)


def totals(receipts: Sequence[Receipt]) -> tuple[Line, ...]:
    """What all of them come to, each currency of each network apart; practice money never with real money."""
    names = {one.chain_id: one.network_name for one in receipts}
    found: list[Line] = []
    for name, told in (("left", exact), ("reached", exact), ("fee", exact_cost)):
        amounts = sums(amount for one in receipts for amount in _amounts(one, name))
        values = [f"{told(one)} · {names[one.currency.chain_id]}" for one in amounts]
        found += _each(_w(name), values or [_w("nothing")])
    return tuple(found)


def _amounts(one: Receipt, name: str) -> tuple[Amount, ...]:
    if name == "fee":
        return () if one.fee is None else (one.fee,)
    return (one.left if name == "left" else one.reached) or ()


def doubts(receipt: Receipt) -> tuple[str, ...]:
    """What may be wrong with it, in words."""
    found = [_w(f"doubt_{one.value}") for one in receipt.doubts]
    unknown = {one.amount.currency for one in receipt.moves or () if not (one.known or one.shares)}
    found += [
        _w("doubt_new_token", symbol=printable(one.symbol), address=short_address(one.address))
        for one in sorted(unknown, key=lambda one: one.address)
    ]
    return tuple(found)


def exact(amount: Amount) -> str:
    """An amount as it is; one of many digits is rounded (down) first, and the exact number follows."""
    return _both(amount, amount_text(amount))


def exact_cost(amount: Amount) -> str:
    """The same for a cost, rounded up."""
    return _both(amount, cost_text(amount))


def _both(amount: Amount, rounded: str) -> str:
    if len(amount.plain().partition(".")[2]) <= _READABLE_DECIMALS:
        return _shown(amount)
    return _w("fee_exact", rounded=printable(rounded), exact=_shown(amount))


def _shown(amount: Amount) -> str:
    return printable(str(amount))


def both_times(timestamp: int) -> str:
    """Local time with its offset, and UTC."""
    offset = datetime.fromtimestamp(timestamp, UTC).astimezone().strftime("%z")
    return _w(
        "both_times",
        local=localised.moment(timestamp),
        offset=f"{offset[:3]}:{offset[3:5]}",
        utc=iso_utc(timestamp),
    )


def _what(one: Receipt) -> Iterator[Line]:
    yield Line(_w("state"), _w(one.became.value))
    if one.block_time is not None:
        yield Line(_w("block_time"), both_times(one.block_time))
    else:
        sent = both_times(one.sent_at) if one.sent_at is not None else "–"
        yield Line(_w("block_time"), _w("block_time_unknown", sent=sent))
    yield Line(_w("network"), f"{one.network_name} ({one.chain_id})")
    yield Line(_w("kind"), kind_text(one))
    yield from _party(_w("from"), one.sender)
    if one.recipient.address:
        yield from _party(_w("to"), one.recipient)
    if one.note:
        yield Line(_w("note"), printable(one.note), is_code=one.note.startswith("0x"))


def _party(name: str, party: Party) -> Iterator[Line]:
    """The name that the user knows, and always the whole address."""
    if party.name:
        yield Line(name, printable(party.name))
    yield Line("" if party.name else name, party.address, is_code=True)


def _money(one: Receipt) -> Iterator[Line]:
    for name, amounts in (("left", one.left), ("reached", one.reached)):
        if amounts is None:
            yield Line(_w(name), _w("not_read"))
        else:
            yield from _each(_w(name), [exact(amount) for amount in amounts] or [_w("nothing")])
    if one.fee is None:
        yield Line(_w("fee"), _w("fee_of_others"))
    else:
        yield Line(_w("fee"), exact_cost(one.fee))
    if one.kind == "practice":
        for currency in one.contracts:
            if Names.knows(one.chain_id, currency.address):
                explained = words("network.practice_dollar", symbol=currency.symbol)
                yield Line(currency.symbol, explained)
    moves = one.moves or ()
    yield from _each(_w("shares"), _parts(one, [move for move in moves if move.shares]))
    yield from _each(_w("others"), _parts(one, [m for m in moves if not m.shares and not _touches(one, m)]))


def _touches(one: Receipt, move: Move) -> bool:
    return bool({move.sender.lower(), move.receiver.lower()} & one.own)


def _parts(one: Receipt, moves: list[Move]) -> list[str]:
    found = []
    for each in moves[:MOST_PARTS]:
        sender, receiver = _who(one, each.sender), _who(one, each.receiver)
        found.append(_w("part", amount=_shown(each.amount), sender=sender, receiver=receiver))
    if len(moves) > MOST_PARTS:
        found.append(_w("more_parts", count=grouped(len(moves) - MOST_PARTS)))
    return found


def _who(one: Receipt, address: str) -> str:
    if address == ZERO_ADDRESS:
        return _w("made_new")
    if address.lower() in one.own:
        return _w("yours")
    names = one.names
    known = "" if names is None else names.person(address) or names.work(one.chain_id, address)
    short = short_address(address)
    return short if known in ("", address) else f"{printable(known)} ({short})"


def _each(name: str, values: list[str]) -> Iterator[Line]:
    for number, value in enumerate(values):
        yield Line("" if number else name, value)


def _value(one: Receipt, valued: Valued | None) -> Iterator[Line]:
    if valued is None:
        return
    for amount, worth in valued.worths:
        name = _w("value_of", amount=printable(amount_text(amount)))
        if worth.value is None or worth.rate is None:
            reason = message(worth.problem).reason if worth.problem else ""
            yield Line(name, _w("no_value", reason=reason))
            continue
        value = localised.decimal(round_money(worth.value, valued.fiat))
        yield Line(name, _w("value", value=value, money=valued.fiat))
        rate = localised.decimal(decimal(worth.rate, _RATE_PLACES))
        symbol, source = printable(amount.currency.symbol), source_text(worth, valued.note)
        yield Line("", _w("rate_line", symbol=symbol, rate=rate, money=valued.fiat, source=source))


def source_text(worth: Worth, note: str) -> str:
    """Where a rate is from."""
    if worth.source != "given":
        return worth.source
    return words("earnings.own_rate_noted", note=printable(note)) if note else words("earnings.own_rate")


def _place(one: Receipt) -> Iterator[Line]:
    yield Line(_w("id"), one.id, is_code=True)
    for number, other in enumerate(one.other_ids):
        yield Line("" if number else _w("other_id"), other, is_code=True)
    if one.other_ids:
        yield Line("", _w("other_id_note"))
    yield Line(_w("block"), grouped(one.block_number))
    if one.block_hash:
        yield Line(_w("block_hash"), one.block_hash, is_code=True)
    if one.number is not None:
        yield Line(_w("number"), str(one.number))
    if one.gas_used is not None:
        yield Line(_w("gas"), grouped(one.gas_used))
    for currency in one.contracts:
        name = _w("currency", symbol=printable(currency.symbol))
        yield Line(name, currency.address, is_code=True)
    if one.explorer_url:
        yield Line(_w("explorer"), one.explorer_url, is_code=True, link=one.explorer_url)
    else:
        nowhere = "no_explorer_practice" if one.kind == "practice" else "no_explorer"
        yield Line(_w("explorer"), _w(nowhere))
    yield Line(_w("source"), _source(one))


def _source(one: Receipt) -> str:
    if one.fee is None:
        return _w("source_tracker")
    if one.kind == "practice":
        return _w("source_practice")
    return _w("source_many", count=grouped(one.sources)) if one.sources > 1 else _w("source_own")


def _w(name: str, /, **params: str) -> str:
    return words(f"onreceipt.{name}", "text", **params)
