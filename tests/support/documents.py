"""Documents for tests, made by the libraries of their formats or by hand."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import docx
import openpyxl
import pptx
from docx.oxml import parse_xml
from pptx.util import Inches

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Any) -> bytes:
    """The bytes of a document of one of the libraries."""
    body = io.BytesIO()
    document.save(body)
    return body.getvalue()


def zipped(entries: Mapping[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            way = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, way)
    return body.getvalue()


def changed(body: bytes, entries: Mapping[str, bytes | str | None]) -> bytes:
    """An archive with entries replaced, added, or (None) left out."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        kept: dict[str, Any] = {name: archive.read(name) for name in archive.namelist()}
    kept.update(entries)
    return zipped({name: content for name, content in kept.items() if content is not None})


def entry(body: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.read(name).decode()


def word(*paragraphs: str) -> Any:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return document


def word_with(xml: str) -> bytes:
    """A Word document whose body has elements written by hand; `w:` is declared."""
    document = docx.Document()
    body = document.element.body
    wrapped = parse_xml(f"<w:body {W}>{xml}</w:body>")
    for at, one in enumerate(list(wrapped)):
        body.insert(at, one)
    return saved(document)


def workbook(rows: list[list[Any]], title: str = "Sheet") -> Any:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def slides(*texts: tuple[str, str]) -> Any:
    deck = pptx.Presentation()
    for title, text in texts:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    return deck


def slide_table(deck: Any, rows: list[list[str]]) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    frame = slide.shapes.add_table(
        len(rows), len(rows[0]), Inches(1), Inches(1), Inches(6), Inches(2)
    )
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            frame.table.cell(down, across).text = text
    return frame.table


def pdf(*pages: str, encrypt: str = "", title: str = "", made: str = "") -> bytes:
    """A PDF with one line of Latin text a page; written by hand, so that nothing else is needed."""
    objects: list[bytes] = []
    count = len(pages)
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(count))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for at, text in enumerate(pages):
        content = "".join(
            f"BT /F1 12 Tf 72 {720 - 14 * down} Td ({line}) Tj ET\n"
            for down, line in enumerate(text.split("\n"))
            if line
        ).encode("latin-1")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * at} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        packed = zlib.compress(content)
        head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(head + packed + b"\nendstream")
    trailer = f"/Root 1 0 R /Size {len(objects) + 2}"
    if title:
        created = f" /CreationDate ({made})" if made else ""
        objects.append(f"<< /Title ({title}){created} >>".encode())
        trailer += f" /Info {len(objects)} 0 R"
    if encrypt:
        # The standard handler with a user's password: that it is none of ours is all that counts.
        objects.append(
            f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>".encode()
        )
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<{'00' * 16}> <{'00' * 16}>]"
    body = bytearray(b"%PDF-1.4\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return bytes(body) + f"trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()


def book(
    chapters: Mapping[str, str], *, spine: list[str] | None = None, extra: Any = None
) -> bytes:
    """An epub. Chapters are in alphabetical order in its manifest, and in `spine` in its spine."""
    order = list(chapters) if spine is None else spine
    items = "".join(
        f'<item id="{name}" href="text/{name}" media-type="application/xhtml+xml"/>'
        for name in sorted(chapters)
    )
    refs = "".join(f'<itemref idref="{name}"/>' for name in order)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<metadata><dc:title>On Tea</dc:title><dc:creator>A. Leaf</dc:creator>"
        f"<dc:language>en</dc:language></metadata><manifest>{items}</manifest><spine>{refs}</spine>"
        "</package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    )
    entries = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "OPS/book.opf": package,
        **{f"OPS/text/{name}": text for name, text in chapters.items()},
        **(extra or {}),
    }
    return zipped(entries, stored=("mimetype",))
