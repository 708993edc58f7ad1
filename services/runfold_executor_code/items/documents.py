"""What a native node read in files of items: text, or the rows of tables that it wrote as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.parameters import word
from runfold_executor_code.items.step import ItemFailed, Made, Step

_TABLES = ("csv", "html", "xls", "xlsx", "ods")
_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[\s|:-]+")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


def read_of(step: Step, index: int) -> Mapping[str, Any] | None:
    """What was read of an item's file: `{text, metadata, pages}`; None where nothing was."""
    results = step.results if isinstance(step.results, Mapping) else {}
    output = results.get("output")
    found = output[index] if isinstance(output, list) and index < len(output) else None
    if not isinstance(found, Mapping) or not isinstance(found.get("text"), str):
        return None
    return found


def extracted_from(
    read: Mapping[str, Any], written: Mapping[str, Any], operation: str, index: int
) -> list[Made]:
    """The items that what was read comes to.

    Raises:
        ItemFailed: When it is not of its format.
    """
    text = read["text"]
    if operation in _TABLES:
        return [Made(row, paired=(0, index)) for row in rows_in(text)]
    if operation == "pdf":
        pages = read.get("pages")
        count = len(pages) if isinstance(pages, list) else 0
        info = read.get("metadata") or {}
        return [Made({"numpages": count, "info": info, "text": text}, paired=(0, index))]
    value: Any = text
    if operation == "fromJson":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ItemFailed(index, f"the file is not JSON: {error}") from error
    return [Made({word(written.get("destinationKey"), "data"): value}, paired=(0, index))]


def rows_in(text: str) -> list[dict[str, Any]]:
    """The rows of the first table of a text in Markdown, by the names of its first row."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.lstrip().startswith("|"):
            lines.append(line.strip())
        elif lines:
            break
    rows = [_cells(line) for line in lines if not _RULE.fullmatch(line)]
    if not rows:
        return []
    names = rows[0]
    return [
        {name: _value(cell) for name, cell in zip(names, row, strict=False) if name}
        for row in rows[1:]
    ]


def _cells(line: str) -> list[str]:
    inner = line.strip().strip("|") if not line.endswith("\\|") else line.strip().lstrip("|")
    cells = _BAR.split(inner)
    return [one.strip().replace("\\|", "|").replace("<br>", "\n") for one in cells]


def _value(cell: str) -> Any:
    if _NUMBER.fullmatch(cell):
        return float(cell) if "." in cell else int(cell)
    return cell
