"""The page that the app prints: A4, its own fonts inside, as PDF/A-3 (ISO 19005-3).

Two renderings of the same thing are the same bytes: the document's date is that of its content.
"""

from __future__ import annotations

from datetime import datetime
from html import escape

from fpdf import FPDF
from fpdf.enums import DocumentCompliance, MethodReturnValue, WrapMode, XPos, YPos
from fpdf.fonts import TTFFont

from desktop_app.core.paths import resource

INK, MUTED, LINE, ACCENT, RUBRIC = (
    (0x1E, 0x1B, 0x17),
    (0x5E, 0x56, 0x4B),
    (0xD5, 0xCC, 0xBC),
    (0x1C, 0x66, 0x5A),
    (0xB3, 0x32, 0x1F),
)
_FONTS = {
    "display": "NewsreaderDisplay-Medium.ttf",
    "strong": "Inter-SemiBold.ttf",
    "text": "Inter-Regular.ttf",
    "code": "JetBrainsMono-Regular.ttf",
}
# Millimetres.
MARGIN, TOP, BOTTOM, WIDTH = 22.0, 15.0, 18.0, 166.0


class PrintedPage(FPDF):
    """`at` is the document's date; a subclass says what stands at the head and the foot of each page."""

    def __init__(self, title: str, about: str, at: datetime, language: str) -> None:
        super().__init__(format="A4", unit="mm", enforce_compliance=DocumentCompliance.PDFA_3U)
        self.at = at
        self.escaped = False
        self.set_margins(MARGIN, TOP, MARGIN)
        self.set_auto_page_break(True, BOTTOM)
        for family, file in _FONTS.items():
            self.add_font(family, fname=str(resource(f"fonts/{file}")))
        self.c_margin = 0.0
        self.set_lang(language)
        self.set_creation_date(at)
        self.set_xmp_metadata(_metadata(title, about, at))
        self.alias_nb_pages("")

    def close(self) -> None:
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def kicker(self) -> str:
        """What the document is, at the right of its head."""
        raise NotImplementedError

    def page_words(self) -> str:
        """The number of the page, in words."""
        raise NotImplementedError

    def escaped_words(self) -> str:
        """What is said where signs were written as numbers."""
        raise NotImplementedError

    def header(self) -> None:
        """The mark and the name, as on every page of the app."""
        self.set_draw_color(*INK)
        self.set_line_width(0.62)
        for y, (left, right) in zip((1.6, 3.2, 4.8), ((0.3, 6.3), (1.35, 5.25), (2.4, 4.2)), strict=True):
            self.line(MARGIN + left, TOP + y, MARGIN + right, TOP + y)
        self.set_fill_color(*RUBRIC)
        self.circle(MARGIN + 3.3, TOP + 6.7, 0.65, style="F")
        self.typeface("display", 14)
        self.set_xy(MARGIN + 9, TOP)
        self.cell(60, 8, "Colophon")
        self.typeface("text", 8.5, MUTED)
        self.set_xy(MARGIN, TOP)
        self.cell(WIDTH, 8, self.kicker(), align="R")
        self.rule(TOP + 11)
        self.set_xy(MARGIN, TOP + 16)

    def footer(self) -> None:
        self.set_xy(MARGIN, -13)
        self.typeface("text", 7.5, MUTED)
        self.cell(22, 4, self.page_words())
        if self.escaped:
            self.cell(WIDTH - 22, 4, self.escaped_words())

    def typeface(self, family: str, size: float, colour: tuple[int, int, int] = INK) -> None:
        self.set_font(family, size=size)
        self.set_text_color(*colour)

    def paragraph(
        self,
        text: str,
        size: float,
        height: float,
        colour: tuple[int, int, int] = INK,
        family: str = "text",
        width: float = WIDTH,
    ) -> None:
        if not self.has_all(family, text):
            family = "strong" if family == "display" else "text"
        self.typeface(family, size, colour)
        self.set_x(MARGIN)
        self.block(width, height, self.printable(text, family))

    def block(self, width: float, height: float, text: str, wrap: WrapMode = WrapMode.WORD) -> None:
        self.multi_cell(width, height, text, align="L", wrapmode=wrap, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def height_of(self, width: float, height: float, text: str, wrap: WrapMode = WrapMode.WORD) -> float:
        """Millimetres that `block` would take."""
        needed: float = self.multi_cell(
            width, height, text, align="L", wrapmode=wrap, dry_run=True, output=MethodReturnValue.HEIGHT
        )  # type: ignore[assignment]  # the return type follows from `output`
        return needed

    def has_all(self, family: str, text: str) -> bool:
        font = self.fonts[family]
        return isinstance(font, TTFFont) and all(ord(sign) in font.cmap for sign in text)

    def printable(self, text: str, family: str) -> str:
        """The text in signs that the type has; others become their numbers, so that nothing is left out."""
        if self.has_all("text" if family != "strong" else family, text):
            return text
        self.escaped = True
        return "".join(sign if self.has_all("text", sign) else f"[U+{ord(sign):04X}]" for sign in text)

    def rule(self, y: float) -> None:
        self.set_draw_color(*LINE)
        self.set_line_width(0.25)
        self.line(MARGIN, y, MARGIN + WIDTH, y)

    def keep_together(self, height: float) -> None:
        if self.get_y() + height > self.h - BOTTOM:
            self.add_page()


def _metadata(title: str, about: str, at: datetime) -> str:
    """XMP for PDF/A-3U, with the document's own time instead of the present one (fpdf2 would put that)."""
    time, title, about = at.isoformat(timespec="seconds"), escape(title), escape(about)
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about=""
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
        xmp:CreatorTool="Colophon" xmp:CreateDate="{time}" xmp:ModifyDate="{time}"
        pdfaid:part="3" pdfaid:conformance="U">
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
      <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{about}</rdf:li></rdf:Alt></dc:description>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""
