"""The tools of an agent, as its model is told of them: its own, and those that servers list."""

from __future__ import annotations

import fnmatch
from typing import Any

from runfold.contracts.agent_events import LeftOut, ToolSpec
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.state.agents import Agent
from runfold.errors import NodeFailed
from runfold.graph.inputs import schema_of_inputs
from runfold.graph.kinds.agent_tools import (
    CALL,
    NAME,
    description_of,
    entries_of,
    listing_of,
    parameters_of,
    type_of,
)
from runfold.values.json_schema import schema_problem
from runfold.values.json_text import text_of

_LONGEST_DESCRIPTION = 1024
_LONGEST_NAME = 256


def own_tool(ctx: NodeContext, name: str, entry: dict[str, Any]) -> ToolSpec:
    """A tool that is one by itself."""
    parameters, description = parameters_of(entry), description_of(entry)
    body = ctx.graph.body(ctx.planned.id, name)
    called = body.body(CALL) if body is not None and type_of(entry) == "sub_workflow" else None
    if called is not None:
        if not entry.get("parameters"):
            parameters = schema_of_inputs(called.inputs, closed=called.closed_inputs)
        workflow = called.library.workflow(called.workflow_id)
        description = description or (workflow.description or workflow.name if workflow else "")
    return ToolSpec(name, name, _shortened(description), parameters)


def listed_tools(ctx: NodeContext, agent: Agent, source: str, tools: Any) -> dict[str, Any]:
    """What a server's tools come to: those the model is told of, and those left out, with why."""
    _, entry = entries_of(ctx.config)[source]
    listing = listing_of(entry)
    is_bounded = listing is None or bool(listing.only)
    only = None if is_bounded or listing is None else entry.get("config", {}).get(listing.tool)
    taken = {one.name for one in agent.tools}
    found, left_out = [], []
    for tool in tools if isinstance(tools, list) else []:
        if not isinstance(tool, dict):
            left_out.append(LeftOut(text_of(tool)[:_LONGEST_NAME], "it is no object"))
            continue
        told = str(tool.get("name", ""))[:_LONGEST_NAME]
        reason = _refusal(tool, told, entry, only)
        if reason:
            left_out.append(LeftOut(told, reason))
            continue
        name = _free_name(told, source, taken)
        taken.add(name)
        parameters = tool.get("parameters") or {"type": "object", "properties": {}}
        description = _shortened(str(tool.get("description") or ""))
        found.append(ToolSpec(name, source, description, parameters, told))
    if only and not found:
        message = f"tool {source!r}: there is no {only!r} among those that are listed"
        raise NodeFailed(message, code="agent.unknown_tool", kind="input")
    return {"source": source, "tools": tuple(found), "left_out": tuple(left_out)}


def _refusal(tool: dict[str, Any], name: str, entry: dict[str, Any], only: Any) -> str:
    """Why the model is not told of a tool; empty when it is."""
    if only and name != only:
        return "another one is named"
    allow, deny = entry.get("allow") or ["*"], entry.get("deny") or []
    if not any(fnmatch.fnmatchcase(name, one) for one in allow):
        return "not in allow"
    if any(fnmatch.fnmatchcase(name, one) for one in deny):
        return "in deny"
    parameters = tool.get("parameters") or {}
    problem = schema_problem(parameters)
    if problem or not isinstance(parameters, dict):
        return f"its parameters are no JSON Schema: {problem or 'not an object'}"
    kind = parameters.get("type", "object")
    return "" if kind == "object" else f"its arguments are no object, but {kind!r}"


def _free_name(told: str, source: str, taken: set[str]) -> str:
    """A name that APIs of models take and that no other tool has."""
    plain = "".join(one if NAME.fullmatch(one) else "_" for one in told)[:64] or "tool"
    candidates = [plain, f"{source}_{plain}"[:64]]
    free = next((one for one in candidates if one not in taken), "")
    number = 2
    while not free:
        numbered = f"{plain[:60]}_{number}"
        free, number = ("" if numbered in taken else numbered), number + 1
    return free


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1]}…"
