"""`trigger`: the items that begin a run, made of what the run is given as n8n's trigger would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runfold_executor_code.items.reading import item_of
from runfold_executor_code.items.step import Item, Made, Step

_ABOUT_THE_RUN = ("trigger", "items", "conversation_id")
"""Inputs that are not of the item."""
_REQUEST = ("body", "headers", "query", "params", "method", "path")
_SCHEDULED = ("scheduleTrigger", "cron", "interval")


def run(step: Step) -> list[list[Made]]:
    """The items of a run.

    `results` has `inputs`, the run's, `query`, the message of a chat, and `conversation`, its id.
    Inputs named `items` are the items themselves.
    """
    results = step.results if isinstance(step.results, Mapping) else {}
    inputs = results.get("inputs")
    given = inputs if isinstance(inputs, Mapping) else {}
    items = given.get("items")
    if isinstance(items, list) and items:
        return [[_made(item_of(one)) for one in items]]
    fields = {name: value for name, value in given.items() if name not in _ABOUT_THE_RUN}
    pinned = step.parameters.get("pinned")
    if not _says_anything(fields) and not results.get("query") and isinstance(pinned, str):
        return [[_made(item_of(one)) for one in json.loads(pinned)]]
    made = Made(_item(step, fields, results))
    methods = step.parameters.get("methods")
    if not isinstance(methods, list) or fields.get("method") not in methods:
        return [[made]]
    # A webhook with an output for each of its methods.
    return [[made] if method == fields["method"] else [] for method in methods]


def _made(item: Item) -> Made:
    return Made(item["json"], item.get("binary"))


def _says_anything(fields: Mapping[str, Any]) -> bool:
    return any(value not in (None, "", [], {}) for value in fields.values())


def _item(step: Step, fields: dict[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    kind = step.parameters.get("trigger")
    if kind == "webhook":
        return _request(step, fields)
    if kind in ("chatTrigger", "manualChatTrigger"):
        return _message(fields, results)
    if kind in _SCHEDULED:
        return {**_time(step), **fields}
    if kind == "formTrigger":
        return {**fields, "submittedAt": _moment(step).isoformat(), "formMode": "production"}
    if kind == "tool":
        around, arguments = fields.get("json"), fields.get("args")
        return {
            **(around if isinstance(around, Mapping) else {}),
            **(arguments if isinstance(arguments, Mapping) else {}),
        }
    return fields


def _request(step: Step, fields: dict[str, Any]) -> dict[str, Any]:
    """A request as the Webhook node gives it; inputs that are none are its body."""
    is_request = isinstance(fields.get("headers"), Mapping) or set(fields) <= set(_REQUEST)
    body = fields.get("body") if is_request else fields
    if step.parameters.get("fields") == "body":
        return dict(body) if isinstance(body, Mapping) else {"body": body}
    return {
        "headers": _object(fields.get("headers") if is_request else None),
        "params": _object(fields.get("params") if is_request else None),
        "query": _object(fields.get("query") if is_request else None),
        "body": {} if body is None else body,
        "webhookUrl": str(fields.get("path") or "") if is_request else "",
        "executionMode": "production",
    }


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _message(fields: dict[str, Any], results: Mapping[str, Any]) -> dict[str, Any]:
    """A message as the Chat Trigger gives it."""
    said = fields.get("query") or fields.get("chatInput") or results.get("query") or ""
    rest = {name: value for name, value in fields.items() if name != "query"}
    session = results.get("conversation") or fields.get("sessionId") or ""
    return {"sessionId": session, "action": "sendMessage", **rest, "chatInput": said}


def _moment(step: Step) -> datetime:
    try:
        zone = ZoneInfo(step.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    return datetime.fromtimestamp(step.now / 1000, UTC).astimezone(zone)


def _time(step: Step) -> dict[str, Any]:
    """The moment as the Schedule Trigger gives it."""
    now = _moment(step)
    hour = now.strftime("%I").lstrip("0")
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(now.day % 10, "th")
    ordinal = "th" if now.day in (11, 12, 13) else suffix
    clock = f"{hour}:{now:%M:%S} {now:%p}".lower()
    return {
        "timestamp": now.isoformat(timespec="milliseconds"),
        "Readable date": f"{now:%B} {now.day}{ordinal} {now.year}, {clock}",
        "Readable time": clock,
        "Day of week": f"{now:%A}",
        "Year": f"{now:%Y}",
        "Month": f"{now:%B}",
        "Day of month": f"{now:%d}",
        "Hour": f"{now:%H}",
        "Minute": f"{now:%M}",
        "Second": f"{now:%S}",
        "Timezone": f"{step.timezone} (UTC{now:%z})",
    }
