"""Respond to Webhook: answers the request that began the run, and passes its items on."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_object, as_text, at, objects_in
from runfold.importers.n8n.room import PROFILE, Part, Room

_ALL = "={{ $input.all().map((item) => item.json) }}"
_FIRST = "={{ $input.first().json }}"
_OK, _REDIRECT = 200, 307


def make(node: Node, room: Room) -> Part:
    """A native `webhook_reply` with what the first item makes of the parameters."""
    parameters, result, reason = _asked(node)
    asked = room.items(node, "resolve", parameters, node_id=room.step_id(node, "asked"))
    found = "{{" + asked["id"] + ".resolved[0]."
    config: dict[str, Any] = {"status": found + "status}}"}
    if "body" in parameters:
        config["body"] = found + "body}}"
    headers = {name: found + f"headers['{name}']" + "}}" for name in _fit(parameters["headers"])}
    if headers:
        config["headers"] = headers
    reply = {
        "id": room.step_id(node, "reply"),
        "type": "webhook_reply",
        "profile": PROFILE,
        "name": f"{node.title}: reply",
        "config": config,
    }
    passed = room.items(node, "noOp", {})
    return Part((asked, reply, passed), result, reason)  # type: ignore[arg-type]


def _asked(node: Node) -> tuple[dict[str, Any], str, str]:
    written = node.parameters
    options = as_object(written.get("options"))
    headers = {
        as_text(one.get("name")): one.get("value", "")
        for one in objects_in(at(options, "responseHeaders", "entries"))
        if as_text(one.get("name"))
    }
    status = options.get("responseCode", written.get("responseCode", _OK))
    asked: dict[str, Any] = {"status": status, "headers": headers}
    match as_text(written.get("respondWith"), "firstIncomingItem"):
        case "allIncomingItems":
            asked["body"] = _within(options, _ALL)
        case "json" | "text" | "html" as kind:
            asked["body"] = written.get("responseBody", "")
            if kind == "json" and isinstance(asked["body"], str):
                headers.setdefault("Content-Type", "application/json")
        case "noData":
            pass
        case "redirect":
            headers["Location"] = written.get("redirectURL", "")
            asked["status"] = options.get("responseCode", _REDIRECT)
        case "binary":
            asked["body"] = "={{ Object.values($binary)[0] }}"
            return asked, "approximated", "the first file of the item is sent"
        case "jwt":
            asked["body"] = written.get("payload", _FIRST)
            return asked, "approximated", "the payload is sent as it is, not signed as a token"
        case _:
            asked["body"] = _within(options, _FIRST)
    return asked, "mapped", ""


def _within(options: dict[str, Any], body: str) -> str:
    """A body under the key that the options name."""
    key = as_text(options.get("responseKey"))
    if not key or key.startswith("="):
        return body
    return "={{ ({" + repr(key) + ": " + body[3:-2].strip() + "}) }}"


def _fit(headers: dict[str, Any]) -> list[str]:
    """Names of headers that a reply can have and that a reference can name."""
    return [name for name in headers if name.replace("-", "").isalnum() and name.isascii()]
