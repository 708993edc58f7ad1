"""pptx: slides in their order, their titles as headings, their tables as Markdown, their notes."""

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
from runfold_executor_data.documents.reading import Document, Job, Page, Text, Unreadable

_RELATIONSHIPS = "}id"
_TITLES = ("title", "ctrTitle")
_NO_TEXT = ("sldNum", "dt", "ftr", "hdr", "sldImg")
"""Placeholders that repeat on each slide, and the picture of a slide beside its notes."""


def read_pptx(body: bytes, job: Job) -> Document:
    """The text of a presentation."""
    archive = Archive(body)
    main = archive.part("", "officeDocument") or "ppt/presentation.xml"
    slides = child(archive.xml(main), "sldIdLst")
    parts = archive.related(main)
    counted, pages, warnings = Text(job.most), [], []
    for number, one in enumerate(() if slides is None else slides, 1):
        _, name = parts.get(_relationship(one), ("", ""))
        if not archive.has(name):
            warnings.append(f"slide {number} is missing")
            continue
        title, text = _slide(archive, name)
        pages.append(Page(number, counted.room(text), title))
    if not pages and warnings:
        raise Unreadable("malformed", "none of its slides is there")
    return Document(
        kind="pptx",
        text="\n\n".join(page.text for page in pages if page.text),
        pages=pages,
        metadata=office_properties(archive),
        warnings=warnings,
    )


def _relationship(slide: Any) -> str:
    """The relationship by which the presentation names a slide: not the `id` without namespace."""
    return next(
        (str(value) for key, value in slide.attrib.items() if key.endswith(_RELATIONSHIPS)), ""
    )


def _slide(archive: Archive, name: str) -> tuple[str, str]:
    """A slide's title and its text."""
    title, blocks = "", []
    for sort, text in _shapes(archive.xml(name)):
        if sort in _TITLES and not title:
            title = " ".join(clean(text).split())
        else:
            blocks.append(text)
    blocks.insert(0, heading(2, title))
    notes = archive.part(name, "notesSlide")
    if notes:
        said = "\n".join(text for sort, text in _shapes(archive.xml(notes)) if sort == "body")
        if said.strip():
            blocks.append(f"Notes: {said.strip()}")
    return title, tidy(clean("\n\n".join(filter(None, blocks))))


def _shapes(element: Any) -> Iterator[tuple[str, str]]:
    """The placeholder and the text of each shape, in their order."""
    for one in element:
        match local(one):
            case "sp":
                sort = _placeholder(one)
                body = child(one, "txBody")
                text = "" if body is None else _paragraphs(body)
                if text.strip() and sort not in _NO_TEXT:
                    yield sort, text
            case "tbl":
                yield "", table(_rows(one))
            case "" | "Fallback":
                continue
            case _:
                yield from _shapes(one)


def _placeholder(shape: Any) -> str:
    for part in shape.iter():
        if local(part) == "ph":
            return attribute(part, "type") or "body"
        if local(part) == "txBody":
            break
    return ""


def _rows(element: Any) -> Iterator[list[str]]:
    for row in element:
        if local(row) == "tr":
            yield [_cell(one) for one in row if local(one) == "tc"]


def _cell(one: Any) -> str:
    """A cell's text; the cells that a merged one covers are there, and empty."""
    body = child(one, "txBody")
    covered = attribute(one, "hMerge") in ("1", "true") or attribute(one, "vMerge") in ("1", "true")
    return "" if body is None or covered else _paragraphs(body)


def _paragraphs(body: Any) -> str:
    return "\n".join(_paragraph(one) for one in body if local(one) == "p").strip("\n")


def _paragraph(paragraph: Any) -> str:
    properties = child(paragraph, "pPr")
    level = "" if properties is None else attribute(properties, "lvl")
    pieces = []
    for one in paragraph.iter():
        if local(one) == "t":
            pieces.append(one.text or "")
        elif local(one) == "br":
            pieces.append("\n")
    text = "".join(pieces).strip()
    indent = "  " * min(int(level), 8) if level.isdecimal() else ""
    return f"{indent}- {text}" if indent and text else text
