"""Nodes that need something of Coze itself: plugins, images, what is unknown."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from runfold.importers.coze.fields import plain
from runfold.importers.coze.step import Build, Built, Kind, Step, settings
from runfold.importers.coze.texts import native
from runfold.importers.report import Result

_NAMES = {
    "11": "Variable",
    "14": "Image flow",
    "16": "Image generation",
    "17": "Image reference",
    "23": "Image canvas",
    "24": "Scene variable",
    "25": "Scene chat",
    "26": "Long-term memory",
    "34": "Trigger: upsert",
    "35": "Trigger: delete",
    "36": "Trigger: read",
    "ltm_read": "Long-term memory: read",
    "ltm_write": "Long-term memory: write",
    "video_audio_extractor": "Video audio extraction",
    "video_frame_extractor": "Video frame extraction",
    "video_generation": "Video generation",
}
"""What the hosted product has beside the open one."""
_DIGITS = 4
"""Of the number of a type that the hosted product may have, and that is not known here."""
_WORDS = (
    *("start", "end", "llm", "plugin", "code", "knowledge", "selector", "workflow", "sql"),
    *("message", "text", "question", "loop", "intent", "batch", "input", "aggregator", "http"),
)


def _plugin(step: Step) -> Built:
    given = settings(step, step.block.inputs.get("apiParam"))
    plugin = plain(given.get("pluginName")) or plain(given.get("pluginID")) or "plugin"
    tool = plain(given.get("apiName")) or plain(given.get("apiID")) or step.block.title or "tool"
    return _standing(step, f"plugin {plugin}/{tool}", f"{plugin}/{tool}")


def _hosted(name: str) -> Build:
    need = f"coze/{name.lower().replace(': ', '-').replace(' ', '-')}"
    return lambda step: _standing(step, name, need)


def _standing(step: Step, of: str, need: str) -> Built:
    hint = "bind it to a plugin operation, an MCP tool, a workflow or an http request"
    step.need("tool", need, hint)
    reason = f"{need} is a tool of Coze: {hint}"
    return _placeholder(step, of, reason, need)


def _placeholder(
    step: Step, of: str, reason: str, need: str, result: Result = "approximated"
) -> Built:
    config: dict[str, Any] = {"of": native(of), "reason": native(reason)}
    if need:
        config["need"] = native(need)
    if step.inputs:
        config["parameters"] = {name: native(value) for name, value in step.inputs.items()}
    ports = _ports(step)
    if ports:
        config["ports"] = ports
    return Built(
        type="placeholder",
        config=config,
        result=result,
        reason=reason,
        ports={port: port for port in ports},
        is_task=False,
    )


def _ports(step: Step) -> list[str]:
    """The ports that its edges leave at."""
    edges = step.canvas.edges.get(step.block.parent, [])
    named = [edge.port for edge in edges if edge.source == step.block.id]
    plain_ports = ("", "default", "branch_error", "error", "out")
    return [port for port in dict.fromkeys(named) if port not in plain_ports]


def _unknown(step: Step) -> Built:
    written = step.block.type or "no type"
    if written.isascii() and written.isdigit() and len(written) <= _DIGITS:
        return _standing(step, f"a node of type {written}", f"coze/node-{written}")
    near = get_close_matches(written.lower(), _WORDS, n=1)
    meant = f"; the nearest that there is: {near[0]}" if near else ""
    reason = f"Coze has no nodes of type {written}{meant}"
    return _placeholder(step, f"a node of type {written}", reason, "", "unsupported")


PLUGIN = Kind("Plugin", _plugin)
HOSTED = {number: Kind(name, _hosted(name)) for number, name in _NAMES.items()}
UNKNOWN = Kind("", _unknown)
