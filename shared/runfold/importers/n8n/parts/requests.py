"""HTTP Request: the request of each item, a native `http_request` for each, their answers as items.

What the parameters of the versions mean, and how an answer becomes items, is the operations' of
`items`: `httpRequestPlan` and `httpRequest`. Here are the settings that hold for all items.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.draft import native_id
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.parts.pages import looped, pages_of
from runfold.importers.n8n.parts.services import credential_of
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_count, as_number, as_object, as_text, at
from runfold.importers.n8n.room import Part, Room
from runfold.importers.report import Result

PLAN = "httpRequestPlan"
_AT_A_TIME = 10
"""Requests of one node under way at a time, where the document names no batches."""
_TIMEOUT = 300.0
"""Seconds after which n8n gives a request up."""
_OLD = 3
"""The version since which parameters are called as they are now."""


def make(node: Node, room: Room) -> Part:
    """Plan, send and collect the requests of a node."""
    written = _without_pages(node.parameters) if pages_of(node) else node.parameters
    planned = {**written, "keepItem": True} if pages_of(node) else written
    plan = room.items(node, PLAN, planned, node_id=room.step_id(node, "plan"))
    call, result, reason = _call(node, room)
    name = call["id"]
    answer = {
        key: "{{" + f"{name}.{key}" + "}}" for key in ("status_code", "headers", "body", "file")
    }
    batch = as_object(at(node.parameters, "options", "batching", "batch"))
    at_a_time = as_count(batch.get("batchSize"), _AT_A_TIME, least=1, most=50)
    items = "{{" + plan["id"] + ".items}}"
    if pages_of(node):
        pages = looped(node, room, call, answer)
        output: Any = "{{" + pages["id"] + ".output}}"
        each = room.each(node, items, pages, output, concurrency=at_a_time)
    else:
        each = room.each(node, items, call, answer, concurrency=at_a_time)
    results = results_of(each)
    if node.on_error != "stop":
        results["asked"] = items  # a request that could not be made has its reason there
    collect = room.items(node, "httpRequest", written, results=results)
    return Part((plan, each, collect), result, reason)


def _without_pages(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters for what does not know pages: what their expressions read is not there."""
    options = dict(as_object(parameters["options"]))
    options.pop("pagination", None)
    return {**parameters, "options": options}


def _call(node: Node, room: Room) -> tuple[dict[str, Any], Result, str]:
    options = as_object(node.parameters.get("options"))
    config: dict[str, Any] = {
        name: "{{item.json." + name + "}}"
        for name in ("method", "url", "params", "headers", "body", "body_type")
    }
    milliseconds = as_number(options.get("timeout"), _TIMEOUT * 1000)
    config["timeout"] = max(0.001, milliseconds / 1000)
    config["response_type"] = "file" if _wants_file(node, options) else "auto"
    if _never_fails(node, options) or (node.on_error != "stop" and node.retries is None):
        # Where the node goes on after errors, the status is looked at when answers are collected.
        config["fail_on_status"] = False
    if _ignores_certificates(node, options):
        config["verify_tls"] = False
    redirect = as_object(at(options, "redirect", "redirect"))
    if options.get("followRedirect") is False or redirect.get("followRedirects") is False:
        config["follow_redirects"] = False
    reasons: list[str] = []
    if at(options, "proxy"):
        reasons.append("its proxy is not used: proxies are the operator's to set")
    connection = _connection(node)
    if connection:
        config["connection"] = connection
        hint = "store a connection of this name"
        room.draft.need("connection", connection, node.name, hint)
        reasons.append(f"needs the connection {connection!r}, which n8n kept as a credential")
    call = {
        "id": room.step_id(node, "call"),
        "type": "http_request",
        "name": f"{node.title}: request",
        "config": config,
    }
    return call, "approximated" if reasons else "mapped", "; ".join(reasons)


def _wants_file(node: Node, options: dict[str, Any]) -> bool:
    if node.version < _OLD:
        return as_text(node.parameters.get("responseFormat")) == "file"
    return as_text(at(options, "response", "response", "responseFormat")) == "file"


def _never_fails(node: Node, options: dict[str, Any]) -> bool:
    if node.version < _OLD:
        return options.get("ignoreResponseCode") is True
    return at(options, "response", "response", "neverError") is True


def _ignores_certificates(node: Node, options: dict[str, Any]) -> bool:
    old = node.parameters.get("allowUnauthorizedCerts") if node.version < _OLD else False
    return old is True or options.get("allowUnauthorizedCerts") is True


def _connection(node: Node) -> str:
    """The connection that stands for the credential of a request; empty without one."""
    asks = as_text(node.parameters.get("authentication"), "none")
    if asks in ("", "none") or (not node.credentials and node.version < _OLD):
        return ""
    kind = as_text(node.parameters.get("genericAuthType")) or as_text(
        node.parameters.get("nodeCredentialType")
    )
    name = credential_of(node) or kind or asks
    return native_id(name).strip("-_")[:60] or "credential"
