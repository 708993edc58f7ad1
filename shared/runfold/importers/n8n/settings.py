"""Settings of a workflow: webhooks and schedules that its triggers stand for, its longest time."""

from __future__ import annotations

from typing import Any

from runfold.graph.webhooks import LONGEST_PATH, PATH
from runfold.importers.draft import Draft, native_id
from runfold.importers.n8n.document import Document, Node
from runfold.importers.n8n.parts.mcp_servers import KIND as MCP
from runfold.importers.n8n.parts.services import credential_of
from runfold.importers.n8n.plain import as_list, as_number, as_text
from runfold.importers.n8n.schedules import crons_of, zone_of
from runfold.importers.n8n.wiring import Wiring

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SCHEDULED = ("scheduleTrigger", "cron", "interval")


def settings_of(wiring: Wiring, draft: Draft) -> dict[str, Any]:
    """The native settings of a document."""
    document = wiring.document
    found: dict[str, Any] = {}
    webhooks: dict[tuple[Any, ...], dict[str, Any]] = {}
    schedules: list[dict[str, Any]] = []
    for name in wiring.entries:
        node = document.nodes[name]
        trigger = {"trigger": draft.ids[name]} if len(wiring.entries) > 1 else {}
        if node.kind == "webhook" and (one := _webhook(node, document, trigger, draft)):
            webhooks.setdefault((one["path"], *one["methods"]), one)
        elif node.kind in _SCHEDULED:
            schedules += _schedules(node, document, trigger)
    if any(document.nodes[name].kind == MCP for name in wiring.entries):
        found["tool"] = True
    if webhooks:
        found["webhooks"] = list(webhooks.values())
    if schedules:
        found["schedules"] = schedules
    seconds = as_number(document.settings.get("executionTimeout"), 0.0)
    if seconds > 0:
        found["timeout"] = seconds
    return found


def _schedules(node: Node, document: Document, trigger: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for cron in crons_of(node):
        schedule: dict[str, Any] = {"cron": cron}
        if zone := zone_of(document.timezone, cron):
            schedule["timezone"] = zone
        if trigger:
            schedule["inputs"] = trigger
        found.append(schedule)
    return found


def _webhook(
    node: Node, document: Document, trigger: dict[str, str], draft: Draft
) -> dict[str, Any] | None:
    """A native webhook; None where the path cannot be one here."""
    path = as_text(node.parameters.get("path")) or node.webhook_id
    path = path.strip("/")
    if not PATH.fullmatch(path) or len(path) > LONGEST_PATH:
        return None
    written = node.parameters.get("httpMethod", "GET")
    methods = [as_text(one) for one in (as_list(written) or [written])]
    known = [one for one in dict.fromkeys(methods) if one in _METHODS] or ["POST"]
    mode = as_text(node.parameters.get("responseMode"))
    answer = "reply" if mode in ("responseNode", "lastNode") else "accepted"
    if mode == "responseNode" and not any(
        one.kind == "respondToWebhook" and not one.is_disabled for one in document.nodes.values()
    ):
        answer = "accepted"
    inputs = {name: "{{" + name + "}}" for name in ("body", "headers", "query", "method", "path")}
    return {
        "path": path,
        "auth": _auth(node, draft),
        "methods": known,
        "inputs": {**inputs, **trigger},
        "answer": answer,
    }


def _auth(node: Node, draft: Draft) -> Any:
    """How senders prove who they are: by a secret here where n8n had a credential."""
    kind = as_text(node.parameters.get("authentication"), "none")
    if kind in ("none", ""):
        return "none"
    name = native_id(credential_of(node) or f"{node.title} secret").upper().replace("-", "_")
    name = "".join(one for one in name if one.isascii() and (one.isalnum() or one == "_"))
    secret = name.strip("_") or "WEBHOOK_SECRET"
    draft.need("secret", secret, node.name, "what senders of the webhook prove themselves by")
    if kind == "headerAuth":
        return {"type": "header", "header": "Authorization", "secret": secret}
    return {"type": "bearer", "secret": secret}
