"""A node of n8n as a tool: a workflow of the definition's own that runs it once.

Its item is the agent's, with the model's arguments over it; what the agent's nodes came to is
handed in where expressions read it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.importers.n8n.ai.arguments import arguments_of, without_model
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.graph import follow
from runfold.importers.n8n.mentions import names_in
from runfold.importers.n8n.plain import as_text
from runfold.importers.n8n.room import BEGIN, PROFILE, Part, Room
from runfold.importers.n8n.sources import other, source

_TOOL = "Tool"
_QUERY = {"query": {"type": "string", "description": "What is asked."}}


class Around(msgspec.Struct):
    """What the tools of an agent read of the nodes around it: a `values` node before the agent."""

    id: str
    outputs: dict[str, Any] = {}

    def nodes(self) -> tuple[dict[str, Any], ...]:
        """The node, where anything is read."""
        if not self.outputs:
            return ()
        made = {"id": self.id, "type": "values", "profile": PROFILE}
        return ({**made, "config": {"outputs": self.outputs}},)


def of_node(
    part: Node, agent: Node, room: Room, name: str, around: Around
) -> tuple[dict[str, Any], str]:
    """The entry of a tool that is a node, and what differs.

    Args:
        part: The node at the agent's `ai_tool`.
        agent: The agent.
        room: The document.
        name: What the model calls the tool.
        around: What is handed in of the nodes around the agent; what this one reads is added.
    """
    kind = part.kind.removesuffix(_TOOL) or part.kind
    parameters = without_model(part.parameters)
    node = replace(part, kind=kind, parameters=parameters, on_error="stop", always_output=False)
    told = as_text(part.parameters.get("toolDescription")) or as_text(
        part.parameters.get("description")
    )
    workflow_id = room.draft.fresh_id(f"{room.id_of(part)[:48]}_tool")
    handed = {}
    for read in names_in(part.parameters):
        found = room.read(agent.name, read)
        if found is not None and read != agent.name:
            key = room.draft.id_of(read)
            around.outputs[key] = found
            handed[key] = "{{" + f"{around.id}.{key}" + "}}"
    made = _workflow(node, room, workflow_id, handed)
    inputs = {"args": "{{args}}", "json": "{{item.json}}", "around": handed}
    entry = {
        "type": "sub_workflow",
        "name": name,
        "description": told or part.title,
        "parameters": arguments_of(part.parameters) or _QUERY,
        "config": {"workflow": workflow_id, "inputs": inputs},
        "output": "{{call.items}}",
    }
    return entry, made.reason if made.result != "mapped" else ""


def _workflow(node: Node, room: Room, workflow_id: str, handed: dict[str, Any]) -> Part:
    """Put the workflow of a tool among the definition's, and say what the node became."""
    given = room.draft.fresh_id(f"{workflow_id[:56]}_given")
    read_in = {name: other(f"around.{name}") for name in handed}

    def read(_reader: str, name: str) -> dict[str, Any] | None:
        return read_in.get(room.draft.ids.get(name, ""))

    inside = room.inside({node.name: [[source(given, 0)]]}, read)
    trigger = {
        "id": given,
        "type": "items",
        "profile": PROFILE,
        "config": {
            "operation": "trigger",
            "parameters": {"trigger": "tool"},
            "results": {"inputs": "{{" + BEGIN + ".output}}"},
        },
    }
    part = room.make(node, inside)
    last = part.nodes[-1]["id"]
    ports = follow((part.nodes[-1], {"id": "end", "type": "end"}))
    inner = list(part.edges) if part.edges is not None else follow(part.nodes)
    end = {"id": "end", "type": "end", "profile": PROFILE}
    room.workflows[workflow_id] = {
        "id": workflow_id,
        "name": node.title,
        "inputs": {"args": {"type": "object"}},
        "closed_inputs": False,
        "nodes": [
            {"id": BEGIN, "type": "start"},
            trigger,
            *part.nodes,
            {**end, "config": {"outputs": {"items": "{{" + str(last) + ".items}}"}}},
        ],
        "edges": [
            {"source": BEGIN, "target": given},
            {"source": given, "target": part.first},
            *inner,
            *ports,
        ],
    }
    return part
