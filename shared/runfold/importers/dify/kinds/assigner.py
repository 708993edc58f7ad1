"""`assigner`: changes variables of the conversation, or of a loop around it."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.assignments import is_fit, problem_of, value_of
from runfold.importers.dify.flow import Flow, Made, NodeKind, absent, native, single
from runfold.importers.dify.names import exact, loop_variable
from runfold.importers.dify.reading import objects_at, selector_at, selector_of, text_at
from runfold.importers.dify.source import SourceNode
from runfold.importers.dify.text import template
from runfold.importers.draft import native_id

_OPERATIONS = {
    "over-write": "set",
    "set": "set",
    "append": "append",
    "extend": "extend",
    "clear": "clear",
    "+=": "+=",
    "-=": "-=",
    "*=": "*=",
    "/=": "/=",
    "remove-first": "remove_first",
    "remove-last": "remove_last",
}
_UNARY = ("clear", "remove_first", "remove_last")


class Unfit(Exception):
    """A change with which the whole node fails in Dify."""


def _make(node: SourceNode, flow: Flow) -> Made:
    reasons: list[str] = []
    assignments = []
    try:
        for item in _items(node):
            made = _assignment(flow, node, item, reasons)
            if made is not None:
                assignments.append(made)
    except Unfit as unfit:
        return absent(flow, node, "assigner", str(unfit))
    if not assignments:
        reason = reasons[0] if reasons else "it changes nothing"
        if not reasons:
            return single(native(flow, node, "values", {"outputs": {}}), reason)
        return absent(flow, node, "assigner", reason)
    return single(native(flow, node, "assign", {"assignments": assignments}), *reasons)


def _items(node: SourceNode) -> list[dict[str, Any]]:
    """What is changed; a node of the first version changes one variable."""
    found = objects_at(node.data, "items") or objects_at(node.data, "actions")
    if found:
        return found
    target = selector_at(node.data, "assigned_variable_selector")
    if not target:
        return []
    return [
        {
            "variable_selector": list(target),
            "input_type": "variable",
            "operation": text_at(node.data, "write_mode") or "over-write",
            "value": node.data.get("input_variable_selector"),
        }
    ]


def _assignment(
    flow: Flow, node: SourceNode, item: dict[str, Any], reasons: list[str]
) -> dict[str, Any] | None:
    selector = selector_at(item, "variable_selector")
    variable = _variable(flow, node, selector, reasons)
    written = text_at(item, "operation", "write_mode").strip().lower().replace("_", "-")
    written = written or "over-write"
    operation = _OPERATIONS.get(written)
    if variable is None or operation is None:
        if operation is None:
            reasons.append(f"it has no operation {written!r}: that change is left out")
        return None
    problem = problem_of(_kind(flow, selector), written)
    if problem:
        raise Unfit(problem)
    made: dict[str, Any] = {"variable": variable, "operation": operation}
    if operation in _UNARY:
        return made
    value, kind = item.get("value"), _kind(flow, selector)
    if text_at(item, "input_type") == "constant":
        value = value_of(kind, written, value)
        if not is_fit(kind, written, value):
            raise Unfit(f"{selector[-1]!r} of type {kind!r} does not take the value that is given")
        return {**made, "value": template(flow, value, node) if isinstance(value, str) else value}
    return {**made, "value": exact(flow, selector_of(value), node)}


def _kind(flow: Flow, selector: tuple[str, ...]) -> str:
    """The type of a variable of the conversation or of a loop; empty when it is not known."""
    if selector[0] == "conversation":
        declared = flow.source.conversation
        names = ("name", "value_type")
    else:
        declared = objects_at(flow.source.nodes[selector[0]].data, "loop_variables")
        names = ("label", "var_type")
    for one in declared:
        if text_at(one, names[0]) == selector[1]:
            return text_at(one, names[1]).strip().lower()
    return ""


def _variable(
    flow: Flow, node: SourceNode, selector: tuple[str, ...], reasons: list[str]
) -> str | None:
    if len(selector) < len(("scope", "name")):
        reasons.append("a change does not say of what: it is left out")
        return None
    root, name = selector[0], selector[1]
    if root == "conversation":
        if name not in flow.conversation:
            flow.conversation[name] = native_id(name) or "variable"
            declared = flow.draft.definition.setdefault("conversation", {})
            declared[flow.conversation[name]] = None
            reasons.append(f"the conversation does not declare {name!r}: it begins as null here")
        return f"conversation.{flow.conversation[name]}"
    holder = flow.source.nodes.get(root)
    if holder is not None and holder.type == "loop" and root in flow.source.around(node):
        return loop_variable(name)
    reasons.append(f"{'.'.join(selector)!r} is no variable of the conversation or of a loop around")
    return None


KIND = NodeKind(make=_make)
