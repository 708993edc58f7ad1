"""What a document is: by its bytes first, by its name and media type second."""

from __future__ import annotations

import re

from runfold.values.media_types import EXTENSIONS, media_type_of, sniffed
from runfold_executor_data.documents.formats.archives import Archive
from runfold_executor_data.documents.formats.plain import is_text
from runfold_executor_data.documents.reading import Job, Kind, Unreadable

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NEVER_TEXT = (b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", _OLE)
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?"
    rb"(?:<!doctype\s+html|<html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_TEXTS: dict[str, Kind] = {
    "csv": "csv",
    "tsv": "csv",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "md": "md",
    "markdown": "md",
    "eml": "eml",
    "txt": "text",
}
"""Extensions of documents that are text."""
_MEDIA_TYPES: dict[str, Kind] = {
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "md",
    "message/rfc822": "eml",
}
_BINARY = ("pdf", "docx", "pptx", "xlsx", "epub", "doc", "ppt")
"""Extensions of documents that are no text: text that is called so is something else, as the page
with an error that was saved in place of a file."""
_PARTS: tuple[tuple[str, Kind], ...] = (
    ("word/", "docx"),
    ("ppt/", "pptx"),
    ("xl/", "xlsx"),
)
_TYPES: tuple[tuple[str, Kind], ...] = (
    ("wordprocessingml", "docx"),
    ("presentationml", "pptx"),
    ("spreadsheetml", "xlsx"),
)
_READ = "pdf, docx, pptx, xlsx, csv, html, md, epub, eml and plain text are read"


def kind_of_document(body: bytes, job: Job) -> Kind:
    """What a document is read as.

    Raises:
        Unreadable: It is of no kind that is read, or not what it is called.
    """
    shown = sniffed(body[:4096])
    extension = job.name.rpartition(".")[2].lower() if "." in job.name else ""
    if extension in _TEXTS and not body.startswith(_NEVER_TEXT) and is_text(body):
        return _TEXTS[extension]  # signatures of sounds and pictures are letters
    if shown == "application/pdf":
        return "pdf"
    if shown == "application/zip":
        return _zipped(body)
    if body.startswith(_OLE):
        raise _old(body)
    if shown:
        hint = "; an ocr node reads the text in pictures" if shown.startswith("image/") else ""
        raise Unreadable("unsupported", f"it is {shown} by its bytes: {_READ}{hint}")
    if not is_text(body):
        raise _no_text(extension)
    return _of_text(body, job, extension)


def _of_text(body: bytes, job: Job, extension: str) -> Kind:
    if extension in _BINARY and body:
        raise Unreadable("malformed", f"it is called .{extension}, and its bytes are not of one")
    named = _MEDIA_TYPES.get(media_type_of(job.media_type))
    if named is not None:
        return named
    if _HTML.match(body[:4096]):
        return "html"
    # Many programs save separated values for Excel under its own extension.
    return "csv" if extension == "xls" else "text"


def _no_text(extension: str) -> Unreadable:
    if extension in (*_BINARY, "xls"):
        return Unreadable("malformed", f"it is called .{extension}, and its bytes are not of one")
    return Unreadable("unsupported", f"its bytes are no text, and of no known format: {_READ}")


def _old(body: bytes) -> Unreadable:
    if _OLE_ENCRYPTED in body:
        return Unreadable("encrypted", "it is encrypted, and opens with a password")
    message = (
        f"it is of the old format of Word, Excel, PowerPoint or Outlook: {_READ}; save it anew"
    )
    return Unreadable("unsupported", message)


def _zipped(body: bytes) -> Kind:
    archive = Archive(body)
    kind = _by_mimetype(archive) or _of_office(archive)
    if kind is None:
        raise Unreadable("unsupported", f"it is an archive: {_READ}; take it apart first")
    return kind


def _by_mimetype(archive: Archive) -> Kind | None:
    """What an archive says it is in its first entry, as books and OpenDocument files do."""
    if archive.has("mimetype"):
        said = archive.read("mimetype")[:200].decode("ascii", "replace").strip()
        if said == "application/epub+zip":
            return "epub"
        if said.startswith("application/"):
            raise Unreadable("unsupported", f"it is {EXTENSIONS.get(said, said)}: {_READ}")
    return "epub" if archive.has("META-INF/container.xml") else None


def _of_office(archive: Archive) -> Kind | None:
    main = archive.part("", "officeDocument") if archive.has("_rels/.rels") else ""
    for part, kind in _PARTS:
        if main.startswith(part):
            return _unless_binary(main, kind)
    if main and archive.has("[Content_Types].xml"):
        types = archive.read("[Content_Types].xml").decode(errors="replace")
        found = next((kind for word, kind in _TYPES if word in types), None)
        if found is not None:
            return found
    names = archive.names()
    return next((kind for part, kind in _PARTS if any(n.startswith(part) for n in names)), None)


def _unless_binary(main: str, kind: Kind) -> Kind:
    if main.endswith(".bin"):
        raise Unreadable("unsupported", f"it is a workbook in binary form (xlsb): {_READ}")
    return kind
