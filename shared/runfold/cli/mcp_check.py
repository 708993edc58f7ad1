"""What `runfold check` says of `mcp` nodes and agents, once it has asked the servers they name.

A server that is declared elsewhere, or cannot be reached from here, is a warning: the executors may
know it. What a reachable server contradicts is an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from runfold.cli.mcp_survey import surveyed
from runfold.cli.outcome import say
from runfold.errors import ExpressionFailed
from runfold.graph.bodies import bodies_of
from runfold.graph.definition import Finding, Node, Workflow
from runfold.graph.kinds.agent_tools import entries_of
from runfold.graph.kinds.mcp import KIND
from runfold.graph.node_addresses import node_addresses
from runfold.settings import Settings
from runfold.values.json_schema import mismatches, schema_problem
from runfold.values.references import is_computed

if TYPE_CHECKING:
    from runfold_executor_http.mcp_client.survey import Surveyed


class Use(NamedTuple):
    """A place that names a server: an `mcp` node, or a tool of an agent."""

    path: str
    """Of the configuration."""
    at: str
    """Of the node."""
    node: Node
    config: dict[str, Any]
    calls: bool
    """Whether the arguments are those of the configuration, and not a model's."""


def server_findings(
    workflow: Workflow, settings: Settings
) -> tuple[list[Finding], dict[str, Surveyed]]:
    """Findings about the servers that a workflow names, and what these said.

    Args:
        workflow: What names them.
        settings: Declare the servers.
    """
    uses = list(_uses(workflow.nodes, "nodes"))
    if not uses:
        return [], {}
    named = dict.fromkeys(str(use.config["server"]) for use in uses)
    known = [name for name in named if name in settings.mcp.servers]
    found = asyncio.run(surveyed(settings, known))
    addresses = node_addresses(workflow)
    return [one for use in uses for one in _about(use, addresses, settings, found)], found


def print_tools(servers: dict[str, Surveyed]) -> None:
    """What servers offer, on standard error."""
    for name, server in servers.items():
        for tool in server.tools:
            properties, required = _members(tool["parameters"])
            arguments = ", ".join(
                f"{one}{'' if one in required else '?'}: {_type_of(about)}"
                for one, about in properties.items()
            )
            say(f"tool    {name}.{tool['name']}({arguments})")


def _members(schema: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The properties of a schema and which are required, as far as they are written as such."""
    properties, required = schema.get("properties"), schema.get("required")
    return (
        properties if isinstance(properties, dict) else {},
        [one for one in required if isinstance(one, str)] if isinstance(required, list) else [],
    )


def _type_of(schema: Any) -> str:
    shown = schema.get("type", "any") if isinstance(schema, dict) else "any"
    return " or ".join(map(str, shown)) if isinstance(shown, list) else str(shown)


def _uses(nodes: tuple[Node, ...], path: str) -> Iterator[Use]:
    for index, node in enumerate(nodes):
        here = f"{path}[{index}]"
        tools = list(entries_of(node.config).values())
        places = [
            (f".tools[{at}].config", entry.get("config"), False)
            for at, entry in tools
            if entry["type"] == KIND.type
        ]
        if node.type == KIND.type:
            places = [("", node.config, True)]
        for inside, config, calls in places:
            server = config.get("server") if isinstance(config, dict) else None
            if isinstance(config, dict) and isinstance(server, str) and not is_computed(server):
                yield Use(f"{here}.config{inside}", here, node, config, calls)
        for body in () if tools else bodies_of(node).values():
            yield from _uses(body.nodes, f"{here}.config.{body.path}nodes")


def _about(
    use: Use, addresses: dict[str, str], settings: Settings, found: dict[str, Surveyed]
) -> Iterator[Finding]:
    address = addresses.get(use.at, use.node.id)
    config = use.config
    server = config["server"]

    def finding(level: Any, code: str, field: str, message: str, hint: str = "") -> Finding:
        path = f"{use.path}.{field}"
        return Finding(level, code, path, f"node {use.node.id!r}: {message}", hint, address)

    if server not in settings.mcp.servers:
        message = f"MCP server {server!r} is not declared here"
        declared = ", ".join(sorted(settings.mcp.servers))
        # Where some are declared, this is where their executor is.
        level = "error" if declared else "warning"
        hint = f"declared are: {declared}" if declared else "declare it in RUNFOLD_MCP__SERVERS"
        yield finding(level, "mcp.unknown_server", "server", message, hint)
        return
    there = found[server]
    if there.problem:
        message = f"MCP server {server!r} could not be asked: {there.problem}"
        yield finding("warning", "mcp.not_asked", "server", message)
        return
    tool = config.get("tool")
    if not isinstance(tool, str) or not tool or is_computed(tool):
        return
    tools = {one["name"]: one for one in there.tools}
    if tool not in tools:
        message = f"MCP server {server!r} has no tool {tool!r}"
        hint = f"it has: {', '.join(sorted(tools)) or 'none'}"
        yield finding("error", "mcp.unknown_tool", "tool", message, hint)
        return
    if problem := schema_problem(tools[tool]["parameters"]):
        message = f"the schema of tool {tool!r} cannot be used: {problem}"
        yield finding("error", "mcp.schema_invalid", "tool", message)
        return
    given = _given(config, tools[tool]["parameters"]) if use.calls else None
    for place, problem in _misfits(given, tools[tool]["parameters"]):
        message = f"arguments of tool {tool!r}{place}: {problem}"
        yield finding("error", "mcp.arguments", "arguments", message)


def _given(config: dict[str, Any], schema: dict[str, Any]) -> Any:
    """The arguments of a call, with those that the author fills in of the tools that have them."""
    given, preset = config.get("arguments", {}), config.get("preset")
    if not isinstance(given, dict) or not isinstance(preset, dict):
        return given
    known, _ = _members(schema)
    return {**given, **{name: value for name, value in preset.items() if name in known}}


def _misfits(arguments: Any, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where arguments do not fit a schema, as far as that is known before they are rendered."""
    if not isinstance(arguments, dict):
        return
    properties, required = _members(schema)
    for name in required:
        if name not in arguments:
            yield "", f"{name!r} is missing"
    if schema.get("additionalProperties") is False:
        yield from (("", f"there is no {name!r}") for name in arguments if name not in properties)
    for name, value in arguments.items():
        if name not in properties or _has_templates(value):
            continue
        about = properties[name]
        whole = {**(about if isinstance(about, dict) else {}), "$defs": schema.get("$defs", {})}
        try:
            wrong = mismatches(value, whole)
        except ExpressionFailed:
            continue  # it refers to more than it brings along
        yield from ((f".{name}{one.path.removeprefix('$')}", one.message) for one in wrong)


def _has_templates(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_templates(one) for one in value.values())
    if isinstance(value, list):
        return any(_has_templates(one) for one in value)
    return is_computed(value)
