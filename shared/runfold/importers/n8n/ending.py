"""How a run ends: what the last nodes gave is its output, `items`."""

from __future__ import annotations

from typing import Any

from runfold.graph.definition import OUT
from runfold.graph.item_ports import NONE, ports_of
from runfold.importers.n8n.graph import edge
from runfold.importers.n8n.plain import as_count, as_text
from runfold.importers.n8n.room import PROFILE, Room
from runfold.importers.n8n.sources import source

LAST = "last"
_CHATS = ("chatTrigger", "manualChatTrigger")
_ANSWER = (
    "={{ $json.output ?? $json.text ?? $json.answer ?? $json.response ?? JSON.stringify($json) }}"
)

_BODIES = {
    "firstEntryJson": "={{ $input.first()?.json ?? {} }}",
    "allEntries": "={{ $input.all().map((item) => item.json) }}",
    "noData": "={{ null }}",
}
"""What a webhook answers with."""


def ended(
    nodes: list[dict[str, Any]], edges: list[dict[str, str]], room: Room
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The native nodes after all others, and the edges that lead to them.

    Args:
        nodes: The nodes of the document itself, those in loops not among them.
        edges: Theirs.
        room: The document.
    """
    leaves = _leaves(nodes, edges)
    if not leaves:
        return [], []
    last_id = room.draft.fresh_id(LAST)
    last = _items(
        last_id,
        "Last",
        operation=LAST,
        inputs=[[source(node["id"], place, str(node["name"]))] for node, place, _ in leaves],
    )
    more = [edge(node["id"], last_id, port) for node, _, port in leaves]
    outputs: dict[str, Any] = {"items": "{{" + last_id + ".items}}"}
    made, through = [last], last_id
    if any(room.document.nodes[one].kind in _CHATS for one in room.wiring.entries):
        through = room.draft.fresh_id("reply")
        asked = {"parameters": {"answer": _ANSWER}, "inputs": [[source(last_id, 0)]]}
        made.append(_items(through, "Answer", operation="resolve", **asked))
        outputs["answer"] = "{{" + through + ".resolved[0].answer}}"
        more += [edge(last_id, through), edge(last_id, through, NONE)]
    end_id = room.draft.fresh_id("result")
    made.append({"id": end_id, "type": "end", "profile": PROFILE, "config": {"outputs": outputs}})
    more += [edge(through, end_id), edge(through, end_id, NONE)]
    replied, to_them = _replied(last_id, room)
    return [*made, *replied], [*more, *to_them]


def _replied(last_id: str, room: Room) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """What answers a webhook that waits for the last node: its first item, or all of them."""
    nodes = room.document.nodes
    hooks = [
        nodes[one]
        for one in room.wiring.entries
        if nodes[one].kind == "webhook" and nodes[one].parameters.get("responseMode") == "lastNode"
    ]
    if not hooks:
        return [], []
    data = as_text(hooks[0].parameters.get("responseData"), "firstEntryJson")
    body = _BODIES.get(data, _BODIES["firstEntryJson"])
    asked_id, reply_id = room.draft.fresh_id("body"), room.draft.fresh_id("answered")
    asked = {"parameters": {"body": body}, "inputs": [[source(last_id, 0)]]}
    reply = {"id": reply_id, "type": "webhook_reply", "profile": PROFILE, "name": "Answer"}
    status = as_count(hooks[0].parameters.get("responseCode"), 200, least=200, most=599)
    config = {"body": "{{" + asked_id + ".resolved[0].body}}", "status": status}
    return [_items(asked_id, "Body", operation="resolve", **asked), {**reply, "config": config}], [
        edge(last_id, asked_id),
        edge(last_id, asked_id, NONE),
        edge(asked_id, reply_id),
        edge(asked_id, reply_id, NONE),
    ]


def _items(node_id: str, name: str, **config: Any) -> dict[str, Any]:
    made = {"id": node_id, "type": "items", "profile": PROFILE, "name": name}
    return {**made, "config": config}


def _leaves(
    nodes: list[dict[str, Any]], edges: list[dict[str, str]]
) -> list[tuple[dict[str, Any], int, str]]:
    """Outputs that lead nowhere: the node, which output, its port."""
    left = {(one["source"], one.get("port", OUT)) for one in edges}
    found = []
    for node in nodes:
        if node["type"] != "items":
            continue
        ports = [one for one in ports_of(node["config"]) if one != NONE]
        found += [
            (node, place, port)
            for place, port in enumerate(ports)
            if (node["id"], port) not in left
        ]
    return found
