"""`set`: Edit Fields. Fields set by name, or an object that is written as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runfold_executor_code.items.fields import Unfit, converted, parsed
from runfold_executor_code.items.javascript_values import MISSING, is_nan, json_text, number, text
from runfold_executor_code.items.javascript_values import truthy as is_true
from runfold_executor_code.items.parameters import at, flag, options_of, rows, word
from runfold_executor_code.items.paths import copied, found, names_in, put, removed
from runfold_executor_code.items.step import Item, ItemFailed, Made, Step

TYPED = 3
"""The version since which fields have types, and JSON may be written."""
_ASSIGNED = 3.3
"""The version since which fields are assignments."""
_STRIPPED = 3.4
"""The version since which files are left out where nothing else is kept."""
_CONVERTED = 2


def run(step: Step) -> list[list[Made]]:
    """Each item with its fields set."""
    made: list[Made] = []
    items: list[Item] = step.items
    if not items and step.version < TYPED:
        items = [{"json": {}}]
    for index, item in enumerate(items):
        with step.guarded(index):
            written = step.of(index)
            one = _typed if step.version >= TYPED else _old
            for repeat in range(_repeats(written)):
                made.append(one(step, written, item, index))
                del repeat
    return [made]


def _repeats(written: Mapping[str, Any]) -> int:
    """How many copies the item has: `duplicateItem` is for tests of workflows."""
    if not flag(written.get("duplicateItem")):
        return 1
    copies = number(written.get("duplicateCount", 0))
    return 1 + (0 if is_nan(copies) else max(0, min(int(copies), 150)))


def _old(step: Step, written: Mapping[str, Any], item: Item, index: int) -> Made:
    keeps_only = flag(written.get("keepOnlySet"))
    dotted = options_of(written).get("dotNotation") is not False
    json = {} if keeps_only else copied(item["json"])
    binary = None if keeps_only else item.get("binary")
    for kind in ("boolean", "number", "string"):
        for one in rows(written, "values", kind):
            name = text(one.get("name", "propertyName"))
            value = _old_value(step.version, kind, one)
            if value is MISSING:
                removed(json, name, dotted=dotted)  # undefined is not written
            else:
                put(json, name, value, dotted=dotted)
    return Made(json, binary, paired=(0, index))


def _old_value(version: float, kind: str, one: Mapping[str, Any]) -> Any:
    value = one.get("value", {"boolean": False, "number": 0, "string": ""}[kind])
    if kind == "boolean":
        return is_true(value)
    if kind == "number" and version >= _CONVERTED and isinstance(value, str):
        read = number(value)
        return value if is_nan(read) else read
    return value


def _typed(step: Step, written: Mapping[str, Any], item: Item, index: int) -> Made:
    options = options_of(written)
    dotted = options.get("dotNotation") is not False
    if word(written.get("mode"), "manual") == "raw":
        fresh = _raw(written.get("jsonOutput"), index)
    else:
        fresh = {}
        for name, value in _assigned(step, written, index):
            put(fresh, name, value, dotted=dotted)
    include = _include(step.version, written)
    json = _kept(include, written, item["json"], dotted=dotted)
    for name, value in fresh.items():
        put(json, name, value, dotted=dotted)
    keeps = _keeps_files(step.version, options, include)
    return Made(json, item.get("binary") if keeps else None, paired=(0, index))


def _keeps_files(version: float, options: Mapping[str, Any], include: str) -> bool:
    if version >= _STRIPPED:
        return options.get("stripBinary", True) is not True and include != "none"
    return options.get("includeBinary") is not False


def _include(version: float, written: Mapping[str, Any]) -> str:
    if version >= _ASSIGNED and not flag(written.get("includeOtherFields")):
        return "none"
    return word(written.get("include"), "all")


def _kept(
    include: str, written: Mapping[str, Any], json: dict[str, Any], *, dotted: bool
) -> dict[str, Any]:
    """What an item keeps of its own."""
    kept: dict[str, Any] = {}
    if include == "none":
        return kept
    copy: dict[str, Any] = copied(json)
    if include == "selected":
        for name in names_in(written.get("includeFields")):
            value = found(copy, name, dotted=dotted)
            if value is not MISSING:
                put(kept, name.rpartition(".")[2] if dotted else name, value, dotted=dotted)
        return kept
    if include == "except":
        for name in names_in(written.get("excludeFields")):
            removed(copy, name, dotted=dotted)
    return copy


def _raw(written: Any, index: int) -> dict[str, Any]:
    value = parsed(written) if isinstance(written, str) else written
    if isinstance(written, str) and value is None:
        raise ItemFailed(index, f"The 'JSON Output' in item {index} contains invalid JSON")
    if not isinstance(value, dict):
        raise ItemFailed(
            index, f"The 'JSON Output' in item {index} does not contain a valid JSON object"
        )
    return dict(value)


def _assigned(step: Step, written: Mapping[str, Any], index: int) -> Iterator[tuple[str, Any]]:
    ignores = flag(options_of(written).get("ignoreConversionErrors"))
    if step.version >= _ASSIGNED or at(written, "assignments") is not None:
        listed = [
            (one.get("name"), word(one.get("type"), "string"), one.get("value"))
            for one in rows(written, "assignments", "assignments")
        ]
    else:
        listed = [_of_old_form(one) for one in rows(written, "fields", "values")]
    for name, kind, value in listed:
        yield text(name or ""), _fitted(text(name or ""), kind, value, index, ignores=ignores)


def _of_old_form(one: Mapping[str, Any]) -> tuple[Any, str, Any]:
    """A field as versions 3.0 to 3.2 write it: the value is called after the type."""
    written = word(one.get("type"), "stringValue")
    defaults = {"numberValue": 0, "stringValue": "", "booleanValue": True, "objectValue": "={}"}
    value = one.get(written, defaults.get(written, ""))
    return one.get("name"), written.removesuffix("Value"), value


def _fitted(name: str, kind: str, value: Any, index: int, *, ignores: bool) -> Any:
    if value is None:
        return None
    if kind == "string":
        return json_text(value) if isinstance(value, list | dict) else text(value)
    if kind == "object" and value == "={}":
        return {}
    made = converted(value, kind)
    if not isinstance(made, Unfit):
        return made
    if ignores:
        return value
    raise ItemFailed(index, f"'{name}' {made.message} [item {index}]")
