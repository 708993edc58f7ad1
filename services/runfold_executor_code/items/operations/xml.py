"""`xml`: XML in a field as the item's fields, and an item as XML in a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING, text
from runfold_executor_code.items.parameters import flag, options_of, word
from runfold_executor_code.items.paths import found
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step
from runfold_executor_code.items.xml_values import Options, Unreadable, Writing, value_of, xml_of


def run(step: Step) -> list[list[Made]]:
    """An item for each one."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            mode = word(written.get("mode"), "xmlToJson")
            if mode == "jsonToxml":
                json: Any = _written(written, item)
            elif mode == "xmlToJson":
                json = _read(written, item, index)
            else:
                raise ItemFailed(index, f"there is no mode {mode!r}")
            made.append(Made(json if isinstance(json, dict) else {"data": json}, paired=(0, index)))
    return [made]


def _read(written: Mapping[str, Any], item: Item, index: int) -> Any:
    name = word(written.get("dataPropertyName"), "data")
    value = found(item["json"], name)
    if value is MISSING:
        raise ItemFailed(index, f'Item has no JSON property called "{name}"')
    options = options_of(written)
    asked = Options(
        attribute_key=word(options.get("attrkey"), "$"),
        text_key=word(options.get("charkey"), "_"),
        always_lists=flag(options.get("explicitArray")),
        with_root=flag(options.get("explicitRoot"), default=True),
        without_attributes=flag(options.get("ignoreAttrs")),
        merges_attributes=flag(options.get("mergeAttrs"), default=True),
        normalizes=flag(options.get("normalize")),
        lower_names=flag(options.get("normalizeTags")),
        trims=flag(options.get("trim")),
    )
    try:
        return value_of(text(value), asked)
    except Unreadable as error:
        raise ItemFailed(index, f"the field {name!r} is not XML: {error}") from error


def _written(written: Mapping[str, Any], item: Item) -> dict[str, Any]:
    options = options_of(written)
    asked = Writing(
        attribute_key=word(options.get("attrkey"), "$"),
        text_key=word(options.get("charkey"), "_"),
        root=word(options.get("rootName"), "root"),
        headless=flag(options.get("headless")),
        cdata=flag(options.get("cdata")),
    )
    return {word(written.get("dataPropertyName"), "data"): xml_of(item["json"], asked)}
