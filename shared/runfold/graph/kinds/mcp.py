"""`mcp`: a tool of an MCP server that the operator has declared, or the list of its tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.durations import parse_duration, unreadable


class MCPConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `mcp` node."""

    server: str
    """Name of a server in `RUNFOLD_MCP__SERVERS`."""
    tool: str = ""
    """Name of the tool, as the server lists it."""
    arguments: dict[str, Any] = {}
    """The tool's arguments, by name."""
    preset: dict[str, Any] = {}
    """Arguments that the author fills in, of the tools that have them: they go before `arguments`,
    and models are not shown them."""
    list_tools: bool = False
    """Lists the server's tools instead of calling one."""
    timeout: float | str | None = None
    """For one call: seconds, or text such as `"90s"`; null: the server's."""
    FORM: ClassVar[Forms] = {
        "server": Form("text", ("time",)),
        "tool": Form("text", ("get_current_time",)),
        "arguments": Form("key_values", ({"timezone": "{{zone}}"},)),
        "preset": Form("key_values", ({"timezone": "Europe/Oslo"},), group="tools"),
        "list_tools": Form("boolean", group="tools"),
        "timeout": Form("duration", (30, "90s"), group="limits"),
    }


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from (Problem(*one) for one in unreadable(config, parse_duration, "timeout"))
    lists = config.get("list_tools", False)
    if lists is False and not config.get("tool"):
        yield Problem("tool", "name the tool to call, or set list_tools")
    if lists is True and config.get("tool"):
        yield Problem("tool", "list_tools calls no tool: leave it out")


KIND = register(
    Kind(
        type="mcp",
        group="http",
        extra="mcp",
        config=MCPConfig,
        summary="Call a tool of an MCP server",
        outputs=("text", "structured", "content", "files", "tools"),
        streams=True,
        rules=_rules,
        hints=Hints(
            category="web",
            output_types={
                "output": "any",
                "text": "string",
                "structured": "any",
                "content": "array",
                "files": "array",
                "tools": "array",
            },
        ),
    )
)
