"""A royalty statement as a web page that needs nothing else: no script, no picture, no network.

As the table, it follows from the chain alone, and can be made again byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape

from desktop_app.chain.logs import Payment, Transfer
from desktop_app.chain.wire import ZERO_ADDRESS
from desktop_app.core.amounts import SHARE_SCALE, Currency, format_share
from desktop_app.core.clock import iso_utc
from desktop_app.core.localised import grouped
from desktop_app.core.paths import resource
from desktop_app.core.translations import language
from desktop_app.services.royalty_ledger import Account, Entry, Role, fixed_parts
from desktop_app.services.royalty_statement import Statement, memo_text, payout, statement_csv
from desktop_app.services.wording import words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def statement_html(statement: Statement) -> str:
    """The page, to be written as UTF-8."""
    terms, head = statement.terms, statement.history.head
    style = resource("themes/statement.css").read_text(encoding="utf-8")
    title = escape(f"{_w('title')}: {_plain(terms.name)} ({_plain(terms.symbol)})")
    digest = hashlib.sha256(statement_csv(statement).encode()).hexdigest()
    facts = [
        (_w("token"), _code(terms.address)),
        (_w("network"), escape(f"{statement.network_name} ({statement.chain_id})")),
        (_w("work"), _code("0x" + terms.work.hex())),
        (_w("creator"), _code(terms.creator)),
        (_w("supply"), grouped(terms.supply)),
        (_w("until"), f"{grouped(head.number)} · {iso_utc(head.timestamp)}<br>{_code(head.block_hash)}"),
    ]
    parts = [
        [_code(part.address), escape(_w(part.role)), _n(format_share(part.share_ppm))]
        for part in fixed_parts(terms)
    ]
    parts.append([escape(_w("all_holders")), escape(_w(Role.HOLDER)), _n(format_share(terms.holders_share))])
    body = [
        f"<h1>{title}</h1>",
        f'<p class="soft">{escape(_w("subtitle"))}</p>',
        "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>",
        _heading("parts"),
        _table([_w("account"), _w("role"), ">" + _w("of_each_payment")], parts),
    ]
    for address, currency in statement.currencies.items():
        body += _currency(statement, address, currency)
    body += [_heading("payments"), *_payments(statement)]
    body += [_heading("payouts"), *_payouts(statement)]
    body += [_heading("shares"), *_shares(statement)]
    until = statement.history.head.number
    command = f"colophon royalties statement {terms.address} --until-block {until}"
    body += [
        _heading("again"),
        *(f"<p>{escape(_w(f'again_{number}'))}</p>" for number in (1, 2, 3)),
        f'<div class="well">{_code(command)}<br>{_code("SHA-256 (CSV) = " + digest)}</div>',
    ]
    return (
        f'<!doctype html>\n<html lang="{escape(language())}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{title}</title><style>{style}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _currency(statement: Statement, address: str, currency: Currency) -> list[str]:
    ledger = statement.ledger
    received = ledger.received[address]
    accounts = [one for one in ledger.accounts if one.currency == address]
    paid, owed = sum(one.paid for one in accounts), sum(one.owed for one in accounts)
    contract = f" <code>{escape(currency.address)}</code>" if currency.address else ""
    found = [f"<h2>{escape(currency.symbol)}{contract}</h2>"]
    if not received:
        return [*found, f'<p class="soft">{escape(_w("nothing_received"))}</p>']
    totals = [
        (_w("received"), received),
        (_w("paid_out"), paid),
        (_w("owed"), owed),
        (_w("rounding"), ledger.rounding(address)),
    ]
    sums = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(statement.amount(units, address)))}</dd>"
        for name, units in totals
    )
    people = [
        [
            _code(one.address),
            escape(_roles(statement, one)),
            *(_money(statement, units, address) for units in (one.total, one.paid, one.owed)),
        ]
        for one in sorted(accounts, key=lambda one: -one.total)
        if one.total or one.paid
    ]
    columns = [_w("account"), _w("role"), ">" + _w("earned"), ">" + _w("paid_out"), ">" + _w("owed")]
    who = f"<h3>{escape(_w('who'))}</h3>"
    return [*found, f"<dl>{sums}</dl>", who, _table(columns, people)]


def _roles(statement: Statement, account: Account) -> str:
    held = statement.ledger.shares.get(account.address, 0)
    parts = [_w(role) for role in account.earned if role is not Role.HOLDER]
    if held and not account.is_parent:
        parts.append(_w("holds", shares=grouped(held), share=_percent(held, statement.terms.supply)))
    elif Role.HOLDER in account.earned:
        parts.append(_w("held_before"))
    return ", ".join(parts)


def _payments(statement: Statement) -> list[str]:
    rows: list[list[str]] = []
    for entry in statement.ledger.entries:
        event = entry.event
        if not isinstance(event, Payment):
            continue
        payer = _code(event.payer) if event.payer != ZERO_ADDRESS else escape(_w("plain_transfer"))
        memo = memo_text(event.memo)
        if memo:
            payer += f'<br><span class="soft">{escape(memo)}</span>'
        rows.append([*_when(entry), payer, "", _money(statement, event.amount, event.currency)])
        for one in entry.credits:
            if one.role is Role.ROUNDING:
                who, why = escape(_w("rounding")), ""
            else:
                who = _code(one.address)
                share = _percent(one.weight, one.whole)
                why = escape(_w("part_of_shares" if one.role is Role.HOLDER else "part", share=share))
            rows.append(["part", "", who, why, _money(statement, one.units, event.currency)])
    if not rows:
        return [f'<p class="soft">{escape(_w("none"))}</p>']
    columns = [_w("time"), _w("from_and_to"), _w("part_name"), ">" + _w("amount")]
    return [_table(columns, rows)]


def _payouts(statement: Statement) -> list[str]:
    rows = []
    for entry in statement.ledger.entries:
        event = entry.event
        if isinstance(event, Payment | Transfer):
            continue
        kind, account, to = payout(event)
        where = _code(account)
        if to and to != account:
            where += f'<br><span class="soft">{escape(_w("sent_to"))}</span> {_code(to)}'
        money = _money(statement, event.amount, event.currency)
        rows.append([*_when(entry), where, escape(_w(kind)), money])
    if not rows:
        return [f'<p class="soft">{escape(_w("none"))}</p>']
    columns = [_w("time"), _w("account"), _w("what"), ">" + _w("amount")]
    return [_table(columns, rows)]


def _shares(statement: Statement) -> list[str]:
    rows = [
        [
            *_when(entry), _code(entry.event.sender), _code(entry.event.receiver),
            _n(grouped(entry.event.value)),
        ]
        for entry in statement.ledger.entries
        if isinstance(entry.event, Transfer) and entry.event.value and entry.event.sender != ZERO_ADDRESS
    ]
    supply = statement.terms.supply
    now = [
        [_code(who), _n(grouped(held)), _n(_percent(held, supply))] for who, held in
        statement.ledger.shares.items()
    ]
    found = [_table([_w("holder_name"), ">" + _w("shares_name"), ">" + _w("of_all")], now)]
    if rows:
        columns = [_w("time"), _w("from"), _w("to"), ">" + _w("shares_name")]
        found += [f"<h3>{escape(_w('passed_on'))}</h3>", _table(columns, rows)]
    return found


def _plain(text: str) -> str:
    """A stranger's text without signs that turn the direction of what follows, or are not seen."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _percent(part: int, whole: int) -> str:
    """To a ten-thousandth of a percent, rounded down; what is less than that is not shown as nothing."""
    ppm = part * SHARE_SCALE // whole
    return format_share(ppm) if ppm or not part else "< 0.0001 %"


