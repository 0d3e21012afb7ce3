"""The certificate as a printable PDF/A-3 with the certificate file itself attached (ISO 19005-3).

Two renderings of the same certificate are the same bytes: the document's date is the certificate's own.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import urlencode

import segno
from fpdf.enums import WrapMode

from desktop_app.core.errors import InvalidInputError
from desktop_app.core.printed_page import ACCENT, INK, MARGIN, MUTED, WIDTH, PrintedPage
from desktop_app.proofs import certificate
from desktop_app.proofs.certificate import MAX_SIZE, Certificate
from desktop_app.proofs.certificate_words import Fact, facts, lines, meaning, printable_title, word
from desktop_app.proofs.content_statements import ContentStatement
from desktop_app.proofs.membership import MembershipStatement
from desktop_app.proofs.statements import OpeningStatement, SameWorkStatement, Statement

ATTACHMENT = "attached-certificate.colophon"
COMMAND = "colophon verify FILE.pdf"

# Millimetres.
_LABEL, _GAP, _QR = 43.0, 7.0, 31.0

_EMBEDDED = re.compile(rb"/EmbeddedFile\b")
_STREAM = re.compile(rb"\bstream\r?\n")
_DICTIONARY_SIZE = 1000
_BEGINNING = b'{"attachments":['
_SURROUNDINGS = 1 << 22
"""Bytes that a PDF has beside its certificate, at most."""
_MAX_ATTACHMENTS = 64


def render(certificate_bytes: bytes, title: str = "") -> bytes:
    """A PDF of one or two A4 pages. `title` is shown as given by the sender; it is not part of the proof.

    Raises InvalidInputError where the bytes are no certificate; whether its proof holds is not checked.
    """
    given = certificate.parse(certificate_bytes)
    title = printable_title(title)
    document = _Document(given, certificate_bytes, title)
    if (pages := document.draw()) > 1:
        # Drawn again, as the number of pages is known now: a placeholder for it could be part of a name.
        document.close()
        document = _Document(given, certificate_bytes, title, pages)
        document.draw()
    return document.build()


def extract(pdf: bytes) -> bytes:
    """The certificate attached to a PDF; raises InvalidInputError where there is not just one."""
    if len(pdf) > MAX_SIZE + _SURROUNDINGS:
        raise InvalidInputError("page.no_certificate")
    found = set()
    for place in islice(_EMBEDDED.finditer(pdf), _MAX_ATTACHMENTS):
        stream = _STREAM.search(pdf, place.end(), place.end() + _DICTIONARY_SIZE)
        if stream is None:
            continue
        start = pdf.rfind(b"obj", max(0, place.start() - _DICTIONARY_SIZE), place.start())
        data = _read_stream(pdf[max(0, start) : stream.end()], memoryview(pdf)[stream.end() :])
        if data is not None:
            found.add(data)
    if len(found) != 1:
        raise InvalidInputError("page.no_certificate")
    return found.pop()


def _read_stream(dictionary: bytes, rest: memoryview) -> bytes | None:
    """The stream's content, if it begins as a certificate does."""
    if b"/FlateDecode" in dictionary:
        try:
            if not zlib.decompressobj().decompress(rest[:4096], len(_BEGINNING)).startswith(_BEGINNING):
                return None
            data = zlib.decompressobj().decompress(rest, MAX_SIZE + 1)
        except zlib.error:
            return None
        return data if len(data) <= MAX_SIZE else None
    if bytes(rest[: len(_BEGINNING)]) != _BEGINNING:
        return None
    whole = bytes(rest[: MAX_SIZE + 64])
    # Canonical JSON has no line breaks.
    end = re.search(rb"[\r\n]", whole)
    return whole[: end.start()] if end and whole[end.start() :].lstrip().startswith(b"endstream") else None


