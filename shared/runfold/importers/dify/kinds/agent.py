"""`agent`: a model with tools, asked round after round."""

from __future__ import annotations

import re
from typing import Any

from runfold.importers.dify.builtin_tools import builtin
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, absent, native, plain
from runfold.importers.dify.kinds.tool import agent_tools, called_workflow, tool_name
from runfold.importers.dify.live_keys import SAID, holds_live
from runfold.importers.dify.models import model_config, sampling
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import (
    flag_at,
    object_at,
    objects_at,
    selector_of,
    text_at,
    whole_at,
)
from runfold.importers.dify.source import SOURCE, SourceNode
from runfold.importers.dify.strategies import guard
from runfold.importers.dify.text import template

OUTPUTS = {"text": ("output",)}
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_TYPES = {"number": "number", "boolean": "boolean", "int": "integer", "integer": "integer"}
_HINT = "bind it to an operation of a plugin, an MCP tool, a workflow or a request"


def _make(node: SourceNode, flow: Flow) -> Made:
    parameters = object_at(node.data, "agent_parameters")
    if not parameters:
        reason = "it names an agent that was not exported with it: write it as an agent here"
        return absent(flow, node, "agent", reason)
    model = object_at(object_at(parameters, "model"), "value")
    query = _text(flow, node, object_at(parameters, "query"))
    if not query.strip():
        return absent(flow, node, "agent", "it has no query")
    reasons: list[str] = []
    if holds_live(text_at(object_at(parameters, "mcp_server"), "value")):
        reasons.append(SAID)
    config: dict[str, Any] = {"prompt": query}
    told = _text(flow, node, object_at(parameters, "instruction"))
    if told.strip():
        config["system_prompt"] = told
    settings, said = sampling(model)
    config |= {**model_config(flow, node, model), **settings, "on_length": "keep"}
    reasons += said
    if object_at(node.data, "memory") and flow.chats:
        config["history"] = "{{sys.history}}"
    config["tools"] = tools(flow, node, agent_tools(object_at(parameters, "tools")), reasons)
    config["tools"] += _servers(flow, node, parameters, reasons)
    reasons += _unused(node, parameters)
    rounds = object_at(parameters, "maximum_iterations") or object_at(parameters, "max_iterations")
    config["max_rounds"] = whole_at(rounds, "value", 5, most=100)
    if "react" in text_at(node.data, "agent_strategy_name").lower():
        config["strategy"] = "react"
    return agent(flow, node, config, reasons)


_USED = frozenset(
    ("model", "query", "instruction", "tools", "maximum_iterations", "max_iterations")
)
_SERVERS = ("mcp_server", "mcp_servers", "mcp_server_url", "mcp_servers_config", "servers_config")
"""How strategies of various authors call the parameter that names MCP servers."""
_OWN_STRATEGIES = frozenset(("function_calling", "react", "function_call"))


def _given(parameters: dict[str, Any], name: str) -> Any:
    written = parameters.get(name)
    return written.get("value") if isinstance(written, dict) else written


def _servers(
    flow: Flow, node: SourceNode, parameters: dict[str, Any], reasons: list[str]
) -> list[dict[str, Any]]:
    """Tools of the MCP servers that a strategy connects to by itself: once they are bound."""
    found = []
    for name in _SERVERS:
        if _given(parameters, name) in (None, "", [], {}):
            continue
        need = f"{text_at(node.data, 'agent_strategy_name') or 'agent'}/{name}"
        bound = flow.context.bindings.get(need)
        if isinstance(bound, dict) and isinstance(bound.get("type"), str):
            found.append({"name": _UNFIT.sub("_", name), **bound})
            continue
        hint = "declare the MCP server in RUNFOLD_MCP__SERVERS, and bind this to a tool of type mcp"
        flow.need("tool", need, node, hint)
        reasons.append(f"it goes without its MCP server until {need} is bound to a tool: {hint}")
    return found


def _unused(node: SourceNode, parameters: dict[str, Any]) -> list[str]:
    """What is said of a strategy that is another one here, and of settings that are its own."""
    reasons = []
    strategy = text_at(node.data, "agent_strategy_name")
    if strategy and strategy.lower().replace("-", "_") not in _OWN_STRATEGIES:
        said = f"its strategy {strategy!r} is not had here: it calls tools as function calling does"
        reasons.append(said)
    unused = [
        name
        for name in parameters
        if name not in (*_USED, *_SERVERS) and _given(parameters, name) not in (None, "", [], {})
    ]
    if unused:
        reasons.append(f"parameters of its strategy are not used: {', '.join(unused)}")
    return reasons


