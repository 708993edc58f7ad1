"""Wait: for a time, until one, or until something comes from outside."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_number, as_text, is_expression
from runfold.importers.n8n.room import PROFILE, Part, Room

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_SINCE_SECONDS = 1.1
"""The version since which an interval is in seconds unless it says otherwise."""


def make(node: Node, room: Room) -> Part:
    """A native `wait`, and then the items that came in."""
    match as_text(node.parameters.get("resume"), "timeInterval"):
        case "specificTime":
            return _until(node, room)
        case "webhook" | "form":
            return _event(node, room)
        case _:
            return _interval(node, room)


def _interval(node: Node, room: Room) -> Part:
    is_new = node.version >= _SINCE_SECONDS
    unit = as_text(node.parameters.get("unit"), "seconds" if is_new else "hours")
    amount = node.parameters.get("amount", 5 if is_new else 1)
    seconds = _SECONDS.get(unit, 1)
    if not is_expression(amount):
        duration = as_number(amount, 0.0) * seconds
        return Part((_wait(node, room, {"duration": duration}), _after(node, room)))
    asked = _asked(node, room, {"seconds": f"={{{{ Number({_expression(amount)}) * {seconds} }}}}"})
    wait = _wait(node, room, {"duration": "{{" + asked["id"] + ".resolved[0].seconds}}"})
    return Part((asked, wait, _after(node, room)))


def _until(node: Node, room: Room) -> Part:
    asked = _asked(node, room, {"until": node.parameters.get("dateTime", "")})
    wait = _wait(node, room, {"until": "{{" + asked["id"] + ".resolved[0].until}}"})
    return Part((asked, wait, _after(node, room)))


def _event(node: Node, room: Room) -> Part:
    event = f"n8n.{room.draft.definition['id']}.{room.id_of(node)}"
    config: dict[str, Any] = {"event": event}
    if node.parameters.get("limitWaitTime") is True and not is_expression(
        node.parameters.get("resumeAmount")
    ):
        unit = _SECONDS.get(as_text(node.parameters.get("resumeUnit"), "hours"), 3600)
        config["timeout"] = as_number(node.parameters.get("resumeAmount", 1), 1.0) * unit
    wait = _wait(node, room, config)
    after = _after(node, room)
    edges = [{"source": wait["id"], "target": after["id"]}]
    if "timeout" in config:
        edges.append({"source": wait["id"], "target": after["id"], "port": "timeout"})
    reason = (
        f"goes on when the event {event} comes, with the items it had; n8n's own address is gone"
    )
    return Part((wait, after), "approximated", reason, tuple(edges))


def _asked(node: Node, room: Room, parameters: dict[str, Any]) -> dict[str, Any]:
    return room.items(node, "resolve", parameters, node_id=room.step_id(node, "asked"))


def _wait(node: Node, room: Room, config: dict[str, Any]) -> dict[str, Any]:
    made = {"id": room.step_id(node, "wait"), "type": "wait", "profile": PROFILE}
    return {**made, "name": f"{node.title}: wait", "config": config}


def _after(node: Node, room: Room) -> dict[str, Any]:
    return room.items(node, "noOp", {})


def _expression(written: str) -> str:
    """The JavaScript of a parameter that is an expression."""
    inner = written[1:].strip()
    is_one = inner.startswith("{{") and inner.endswith("}}") and inner.count("{{") == 1
    return f"({inner[2:-2].strip()})" if is_one else repr(inner)
