"""Conditions of if-else nodes and loops, under the operators of the profile `dify`."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.flow import Flow
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import object_at, objects_at, selector_at, text_at
from runfold.importers.dify.source import SourceNode
from runfold.importers.dify.text import template
from runfold.importers.draft import native_id
from runfold.values.paths import spelled

OPERATORS = {
    "contains": "contains",
    "not contains": "not_contains",
    "start with": "starts_with",
    "end with": "ends_with",
    "is": "is",
    "is not": "is_not",
    "empty": "empty",
    "not empty": "not_empty",
    "in": "in",
    "not in": "not_in",
    "all of": "all_of",
    "=": "equals",
    "≠": "not_equals",
    ">": ">",
    "<": "<",
    "≥": ">=",
    "≤": "<=",
    "null": "is_null",
    "not null": "not_null",
    "exists": "exists",
    "not exists": "not_exists",
}
"""Operator of Dify → its name here."""
_MEANT = {
    "equals": "is",
    "equal": "is",
    "==": "=",
    "eq": "=",
    "!=": "≠",
    "not equal": "is not",
    "not equals": "is not",
    "greater than": ">",
    "gt": ">",
    "less than": "<",
    "lt": "<",
    ">=": "≥",
    "<=": "≤",
    "greater than or equal": "≥",
    "less than or equal": "≤",
    "is empty": "empty",
    "is not empty": "not empty",
    "is null": "null",
    "is not null": "not null",
    "not_contains": "not contains",
    "not_empty": "not empty",
    "starts with": "start with",
    "start_with": "start with",
    "starts_with": "start with",
    "ends with": "end with",
    "ends_with": "end with",
    "not_in": "not in",
    "is_not": "is not",
}
"""Operators that Dify never had → the one that is meant."""
_UNARY = ("empty", "not_empty", "is_null", "not_null", "exists", "not_exists")


def group(
    flow: Flow, holder: dict[str, Any], reader: SourceNode, reasons: list[str]
) -> dict[str, Any]:
    """The conditions of a case or of a loop as one group.

    Args:
        flow: The graph.
        holder: What has `conditions` and `logical_operator`.
        reader: The node that they decide.
        reasons: Where to say what is not as Dify would have it.
    """
    written = objects_at(holder, "conditions") or objects_at(holder, "break_conditions")
    members: list[Any] = [_condition(flow, one, reader, reasons) for one in written]
    if not members:  # Dify takes a case without conditions
        members.append(True)
    logic = text_at(holder, "logical_operator").strip().lower()
    return {"or" if logic == "or" else "and": members}


def operator_of(written: str, *, is_number: bool, reasons: list[str]) -> str:
    """The name here of an operator; one that Dify does not have is read as the nearest."""
    plain = written.strip().lower()
    if plain in OPERATORS:
        return OPERATORS[plain]
    meant = _MEANT.get(plain.replace("_", " ")) or _MEANT.get(plain) or "is"
    if is_number:
        meant = {"is": "=", "is not": "≠"}.get(meant, meant)
    said = f"Dify has no operator {written!r}" if plain else "a condition has no operator"
    reasons.append(f"{said}: it is read as {meant!r}")
    return OPERATORS[meant]


def _condition(
    flow: Flow, one: dict[str, Any], reader: SourceNode, reasons: list[str]
) -> dict[str, Any]:
    selector = selector_at(one, "variable_selector", "variable", "selector")
    kind = text_at(one, "varType", "var_type", "variable_type").lower()
    written = text_at(one, "comparison_operator", "operator")
    operator = operator_of(written, is_number=kind == "number", reasons=reasons)
    made: dict[str, Any] = {"left": _left(flow, selector, reader, reasons), "operator": operator}
    parts = object_at(one, "sub_variable_condition")
    if objects_at(parts, "conditions"):
        return {**made, "where": _of_files(flow, parts, reader, reasons)}
    if operator in _UNARY:
        return made
    return {**made, "right": _right(flow, one.get("value"), reader)}


def _left(flow: Flow, selector: tuple[str, ...], reader: SourceNode, reasons: list[str]) -> str:
    if not selector:
        reasons.append("a condition does not say what it looks at: the node fails on it")
        return "{{missing_condition.value}}"
    found = exact(flow, selector, reader)
    if found is not None:
        return found
    reasons.append(f"{'.'.join(selector)!r} has no value: the node fails on it, as in Dify")
    root = flow.source.nodes.get(selector[0])
    name = flow.id_of(root) if root else f"missing_{native_id(selector[0])}"
    return "{{" + spelled(name, selector[1:]) + "}}"


def _right(flow: Flow, value: Any, reader: SourceNode) -> Any:
    if isinstance(value, str):
        return template(flow, value, reader)
    if isinstance(value, list):
        return [template(flow, one, reader) if isinstance(one, str) else one for one in value]
    return value


def _of_files(
    flow: Flow, parts: dict[str, Any], reader: SourceNode, reasons: list[str]
) -> dict[str, Any]:
    members = []
    for one in objects_at(parts, "conditions"):
        written = text_at(one, "comparison_operator", "operator")
        operator = operator_of(written, is_number=False, reasons=reasons)
        member: dict[str, Any] = {"field": text_at(one, "key"), "operator": operator}
        if operator not in _UNARY:
            member["value"] = _right(flow, one.get("value"), reader)
        members.append(member)
    logic = text_at(parts, "logical_operator").strip().lower()
    return {"or" if logic == "or" else "and": members}
