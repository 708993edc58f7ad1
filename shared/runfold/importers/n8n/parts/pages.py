"""Requests of several pages: a native `loop` around the request of an item."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from runfold.importers.n8n.document import Node
from runfold.importers.n8n.plain import as_number, as_object, as_text, at
from runfold.importers.n8n.room import PROFILE, Room

MOST_PAGES = 1000
"""Pages after which a node that never comes to an end stops."""


_BEGIN = {"answer": {}, "more": False, "mark": "", "alike": 0}
"""What the variables of the loop begin as."""


def pages_of(node: Node) -> dict[str, Any]:
    """The settings of a node's pages; empty where it asks for one alone."""
    found = as_object(at(node.parameters, "options", "pagination", "pagination"))
    return {} if found.get("paginationMode") == "off" else found


def looped(node: Node, room: Room, call: dict[str, Any], answer: dict[str, str]) -> dict[str, Any]:
    """The loop that stands for a request: its `output` is the list of all answers.

    Args:
        node: The node it is for.
        room: The document around it.
        call: The native request, which reads `{{item.json.…}}`.
        answer: What an answer is made of.
    """
    pages = pages_of(node)
    ask, after = _page(node, room, pages), _after(node, room, pages, call["id"])
    read = "{{" + f"{ask['id']}.items[0].json"
    config = {
        key: value.replace("{{item.json", read) if isinstance(value, str) else value
        for key, value in call["config"].items()
    }
    told = ("more", "mark", "alike")
    assigned: dict[str, Any] = {"answer": _response(call["id"])}
    assigned |= {name: "{{" + f"{after['id']}.items[0].json.{name}" + "}}" for name in told}
    keep = {
        "id": room.step_id(node, "kept"),
        "type": "assign",
        "profile": PROFILE,
        "config": {
            "assignments": [
                {"variable": name, "operation": "set", "value": value}
                for name, value in assigned.items()
            ]
        },
    }
    body = [ask, {**call, "config": {**config, "fail_on_status": False}}, after, keep]
    return {
        "id": room.step_id(node, "pages"),
        "type": "loop",
        "profile": PROFILE,
        "name": f"{node.title}: pages",
        "config": {
            "do_while": {"left": "{{more}}", "operator": "is_true"},
            "max_iterations": MOST_PAGES,
            "delay": max(0.0, as_number(pages.get("requestInterval"), 0.0)) / 1000,
            "variables": {"request": "{{item.json}}", **_BEGIN},
            "nodes": body,
            "edges": [{"source": a["id"], "target": b["id"]} for a, b in pairwise(body)],
            "output": answer,
            "keep": "all",
        },
    }


def _response(call: str) -> dict[str, str]:
    """What expressions read as `$response`."""
    return {
        "body": "{{" + call + ".body}}",
        "headers": "{{" + call + ".headers}}",
        "statusCode": "{{" + call + ".status_code}}",
    }


def _page(node: Node, room: Room, pages: dict[str, Any]) -> dict[str, Any]:
    mode = as_text(pages.get("paginationMode"), "updateAParameterInEachRequest")
    if mode == "responseContainsNextURL":
        changed: dict[str, Any] = {"nextURL": pages.get("nextURL", "")}
    else:
        changed = {"parameters": at(pages, "parameters", "parameters") or []}
    written = {**changed, "count": "={{ $pageCount }}"}
    return _step(node, room, "httpRequestPage", "page", written, "{{answer}}", "{{index}}")


def _after(node: Node, room: Room, pages: dict[str, Any], call: str) -> dict[str, Any]:
    written = {
        "until": as_text(pages.get("paginationCompleteWhen"), "responseIsEmpty"),
        "statusCodes": pages.get("statusCodesWhenComplete", ""),
        "complete": pages.get("completeExpression", ""),
        "count": "={{ $pageCount }}",
        "neverError": at(node.parameters, "options", "response", "response", "neverError") is True,
    }
    if pages.get("limitPagesFetched") is True:
        written["maxRequests"] = pages.get("maxRequests", 100)
    made = _step(node, room, "httpRequestNext", "next", written, _response(call), "{{index + 1}}")
    made["config"]["results"] = {
        "status_code": "{{" + call + ".status_code}}",
        "headers": "{{" + call + ".headers}}",
        "body": "{{" + call + ".body}}",
        "mark": "{{mark}}",
        "alike": "{{alike}}",
    }
    return made


def _step(
    node: Node,
    room: Room,
    operation: str,
    what: str,
    written: dict[str, Any],
    response: Any,
    count: str,
) -> dict[str, Any]:
    """A step over the one item of a request, whose expressions read the page before."""
    made = room.items(node, operation, written, node_id=room.step_id(node, what))
    config = made["config"]
    for name in ("settings", "run_index"):
        config.pop(name, None)
    config["inputs"] = [[{"items": ["{{request.item}}"]}]]
    config["results"] = "{{request}}"
    page = {"response": response, "count": count, "request": "{{request}}"}
    config["provided"] = {**config.get("provided", {}), "page": page}
    return made
