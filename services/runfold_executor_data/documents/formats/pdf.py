"""pdf: the text of each page, by PDFium."""

from __future__ import annotations

import re
from typing import Any

from runfold_executor_data.documents.formats.plain import clean, tidy
from runfold_executor_data.documents.reading import Document, Job, Page, Text, Unreadable

MOST_PAGES = 10_000
_HYPHEN = re.compile("(?:\ufffe|\x02)(?:\r\n|\n)?")
"""How PDFium writes a hyphen at the end of a line: the word goes on behind it."""
_DATES = ("created", "modified")
_DATE = re.compile(
    r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?([Z+-])?(\d\d)?'?(\d\d)?'?.*", re.DOTALL
)
_FIELDS = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "Creator": "creator",
    "Producer": "producer",
    "CreationDate": "created",
    "ModDate": "modified",
}


def read_pdf(body: bytes, job: Job) -> Document:
    """The text of a PDF, page by page."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise Unreadable("encrypted", "it is encrypted, and opens with a password") from error
        raise Unreadable("malformed", f"PDFium cannot read it: {error}") from error
    count = len(document)
    if count > MOST_PAGES:
        raise Unreadable("limit", f"it has {count} pages, over {MOST_PAGES}")
    counted, pages, broken = Text(job.most), [], []
    for number in range(1, count + 1):
        try:
            text = _text(document, number - 1)
        except pypdfium2.PdfiumError:
            broken.append(number)
            text = ""
        pages.append(Page(number, counted.room(text)))
    if broken and len(broken) == count:
        raise Unreadable("malformed", "none of its pages can be read")
    return Document(
        kind="pdf",
        text="\n\n".join(page.text for page in pages if page.text),
        pages=pages,
        metadata=_metadata(document),
        warnings=_warnings(pages, broken),
    )


def _text(document: Any, index: int) -> str:
    page = document[index]
    try:
        texts = page.get_textpage()
        try:
            # By the page's box: the other way of asking loses characters beyond 16 bits.
            found: str = texts.get_text_bounded()
        finally:
            texts.close()
    finally:
        page.close()
    return tidy(clean(_HYPHEN.sub("", found)))


def _metadata(document: Any) -> dict[str, Any]:
    found = {}
    for field, name in _FIELDS.items():
        text = clean(document.get_metadata_value(field)).strip()
        if text:
            found[name] = _DATE.sub(_iso, text[:1000]) if name in _DATES else text[:1000]
    return found


def _iso(found: re.Match[str]) -> str:
    """A date as other formats write it: `2024-05-06T07:08:09+02:00`."""
    year, month, day, hour, minute, second, zone, ahead, minutes = found.groups()
    date = f"{year}-{month or '01'}-{day or '01'}"
    if not hour:
        return date
    offset = f"{zone}{ahead}:{minutes or '00'}" if zone in ("+", "-") and ahead else zone or ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{offset}"


def _warnings(pages: list[Page], broken: list[int]) -> list[str]:
    said = []
    if broken:
        said.append(f"pages that cannot be read: {', '.join(map(str, broken[:20]))}")
    empty = [page.number for page in pages if not page.text and page.number not in broken]
    if empty and len(empty) == len(pages):
        said.append("no page has text: they may be pictures, which an ocr node reads")
    elif empty:
        more = ", …" if len(empty) > 20 else ""  # noqa: PLR2004
        said.append(f"pages without text: {', '.join(map(str, empty[:20]))}{more}")
    return said
