"""Real media, made by Pillow and by ffmpeg."""

from __future__ import annotations

import math
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

TONES = "aevalsrc=0.4*sin(2*PI*t*(220+40*floor(mod(t*3\\,7)))):d={seconds}:s=22050"
FILM = "testsrc2=size=160x120:rate=10:duration=3"

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
needs_fpcalc = pytest.mark.skipif(
    shutil.which("fpcalc") is None, reason="needs fpcalc (libchromaprint-tools)"
)


def picture(shift: int = 0, size: int = 240) -> Image.Image:
    """Shapes on a gradient, so that its code is far from that of any other."""
    drawn = Image.new("RGB", (size, size))
    for x in range(size):
        for y in range(0, size, 4):
            shade = int(127 + 120 * math.sin((x + shift * 31) / 37) * math.cos((y * (1 + shift)) / 53))
            drawn.paste((shade, 255 - shade, (x * 255) // size), (x, y, x + 1, y + 4))
    ImageDraw.Draw(drawn).ellipse(
        [size // 5, size // 3, size // 2, size // 2 + 10 * shift], fill=(250, 240, 10)
    )
    return drawn


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True, timeout=60)


def sound(path: Path, seconds: int = 8, *options: str) -> Path:
    ffmpeg("-f", "lavfi", "-i", TONES.format(seconds=seconds), *options, str(path))
    return path


def film(path: Path, *options: str) -> Path:
    ffmpeg("-f", "lavfi", "-i", FILM, "-pix_fmt", "yuv420p", *options, str(path))
    return path


def epub(path: Path, chapters: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        items = "".join(f'<item id="c{i}" href="{9 - i}.xhtml"/>' for i in range(len(chapters)))
        spine = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
        archive.writestr(
            "OEBPS/book.opf",
            f'<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>The Tide</dc:title><dc:creator>Ada Wren</dc:creator><dc:language>en</dc:language>"
            f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        for i, chapter in enumerate(chapters):
            archive.writestr(
                f"OEBPS/{9 - i}.xhtml",
                f"<html xmlns='http://www.w3.org/1999/xhtml'><head><title>no</title></head>"
                f"<body><p>{chapter}</p></body></html>",
            )
    return path


def word(path: Path, paragraphs: list[str]) -> Path:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>'
        )
    return path


def open_document(path: Path, paragraphs: list[str]) -> Path:
    name = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    body = "".join(f"<t:p><t:span>{text[:3]}</t:span>{text[3:]}</t:p>" for text in paragraphs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", f'<body xmlns:t="{name}">{body}</body>')
    return path


def pdf(path: Path, lines: list[str]) -> Path:
    """A PDF of one page with real text, written by hand."""
    shown = "".join(f"({line}) Tj T* " for line in lines)
    stream = f"BT /F1 12 Tf 50 750 Td 14 TL {shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (The Tide) /Author (Ada Wren) >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"xref\n0 7\n0000000000 65535 f \n%strailer\n<< /Size 7 /Root 1 0 R /Info 6 0 R >>\n" % table
    path.write_bytes(data + b"startxref\n%d\n%%%%EOF\n" % data.index(b"xref\n0 7"))
    return path