def _when(entry: Entry) -> list[str]:
    """Time and transaction; the table has the whole hash."""
    tx_hash = entry.place.tx_hash
    short = f'<code title="{escape(tx_hash)}">{escape(tx_hash[:10])}…{escape(tx_hash[-8:])}</code>'
    return [f'<span class="t">{escape(iso_utc(entry.time))}</span><br>{short}']


def _money(statement: Statement, units: int, currency: str) -> str:
    return _n(str(statement.amount(units, currency)))


def _n(text: str) -> str:
    return f">{escape(text)}"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _heading(name: str) -> str:
    return f"<h2>{escape(_w('heading_' + name))}</h2>"


def _w(name: str, **params: str) -> str:
    return words(f"statement.{name}", "text", **params)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns and cells that start with ">" are numbers; a row that starts with "part" belongs to the last.
    """
    heads = "".join(_cell("th", _number_sign(name) + escape(name.removeprefix(">"))) for name in columns)
    lines = []
    for row in rows:
        part = row[:1] == ["part"]
        cells = "".join(_cell("td", cell) for cell in row[1 if part else 0 :])
        lines.append(f'<tr class="part">{cells}</tr>' if part else f"<tr>{cells}</tr>")
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _number_sign(text: str) -> str:
    return ">" if text.startswith(">") else ""


def _cell(tag: str, text: str) -> str:
    return f'<{tag} class="n">{text[1:]}</{tag}>' if text.startswith(">") else f"<{tag}>{text}</{tag}>"
