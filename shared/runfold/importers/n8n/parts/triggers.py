"""Where runs begin. A trigger gives the items that a run is given, as its type would have."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.outputs import outputs_of
from runfold.importers.n8n.parts.services import credential_of
from runfold.importers.n8n.room import BEGIN, Part, Room

OPERATION = "trigger"
_OWN = frozenset(
    (
        *("manualTrigger", "start", "webhook", "formTrigger", "chatTrigger", "manualChatTrigger"),
        *("executeWorkflowTrigger", "scheduleTrigger", "cron", "interval", "errorTrigger"),
    )
)
"""Types that a run here can stand for as it is."""


def make(node: Node, room: Room) -> Part:
    """A trigger: items out of what the run is given."""
    pinned = room.document.pinned.get(node.name)
    parameters: dict[str, Any] = {"trigger": node.kind}
    if pinned:
        # As text, since items may hold what an expression would look like.
        parameters["pinned"] = msgspec.json.encode(pinned).decode()
    if node.parameters.get("multipleMethods") is True:
        parameters["methods"] = node.parameters.get("httpMethod")
        parameters["outputs"] = outputs_of(node, ())
    if node.parameters.get("shortForm") is True:
        parameters["fields"] = "body"
    given = {"inputs": "{{" + BEGIN + ".output}}", "query": "{{sys.query}}"}
    given["conversation"] = "{{sys.conversation_id}}"
    made = room.items(node, OPERATION, parameters, results=given, inputs=[])
    if node.kind in _OWN:
        return Part((made,), reason=_reason(node))
    what = node.type or node.kind
    room.draft.need(
        "connection",
        credential_of(node) or what,
        node.name,
        "begin runs with what the service sends, by a webhook or a subject",
    )
    reason = "events of the service are not fetched: begin runs with them by a webhook or a subject"
    return Part((made,), "approximated", reason)


def empty(node: Node, room: Room) -> Part:
    """What begins beside a trigger: one empty item in every run."""
    return Part((room.items(node, OPERATION, {"trigger": ""}, inputs=[]),))


def _reason(node: Node) -> str:
    match node.kind:
        case "errorTrigger":
            return "begin it with a callback of the workflows whose errors it is for"
        case "formTrigger":
            return "the form's fields are the inputs of the run"
        case _:
            return ""