def agent(flow: Flow, node: SourceNode, config: dict[str, Any], reasons: list[str]) -> Made:
    """An agent of a configuration."""
    made = native(flow, node, "agent", config)
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits, OUTPUTS)
    made.pop("retry", None)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=list(dict.fromkeys(reasons)))
    if set(reasons) - {SAID}:
        result.result = "approximated"
    return result


def _text(flow: Flow, node: SourceNode, parameter: dict[str, Any]) -> str:
    value = parameter.get("value")
    if isinstance(value, list):
        return exact(flow, selector_of(value), node) or ""
    return template(flow, value, node) if isinstance(value, str) else ""


def tools(
    flow: Flow, node: SourceNode, written: list[dict[str, Any]], reasons: list[str]
) -> list[dict[str, Any]]:
    """The tools of an agent that can be had here; the others are said, and needs."""
    found: dict[str, dict[str, Any]] = {}
    missing: list[str] = []
    for one in written:
        entry = _entry(flow, one)
        if entry is None:
            name = tool_name(one)
            missing.append(name)
            flow.need("tool", name, node, _HINT)
            continue
        found.setdefault(entry["name"], entry)
    if missing:
        reasons.append(f"it goes without tools that are not bound: {', '.join(missing)}")
    return list(found.values())


def _entry(flow: Flow, one: dict[str, Any]) -> dict[str, Any] | None:
    """One tool as an entry here; None when there is nothing that it could call."""
    written = text_at(one, "tool_name", "name", "tool_label") or "tool"
    name = _UNFIT.sub("_", written).strip("_")[:64] or "tool"
    settings = _settings(one)
    entry = {"name": f"{name}_" if name in ("model", "approve") else name}
    entry["description"] = plain(_description(one))
    parameters = _parameters(one)
    bound = flow.context.bindings.get(tool_name(one))
    if isinstance(bound, dict) and isinstance(bound.get("type"), str):
        config = _called_with(bound.get("config", {}), settings)
        listed = {"type": bound["type"], "config": config, "name": entry["name"]}
        if bound["type"] in ("mcp", "plugin"):
            return listed
        return {**entry, **listed, "parameters": parameters}
    if text_at(one, "type", "provider_type") == "workflow" and called_workflow(flow, one):
        config = {"workflow": called_workflow(flow, one)}
        return {**entry, "type": "sub_workflow", "config": config, "parameters": parameters}
    own = builtin(
        text_at(one, "provider_name", "provider_id").rpartition("/")[2],
        text_at(one, "tool_name"),
    )
    configured = own.configure({}) if own is not None and own.type == "code" else None
    if own is None or configured is None:
        return None
    config, _ = configured
    config["params"] = {"given": "{{args}}"}
    if settings and not parameters:
        config["params"] = {"given": settings}
    return {**entry, "type": own.type, "config": {**config}, "parameters": parameters}


def _description(one: dict[str, Any]) -> str:
    extra = object_at(one, "extra")
    said = text_at(extra, "description") or text_at(one, "tool_description", "description")
    return said or text_at(one, "tool_label") or text_at(one, "tool_name")


def _settings(one: dict[str, Any]) -> dict[str, Any]:
    """What the author filled in of a tool."""
    found = {}
    for key in ("settings", "parameters", "tool_parameters"):
        for name, value in object_at(one, key).items():
            inner = value.get("value") if isinstance(value, dict) else value
            if isinstance(inner, dict) and "value" in inner:
                inner = inner["value"]
            if inner not in (None, "") and not isinstance(inner, dict | list):
                found[name] = inner
    return found


def _parameters(one: dict[str, Any]) -> dict[str, Any]:
    """What a model fills in of a tool."""
    found: dict[str, Any] = {}
    for schema in objects_at(one, "schemas"):
        name = text_at(schema, "name")
        if name and text_at(schema, "form") in ("llm", ""):
            field: dict[str, Any] = {"type": _TYPES.get(text_at(schema, "type"), "string")}
            said = text_at(schema, "llm_description")
            if said:
                field["description"] = plain(said)
            if flag_at(schema, "required"):
                field["required"] = True
            found[name] = field
    return found


def _called_with(config: Any, settings: dict[str, Any]) -> Any:
    """A bound configuration: `{{param.NAME}}` is what the author filled in, else the model's."""
    if isinstance(config, str):
        whole = re.fullmatch(r"\{\{\s*param\.([\w-]+)\s*\}\}", config.strip())
        if whole and whole[1] in settings:
            return settings[whole[1]]
        return re.sub(r"\{\{\s*param\.([\w-]+)\s*\}\}", r"{{args.\1}}", config)
    if isinstance(config, dict):
        return {key: _called_with(value, settings) for key, value in config.items()}
    if isinstance(config, list):
        return [_called_with(value, settings) for value in config]
    return config


KIND = NodeKind(make=_make, outputs=OUTPUTS)
