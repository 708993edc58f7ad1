"""What reading a document gives, or why it gives nothing: what both ends of the pipe know."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal["pdf", "docx", "pptx", "xlsx", "csv", "html", "md", "epub", "eml", "text"]
"""What a document is read as."""


class Page(msgspec.Struct, frozen=True):
    """A page of a PDF, a slide, a sheet of a workbook or a chapter of a book."""

    number: int
    """From 1."""
    text: str
    name: str = ""
    """Of a sheet, a slide or a chapter."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was read."""

    kind: Kind
    text: str
    """Markdown where the format has headings, lists and tables."""
    pages: list[Page] = []
    """None for a format without pages."""
    metadata: dict[str, Any] = {}
    """What the document says of itself: title, author, created, …"""
    warnings: list[str] = []
    """What could not be read, though the rest was."""


class Unreadable(Exception):
    """A document that is not read.

    Args:
        code: The failure's code behind `document.`.
        message: What is wrong with it.
    """

    def __init__(
        self, code: Literal["encrypted", "malformed", "unsupported", "limit"], message: str
    ) -> None:
        super().__init__(message)
        self.code = code


class Job(msgspec.Struct, frozen=True):
    """What the process apart is told of a document, before its bytes."""

    name: str
    """Of the file."""
    media_type: str = ""
    charset: str = ""
    """Codec of its text, where that is known."""
    most: int = 10 * 1024 * 1024
    """Bytes of text that there may be."""


class Answer(msgspec.Struct, frozen=True):
    """What it answers."""

    document: Document | None = None
    code: str = ""
    problem: str = ""


class Text:
    """Text that is put together in pieces, and may not be longer than it may be.

    Args:
        most: Bytes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    def room(self, text: str) -> str:
        """The text, once it is counted. Raises `Unreadable`."""
        self._left -= len(text) if text.isascii() else len(text.encode(errors="replace"))
        if self._left < 0:
            raise Unreadable("limit", f"its text has over {self._most} bytes")
        return text
