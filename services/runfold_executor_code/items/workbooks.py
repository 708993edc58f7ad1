"""Workbooks (xlsx) as rows of values, and rows as a workbook: what tables of items need of them.

Values are those that are stored: dates are numbers of days, formulas what they last came to. Parts
are read within the bounds of `archives`, and without entities of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from runfold_executor_code.items.archives import NoArchive, packed, unpacked
from runfold_executor_code.items.javascript_values import is_number, json_text, text
from runfold_executor_code.items.tables import MOST_ROWS, column_of

_CELL = re.compile(r"([A-Z]{1,3})(\d+)")
_MOST_COLUMNS = 16_384
_MOST_CELLS = 5_000_000
"""Cells of a sheet, those with nothing before one that has something included."""
_EXACT = 2**53
"""Above it a float is no longer one whole number."""
_BOOK = "xl/workbook.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/{_BOOK}" ContentType="application/vnd.openxmlformats-officedocument.\
spreadsheetml.sheet.main+xml"/>\
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-\
officedocument.spreadsheetml.worksheet+xml"/></Types>"""


class NoWorkbook(ValueError):
    """Bytes that are no workbook, or one without the sheet that is asked for."""


def sheet_of(data: bytes, name: str = "") -> list[list[Any]]:
    """The rows of a sheet; None where a cell has nothing.

    Args:
        data: The workbook.
        name: The sheet; the first one, where none is named.

    Raises:
        NoWorkbook: When it is none, or has no sheet of that name.
    """
    try:
        parts = unpacked(data, "zip")
    except NoArchive as error:
        raise NoWorkbook(str(error)) from error
    sheets = _sheets(parts)
    if not sheets:
        message = "it is no workbook: it has no sheets"
        raise NoWorkbook(message)
    path = sheets.get(name) if name else next(iter(sheets.values()))
    if path is None:
        message = f'Spreadsheet does not contain sheet called "{name}"!'
        raise NoWorkbook(message)
    shared = _Shared()
    if "xl/sharedStrings.xml" in parts:
        _parse(parts["xl/sharedStrings.xml"], shared.start, shared.end, shared.read)
    sheet = _Sheet(shared.texts)
    _parse(parts[path], sheet.start, sheet.end, sheet.read)
    return sheet.rows


def _sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The parts that sheets are in, by their names, in the order of the workbook."""
    targets: dict[str, str] = {}
    listed: list[tuple[str, str]] = []

    def relation(tag: str, given: dict[str, str]) -> None:
        if tag == "Relationship":
            target = given.get("Target", "")
            targets[given.get("Id", "")] = (
                target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
            )

    def sheet(tag: str, given: dict[str, str]) -> None:
        if tag == "sheet":
            key = next((one for one in given if one.endswith(":id")), "")
            listed.append((given.get("name", ""), given.get(key, "")))

    _parse(parts.get("xl/_rels/workbook.xml.rels", b""), relation)
    _parse(parts.get(_BOOK, b""), sheet)
    found = {name: targets.get(key, "") for name, key in listed}
    return {name: path for name, path in found.items() if path in parts}


def _parse(
    body: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    read: Callable[[str], None] | None = None,
) -> None:
    if not body:
        return
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if read is not None:
        parser.CharacterDataHandler = read
    parser.EntityDeclHandler = _refused
    try:
        parser.Parse(body, True)  # noqa: FBT003 -- what the parser takes
    except expat.ExpatError as error:
        message = f"a part of the workbook is not XML: {error}"
        raise NoWorkbook(message) from error


def _refused(*_declared: Any) -> None:
    message = "the workbook declares entities, which are not read"
    raise NoWorkbook(message)


class _Shared:
    """Reads the texts that cells share; how they are to be spoken is not a part of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] | None = None
        self._spoken = False

    def start(self, tag: str, _given: dict[str, str]) -> None:
        if tag == "si":
            self.texts.append("")
        elif tag == "rPh":
            self._spoken = True
        elif tag == "t" and not self._spoken:
            self._parts = []

    def end(self, tag: str) -> None:
        if tag == "rPh":
            self._spoken = False
        elif tag == "t" and self._parts is not None and self.texts:
            self.texts[-1] += "".join(self._parts)
            self._parts = None

    def read(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)


