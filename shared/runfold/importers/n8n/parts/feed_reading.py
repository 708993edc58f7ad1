"""RSS Read: a native `http_request` for the feed of each item, and a step that reads what came."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_object
from runfold.importers.n8n.room import Part, Room

KIND = "rssFeedRead"
_EACH = 1.1
"""The version since which a feed is read for each item; before, for the first one."""
_ACCEPTED = "application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6, */*;q=0.4"


def make(node: Node, room: Room) -> Part:
    """Resolve, fetch and read."""
    url = {"url": node.parameters.get("url", "")}
    asked = room.items(node, "resolve", url, node_id=room.step_id(node, "asked"))
    if node.version < _EACH:
        asked["config"]["settings"] = {**asked["config"].get("settings", {}), "execute_once": True}
    config: dict[str, Any] = {
        "url": "{{item.url}}",
        "headers": {"User-Agent": "rss-parser", "Accept": _ACCEPTED},
        "response_type": "text",
    }
    if as_object(node.parameters.get("options")).get("ignoreSSL") is True:
        config["verify_tls"] = False
    call = {
        "id": room.step_id(node, "call"),
        "type": "http_request",
        "name": f"{node.title}: request",
        "config": config,
    }
    answer = {"body": "{{" + f"{call['id']}.body" + "}}"}
    each = room.each(node, "{{" + asked["id"] + ".resolved}}", call, answer)
    return Part((asked, each, room.items(node, KIND, results=results_of(each))))
