"""`convertToFile`: files of items: tables as CSV, a page or a workbook, JSON, text, events."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from runfold_executor_code.items.calendars import calendar_of, ends_after
from runfold_executor_code.items.dates import moment_of, of_milliseconds
from runfold_executor_code.items.files import file_of
from runfold_executor_code.items.javascript_values import MISSING, json_text, text
from runfold_executor_code.items.operations.extract_from_file import NOT_HERE
from runfold_executor_code.items.parameters import at, flag, options_of, word
from runfold_executor_code.items.paths import found
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step, StepFailed
from runfold_executor_code.items.tables import csv_text, html_text, rows_of
from runfold_executor_code.items.workbooks import workbook_of

_ALL = ("csv", "html", "xlsx")
_FORMER = 1
"""The version in which a text may be said to be no base64."""


def run(step: Step) -> list[list[Made]]:
    """One item with a file of all items, or an item with a file for each.

    Raises:
        StepFailed: For a format that is not written here.
    """
    written = step.of()
    operation = word(written.get("operation"), "csv")
    if operation in NOT_HERE:
        raise StepFailed(f"files of {operation} are not written here: write CSV")
    if operation in _ALL or (operation == "toJson" and written.get("mode") != "each"):
        return [[_of_all(step, written, operation)]]
    make = _EACH.get(operation)
    if make is None:
        raise StepFailed(f"there is no operation {operation!r}")
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            asked = step.of(index)
            name = word(asked.get("binaryPropertyName"), "data")
            made.append(Made({}, {name: make(step, asked, item, index)}, paired=(0, index)))
    return [made]


def _of_all(step: Step, written: Mapping[str, Any], operation: str) -> Made:
    jsons = [item["json"] for item in step.items]
    if operation == "toJson":
        content, called = _json(jsons, written).encode(), "file.json"
    else:
        content, called = table_of(jsons, options_of(written), operation), f"File.{operation}"
    name = word(written.get("binaryPropertyName"), "data")
    made = file_of(content, _name(written, called))
    paired = tuple((0, index) for index in range(len(jsons)))
    return Made({}, {name: made}, paired=paired)


def table_of(jsons: list[Mapping[str, Any]], options: Mapping[str, Any], format_: str) -> bytes:
    """Objects as a table of CSV, of a page, or of a workbook."""
    rows = rows_of(jsons, header=flag(options.get("headerRow"), default=True))
    if format_ == "xlsx":
        return workbook_of(rows, word(options.get("sheetName"), "Sheet"))
    if format_ == "csv":
        return csv_text(rows, word(options.get("delimiter"), ",")).encode()
    return html_text(rows).encode()


def _json(value: Any, written: Mapping[str, Any]) -> str:
    return json_text(value, 2 if flag(options_of(written).get("format")) else None)


def _name(written: Mapping[str, Any], default: str) -> str:
    return word(options_of(written).get("fileName"), default)


def _source(written: Mapping[str, Any], item: Item, index: int) -> Any:
    name = word(written.get("sourceProperty"))
    value = found(item["json"], name)
    if value is MISSING:
        raise ItemFailed(index, f'The value in "{name}" is not set')
    return value


def _of_json(_step: Step, written: Mapping[str, Any], item: Item, _index: int) -> dict[str, Any]:
    return file_of(_json(item["json"], written).encode(), _name(written, "file.json"))


def _of_text(_step: Step, written: Mapping[str, Any], item: Item, index: int) -> dict[str, Any]:
    value = _source(written, item, index)
    content = json_text(value) if isinstance(value, list | dict) else text(value)
    encoding = word(options_of(written).get("encoding"), "utf-8")
    try:
        return file_of(
            content.encode(encoding, "replace"), _name(written, "file.txt"), "text/plain"
        )
    except LookupError as error:
        raise ItemFailed(index, f"there is no encoding {encoding!r}") from error


def _of_base64(step: Step, written: Mapping[str, Any], item: Item, index: int) -> dict[str, Any]:
    options = options_of(written)
    value = _source(written, item, index)
    written_text = json_text(value) if isinstance(value, list | dict) else text(value)
    if options.get("dataIsBase64") is False and step.version == _FORMER:
        data = written_text.encode()
    else:
        try:
            data = base64.b64decode(written_text.partition(";base64,")[2] or written_text)
        except (binascii.Error, ValueError) as error:
            raise ItemFailed(index, "the text is not base64") from error
    kind = word(options.get("mimeType")) or _kind_of(data)
    return file_of(data, _name(written, ""), kind)


_MAGIC = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"ID3": "audio/mpeg",
    b"RIFF": "audio/wav",
}


def _kind_of(data: bytes) -> str:
    known = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), "")
    if known:
        return known
    try:
        data[:2000].decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def _of_event(step: Step, written: Mapping[str, Any], _item: Item, index: int) -> dict[str, Any]:
    more = at(written, "additionalFields", default={})
    start, end = (
        moment_of(written.get("start"), step.timezone),
        moment_of(written.get("end"), step.timezone),
    )
    if start is None:
        raise ItemFailed(index, "the event has no start")
    is_day = flag(written.get("allDay"))
    title = word(written.get("title"))
    event = {**(more if isinstance(more, Mapping) else {}), "summary": title, "all_day": is_day}
    stamp = of_milliseconds(step.now) or datetime(1970, 1, 1, tzinfo=UTC)
    event["uid"] = word(event.get("uid")) or str(
        uuid.uuid5(uuid.NAMESPACE_OID, f"{step.node} {title} {start} {index}")
    )
    made = calendar_of(event, start, ends_after(start, end, is_day=is_day), stamp)
    return file_of(made.encode(), word(event.get("fileName")) or "event.ics", "text/calendar")


Make = Callable[[Step, Mapping[str, Any], Item, int], dict[str, Any]]
_EACH: Mapping[str, Make] = {
    "iCal": _of_event,
    "toBinary": _of_base64,
    "toJson": _of_json,
    "toText": _of_text,
}
