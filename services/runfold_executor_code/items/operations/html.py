"""`html`: pages taken apart by CSS selectors, made from a template, and tables of items."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.files import text_of
from runfold_executor_code.items.html_text import readable
from runfold_executor_code.items.html_tree import attributes, inner_html, parsed, selected
from runfold_executor_code.items.javascript_values import MISSING, text
from runfold_executor_code.items.parameters import flag, options_of, rows, word
from runfold_executor_code.items.paths import found
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_READABLE = 1.2
"""The version since which text is as readers see it."""
_TABLE = "border-spacing:0; font-family:helvetica,arial,sans-serif"
_CELL = "margin:0; padding:7px 20px 7px 0px; border-bottom:1px solid #eee"
_HEADER = f"{_CELL}; text-align:left; color:#888; font-weight:normal"


def run(step: Step) -> list[list[Made]]:
    """The items of the operation that is named."""
    operation = word(step.of().get("operation"), "generateHtmlTemplate")
    if operation == "convertToHtmlTable":
        return [_table(step)] if step.items else [[]]
    made: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            if operation == "generateHtmlTemplate":
                made.append(Made({"html": text(written.get("html", ""))}, paired=(0, index)))
            elif operation == "extractHtmlContent":
                made += extracted(step, written, item, index)
            else:
                raise ItemFailed(index, f"there is no operation {operation!r}")
    return [made]


def extracted(step: Step, written: Mapping[str, Any], item: Item, index: int) -> list[Made]:
    """An item for each page of an item, with what the selectors find in it."""
    name = word(written.get("dataPropertyName"), "data")
    if word(written.get("sourceData"), "json") == "json":
        source = found(item["json"], name)
        if source is MISSING:
            raise ItemFailed(index, f'No property named "{name}" exists!')
    else:
        source = text_of(item, name, index)
    made = []
    for page in source if isinstance(source, list) else [source]:
        tree = parsed(text(page))
        json = {
            text(one.get("key", "")): _value(tree, one, options_of(written), step.version)
            for one in rows(written, "extractionValues", "values")
        }
        kept = {key: value for key, value in json.items() if value is not MISSING}
        made.append(Made(kept, paired=(0, index)))
    return made


def _value(tree: Any, asked: Mapping[str, Any], options: Mapping[str, Any], version: float) -> Any:
    elements = selected(tree, text(asked.get("cssSelector", "")))
    if flag(asked.get("returnArray")):
        values = (_of([one], asked, options, version) for one in elements)
        return [None if value is MISSING else value for value in values]
    return _of(elements, asked, options, version)


def _of(
    elements: list[Any], asked: Mapping[str, Any], options: Mapping[str, Any], version: float
) -> Any:
    value = _raw(elements, asked, version)
    if not isinstance(value, str):
        return value
    trims = flag(options.get("trimValues"), default=version < _READABLE)
    if trims:
        value = value.strip()
    if flag(options.get("cleanUpText")):
        value = re.sub(r"\s+", " ", re.sub(r"\r\n|\n|\r", "", value.strip()))
    return value


def _raw(elements: list[Any], asked: Mapping[str, Any], version: float) -> Any:
    first = elements[0] if elements else None
    match word(asked.get("returnValue"), "text"):
        case "attribute":
            if first is None:
                return MISSING
            name = word(asked.get("attribute"))
            return attributes(first).get(name, MISSING) if name else attributes(first)
        case "html":
            return MISSING if first is None else inner_html(first)
        case "htmlOuter":
            return MISSING if first is None else first.html
        case "value":
            return MISSING if first is None else _field(first)
        case _:
            return _text(elements, word(asked.get("skipSelectors")), version)


def _field(element: Any) -> Any:
    """What a field of a form is filled with."""
    if element.tag == "textarea":
        return element.text()
    if element.tag == "select":
        options = element.css("option")
        chosen = [one for one in options if "selected" in attributes(one)] or options[:1]
        return attributes(chosen[0]).get("value", chosen[0].text()) if chosen else MISSING
    return attributes(element).get("value", MISSING)


def _text(elements: list[Any], skip: str, version: float) -> str:
    if version < _READABLE:
        return "".join(one.text() or "" for one in elements)
    if not elements:
        return ""
    inner = parsed(elements[0].html or "")
    body = inner.body or inner.root
    left_out = [one for name in skip.split(",") if name.strip() for one in selected(body, name)]
    return readable(body, frozenset(one.mem_id for one in left_out))


def _table(step: Step) -> list[Made]:
    options = options_of(step.of())
    is_plain = flag(options.get("customStyling"))
    styles = ["" if is_plain else f"style='{one}'" for one in (_TABLE, _HEADER, _CELL)]
    names = list(dict.fromkeys(key for item in step.items for key in item["json"]))
    parts = [f"<table {styles[0]} {word(options.get('tableAttributes'))}>"]
    if word(options.get("caption")):
        parts.append(f"<caption>{options['caption']}</caption>")
    parts.append(f"<thead {styles[1]} {word(options.get('headerAttributes'))}><tr>")
    parts += [f"<th>{_header(one, options)}</th>" for one in names]
    parts.append("</tr></thead><tbody>")
    for index, item in enumerate(step.items):
        own = options_of(step.of(index))
        parts.append(f"<tr  {word(own.get('rowAttributes'))}>")
        opened = f"<td {styles[2]} {word(own.get('cellAttributes'))}>"
        parts += [f"{opened}{_cell(item['json'].get(one, MISSING))}</td>" for one in names]
        parts.append("</tr>")
    parts.append("</tbody></table>")
    paired = tuple((0, index) for index in range(len(step.items)))
    return [Made({"table": "".join(parts)}, paired=paired)]


def _header(name: str, options: Mapping[str, Any]) -> str:
    if not flag(options.get("capitalize")):
        return name
    return " ".join(one[:1].upper() + one[1:] for one in name.split("_") if one)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        checked = 'checked="checked"' if value else ""
        return f'<input type="checkbox" {checked}/>'
    return text(value)
