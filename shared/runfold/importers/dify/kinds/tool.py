"""`tool`: some are had here, workflows and MCP servers are called, others wait for a binding."""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.builtin_tools import builtin
from runfold.importers.dify.flow import Exits, Flow, Made, NodeKind, Path, absent, native
from runfold.importers.dify.names import exact
from runfold.importers.dify.reading import object_at, objects_at, selector_of, text_at
from runfold.importers.dify.source import FAIL_BRANCH, SOURCE, SourceNode
from runfold.importers.dify.strategies import guard, strategy_of
from runfold.importers.dify.text import template, values_of
from runfold.importers.draft import native_id

_TEXT_OF = {
    "http_request": ("body",),
    "mcp": ("text",),
    "code": ("text",),
    "sub_workflow": ("output",),
    "values": ("text",),
}
"""Kind that a tool became → where its text is."""


def tool_name(data: dict[str, Any]) -> str:
    """What a tool is called in the list of needs: provider and tool."""
    provider = text_at(data, "provider_id", "provider_name", "provider")
    if text_at(data, "provider_type", "type") in ("builtin", "plugin"):
        provider = provider.rpartition("/")[2]
    if _is_id(provider):
        provider = text_at(data, "provider_name") or provider
    return f"{provider or 'tool'}/{text_at(data, 'tool_name', 'tool_label') or 'tool'}"


def _is_id(text: str) -> bool:
    return len(text) > len("0000-0000-0000") and text.count("-") >= 4  # noqa: PLR2004 -- a UUID


def called_workflow(flow: Flow, data: dict[str, Any]) -> str:
    """The workflow here that a workflow tool calls; empty when it is not imported beside."""
    named = (
        text_at(data, key) for key in ("provider_id", "tool_name", "provider_name", "tool_label")
    )
    return next((flow.context.callable[one] for one in named if one in flow.context.callable), "")


def _become(node: SourceNode, flow: Flow) -> str:
    """The kind that a tool becomes here."""
    kind = text_at(node.data, "provider_type")
    if kind == "workflow" and called_workflow(flow, node.data):
        return "sub_workflow"
    bound = flow.context.bindings.get(tool_name(node.data))
    if isinstance(bound, dict):
        return text_at(bound, "type")
    if kind == "mcp":
        return "mcp"
    own = builtin(
        text_at(node.data, "provider_id", "provider_name"), text_at(node.data, "tool_name")
    )
    return own.type if own else ""


def parameters_of(flow: Flow, node: SourceNode) -> dict[str, Any]:
    """What a tool is given: its settings, and its parameters with references written for here."""
    found: dict[str, Any] = {}
    for name, value in object_at(node.data, "tool_configurations").items():
        found[name] = _parameter(flow, node, value)
    for name, value in object_at(node.data, "tool_parameters").items():
        found[name] = _parameter(flow, node, value)
    return {name: value for name, value in found.items() if value is not None}


def _parameter(flow: Flow, node: SourceNode, written: Any) -> Any:
    if not isinstance(written, dict) or "value" not in written:
        return values_of(flow, written, node)
    value = written["value"]
    if text_at(written, "type") == "variable":
        return exact(flow, selector_of(value), node)
    return template(flow, value, node) if isinstance(value, str) else value


def _unknown(flow: Flow, node: SourceNode) -> str:
    """The first parameter that is a variable which the document does not have; empty for none.

    One that the tool can do without is left out, as in Dify.
    """
    schemas = objects_at(node.data, "paramSchemas")
    free = [text_at(one, "name") for one in schemas if one.get("required") is False]
    for name, one in object_at(node.data, "tool_parameters").items():
        selector = selector_of(one.get("value")) if isinstance(one, dict) else ()
        is_variable = bool(selector) and text_at(one, "type") == "variable"
        if is_variable and name not in free and exact(flow, selector, node) is None:
            return name
    return ""


