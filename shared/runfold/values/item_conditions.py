"""Conditions on the items of a list: each comparison looks at a part of the item.

    {field: size, operator: ">", value: 1000}
    {and: [..., {or: [...]}]}          {logic: or, conditions: [...]}

`field` is a path inside the item, absent the item itself. Operators are those of
`runfold.values.operators`. Total: any item gives an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runfold.errors import ExpressionFailed
from runfold.values.operators import MISSING, OPERATORS, UNARY, operator_named
from runfold.values.paths import enter, parse_ref
from runfold.values.template_scan import is_template

_KEYS = ("field", "operator", "value")
_LOGIC = ("and", "or")
_GROUP = ("logic", "conditions")
MAX_DEPTH = 20
"""Groups inside one another."""


def part_of(item: Any, field: str) -> Any:
    """The part of an item at a path; `MISSING` when it has none.

    A key that is spelled as the path is goes before the path: `{"a.b": 1}` has `a.b`.
    """
    if not field:
        return item
    if isinstance(item, Mapping) and field in item:
        return item[field]
    value = item
    for step in _steps(field):
        found, value = enter(value, step)
        if not found:
            return MISSING
    return value


def _steps(field: str) -> tuple[str | int, ...]:
    try:
        ref = parse_ref(field)
    except ExpressionFailed:
        return (field,)
    return (ref.root, *ref.path)


def holds(condition: Any, item: Any) -> bool:
    """Whether a condition without findings holds for an item. A list is an `and` group."""
    group = _group(condition)
    if group is not None:
        logic, members = group
        results = (holds(member, item) for member in members)
        return any(results) if logic == "or" else all(results)
    operator = OPERATORS[str(operator_named(condition["operator"]))]
    return operator(part_of(item, condition.get("field") or ""), condition.get("value", MISSING))


def item_condition_findings(value: Any) -> list[tuple[str, str]]:
    """What is wrong with a condition: the place in it, and what; empty when nothing is."""
    return list(_findings(value, "", MAX_DEPTH))


def _group(condition: Any) -> tuple[str, list[Any]] | None:
    """`(logic, members)` when the condition is a group."""
    if isinstance(condition, list):
        return "and", condition
    if not isinstance(condition, dict):
        return None
    for logic in _LOGIC:
        if isinstance(condition.get(logic), list):
            return logic, condition[logic]
    if isinstance(condition.get("conditions"), list):
        return str(condition.get("logic", "and")).lower(), condition["conditions"]
    return None


def _findings(condition: Any, place: str, depth: int) -> Iterator[tuple[str, str]]:
    group = _group(condition)
    if group is None and not isinstance(condition, dict):
        yield place, "a condition is an object with field, operator and value, or a group of them"
    elif depth == 0:
        yield place, f"groups are nested deeper than {MAX_DEPTH}"
    elif group is None:
        yield from _comparison_findings(condition, place)
    else:
        yield from _group_findings(condition, group, place, depth)


def _group_findings(
    condition: Any, group: tuple[str, list[Any]], place: str, depth: int
) -> Iterator[tuple[str, str]]:
    logic, members = group
    key = ""
    if isinstance(condition, dict):
        key = logic if condition.get(logic) is members else "conditions"
        known = (key,) if key == logic else _GROUP
        for name in condition:
            if name not in known:
                yield _below(place, name), f"unknown key {name!r} in a group with {key!r}"
    if logic not in _LOGIC:
        yield _below(place, "logic"), f"unknown logic {logic!r}: 'and' or 'or'"
    if not members:
        yield place, "an empty group"
    for at, member in enumerate(members):
        yield from _findings(member, f"{_below(place, key)}[{at}]", depth - 1)


def _comparison_findings(condition: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for name in condition:
        if name not in _KEYS:
            message = f"unknown key {name!r}: a comparison has field, operator and value"
            yield _below(place, name), message
    field = condition.get("field")
    if field is not None and not isinstance(field, str):
        message = (
            f"field {field!r} is not a path inside an item: write it as text, as size or a.b[0]"
        )
        yield _below(place, "field"), message
    written = condition.get("operator")
    operator = operator_named(written)
    if operator is None:
        said = "no operator" if written is None else f"unknown operator {written!r}"
        if isinstance(written, str) and is_template(written):
            said = f"operator {written!r} is a template: it is read as it is written"
        yield _below(place, "operator"), f"{said}: known are {', '.join(OPERATORS)}"
    elif operator not in UNARY and "value" not in condition:
        yield place, f"operator {written!r} needs a value"


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if name else place
