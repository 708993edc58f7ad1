"""`question-classifier`: goes on where a model says that a text belongs."""

from __future__ import annotations

from typing import Any

from runfold.graph.kinds.intent import MOST
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native, port_of
from runfold.importers.dify.models import model_config
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    flag_at,
    object_at,
    objects_at,
    selector_at,
    text_at,
    whole_at,
)
from runfold.importers.dify.source import SourceNode
from runfold.importers.dify.strategies import guard
from runfold.importers.dify.text import template

_LABEL = "CLASS {}"
"""What Dify calls a class without a label, by its number."""


def _classes(node: SourceNode) -> list[tuple[str, dict[str, Any]]]:
    found: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(objects_at(node.data, "classes")):
        found.setdefault(text_at(one, "id") or str(number + 1), one)
    return list(found.items())[:MOST]


def _handles(node: SourceNode) -> tuple[str, ...]:
    return tuple(handle for handle, _ in _classes(node))


def _make(node: SourceNode, flow: Flow) -> Made:
    classes = _classes(node)
    if not classes:
        return absent(flow, node, "question-classifier", "it has no classes")
    query = exact(flow, selector_at(node.data, "query_variable_selector", "query"), node)
    config: dict[str, Any] = {
        "text": query or "",
        "classes": [
            _class(flow, node, handle, one, number)
            for number, (handle, one) in enumerate(classes, start=1)
        ],
        # What a model says that cannot be read is the first class.
        "fallback": port_of(classes[0][0]),
    }
    config |= model_config(flow, node, object_at(node.data, "model"))
    told = text_at(node.data, "instruction") or text_at(node.data, "instructions")
    if told.strip():
        config["instructions"] = template(flow, told, node)
    memory = object_at(node.data, "memory")
    if memory and flow.chats:
        window = object_at(memory, "window")
        size = whole_at(window, "size", 10, least=0, most=500)
        config["history"] = "{{sys.history}}"
        config["history_window"] = 2 * size if flag_at(window, "enabled") else 10
    made = native(flow, node, "intent", config)
    exits: Exits = {handle: [(made["id"], port_of(handle))] for handle, _ in classes}
    exits[classes[0][0]].append((made["id"], "other"))
    guard(node, made, exits)
    return Made(nodes=[made], entry=made["id"], exits=exits)


def _class(
    flow: Flow, node: SourceNode, handle: str, one: dict[str, Any], number: int
) -> dict[str, Any]:
    label = text_at(one, "label").strip() or _LABEL.format(number)
    made = {"id": port_of(handle), "label": template(flow, label, node)}
    name = text_at(one, "name", "label").strip()
    return {**made, "name": template(flow, name, node)} if name else made


KIND = NodeKind(make=_make, handles=_handles)
