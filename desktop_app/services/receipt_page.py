"""Receipts as a web page that needs nothing else: no script, no picture, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from desktop_app.core import localised, translations
from desktop_app.core.localised import grouped
from desktop_app.core.paths import resource
from desktop_app.services.receipt_text import Line, headline, kind_text, sections, totals
from desktop_app.services.receipts import Receipt, Valued
from desktop_app.services.wording import words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def receipts_html(receipts: Sequence[Receipt], values: Mapping[str, Valued], made_at: int) -> str:
    """The page, to be written as UTF-8; `made_at` in Unix seconds."""
    style = resource("themes/statement.css").read_text(encoding="utf-8")
    several = len(receipts) > 1
    title = escape(words("onreceipt.all_title" if several else "onreceipt.title"))
    body = [_summary(receipts)] if several else []
    body += [_receipt(one, values.get(one.id)) for one in receipts]
    made = escape(words("onreceipt.made_by", date=localised.moment(made_at)))
    direction = "rtl" if translations.reads_right_to_left() else "ltr"
    language = escape(translations.language())
    return (
        f'<!doctype html>\n<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{style}</style></head>\n<body>\n"
        + "\n".join(body)
        + f'\n<p class="soft">{made}</p>\n</body></html>\n'
    )


def _summary(receipts: Sequence[Receipt]) -> str:
    times = sorted(one.when for one in receipts)
    params = {"since": localised.day(times[0]), "until": localised.day(times[-1])}
    text = words("onreceipt.all_subtitle_many", count=grouped(len(receipts)), **params)
    heading = f'<h1>{escape(words("onreceipt.all_title"))}</h1><p class="soft">{escape(text)}</p>'
    lines = "".join(map(_line, totals(receipts)))
    return f'<article class="receipt">{heading}<dl>{lines}</dl></article>'


def _receipt(one: Receipt, valued: Valued | None) -> str:
    real = " real" if one.kind == "main" else ""
    parts = [
        f'<p class="kind{real}">{escape(kind_text(one))}</p>',
        f"<h1>{escape(headline(one))}</h1>",
    ]
    for section in sections(one, valued):
        parts.append(f"<h2>{escape(section.heading)}</h2>")
        parts.append("<dl>" + "".join(map(_line, section.lines)) + "</dl>")
    return f'<article class="receipt">{"".join(parts)}</article>'


def _line(line: Line) -> str:
    value = escape(line.value)
    if line.is_code:
        value = f"<code>{value}</code>"
    if line.link.startswith("https://"):
        value = f'<a href="{escape(line.link)}" rel="noreferrer noopener">{value}</a>'
    return f"<dt>{escape(line.name)}</dt><dd>{value}</dd>"
