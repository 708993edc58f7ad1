"""`splitOut`: an item for each member of a list in a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING
from runfold_executor_code.items.parameters import flag, options_of, word
from runfold_executor_code.items.paths import copied, found, names_in, put, removed
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

_FILES = "$binary"
_UNSAFE = frozenset(("__proto__", "constructor", "prototype"))
"""Parts of a path that are not set: the field keeps its own name."""


def run(step: Step) -> list[list[Made]]:
    """The members of each item's lists, as items."""
    made: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            made += split(step.of(index), item, index)
    return [made]


def split(written: Mapping[str, Any], item: Item, index: int) -> list[Made]:
    """An item for each place of its lists; several fields go side by side.

    Raises:
        ItemFailed: When there are other numbers of fields and of names for them.
    """
    options = options_of(written)
    dotted = not flag(options.get("disableDotNotation"))
    fields = [one.removeprefix("$json.") for one in names_in(written.get("fieldToSplitOut"))]
    names = names_in(options.get("destinationFieldName"))
    if names and len(names) != len(fields):
        message = (
            "If multiple fields to split out are given, the same number of destination fields "
            "must be given"
        )
        raise ItemFailed(index, message)
    include = word(written.get("include"), "noOtherFields")
    spreads = include == "noOtherFields" and not names and len(fields) == 1
    parts: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for place, field in enumerate(fields):
        is_named = bool(names) and _UNSAFE.isdisjoint(names[place].split("."))
        name = names[place] if is_named else field
        for at, member in enumerate(_members(item, field, dotted=dotted)):
            if at == len(parts):
                parts.append(({}, {}))
            json, files = parts[at]
            if field == _FILES:
                files[member[0]] = member[1]
            elif spreads and isinstance(member, dict | list):
                json.update(_spread(member))
            else:
                put(json, name, member, dotted=dotted and is_named)
    others = _others(written, item["json"], fields, include, index, dotted=dotted)
    own = item.get("binary") if flag(options.get("includeBinary")) else None
    is_last = include == "selectedOtherFields"
    return [
        Made(
            {**json, **copied(others)} if is_last else {**copied(others), **json},
            files or own,
            paired=(0, index),
        )
        for json, files in parts
    ]


def _spread(member: Any) -> dict[str, Any]:
    if isinstance(member, list):
        return {str(at): one for at, one in enumerate(member)}
    return dict(member)


def _members(item: Item, field: str, *, dotted: bool) -> list[Any]:
    if field == _FILES:
        return list((item.get("binary") or {}).items())
    value = found(item["json"], field, dotted=dotted)
    match value:
        case _ if value is MISSING:
            return []
        case list():
            return value
        case dict():
            return list(value.values())
        case _:
            return [value]


def _others(
    written: Mapping[str, Any],
    json: dict[str, Any],
    fields: list[str],
    include: str,
    index: int,
    *,
    dotted: bool,
) -> dict[str, Any]:
    """What each new item has beside its member."""
    if include == "allOtherFields":
        copy: dict[str, Any] = copied(json)
        for field in fields:
            removed(copy, field, dotted=dotted)
        return copy
    if include != "selectedOtherFields":
        return {}
    wanted = names_in(written.get("fieldsToInclude"))
    if not wanted:
        raise ItemFailed(index, "No fields specified: add a field to include")
    values = {name: found(json, name, dotted=dotted) for name in wanted}
    return {name: value for name, value in values.items() if value is not MISSING}
