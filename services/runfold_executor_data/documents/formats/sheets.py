"""xlsx and csv: each sheet as a Markdown table."""

from __future__ import annotations

import csv
import io
import re
import warnings as python_warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from runfold_executor_data.documents.formats.archives import Archive, office_properties
from runfold_executor_data.documents.formats.markdown import heading, table
from runfold_executor_data.documents.formats.plain import clean, decoded
from runfold_executor_data.documents.reading import Document, Job, Page, Text, Unreadable

_DELIMITERS = ",;\t|"
_LOOKED_AT = 20
"""Rows that the delimiter is told from."""
MOST_WIDTH = 1000
"""Columns that are not empty."""
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A cell with a formula whose value the program that wrote it did not store."""
_FAULTS = (TypeError, ValueError, LookupError, AttributeError)
"""What openpyxl raises of parts that it does not understand."""
_NO_STYLES = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
_WITHOUT_STYLES = "its styles cannot be read: dates in it are numbers of days"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_xlsx(body: bytes, job: Job) -> Document:
    """The tables of a workbook, with the values of formulas that are stored in it."""
    archive = Archive(body)
    _check(archive)
    counted, pages = Text(job.most), []
    with python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        book, said = _opened(body, archive)
        for number, sheet in enumerate(book.worksheets, 1):
            if hasattr(sheet, "reset_dimensions"):
                sheet.reset_dimensions()  # what a file says of them may be wrong
            rows = _filled(map(_texts, sheet.iter_rows(values_only=True)), counted)
            name = clean(sheet.title)
            text = "\n\n".join(filter(None, (heading(2, name), table(rows))))
            pages.append(Page(number, text, name))
    return Document(
        kind="xlsx",
        text="\n\n".join(page.text for page in pages),
        pages=pages,
        metadata=office_properties(archive),
        warnings=said + _formulas(archive),
    )


def _check(archive: Archive) -> None:
    """Refuse what no workbook has: declarations, which the library would follow."""
    for name in archive.names():
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.head(name):
            raise Unreadable("malformed", f"its part {name!r} has a declaration of its type")


def _opened(body: bytes, archive: Archive) -> tuple[Any, list[str]]:
    """The workbook, and what has to be said of it.

    Styles that openpyxl refuses, as some programs write them, do not keep the values from being
    read: without them a date is the number it is stored as.
    """
    try:
        return _loaded(body), []
    except _FAULTS as error:
        styles = archive.part(archive.part("", "officeDocument"), "styles")
        if not styles:
            raise
        try:
            return _loaded(archive.with_part(styles, _NO_STYLES)), [_WITHOUT_STYLES]
        except _FAULTS:
            raise error from None


def _loaded(body: bytes) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(
            io.BytesIO(body), read_only=True, data_only=True, keep_links=False
        )
    except KeyError as error:
        raise Unreadable("malformed", f"a part of it is missing: {error}") from error
    except SyntaxError as error:  # as both parsers of XML call it
        raise ValueError(str(error)) from error


def _formulas(archive: Archive) -> list[str]:
    found = sum(
        len(_UNCOMPUTED.findall(archive.read(name)))
        for name in archive.names()
        if "/worksheets/" in f"/{name}" and name.endswith(".xml")
    )
    if not found:
        return []
    message = (
        f"cells that are empty since the values of their formulas are not stored: {found}; open "
        "the file in a spreadsheet program and save it"
    )
    return [message]


def _texts(row: Iterable[Any]) -> dict[int, str]:
    """The cells of a row that are not empty."""
    return {at: text for at, value in enumerate(row) if (text := _text(value))}


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case str():
            return clean(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))
        case _:
            return str(value)


def _filled(rows: Iterable[dict[int, str]], counted: Text) -> Iterator[list[str]]:
    """Rows without those that are empty, and without columns that are empty in all of them."""
    kept, used = [], set[int]()
    for row in rows:
        if row:
            for text in row.values():
                counted.room(text)
            used.update(row)
            kept.append(row)
        if len(used) > MOST_WIDTH:
            raise Unreadable("limit", f"a table has over {MOST_WIDTH} columns")
    columns = sorted(used)
    # What lies between the cells is text, too.
    counted.room(" " * (3 * len(columns) * len(kept)))
    for row in kept:
        yield [row.get(at, "") for at in columns]


def read_csv(body: bytes, job: Job) -> Document:
    """A table of separated values; what separates them is told from the first rows."""
    text, warnings = decoded(body, job.charset)
    csv.field_size_limit(2**31 - 1)
    delimiter = _delimiter(text)
    counted = Text(job.most)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        filled = list(_filled(map(_numbered, rows), counted))
    except csv.Error as error:
        raise Unreadable("malformed", f"line {rows.line_num}: {error}") from error
    return Document(kind="csv", text=table(filled), warnings=warnings)


def _numbered(row: list[str]) -> dict[int, str]:
    return {at: text for at, text in enumerate(row) if text.strip()}


def _delimiter(text: str) -> str:
    """The character that cuts the first rows into equal numbers of cells, the most of them."""
    first = text.split("\n", 1)[0]
    if first.lower().startswith("sep=") and len(first) == len("sep=,"):
        return first[-1]
    best, chosen = (0.0, 0), ","
    head = "\n".join(text[:65_536].split("\n")[: _LOOKED_AT * 5])
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(head), delimiter=delimiter)
            widths = [len(row) for row, _ in zip(rows, range(_LOOKED_AT), strict=False) if row]
        except csv.Error:
            continue
        if not widths or max(widths) == 1:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)
        if score > best:
            best, chosen = score, delimiter
    return chosen
