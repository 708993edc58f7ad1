"""`human-input`: a person fills in a form and chooses what happens next."""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.dify.flow import (
    Exits,
    Flow,
    Made,
    NodeKind,
    Path,
    edge,
    native,
    plain,
    port_of,
)
from runfold.importers.dify.reading import list_at, object_at, objects_at, text_at, whole_at
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.text import template
from runfold.importers.draft import native_id
from runfold.importers.report import Result

TIMEOUT = "__timeout"
ACTION = "__action_id"
_TAKEN = ("selected", "default", "incomplete", "answered")
"""Ports of a question that mean something of their own."""
_FIELD = re.compile(r"\{\{#\$output\.([^#{}]+)#\}\}")
_TYPES = {"file": "file", "file-list": "files"}


def _actions(node: SourceNode) -> list[str]:
    found = [text_at(one, "id") for one in objects_at(node.data, "user_actions")]
    return list(dict.fromkeys(one for one in found if one))


def _handles(node: SourceNode) -> tuple[str, ...]:
    return (*_actions(node), TIMEOUT) if _actions(node) else (SOURCE, TIMEOUT)


def _fields(node: SourceNode) -> dict[str, Any]:
    """What is filled in, as fields of a form."""
    return {
        name: _field(one)
        for one in objects_at(node.data, "inputs")
        if (name := native_id(text_at(one, "output_variable_name", "name")))
    }


def _is_choice(node: SourceNode) -> bool:
    """Whether a person fills in nothing, and only chooses."""
    return bool(_actions(node)) and not _fields(node)


def _make(node: SourceNode, flow: Flow) -> Made:
    content = _FIELD.sub(lambda found: f"[{found[1]}]", text_at(node.data, "form_content"))
    message = template(flow, content, node) or plain(node.title) or "Please answer."
    unit = text_at(node.data, "timeout_unit").lower()
    count = whole_at(node.data, "timeout", 36, most=10_000)
    timeout = f"{count * 24 if unit.startswith('day') else count}h"
    if _is_choice(node):
        return _choice(node, flow, message, timeout)
    return _form(node, flow, {"message": message, "timeout": timeout})


def _choice(node: SourceNode, flow: Flow, message: str, timeout: str) -> Made:
    """A question whose options are the actions."""
    options = []
    exits: Exits = {TIMEOUT: [(flow.id_of(node), "timeout")]}
    for one in objects_at(node.data, "user_actions"):
        action = text_at(one, "id")
        if action and action not in exits:
            port = f"{action}_" if action in _TAKEN else port_of(action)
            exits[action] = [(flow.id_of(node), port)]
            options.append({"id": port, "text": plain(text_at(one, "title") or action)})
    made = native(
        flow, node, "question", {"question": message, "options": options, "timeout": timeout}
    )
    reasons = _reasons(node)
    result: Result = "approximated" if reasons else "mapped"
    return Made(nodes=[made], entry=made["id"], exits=exits, result=result, reasons=reasons)


def _form(node: SourceNode, flow: Flow, config: dict[str, Any]) -> Made:
    """A form, and a branch by the action that was chosen in it."""
    node_id, actions, schema = flow.id_of(node), _actions(node), _fields(node)
    if actions:
        # One action is what a person who fills in the form chooses.
        only = {"default": actions[0]} if len(actions) == 1 else {"required": True}
        schema[ACTION] = {"type": "string", "enum": actions, **only}
    made = native(flow, node, "input", {**config, "schema": schema})
    reasons = _reasons(node)
    result: Result = "approximated" if reasons else "mapped"
    exits: Exits = {TIMEOUT: [(node_id, "timeout")]}
    if len(actions) <= 1:
        exits[actions[0] if actions else SOURCE] = [(node_id, "out")]
        return Made(nodes=[made], entry=node_id, exits=exits, result=result, reasons=reasons)
    choice = flow.aux(node, "choice")
    chosen = "{{" + f"{node_id}.{ACTION}" + "}}"
    branches = [
        {
            "id": port_of(one),
            "condition": {
                "left": chosen,
                "operator": "is",
                "right": one,
            },
        }
        for one in actions
    ]
    exits.update({one: [(choice, port_of(one))] for one in actions})
    selector = native(flow, node, "selector", {"branches": branches}, choice)
    return Made(
        nodes=[made, selector],
        edges=[edge(node_id, choice)],
        entry=node_id,
        exits=exits,
        result=result,
        reasons=reasons,
    )


def _field(one: dict[str, Any]) -> dict[str, Any]:
    kind = text_at(one, "type").lower()
    field: dict[str, Any] = {"type": "string" if kind not in _TYPES else "any"}
    options = [value for value in list_at(one, "options") if isinstance(value, str)]
    source = object_at(one, "option_source")
    options = options or [value for value in list_at(source, "value") if isinstance(value, str)]
    if options:
        field["enum"] = [plain(value) for value in options]
    default = object_at(one, "default")
    value = text_at(default, "value")
    if text_at(default, "type") == "constant" and value and value in field.get("enum", [value]):
        field["default"] = plain(value)
    else:
        field["required"] = True
    return field


def _reasons(node: SourceNode) -> list[str]:
    kinds = [
        text_at(one, "type")
        for one in objects_at(node.data, "delivery_methods")
        if one.get("enabled") is not False and text_at(one, "type") not in ("webapp", "")
    ]
    if not kinds:
        return []
    return [
        f"it is not sent by {', '.join(dict.fromkeys(kinds))}: it waits for a client of the run"
    ]


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del flow
    if _is_choice(node):
        asked = {ACTION: ("option_id",), "__action_value": ("answer",)}
        return asked.get(way[0], ("output",))
    known = {"__action_value": (ACTION,), "__rendered_content": ("output",)}
    return known.get(way[0]) or (native_id(way[0]) or way[0], *way[1:])


KIND = NodeKind(make=_make, handles=_handles, spell=_spell)