def _make(node: SourceNode, flow: Flow) -> Made:
    parameters = parameters_of(flow, node)
    become = _become(node, flow)
    is_bound = tool_name(node.data) in flow.context.bindings
    kind = text_at(node.data, "provider_type")
    if kind == "workflow" and become == "sub_workflow" and not is_bound:
        config: dict[str, Any] = {
            "workflow": called_workflow(flow, node.data),
            "inputs": parameters,
        }
        return _guarded(node, native(flow, node, "sub_workflow", config), [])
    if kind == "mcp" and not is_bound:
        return _mcp(flow, node, parameters)
    own = builtin(
        text_at(node.data, "provider_id", "provider_name"), text_at(node.data, "tool_name")
    )
    gone = _unknown(flow, node) if own is not None and not is_bound else ""
    if gone:
        reason = f"its parameter {gone!r} reads what there is not, with which Dify fails too"
        return absent(flow, node, f"tool {tool_name(node.data)}", reason)
    configured = None if own is None or is_bound else own.configure(parameters)
    if own is not None and configured is not None:
        return _guarded(node, native(flow, node, own.type, configured[0]), configured[1])
    return _waiting(flow, node, parameters)


def _guarded(node: SourceNode, made: dict[str, Any], reasons: list[str]) -> Made:
    exits: Exits = {SOURCE: [(made["id"], "out")]}
    guard(node, made, exits)
    result = Made(nodes=[made], entry=made["id"], exits=exits, reasons=reasons)
    if reasons:
        result.result = "approximated"
    return result


def _mcp(flow: Flow, node: SourceNode, parameters: dict[str, Any]) -> Made:
    provider = text_at(node.data, "provider_name", "provider_id") or "mcp"
    server = native_id(provider) or "mcp"
    hint = f"declare the server {server!r} in RUNFOLD_MCP__SERVERS"
    flow.need("connection", server, node, hint)
    config = {"server": server, "tool": text_at(node.data, "tool_name"), "arguments": parameters}
    if not config["tool"]:
        return absent(flow, node, "a tool of an MCP server", "it does not say which tool it calls")
    return _guarded(node, native(flow, node, "mcp", config), [])


def _waiting(flow: Flow, node: SourceNode, parameters: dict[str, Any]) -> Made:
    name = tool_name(node.data)
    kind = text_at(node.data, "provider_type")
    what = {
        "workflow": "import the workflow that it calls beside this one, or bind it",
        "api": "store its OpenAPI document as a plugin, and bind it to an operation of it",
    }.get(kind, "bind it to an operation of a plugin, an MCP tool, a workflow or a request")
    flow.need("tool", name, node, what)
    made = absent(
        flow,
        node,
        f"tool {name}",
        f"no tool is bound to {name}: {what}",
        need=name,
        parameters=parameters,
    )
    stand_in = made.nodes[0]
    if strategy_of(node) == FAIL_BRANCH or text_at(node.data, "error_strategy"):
        guard(node, stand_in, made.exits)
    stand_in.pop("retry", None)
    return made


def _spell(node: SourceNode, way: Path, flow: Flow) -> Path | None:
    become = _become(node, flow)
    if become == "noop":
        return ("output", *way)
    if way[0] == "text":
        return (*_TEXT_OF.get(become, ("output",) if become else ("text",)), *way[1:])
    if way[0] == "json" and become == "mcp":
        return ("structured", *way[1:])
    return None


def handles(node: SourceNode) -> tuple[str, ...]:
    """Handles of a node that has a branch for errors."""
    return (SOURCE, FAIL_BRANCH) if strategy_of(node) == FAIL_BRANCH else ()


def agent_tools(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The tools of an agent that are turned on, of either way they are written."""
    found = objects_at(data, "value") or objects_at(data, "tools")
    return [one for one in found if one.get("enabled") is not False]


KIND = NodeKind(make=_make, spell=_spell)
