"""How a run begins: at one of the triggers. What no trigger leads to is kept, and never runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfold.importers.draft import Draft
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.graph import edge
from runfold.importers.n8n.room import BEGIN, PROFILE, Part
from runfold.importers.n8n.sources import Places

_CHATS = ("chatTrigger", "manualChatTrigger")


def begun(
    places: Places, parts: Mapping[str, Part], draft: Draft
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The native nodes before the triggers, and their edges."""
    entries = places.wiring.entries
    nodes: list[dict[str, Any]] = [{"id": BEGIN, "type": "start", "name": "Begin"}]
    edges: list[dict[str, str]] = []
    if len(entries) == 1:
        edges.append(edge(BEGIN, _entered(entries[0], places, parts)))
    elif entries:
        choice = _choice(entries, places, draft)
        nodes.append(choice)
        edges.append(edge(BEGIN, choice["id"]))
        for name in entries:
            port = places.ids[name]
            edges.append(edge(choice["id"], _entered(name, places, parts), port))
        edges.append(edge(choice["id"], _entered(entries[0], places, parts), "else"))
    edges += [edge(BEGIN, _entered(name, places, parts)) for name in places.wiring.always]
    unused = _unused(places)
    if unused:
        never = draft.fresh_id("unused")
        condition = {"left": "{{sys.run_id}}", "operator": "empty"}
        made = {"id": never, "type": "condition", "name": "What no trigger leads to"}
        nodes.append({**made, "config": {"condition": condition}})
        edges.append(edge(BEGIN, never))
        edges += [edge(never, _entered(name, places, parts), "true") for name in unused]
    return nodes, edges


def _entered(name: str, places: Places, parts: Mapping[str, Part]) -> str:
    chain = places.chain(name)
    return chain[0].id if chain else parts[name].first


def _choice(entries: tuple[str, ...], places: Places, draft: Draft) -> dict[str, Any]:
    """A selector of the trigger that the run's input `trigger` names: by name, id or kind."""
    branches = []
    for name in entries:
        node = places.document.nodes[name]
        branches.append({"id": places.ids[name], "condition": _named(node, places.ids[name])})
    return {
        "id": draft.fresh_id("entry"),
        "type": "selector",
        "profile": PROFILE,
        "name": "Which trigger",
        "config": {"branches": branches},
    }


def _named(node: Node, node_id: str) -> dict[str, Any]:
    tests: list[dict[str, Any]] = [
        {"left": "{{trigger}}", "operator": "==", "right": text}
        for text in dict.fromkeys((node_id, node.title, node.kind))
        if "{{" not in text
    ]
    if node.kind in _CHATS:
        empty = {"left": "{{trigger}}", "operator": "empty"}
        tests.append({"and": [empty, {"left": "{{query}}", "operator": "not_empty"}]})
    return {"or": tests}


def _unused(places: Places) -> list[str]:
    """Steps that no entry leads to, and no step that is not reached either, so that none begins."""
    wiring = places.wiring
    outside = [name for name in places.home if name not in wiring.reached]
    led: set[str] = set()
    for link in wiring.main:
        if not places.is_back(link) and places.common(link.source, link.target) == 0:
            led.update(
                places.chain(link.target)[0].region.nodes if places.chain(link.target) else ()
            )
            led.add(link.target)
    found = [name for name in outside if name not in led]
    return [name for name in found if not places.chain(name) or _heads(name, places)]


def _heads(name: str, places: Places) -> bool:
    return places.chain(name)[0].region.header == name
