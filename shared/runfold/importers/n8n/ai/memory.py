"""Memory of agents and chains: the history of the conversation that a run is a turn of."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_count, as_text
from runfold.importers.n8n.room import Room

MEMORY = "ai_memory"
_TURNS = 5
"""Turns that n8n keeps unless a node says otherwise."""


def remembered(node: Node, room: Room) -> dict[str, Any]:
    """The history of a node that asks a model; empty without a memory."""
    parts = room.wiring.parts_of(node.name, MEMORY)
    if not parts:
        return {}
    turns = as_count(parts[0].parameters.get("contextWindowLength"), _TURNS, least=0, most=500)
    for part in parts:
        said = f"{node.title} is told the last messages of the conversation"
        if as_text(part.parameters.get("sessionIdType")) == "customKey":
            said += "; its own session key is not used: give runs a conversation_id"
            room.lines.setdefault(part.name, ("approximated", said))
        elif part.kind in ("memoryBufferWindow", "memoryManager"):
            room.lines.setdefault(part.name, ("mapped", said))
        else:
            said += ", which runfold keeps itself"
            room.lines.setdefault(part.name, ("approximated", said))
    return {"history": "{{sys.history}}", "history_window": 2 * turns}
