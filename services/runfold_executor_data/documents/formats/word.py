"""docx: the text of a Word document in its order, its headings, lists and tables as Markdown.

Its XML is walked here and not by a library: content controls, insertions and text boxes hold text
anywhere, and those who look at paragraphs and tables alone lose it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runfold_executor_data.documents.formats.archives import (
    Archive,
    attribute,
    child,
    local,
    office_properties,
)
from runfold_executor_data.documents.formats.markdown import heading, table
from runfold_executor_data.documents.formats.plain import clean, tidy
from runfold_executor_data.documents.formats.word_styles import Styles, read_styles
from runfold_executor_data.documents.reading import Document, Job, Text, Unreadable

_THROUGH = frozenset(
    ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "AlternateContent", "Choice")
)
"""Elements that hold others without being text themselves."""
_SKIPPED = frozenset(
    (
        *("del", "moveFrom", "pPr", "rPr", "sdtPr", "Fallback", "instrText", "delText"),
        *("delInstrText", "rt", "tblPr", "tblGrid", "sectPr"),
    )
)
"""Elements whose text is none of the document's: deleted, field codes, pronunciations."""
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_MOST_SPAN = 63
"""Columns that a cell may take, as Word allows."""


def read_docx(body: bytes, job: Job) -> Document:
    """The text of a Word document."""
    archive = Archive(body)
    main = archive.part("", "officeDocument") or "word/document.xml"
    root = archive.xml(main)
    content = child(root, "body")
    if content is None:
        raise Unreadable("malformed", "it has no body")
    counted = Text(job.most)
    walk = _Walk(read_styles(archive, main))
    blocks = [counted.room(block) for block in walk.blocks(content)]
    blocks += [counted.room(note) for note in _notes(archive, main, walk)]
    return Document(
        kind="docx", text=tidy(clean(_joined(blocks))), metadata=office_properties(archive)
    )


def _joined(blocks: list[str]) -> str:
    """Blocks with an empty line between, items of a list without."""
    pieces: list[str] = []
    for block in blocks:
        if pieces and not (_is_item(pieces[-1]) and _is_item(block)):
            pieces.append("\n")
        pieces.append(block + "\n")
    return "".join(pieces)


def _is_item(block: str) -> bool:
    mark = block.lstrip(" ").partition(" ")[0].rstrip("\n")
    return mark == "-" or (mark.endswith(".") and mark[:-1].isdecimal())


def _notes(archive: Archive, main: str, walk: _Walk) -> Iterator[str]:
    """Foot and end notes, which stand at the end."""
    for sort, mark in (("footnotes", ""), ("endnotes", "e")):
        name = archive.part(main, sort)
        for note in archive.xml(name) if name else ():
            if local(note) in ("footnote", "endnote") and not attribute(note, "type"):
                text = " ".join(" ".join(walk.blocks(note)).split())
                yield f"[^{mark}{attribute(note, 'id')}]: {text}"


class _Walk:
    """Goes through a document.

    Args:
        styles: What its paragraphs are by their styles.
    """

    def __init__(self, styles: Styles) -> None:
        self._styles = styles

    def blocks(self, container: Any) -> Iterator[str]:
        """Its paragraphs and tables as Markdown, in their order."""
        for one in container:
            name = local(one)
            if name == "tbl":
                yield from self._table(one)
            elif name in _THROUGH:
                yield from self.blocks(one)
            elif name == "p" and (text := self._paragraph(one)):
                yield text

    def _paragraph(self, paragraph: Any) -> str:
        text = "".join(self._texts(paragraph)).strip()
        if not text:
            return ""
        form = self._styles.of(paragraph)
        if form.level:
            return heading(form.level, text)
        if form.mark:
            inner = "\n" + "  " * (form.depth + 1)
            return "  " * form.depth + form.mark + " " + text.replace("\n", inner)
        return text

    def _texts(self, element: Any) -> Iterator[str]:
        """The pieces of text in an element, in their order."""
        for one in element:
            name = local(one)
            if name == "t":
                yield one.text or ""
            elif name in _SIGNS:
                yield _SIGNS[name]
            elif name in ("footnoteReference", "endnoteReference"):
                yield f"[^{'e' if name[0] == 'e' else ''}{attribute(one, 'id')}]"
            elif name == "txbxContent":
                # What is in a text box has paragraphs of its own.
                yield "\n" + "\n".join(self.blocks(one)) + "\n"
            elif name and name not in _SKIPPED:
                yield from self._texts(one)

    def _table(self, element: Any) -> Iterator[str]:
        rows = [self._row(row) for row in _inside(element, "tr") if not _is_deleted(row)]
        if len(rows) == 1 and len(rows[0]) == 1:
            # A frame around text, rather than a table.
            yield rows[0][0]
        elif any(any(row) for row in rows):
            yield table(rows)

    def _row(self, row: Any) -> list[str]:
        cells = [""] * _number(child(row, "trPr"), "gridBefore")
        for one in _inside(row, "tc"):
            properties = child(one, "tcPr")
            merged = None if properties is None else child(properties, "vMerge")
            goes_on = merged is not None and attribute(merged, "val") != "restart"
            cells.append("" if goes_on else self._cell(one))
            cells += [""] * (_number(properties, "gridSpan") - 1)
        return cells

    def _cell(self, one: Any) -> str:
        lines: list[str] = []
        for block in self._in_a_cell(one):
            lines += block.split("\n")
        return "\n".join(lines)

    def _in_a_cell(self, container: Any) -> Iterator[str]:
        """Blocks of a cell; of a table in it there is a line for each row."""
        for one in container:
            name = local(one)
            if name == "tbl":
                rows = [self._row(row) for row in _inside(one, "tr") if not _is_deleted(row)]
                yield from (", ".join(filter(None, row)).replace("\n", " ") for row in rows)
            elif name in _THROUGH:
                yield from self._in_a_cell(one)
            elif name == "p" and (text := self._paragraph(one)):
                yield text


def _inside(element: Any, wanted: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also those inside content controls."""
    for one in element:
        name = local(one)
        if name == wanted:
            yield one
        elif name in _THROUGH:
            yield from _inside(one, wanted)


def _is_deleted(row: Any) -> bool:
    properties = child(row, "trPr")
    return properties is not None and child(properties, "del") is not None


def _number(properties: Any, name: str) -> int:
    found = None if properties is None else child(properties, name)
    text = "" if found is None else attribute(found, "val")
    return min(int(text), _MOST_SPAN) if text.isdecimal() else 0
