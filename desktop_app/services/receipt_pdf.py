"""Receipts on paper: a PDF with one receipt a page, in the language of the app."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from fpdf.enums import WrapMode

from desktop_app.core import localised, translations
from desktop_app.core.errors import RefusedError
from desktop_app.core.printed_page import MARGIN, MUTED, RUBRIC, WIDTH, PrintedPage
from desktop_app.services.receipt_text import Line, Section, headline, kind_text, sections, totals
from desktop_app.services.receipts import Receipt, Valued
from desktop_app.services.wording import words

_LABEL = 46.0


def receipts_pdf(receipts: Sequence[Receipt], values: Mapping[str, Valued], made_at: int) -> bytes:
    """The document; `made_at` in Unix seconds.

    Raises RefusedError("onreceipt.no_type") where the app's fonts lack the signs of its language: a browser,
    which has them, prints the web page.
    """
    document = _Document(receipts, values, made_at)
    if not document.has_all("text", words("onreceipt.heading_money") + words("onreceipt.final")):
        document.close()
        raise RefusedError("onreceipt.no_type", language=translations.own_name(translations.language()))
    if (pages := document.draw()) > 1:
        # Drawn again, as the number of pages is known now.
        document.close()
        document = _Document(receipts, values, made_at, pages)
        document.draw()
    out = io.BytesIO()
    document.output(out)
    return out.getvalue()


class _Document(PrintedPage):
    def __init__(
        self, receipts: Sequence[Receipt], values: Mapping[str, Valued], made_at: int, total: int = 1
    ) -> None:
        self._receipts, self._values, self._made, self._total = receipts, values, made_at, total
        title = words("onreceipt.title") if len(receipts) == 1 else words("onreceipt.all_title")
        super().__init__(
            title,
            words("onreceipt.subtitle"),
            datetime.fromtimestamp(made_at, UTC),
            translations.language(),
        )

    def kicker(self) -> str:
        return words("onreceipt.title")

    def page_words(self) -> str:
        return words("onreceipt.page", page=self.page_no(), pages=self._total)

    def escaped_words(self) -> str:
        return words("onreceipt.escaped")

    def draw(self) -> int:
        """Everything that is seen; the number of pages."""
        if len(self._receipts) > 1:
            self._summary()
        for one in self._receipts:
            self.add_page()
            self._headline(one)
            for section in sections(one, self._values.get(one.id)):
                self._section(section)
            self.ln(4)
            made = words("onreceipt.made_by", date=localised.moment(self._made))
            self.paragraph(made, 7.5, 3.8, MUTED)
        return self.page

    def _summary(self) -> None:
        times = sorted(one.when for one in self._receipts)
        since, until = localised.day(times[0]), localised.day(times[-1])
        count = localised.grouped(len(times))
        text = words("onreceipt.all_subtitle_many", count=count, since=since, until=until)
        self.add_page()
        self.paragraph(words("onreceipt.all_title"), 20, 8.8, family="display")
        self.ln(1)
        self.paragraph(text, 9.5, 5, MUTED)
        self.ln(3)
        self._section(Section(words("onreceipt.heading_money"), totals(self._receipts)))

    def _headline(self, one: Receipt) -> None:
        real = one.kind == "main"
        self.paragraph(kind_text(one), 9.5, 5, MUTED if real else RUBRIC, family="strong")
        self.ln(1)
        text = headline(one)
        size = 20 if len(text) <= 70 else 14
        self.paragraph(text, size, size * 0.44, family="display")
        self.ln(3)

    def _section(self, section: Section) -> None:
        self.keep_together(22)
        self.rule(self.get_y())
        self.ln(3)
        self.paragraph(section.heading, 11.5, 5.5, family="display")
        self.ln(1)
        for line in section.lines:
            self._line(line)
        self.ln(2.5)

    def _line(self, line: Line) -> None:
        family, size, height = ("code", 7.6, 4.2) if line.is_code else ("text", 9, 4.5)
        value = self.printable(line.value, family)
        family = family if self.has_all(family, value) else "text"
        wrap = WrapMode.CHAR if line.is_code else WrapMode.WORD
        self.typeface(family, size)
        self.keep_together(self.height_of(WIDTH - _LABEL, height, value, wrap))
        self.typeface("text", 8.5, MUTED)
        name = self.printable(line.name, "text")
        top = self.get_y()
        self.set_x(MARGIN)
        self.block(_LABEL - 4, height, name)
        below = self.get_y()
        self.set_xy(MARGIN + _LABEL, top)
        self.typeface(family, size)
        self.block(WIDTH - _LABEL, height, value, wrap)
        self.set_y(max(self.get_y(), below) + 0.7)