class _Sheet:
    """Reads the rows of a sheet."""

    def __init__(self, shared: Sequence[str]) -> None:
        self.rows: list[list[Any]] = []
        self._shared = shared
        self._row = -1
        self._column = -1
        self._cells = 0
        self._type = "n"
        self._parts: list[str] | None = None

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "row":
            self._new_row(given.get("r", ""))
        elif tag == "c":
            known = _CELL.fullmatch(given.get("r", ""))
            self._column = column_of(known[1]) if known else self._column + 1
            self._type = given.get("t", "n")
        elif tag in ("v", "t"):
            self._parts = []

    def end(self, tag: str) -> None:
        if tag in ("v", "t") and self._parts is not None and self.rows:
            self._put("".join(self._parts))
            self._parts = None

    def read(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def _new_row(self, number: str) -> None:
        # One without a number, or with one that there cannot be, comes after the one before it.
        place = (int(number) if number.isdecimal() else 0) or self._row + 2
        if place > MOST_ROWS:
            message = f"a table of more than {MOST_ROWS} rows"
            raise NoWorkbook(message)
        self.rows += [[] for _ in range(place - len(self.rows))]
        self._row, self._column = place - 1, -1

    def _put(self, written: str) -> None:
        if self._column >= _MOST_COLUMNS:
            return
        row = self.rows[self._row]
        missing = max(0, self._column + 1 - len(row))
        self._cells += missing
        if self._cells > _MOST_CELLS:
            message = f"a table of more than {_MOST_CELLS} cells"
            raise NoWorkbook(message)
        row += [None] * missing
        is_more = self._type == "inlineStr" and isinstance(row[self._column], str)
        value = _value(self._type, written, self._shared)
        row[self._column] = row[self._column] + value if is_more else value


def _value(type_: str, written: str, shared: Sequence[str]) -> Any:
    if type_ == "s":
        place = int(written) if written.strip().isdecimal() else -1
        return shared[place] if 0 <= place < len(shared) else ""
    if type_ == "b":
        return written.strip() == "1"
    if type_ in ("str", "inlineStr", "e", "d"):
        return written
    try:
        number = float(written)
    except ValueError:
        return written
    if not isfinite(number):
        return written
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def workbook_of(rows: Sequence[Sequence[Any]], name: str = "Sheet") -> bytes:
    """A workbook with one sheet; the same each time.

    Args:
        rows: Their cells. Lists and objects are written as JSON.
        name: That of the sheet.
    """
    lines = "".join(
        f'<row r="{at}">{"".join(_cell(cell, at, place) for place, cell in enumerate(row))}</row>'
        for at, row in enumerate(rows, 1)
    )
    relations = f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(name)} sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'{relations} Type="{_OFFICE}/officeDocument" Target="{_BOOK}"/>'
        "</Relationships>",
        "xl/_rels/workbook.xml.rels": f'{relations} Type="{_OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        _BOOK: f"{_HEAD}{book}",
        "xl/worksheets/sheet1.xml": f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{lines}'
        "</sheetData></worksheet>",
    }
    return packed({path: part.encode() for path, part in parts.items()}, "zip")


_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML cannot have."""


def _cell(value: Any, row: int, place: int) -> str:
    if value is None:
        return ""
    at = f'r="{_letters(place)}{row}"'
    if isinstance(value, bool):
        return f'<c {at} t="b"><v>{int(value)}</v></c>'
    if is_number(value):
        return f"<c {at}><v>{text(value)}</v></c>"
    written = json_text(value) if isinstance(value, list | dict) else text(value)
    inner = escape(_NO_TEXT.sub("", written))
    return f'<c {at} t="inlineStr"><is><t xml:space="preserve">{inner}</t></is></c>'


def _letters(place: int) -> str:
    made = ""
    place += 1
    while place:
        place, left = divmod(place - 1, 26)
        made = chr(ord("A") + left) + made
    return made
