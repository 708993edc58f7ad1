"""Triggers: a run that begins with a request, at a time, or with an event of a plugin."""

from __future__ import annotations

from typing import Any

from runfold.errors import RunfoldError
from runfold.importers.dify.flow import Flow, Made, NodeKind, Path, native, single
from runfold.importers.dify.kinds.code import native_type
from runfold.importers.dify.kinds.start import input_reference
from runfold.importers.dify.reading import list_at, number_of, object_at, objects_at, text_at
from runfold.importers.dify.source import SourceNode
from runfold.importers.draft import native_id
from runfold.values.cron import broker_cron

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PLACES = {"params": "query", "headers": "headers", "body": "body"}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_TOKEN = "WEBHOOK_TOKEN"  # noqa: S105 -- a name
RAW = "_webhook_raw"


def given(flow: Flow, names: dict[str, str]) -> dict[str, str]:
    """Inputs that a trigger gives, by name with their types; null in runs begun otherwise."""
    outputs = {}
    for name, type_ in names.items():
        flow.draft.definition["inputs"].setdefault(name, {"type": type_})
        flow.draft.definition.setdefault("variables", {}).setdefault(name, None)
        outputs[name] = "{{" + input_reference(name) + "}}"
    return outputs


def _settings(flow: Flow) -> dict[str, Any]:
    settings: dict[str, Any] = flow.draft.definition.setdefault("settings", {})
    return settings


def _webhook(node: SourceNode, flow: Flow) -> Made:
    names: dict[str, str] = {}
    inputs: dict[str, Any] = {}
    for key, place in _PLACES.items():
        for one in objects_at(node.data, key):
            written = text_at(one, "name")
            name = native_id(written.replace("-", "_") if place == "headers" else written)
            if not name:
                continue
            names[name] = native_type(text_at(one, "type")) if place == "body" else "any"
            inputs[name] = "{{ " + f"{place}['{written}']" + " | default(none) }}"
            if place == "body" and one.get("required") is True:
                inputs[name] = "{{" + f"{place}['{written}']" + "}}"
    if RAW in flow.reads.get(node.id, ()):
        names[RAW] = "any"
        inputs[RAW] = {"body": "{{body}}", "headers": "{{headers}}", "query": "{{query}}"}
    method = text_at(node.data, "method").strip().upper()
    hooks = _settings(flow).setdefault("webhooks", [])
    hooks.append(
        {
            "path": f"{_plain(flow.draft.definition['id'])}/{len(hooks) + 1}",
            "auth": {"type": "bearer", "secret": _TOKEN},
            "methods": [method if method in _METHODS else "POST"],
            **({"inputs": inputs} if inputs else {}),
        }
    )
    hint = "the address of the webhook is another here, and its senders show this token"
    flow.need("secret", _TOKEN, node, hint)
    made = native(flow, node, "values", {"outputs": given(flow, names)})
    return single(made, f"its address is /hooks/{hooks[-1]['path']}, and senders need a token")


def _plain(workflow_id: str) -> str:
    return "".join(one for one in workflow_id if one.isascii())[:60] or "workflow"


def _schedule(node: SourceNode, flow: Flow) -> Made:
    made = native(flow, node, "values", {"outputs": {}})
    cron = _cron(node.data)
    try:
        broker_cron(cron)
    except RunfoldError:
        return single(made, f"its time {cron!r} cannot be read: set a schedule here")
    entry: dict[str, Any] = {"cron": cron}
    zone = text_at(node.data, "timezone")
    if zone:
        entry["timezone"] = zone
    _settings(flow).setdefault("schedules", []).append(entry)
    return single(made)


def _cron(data: dict[str, Any]) -> str:
    if text_at(data, "mode") == "cron" or not object_at(data, "visual_config"):
        return text_at(data, "cron_expression").strip()
    visual = object_at(data, "visual_config")
    minute, hour = _time(text_at(visual, "time") or "12:00 AM")
    match text_at(data, "frequency"):
        case "hourly":
            return f"{int(number_of(visual.get('on_minute')) or 0)} * * * *"
        case "weekly":
            days = [one for one in list_at(visual, "weekdays") if one in _DAYS]
            return f"{minute} {hour} * * {','.join(days) or 'sun'}"
        case "monthly":
            written = list_at(visual, "monthly_days")
            days = ["L" if one == "last" else str(number_of(one) or 1) for one in written]
            return f"{minute} {hour} {','.join(days) or '1'} * *"
        case _:
            return f"{minute} {hour} * * *"


def _time(written: str) -> tuple[int, int]:
    """Minute and hour of `11:30 AM`."""
    clock, _, half = written.strip().partition(" ")
    hour, _, minute = clock.partition(":")
    hours = int(number_of(hour) or 0) % 12 + (12 if half.strip().upper() == "PM" else 0)
    if not half:
        hours = int(number_of(hour) or 0) % 24
    return int(number_of(minute) or 0) % 60, hours


def _plugin(node: SourceNode, flow: Flow) -> Made:
    names = dict.fromkeys(flow.reads.get(node.id, ()), "any")
    provider = text_at(node.data, "provider_id", "provider_name", "plugin_id") or "plugin"
    event = f"{provider}/{text_at(node.data, 'event_name', 'title') or 'event'}"
    flow.need("connection", event, node, "begin runs with the event's fields as inputs")
    made = native(flow, node, "values", {"outputs": given(flow, names)})
    return single(made, f"events of {event} do not come here: begin runs with their fields")


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    del node, flow
    return (native_id(way[0]) or way[0], *way[1:]) if way[0] != RAW else None


WEBHOOK = NodeKind(make=_webhook, spell=_spell)
SCHEDULE = NodeKind(make=_schedule)
PLUGIN = NodeKind(make=_plugin)
