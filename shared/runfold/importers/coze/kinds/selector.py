"""Selector: goes on at the first branch whose condition holds."""

from __future__ import annotations

from typing import Any

from runfold.importers.coze.fields import obj, rows, whole
from runfold.importers.coze.step import Built, Kind, Step
from runfold.importers.coze.texts import Place, native

_OPERATORS = {
    1: "equals",
    2: "not_equals",
    3: "length_gt",
    4: "length_gte",
    5: "length_lt",
    6: "length_lte",
    7: "contains",
    8: "not_contains",
    9: "empty",
    10: "not_empty",
    11: "is_true",
    12: "is_false",
    13: ">",
    14: ">=",
    15: "<",
    16: "<=",
}
_UNARY = frozenset((9, 10, 11, 12))
_OR = 1


def _selector(step: Step) -> Built:
    found = rows(step.block.inputs.get("branches"))
    branches = [
        {"id": f"branch_{number}", "condition": _condition(step, branch)}
        for number, branch in enumerate(found)
    ]
    ports = {"false": "else", "default": "else", "": "else"}
    for number in range(len(branches)):
        port = f"branch_{number}"
        ports |= {f"true_{number}" if number else "true": port, port: port}
    if not branches:
        branches = [{"id": "branch_0", "condition": False}]
        ports["true"] = "branch_0"
    config = {"branches": branches}
    return Built(type="selector", config=config, ports=ports, is_task=False)


def _condition(step: Step, branch: dict[str, Any]) -> Any:
    condition = obj(branch.get("condition"))
    made = [_comparison(step, one) for one in rows(condition.get("conditions"))]
    known = [one for one in made if one is not None]
    if not known:
        return False
    logic = "or" if whole(condition.get("logic")) == _OR else "and"
    return known[0] if len(known) == 1 else {logic: known}


def _comparison(step: Step, one: dict[str, Any]) -> Any:
    number = whole(one.get("operator"))
    operator = _OPERATORS.get(number or 0)
    left = step.input(obj(obj(one.get("left")).get("input")), "left")
    right = step.input(obj(obj(one.get("right")).get("input")), "right")
    if operator is None:
        if one.get("operator") not in (None, ""):
            step.notes.append(f"operator {one.get('operator')!r} is unknown: it never holds")
            return False
        return None
    if not isinstance(left, Place):
        left = step.kept(left, "left")
    made = {"left": native(left), "operator": operator}
    return made if number in _UNARY else {**made, "right": native(right)}


SELECTOR = Kind("Selector", _selector)
