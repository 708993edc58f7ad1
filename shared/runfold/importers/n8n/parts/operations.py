"""Steps over items, which the kind `items` does itself."""

from __future__ import annotations

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.mentions import has_secret
from runfold.importers.n8n.parts import services
from runfold.importers.n8n.plain import as_text
from runfold.importers.n8n.room import Part, Room, retried

OPERATIONS = frozenset(
    (
        *("if", "filter", "switch", "merge", "set", "code", "function", "functionItem"),
        *("splitOut", "aggregate", "summarize", "sort", "limit", "removeDuplicates"),
        *("renameKeys", "itemLists", "dateTime", "crypto", "html", "htmlExtract", "xml"),
        *("markdown", "compareDatasets", "noOp", "stopAndError", "moveBinaryData", "compression"),
        *("n8nTrainingCustomerDatastore", "n8nTrainingCustomerMessenger", "debugHelper"),
    )
)
"""Types whose work is an operation of `items`, named as the operation is."""
_DEBUGGED = ("doNothing", "throwError")
"""What a Debug Helper does without chance."""
_REMEMBERED = ("removeItemsSeenInPreviousExecutions", "clearDeduplicationHistory")
"""Operations for which items of runs before count."""
_NOTED = {
    "function": "an old Function node: runs as Code",
    "functionItem": "an old Function Item node: runs as Code for each item",
}

_PASSING = {
    "executionData": "keeps nothing about the run: items pass through it",
    "chat": "items pass through it: the chat is answered with what the run gives at its end",
}
"""Types through which items only pass here."""


def make(node: Node, room: Room) -> Part:
    """A step over items."""
    if _is_not_here(node):
        return services.make(node, room)
    return Part((retried(node, room.items(node, node.kind)),), reason=_NOTED.get(node.kind, ""))


def _is_not_here(node: Node) -> bool:
    """Whether a node asks for what its operation does not do here."""
    if node.kind == "debugHelper":
        return as_text(node.parameters.get("category"), "doNothing") not in _DEBUGGED
    operation = as_text(node.parameters.get("operation"))
    return node.kind == "removeDuplicates" and operation in _REMEMBERED


def transform(node: Node, room: Room) -> Part:
    """AI Transform: the program that the model once wrote, as a Code node."""
    written = {"jsCode": as_text(node.parameters.get("jsCode"), "return $input.all();")}
    made = room.items(node, "code", written, version=2)
    return Part(
        (retried(node, made),), reason="runs the program that was made for it, as Code does"
    )


def passed_on(node: Node, room: Room) -> Part:
    """A node that is turned off: what comes in at its first input goes on at its first output."""
    made = room.items(node, "noOp", {})
    made["config"]["inputs"] = made["config"]["inputs"][:1]
    made["config"].pop("settings", None)
    return Part((made,), "mapped", "turned off: items pass through it")


def passing(node: Node, room: Room) -> Part:
    """A node that only tells something to n8n or to the chat: its items go on."""
    return Part((room.items(node, "noOp", {}),), "approximated", _PASSING[node.kind])


def warned(node: Node, part: Part) -> Part:
    """A part with a warning of what looks like a live key."""
    if not has_secret(node.parameters):
        return part
    warning = "has what looks like a live key in its parameters: put it into a secret"
    reason = f"{part.reason}; {warning}" if part.reason else warning
    return Part(part.nodes, part.result, reason, part.edges)
