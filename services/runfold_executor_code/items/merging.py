"""Two or more objects made one: all the way down or not, with empty values or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runfold_executor_code.items.fields import parsed
from runfold_executor_code.items.javascript_values import MISSING, Missing, is_nan, same, text
from runfold_executor_code.items.paths import copied

Merge = Callable[..., dict[str, Any]]


def merge_of(mode: Any, *, keeps_filled: bool) -> Merge:
    """How objects are merged: `shallowMerge`, or all the way down.

    Args:
        mode: What the node names.
        keeps_filled: Whether an empty value does not replace another.
    """
    rules = _Rules(mode != "shallowMerge", keeps_filled)

    def merged(*objects: Mapping[str, Any] | None) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for one in objects:
            _into(made, one or {}, rules)
        return made

    return merged


class _Rules(msgspec.Struct, frozen=True):
    is_deep: bool
    keeps_filled: bool


def _into(made: dict[str, Any], one: Mapping[str, Any], rules: _Rules) -> None:
    for key, value in one.items():
        if rules.keeps_filled and key in made and value in (None, ""):
            continue
        made[key] = _joined(made.get(key, MISSING), value, rules)


def _joined(before: Any, value: Any, rules: _Rules) -> Any:
    if not rules.is_deep:
        return copied(value)
    if isinstance(value, dict):
        made = copied(before) if isinstance(before, dict) else {}
        _into(made, value, rules)
        return made
    if isinstance(value, list):
        made_list = copied(before) if isinstance(before, list) else []
        for place, one in enumerate(value):
            was = made_list[place] if place < len(made_list) else MISSING
            if rules.keeps_filled and was is not MISSING and one in (None, ""):
                continue
            made_list[place : place + 1] = [_joined(was, one, rules)]
        return made_list
    return value


def suffixed(json: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    """An object whose keys all end in `_` and a suffix."""
    return {f"{key}_{suffix}": value for key, value in json.items()}


def roughly(strictly: Callable[[Any, Any], bool], version: int = 1) -> Callable[[Any, Any], bool]:
    """A comparison for which `1` is `"1"`, and empty values are alike.

    Args:
        strictly: How values of one type are compared.
        version: From 2 on null is also like 0.
    """

    def alike(left: Any, right: Any) -> bool:
        is_there = not (left is None or right is None or MISSING in (left, right))
        if is_there and _kind(left) == _kind(right):
            return strictly(left, right)
        one, other = sorted((left, right), key=_order)
        if version > 1 and one is None and (other is None or other in (0, "0")):
            return other is not False
        if _is_blank(one) and _is_blank(other):
            return True
        return _crosswise(one, other)

    return alike


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "object"


def _order(value: Any) -> int:
    """Null, numbers, truth values, objects, texts: so that each pair comes in one order."""
    if value is None or isinstance(value, Missing):
        return 0
    return {"number": 1, "boolean": 2, "object": 3, "string": 4}[_kind(value)]


def _is_blank(value: Any) -> bool:
    return value is MISSING or value in (None, "", [])


def _crosswise(one: Any, other: Any) -> bool:
    """Whether values of two types, in the order above, mean the same."""
    match _kind(one), _kind(other):
        case "number", "string":
            return not is_nan(one) and text(one) == str(other)
        case "object", "string" if isinstance(one, dict | list):
            return _written_alike(one, other)
        case "boolean", "string":
            return str(other).lower() in (("true", "1") if one else ("false", "0"))
        case "number", "boolean":
            return bool(one == int(other))
        case _:
            return False


def _written_alike(one: Any, written: str) -> bool:
    return same(parsed(written), one)
