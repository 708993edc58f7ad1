"""Tools of a model: `fcParam` as the tools of an agent."""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.coze.fields import at, obj, plain, rows
from runfold.importers.coze.step import Step
from runfold.importers.draft import native_id

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def tools_of(step: Step) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The tools that there are here, and what the report says of those that there are not."""
    given = obj(step.block.inputs.get("fcParam"))
    tools = [
        _workflow(step, plain(one.get("workflow_id")))
        for one in rows(at(given, "workflowFCParam", "workflowList"))
    ]
    bases = [
        plain(one.get("id"))
        for one in rows(at(given, "knowledgeFCParam", "knowledgeList"))
        if plain(one.get("id"))
    ]
    for base in bases:
        step.need("knowledge", base, "make a knowledge base of this name")
        name = f"knowledge_{_UNFIT.sub('_', base)}"[:64]
        tools.append({"type": "knowledge_retrieve", "name": name, "config": {"bases": [base]}})
    missing = []
    for one in rows(at(given, "pluginFCParam", "pluginList")):
        name = f"{plain(one.get('plugin_id'))}/{plain(one.get('api_name') or one.get('api_id'))}"
        bound = step.context.bindings.get(name)
        if isinstance(bound, dict) and isinstance(bound.get("type"), str):
            tools.append({"name": _tool_name(name), **bound})
            continue
        step.need("tool", name, "bind it to a plugin, an MCP tool or a workflow")
        missing.append(name)
    names: set[str] = set()
    unique = []
    for tool in tools:
        if tool["name"] not in names:
            names.add(tool["name"])
            unique.append(tool)
    if not missing:
        return unique, {}
    reason = f"plugins that the model may call are left out until they are bound: {missing}"
    return unique, {"result": "approximated", "reason": reason}


def _workflow(step: Step, workflow_id: str) -> dict[str, Any]:
    called = step.context.callable.get(workflow_id)
    if called is None:
        called = native_id(workflow_id) or "workflow"
        step.need("workflow", workflow_id, "import it beside this one, or store it under this id")
        step.notes.append(f"workflow {workflow_id} is not among the files")
    config = {"workflow": called}
    return {"type": "sub_workflow", "name": _tool_name(f"workflow_{called}"), "config": config}


def _tool_name(text: str) -> str:
    return _UNFIT.sub("_", text).strip("_")[:64] or "tool"
