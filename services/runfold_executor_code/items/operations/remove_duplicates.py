"""`removeDuplicates`: the first of items that are alike, in all fields or in some.

What was seen in runs before is not known here: that operation is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.javascript_values import MISSING, json_text, kind_of
from runfold_executor_code.items.parameters import flag, options_of, word
from runfold_executor_code.items.paths import found, names_in, put
from runfold_executor_code.items.step import Item, Made, Step, StepFailed

_LENIENT = 1
"""The version after which null is a value of any type."""
UNTYPED = 3.1
"""The version since which types are not looked at: that of Item Lists."""
_HERE = "removeDuplicateInputItems"


def run(step: Step) -> list[list[Made]]:
    """The items without those that are like one before.

    Raises:
        StepFailed: When a field is not in all items, or not of one type.
    """
    written = step.of()
    operation = word(written.get("operation"), _HERE)
    if operation == "removeItemsSeenInPreviousExecutions":
        raise StepFailed(
            "items of runs before are not remembered: keep what was seen in a database, or "
            "compare the items of one run"
        )
    places = list(range(len(step.items)))
    names: list[str] = []
    if operation in (_HERE, "removeDuplicates") and step.items:
        names = _names(step, written)
        places = _first_ones(step, written, names)
    removes_others = flag(options_of(written).get("removeOtherFields"))
    return [[_made(step.items[at], at, names if removes_others else None) for at in places]]


def _made(item: Item, index: int, only: list[str] | None) -> Made:
    if only is None:
        return Made(item["json"], item.get("binary"), paired=(0, index))
    json: dict[str, Any] = {}
    for name in only:
        value = found(item["json"], name)
        if value is not MISSING:
            put(json, name, value)
    return Made(json, paired=(0, index))


def _names(step: Step, written: Mapping[str, Any]) -> list[str]:
    dotted = _is_dotted(written)
    compare = word(written.get("compare"), "allFields")
    if compare == "selectedFields":
        names = names_in(written.get("fieldsToCompare"))
        if not names:
            raise StepFailed("No fields specified. Please add a field to compare on")
        return names
    seen: dict[str, None] = {}
    items = step.items if compare == "allFields" or not dotted else step.items[:1]
    for item in items:
        seen |= dict.fromkeys(_flat(item["json"]) if dotted else item["json"])
    if compare != "allFieldsExcept":
        return list(seen)
    without = names_in(written.get("fieldsToExclude"))
    if not without:
        raise StepFailed("No fields specified. Please add a field to exclude from comparison")
    return [name for name in seen if name not in without]


def _is_dotted(written: Mapping[str, Any]) -> bool:
    return not flag(options_of(written).get("disableDotNotation"))


def _flat(value: Any, before: str = "") -> list[str]:
    """The paths of all values in an object that are none themselves."""
    if not isinstance(value, list | dict):
        return [before]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        path for key, one in inner for path in _flat(one, f"{before}.{key}" if before else str(key))
    ]


def _first_ones(step: Step, written: Mapping[str, Any], names: list[str]) -> list[int]:
    dotted = _is_dotted(written)
    kinds: dict[str, str] = {}
    seen: set[str] = set()
    kept = []
    for place, item in enumerate(step.items):
        values = [found(item["json"], name, dotted=dotted) for name in names]
        for name, value in zip(names, values, strict=True):
            _check(name, value, kinds, step.version)
        mark = json_text([_mark(one) for one in values])
        if mark not in seen:
            seen.add(mark)
            kept.append(place)
    return kept


def _mark(value: Any) -> Any:
    """A value with its objects in one order."""
    if isinstance(value, dict):
        return {"": sorted([key, _mark(one)] for key, one in value.items())}
    return [_mark(one) for one in value] if isinstance(value, list) else [value]


def _check(name: str, value: Any, kinds: dict[str, str], version: float) -> None:
    if value is None and version > _LENIENT:
        return
    if value is MISSING:
        raise StepFailed(f"'{name}' field is missing from some input items")
    if version < UNTYPED and kinds.setdefault(name, kind_of(value)) != kind_of(value):
        message = f"'{name}' isn't always the same type: it varies between items"
        raise StepFailed(message)
