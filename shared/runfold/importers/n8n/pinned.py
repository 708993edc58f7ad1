"""Pinned data as a case of the definition: what nodes that reach outside give, and what others do.

n8n runs a workflow by hand with pinned items in place of the nodes that have them. Here a trigger
gives its own where a run is given nothing; nodes of services, requests and models are scripted with
theirs; and of a step over items they are what is expected of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runfold.importers.n8n.document import Document
from runfold.importers.n8n.entries import is_trigger
from runfold.importers.n8n.room import Part

_LARGEST = 256 * 1024
"""Bytes of pinned items that are written into a case."""


def cases_of(document: Document, parts: Mapping[str, Part]) -> list[dict[str, Any]]:
    """The case that pinned items make; none without any, or where they are very large."""
    pinned = {name: items for name, items in document.pinned.items() if name in parts}
    if not pinned or len(msgspec.json.encode(pinned)) > _LARGEST:
        return []
    replies: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for name, items in pinned.items():
        node, part = document.nodes[name], parts[name]
        node_id = str(part.nodes[-1]["id"])
        if is_trigger(node):
            continue
        if len(part.nodes) == 1:
            expected[node_id] = {"items": [{"json": one.get("json", {})} for one in items]}
        else:
            if part.nodes[0]["type"] == "items":
                # Nothing is left to do for the native nodes between the two.
                replies[part.first] = {"outputs": _given([], ""), "port": "none"}
            port = "out" if items else "none"
            replies[node_id] = {"outputs": _given(items, name), "port": port}
    case: dict[str, Any] = {"name": "pinned data"}
    if replies:
        case["replies"] = replies
    if expected:
        case["expect"] = {"nodes": expected}
    return [case]


def _given(items: list[Any], name: str) -> dict[str, Any]:
    """The outputs of an `items` node that gives some items."""
    links = [{name: place} for place in range(len(items))]
    return {
        "output": items,
        "items": items,
        "ports": {"0": items},
        "links": {"0": links},
        "resolved": [],
        "state": None,
    }
