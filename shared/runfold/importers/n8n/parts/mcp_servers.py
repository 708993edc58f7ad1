"""MCP Server Trigger: a run calls one of the tools that are connected to it.

The run's input `tool` names it, `args` has its arguments. Published, the workflow is a tool of
runfold's own MCP server, which is given both.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.ai.tools import tools_of
from runfold.importers.n8n.document import Node
from runfold.importers.n8n.room import PROFILE, Part, Room

KIND = "mcpTrigger"
_LISTS = ("mcp", "plugin")
"""Types of entries that stand for several tools, which a run cannot name."""


def make(node: Node, room: Room) -> Part:
    """A choice by the tool's name, a native node for each tool, and what it gave as items."""
    tools = tools_of(node, room)
    entries = [one for one in tools.entries if one["type"] not in _LISTS]
    if not entries:
        made = room.items(node, "trigger", {"trigger": KIND}, inputs=[])
        return Part((made,), "approximated", "no tool is connected to it that could be called")
    which = room.step_id(node, "which")
    calls = [_call(entry, node, room) for entry in entries]
    branches = [
        {
            "id": call["id"],
            "condition": {"left": "{{tool}}", "operator": "==", "right": entry["name"]},
        }
        for call, entry in zip(calls, entries, strict=True)
    ]
    choice = {
        "id": which,
        "type": "selector",
        "profile": PROFILE,
        "name": f"{node.title}: which tool",
        "config": {"branches": branches},
    }
    output = [_output(call, entry) for call, entry in zip(calls, entries, strict=True)]
    collect = room.items(node, "collect", {}, results={"output": output}, inputs=[])
    edges = [{"source": which, "target": call["id"], "port": call["id"]} for call in calls]
    edges += [{"source": call["id"], "target": collect["id"]} for call in calls]
    nodes: tuple[dict[str, Any], ...] = (choice, *calls, collect)
    if tools.before:
        before = tools.before[0]
        nodes = (before, *nodes)
        edges.insert(0, {"source": before["id"], "target": which})
    names = ", ".join(str(entry["name"]) for entry in entries)
    reason = f"a run calls the tool that its input `tool` names, with `args`: {names}"
    return Part(nodes, "approximated", reason[:400], tuple(edges))


def _call(entry: dict[str, Any], node: Node, room: Room) -> dict[str, Any]:
    """The node that a call of a tool is, with the run's `args`."""
    config = dict(entry["config"])
    match entry["type"]:
        case "code":
            config.setdefault("params", "{{args}}")
        case "knowledge_retrieve":
            config.setdefault("query", "{{args.query}}")
        case "sub_workflow":
            config.setdefault("inputs", "{{args}}")
            if isinstance(config["inputs"], dict):
                inputs = {key: one for key, one in config["inputs"].items() if key != "json"}
                config["inputs"] = inputs
        case _:
            pass
    return {
        "id": room.step_id(node, str(entry["name"])),
        "type": entry["type"],
        "profile": PROFILE,
        "name": str(entry["name"]),
        "config": config,
    }


def _output(call: dict[str, Any], entry: dict[str, Any]) -> str:
    """What a call came to, as the entry says it of `{{call}}`."""
    written = entry.get("output") or "{{call.output}}"
    return str(written).replace("{{call.", "{{" + f"{call['id']}.")