class _Document(PrintedPage):
    def __init__(self, given: Certificate, data: bytes, title: str, total: int = 1) -> None:
        self._given, self._data, self._named, self._total = given, data, title, total
        super().__init__(
            title or word("pdf", "kicker"),
            word("pdf", "subject"),
            datetime.fromtimestamp(given.statement.issued_at, UTC),
            "en",
        )

    def kicker(self) -> str:
        return word("pdf", "kicker")

    def page_words(self) -> str:
        return word("pdf", "page", page=self.page_no(), pages=self._total)

    def escaped_words(self) -> str:
        return word("pdf", "escaped")

    def draw(self) -> int:
        """Everything that is seen; the number of pages."""
        statement = self._given.statement
        self.add_page()
        self._opening_lines(statement)
        self._facts([*facts(statement), Fact(word("facts", "digest"), _digest(self._data), is_code=True)])
        self._columns(statement)
        self._how_to_check(statement)
        return self.page

    def build(self) -> bytes:
        self.embed_file(
            bytes=self._data,
            basename=ATTACHMENT,
            modification_date=self.at,
            mime_type="application/json",
            associated_file_relationship="Source",
            desc=word("pdf", "subject"),
            compress=True,
        )
        out = io.BytesIO()
        self.output(out)
        return out.getvalue()

    # --- The parts, from top to bottom -------------------------------------------------------------------

    def _opening_lines(self, statement: Statement) -> None:
        audience = statement.audience
        whom = word("pdf", "for", audience=audience) if audience else word("pdf", "for_nobody")
        (kind,) = meaning(statement, "title")
        self.paragraph(f"{kind} · {whom}" if self._named else whom[0].upper() + whom[1:], 9.5, 5, MUTED)
        self.ln(1.5)
        heading = word("page", "titled", title=self._named) if self._named else kind
        size = 28 if len(heading) <= 60 else 19
        self.paragraph(heading, size, size * 0.4, family="display")
        self.ln(2.5)
        (claim,) = meaning(statement, "claim")
        self.paragraph(claim, 11.5, 5.8, width=140)
        if self._named:
            self.ln(1.2)
            self.paragraph(word("page", "titled_note"), 8.5, 4.6, MUTED)
        self.ln(4.5)

    def _facts(self, rows: list[Fact]) -> None:
        self.rule(self.get_y())
        self.ln(3.5)
        for row in rows:
            if not row.value:
                self.ln(1.5)
                self.paragraph(row.label, 11.5, 5.5, family="display")
                self.ln(1)
                continue
            family, size, height = ("code", 7.4, 4.1) if row.is_code else ("text", 9, 4.4)
            value = self.printable(row.value, family)
            family = family if self.has_all(family, value) else "text"
            self.typeface(family, size)
            self.keep_together(self.height_of(WIDTH - _LABEL, height, value, _wrap(row)))
            self.typeface("text", 8.5, MUTED)
            self.cell(_LABEL, height, row.label)
            self.typeface(family, size)
            self.block(WIDTH - _LABEL, height, value, _wrap(row))
            self.ln(0.75)
        self.ln(3)

    def _columns(self, statement: Statement) -> None:
        width = (WIDTH - 2 * _GAP) / 3
        columns = [
            (word("page", "shows"), meaning(statement, "shows")),
            (word("page", "hides"), meaning(statement, "hides")),
            (word("page", "never"), self._never(statement)),
        ]
        self.keep_together(7 + max(self._list_height(width, entries) for _, entries in columns))
        self.rule(self.get_y())
        top, bottom = self.get_y() + 4, 0.0
        for number, (heading, entries) in enumerate(columns):
            left = MARGIN + number * (width + _GAP)
            self.set_xy(left, top)
            self.typeface("display", 12)
            self.block(width, 5.5, heading)
            self.ln(1)
            for entry in entries:
                self._bullet(left, number)
                self.typeface("text", 8.5)
                self.set_x(left + 3.5)
                self.block(width - 3.5, 4.1, self.printable(entry, "text"))
                self.ln(1)
            bottom = max(bottom, self.get_y())
        self.set_xy(MARGIN, bottom + 4)

    def _never(self, statement: Statement) -> list[str]:
        unsigned = bool(statement.subject) and self._given.signature is None
        chosen = {"law": True, "record": True, "address": unsigned, "title": bool(self._named)}
        return [word("never", name) for name, is_so in chosen.items() if is_so]

    def _list_height(self, width: float, entries: list[str]) -> float:
        self.typeface("text", 8.5)
        return 10 + sum(
            1 + self.height_of(width - 3.5, 4.1, self.printable(entry, "text")) for entry in entries
        )

    def _bullet(self, left: float, column: int) -> None:
        y = self.get_y() + 2.05
        self.set_draw_color(*MUTED)
        self.set_fill_color(*ACCENT)
        self.set_line_width(0.25)
        if column == 2:
            self.line(left, y, left + 1.5, y)
        else:
            self.circle(left + 0.75, y, 0.62, style="F" if column == 0 else "D")

    def _how_to_check(self, statement: Statement) -> None:
        left, width = MARGIN + _QR + _GAP, WIDTH - _QR - _GAP
        steps = lines("pdf", "steps", name=ATTACHMENT, command=COMMAND)
        self.typeface("text", 8.5)
        self.keep_together(max(_QR + 5, 11 + sum(self.height_of(width, 4.0, step) + 1 for step in steps)))
        self.rule(self.get_y())
        top = self.get_y() + 5
        self._qr(_address(statement, self._data), MARGIN, top)
        self.set_xy(left, top - 1)
        self.typeface("display", 12)
        self.block(width, 5.5, word("pdf", "check"))
        self.ln(0.8)
        for step in steps:
            self.typeface("text", 8.5)
            self.set_x(left)
            self.block(width, 4.0, step)
            self.ln(1)

    def _qr(self, text: str, left: float, top: float) -> None:
        rows = segno.make(text, error="m", micro=False).matrix
        size = _QR / len(rows)
        self.set_fill_color(*INK)
        for y, row in enumerate(rows):
            x = 0
            while x < len(row):
                run = next((i for i in range(x, len(row)) if not row[i]), len(row)) - x
                if run:
                    # One rectangle for each run: single squares leave hairlines between them on screens.
                    self.rect(left + x * size, top + y * size, run * size, size + 0.02, style="F")
                x += run + 1


def _wrap(row: Fact) -> WrapMode:
    return WrapMode.CHAR if row.is_code else WrapMode.WORD


def _digest(data: bytes) -> str:
    return "0x" + hashlib.sha256(data).hexdigest()


def _address(statement: Statement, data: bytes) -> str:
    """What the QR code says: the certificate's digest, and where on which chain its record or list stands."""
    place: dict[str, str | int] = {}
    if isinstance(statement, OpeningStatement | ContentStatement | SameWorkStatement):
        work = statement.work
        place = {"chain": work.chain_id, "registry": work.contract, "record": work.commitment_id}
    elif isinstance(statement, MembershipStatement):
        place = {"chain": statement.chain_id, "registry": statement.contract, "block": statement.block}
    return f"colophon:certificate?{urlencode({'sha256': hashlib.sha256(data).hexdigest(), **place})}"
