"""Loop Over Items: gives its items in portions, one in each round of the loop around it."""

from __future__ import annotations

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.loops import state_of
from runfold.importers.n8n.mentions import names_in
from runfold.importers.n8n.room import Part, Room


def make(node: Node, room: Room) -> Part:
    """The node itself; what it has left to give is a variable of its loop."""
    if node.name not in room.rounds:
        reason = "nothing leads back to it: it gives its first portion, once"
        return Part((room.items(node, "splitInBatches"),), "mapped", reason)
    state = "{{" + state_of(room.id_of(node)) + "}}"
    made = room.items(node, "splitInBatches", state=state)
    if node.name in names_in(node.parameters):
        own = {"ports": {}, "links": {}, "context": state}
        made["config"]["others"] = {**made["config"].get("others", {}), node.name: own}
    return Part((made,))
