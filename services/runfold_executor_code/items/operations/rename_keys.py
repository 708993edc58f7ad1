"""`renameKeys`: fields under other names, one by one or by regular expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.values.patterns import Pattern
from runfold_executor_code.items.javascript_values import MISSING, text
from runfold_executor_code.items.parameters import count, flag, options_of, rows, word
from runfold_executor_code.items.paths import copied, found, put, removed
from runfold_executor_code.items.patterns import found_in, pattern_of, replaced
from runfold_executor_code.items.step import Made, Step

_NO_END = -1
_DEEPEST = 200


def run(step: Step) -> list[list[Made]]:
    """Each item with its fields renamed."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            json = _renamed(step.of(index), item["json"])
            made.append(Made(json, item.get("binary"), paired=(0, index)))
    return [made]


def _renamed(written: Mapping[str, Any], json: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = copied(json)
    for one in rows(written, "keys", "key"):
        old, new = word(one.get("currentKey")), word(one.get("newKey"))
        value = found(json, old) if old and new and old != new else MISSING
        if value is not MISSING:
            put(made, new, copied(value))
            removed(made, old)
    for one in rows(written, "additionalOptions", "regexReplacement", "replacements"):
        options = options_of(one)
        pattern = pattern_of(
            text(one.get("searchRegex", "")), ignore_case=flag(options.get("caseInsensitive"))
        )
        depth = count(options.get("depth"), _NO_END)
        made = _by_pattern(made, pattern, text(one.get("replaceRegex", "")), depth, 0)
    return made


def _by_pattern(value: Any, pattern: Pattern, replacement: str, depth: int, at: int) -> Any:
    """A value whose fields are renamed so many levels down."""
    goes_in = depth != at and at < _DEEPEST
    if isinstance(value, list):
        if not goes_in:
            return value
        return [_by_pattern(one, pattern, replacement, depth, at + 1) for one in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    renamed: dict[str, Any] = {}
    for key, one in value.items():
        inner = _by_pattern(one, pattern, replacement, depth, at + 1) if goes_in else one
        new = replaced(pattern, key, replacement, once=True) if found_in(pattern, key) else key
        (kept if new == key else renamed)[new] = inner
    return {**kept, **renamed}
