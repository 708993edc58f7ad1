"""`extractFromFile`: what is in files of items: rows of tables, JSON, text, events.

PDF is refused: `document_extract` reads it. So are office programs' formats other than xlsx.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from runfold_executor_code.items.calendars import events_in
from runfold_executor_code.items.documents import pdf_item, read_of
from runfold_executor_code.items.files import bytes_of, text_of
from runfold_executor_code.items.javascript_values import text
from runfold_executor_code.items.parameters import count, flag, options_of, word
from runfold_executor_code.items.paths import copied, put
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step
from runfold_executor_code.items.tables import (
    csv_rows,
    html_rows,
    objects_of,
    part_of,
    sheet_objects,
)
from runfold_executor_code.items.workbooks import sheet_of

NOT_HERE = ("pdf", "xls", "ods", "rtf")
"""Formats that are not read here."""
_BOM = "\ufeff"


def run(step: Step) -> list[list[Made]]:
    """An item for each row of a table, or each item with what its file says in a field."""
    made: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            operation = word(written.get("operation"), "csv")
            read = read_of(step, index)
            if read is not None:
                made.append(pdf_item(read, index))
            else:
                made += extracted(step, written, item, index, operation)
    return [made]


def extracted(
    step: Step, written: Mapping[str, Any], item: Item, index: int, operation: str
) -> list[Made]:
    """What one file holds.

    Raises:
        ItemFailed: When there is none, or it is not of its format.
    """
    name = word(written.get("binaryPropertyName"), "data")
    if operation in NOT_HERE:
        raise ItemFailed(index, refusal(operation))
    if operation in ("csv", "html", "xlsx"):
        return _rows(written, item, name, index, operation)
    read = _READ.get(operation)
    if read is None:
        raise ItemFailed(index, f"there is no operation {operation!r}")
    options = options_of(written)
    keeps = options.get("keepSource")
    json_: dict[str, Any] = copied(item["json"]) if keeps in ("json", "both") else {}
    put(json_, word(written.get("destinationKey"), "data"), read(step, written, item, name, index))
    files = item.get("binary") or {}
    if keeps not in ("binary", "both"):
        files = {key: one for key, one in files.items() if key != name}
    return [Made(json_, files or None, paired=(0, index))]


def refusal(operation: str) -> str:
    """Why a format is not read or written here."""
    return f"files of {operation} are not for this step: a `document_extract` node reads them"


def _rows(
    written: Mapping[str, Any], item: Item, name: str, index: int, operation: str
) -> list[Made]:
    options = options_of(written)
    try:
        rows = _READ_ROWS[operation](options, item, name, index)
    except ValueError as error:
        message = f"the file {name!r} is not a table of {operation}: {error}"
        raise ItemFailed(index, message) from error
    header = flag(options.get("headerRow"), default=True)
    keeps_empty = flag(options.get("includeEmptyCells")) or operation == "html"
    made = sheet_objects if operation == "xlsx" else objects_of
    objects = made(rows, header=header, keeps_empty=keeps_empty)
    most = count(options.get("maxRowCount"), -1) if operation == "csv" else -1
    return [Made(one, paired=(0, index)) for one in (objects[:most] if most >= 0 else objects)]


def _content(options: Mapping[str, Any], item: Item, name: str, index: int) -> str:
    return text_of(item, name, index, word(options.get("encoding"))).removeprefix(_BOM)


def _csv(options: Mapping[str, Any], item: Item, name: str, index: int) -> list[list[Any]]:
    content = _content(options, item, name, index)
    rows = csv_rows(content, word(options.get("delimiter"), ","))
    return [list(row) for row in rows[max(0, count(options.get("fromLine"), 1) - 1) :]]


def _html(options: Mapping[str, Any], item: Item, name: str, index: int) -> list[list[Any]]:
    return html_rows(_content(options, item, name, index))


def _xlsx(options: Mapping[str, Any], item: Item, name: str, index: int) -> list[list[Any]]:
    rows = sheet_of(bytes_of(item, name, index), word(options.get("sheetName")))
    asked = options.get("range")
    return part_of(rows, text(asked) if asked else "")


_READ_ROWS = {"csv": _csv, "html": _html, "xlsx": _xlsx}


Read = Callable[[Step, Mapping[str, Any], Item, str, int], Any]


def _text(_step: Step, written: Mapping[str, Any], item: Item, name: str, index: int) -> Any:
    options = options_of(written)
    found = text_of(item, name, index, word(options.get("encoding")))
    return found.removeprefix(_BOM) if flag(options.get("stripBOM"), default=True) else found


def _json(step: Step, written: Mapping[str, Any], item: Item, name: str, index: int) -> Any:
    found = _text(step, written, item, name, index)
    if not found.strip():
        return {}
    try:
        return json.loads(found)
    except (ValueError, RecursionError) as error:
        raise ItemFailed(index, f"the file {name!r} is not valid JSON") from error


def _base64(_step: Step, _written: Mapping[str, Any], item: Item, name: str, index: int) -> Any:
    bytes_of(item, name, index)
    return item["binary"][name]["data"]


def _calendar(step: Step, written: Mapping[str, Any], item: Item, name: str, index: int) -> Any:
    return events_in(_text(step, written, item, name, index), step.timezone)


_READ: Mapping[str, Read] = {
    "binaryToPropery": _base64,
    "fromIcs": _calendar,
    "fromJson": _json,
    "text": _text,
    "xml": _text,
}
