"""Execute Workflow: another workflow, with the items of this one."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.importers.draft import native_id
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_object, as_text, at, is_expression, located
from runfold.importers.n8n.room import PROFILE, Part, Room

CALLED = "executeWorkflowTrigger"
"""The kind of trigger at which a workflow begins that another one calls."""


def make(node: Node, room: Room) -> Part:
    """A `sub_workflow` that is given all items at once, or one for each of them."""
    workflow, result, reason = called(node, room)
    fields = _fields(node)
    asked = room.items(node, "resolve", fields, node_id=room.step_id(node, "asked"))
    all_items = "{{" + asked["id"] + (".resolved}}" if fields else ".items}}")
    is_each = node.parameters.get("mode") == "each"
    waits = at(node.parameters, "options", "waitForSubWorkflow") is not False
    given: Any = ["{{item}}"] if is_each else all_items
    config: dict[str, Any] = {"workflow": workflow, "inputs": {"items": given, "trigger": CALLED}}
    if not waits:
        config["mode"] = "detached"
    call: dict[str, Any] = {
        "id": room.step_id(node, "call"),
        "type": "sub_workflow",
        "profile": PROFILE,
        "name": f"{node.title}: call",
        "config": config,
    }
    if not waits:
        return Part((asked, call, room.items(node, "noOp", {})), result, reason)
    if not is_each:
        results = {"output": ["{{" + call["id"] + ".items}}"]}
        return Part((asked, call, room.items(node, "collect", {}, results=results)), result, reason)
    each = room.each(node, all_items, call, "{{" + call["id"] + ".items}}")
    collect = room.items(node, "collect", {}, results=results_of(each))
    return Part((asked, each, collect), result, reason)


def results_of(each: dict[str, Any]) -> dict[str, Any]:
    """What an iteration came to, for the operation that collects it."""
    name = each["id"]
    return {"output": "{{" + name + ".output}}", "failed": "{{" + name + ".failed}}"}


def _fields(node: Node) -> dict[str, Any]:
    """The inputs that are named one by one."""
    written = node.parameters.get("workflowInputs")
    value = at(written, "value")
    return as_object(value)


def called(node: Node, room: Room) -> tuple[str, Any, str]:
    """The id here of the workflow that a node calls, and what to say of it."""
    written = node.parameters
    if as_text(written.get("source")) == "parameter" and isinstance(
        written.get("workflowJson"), str
    ):
        found = _brought_along(written["workflowJson"], node, room)
        if found:
            return found, "mapped", ""
    asked = located(written.get("workflowId"))
    wanted = as_text(asked)
    known = room.context.callable.get(wanted)
    if known:
        return known, "mapped", ""
    shown = as_text(at(written, "workflowId", "cachedResultName")) or wanted or node.title
    if wanted == "={{ $workflow.id }}":
        return str(room.draft.definition["id"]), "mapped", "calls itself"
    if is_expression(wanted) or not wanted:
        wanted = shown
    hint = "import it beside this one, or store a workflow of this id"
    room.draft.need("workflow", wanted, node.name, hint)
    workflow = native_id(wanted).strip("-_")[:60] or "workflow"
    reason = (
        f"calls the workflow {shown!r}: import it beside this one, or store one as {workflow!r}"
    )
    return workflow, "approximated", reason


def _brought_along(text: str, node: Node, room: Room) -> str:
    """A workflow that is written in the node itself, as one of the definition's own."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return ""
    return room.bring(document, room, node.title)
