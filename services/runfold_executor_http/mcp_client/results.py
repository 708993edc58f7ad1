"""What a tool answered, as outputs of a node; and its server's tools as a model is told of them.

Imports the SDK: import it lazily.
"""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
from collections.abc import Awaitable, Callable
from typing import Any

from mcp import types

from runfold.contracts.secrecy import masked
from runfold.errors import NodeFailed
from runfold.values.json_schema import schema_problem
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.servers import Target

Write = Callable[[bytes, str, str], Awaitable[dict[str, Any]]]
"""Bytes, name and media type to a file value."""


async def outputs_of(
    target: Target, tool: str, result: types.CallToolResult, write: Write
) -> dict[str, Any]:
    """The outputs of a call that succeeded.

    Raises:
        NodeFailed: `mcp.protocol`, when a part of the result cannot be read.
    """
    content = [await _part(target, tool, block, write) for block in result.content]
    text = "\n".join(part["text"] for part in content if part.get("text"))
    structured = result.structured_content
    return {
        "output": _output(text, structured),
        "text": text,
        "structured": structured,
        "content": content,
        "files": [part["file"] for part in content if "file" in part],
    }


def text_of(result: types.CallToolResult) -> str:
    """The texts of a result, such as why it failed."""
    return "\n".join(one.text for one in result.content if isinstance(one, types.TextContent))


def _output(text: str, structured: Any) -> Any:
    """What a model is told: the structured result where there is one, else the text.

    Servers that declare no shape wrap a plain value as `{"result": value}` beside its text.
    """
    if structured is None:
        return text
    if isinstance(structured, dict) and structured.keys() == {"result"}:
        plain = structured["result"]
        if plain == text or _written(plain) == text:
            return plain
    return structured


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


async def _part(target: Target, tool: str, block: Any, write: Write) -> dict[str, Any]:
    match block:
        case types.TextContent():
            return {"type": "text", "text": block.text}
        case types.ImageContent() | types.AudioContent():
            kind = block.type
            file = await _file(target, tool, kind, block.data, block.mime_type, write)
            return {"type": kind, "file": file}
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return {
                "type": "resource",
                "uri": str(resource.uri),
                "media_type": resource.mime_type or "",
                "text": resource.text,
            }
        case types.EmbeddedResource(resource=types.BlobResourceContents() as resource):
            uri, media_type = str(resource.uri), resource.mime_type or ""
            name = uri.rstrip("/").rpartition("/")[2] or "resource"
            file = await _file(target, tool, name, resource.blob, media_type, write)
            return {"type": "resource", "uri": uri, "media_type": media_type, "file": file}
        case types.ResourceLink():
            return {
                "type": "resource_link",
                "uri": str(block.uri),
                "name": block.name,
                "description": block.description or "",
                "media_type": block.mime_type or "",
            }
        case _:
            return {"type": str(getattr(block, "type", "unknown"))}


async def _file(
    target: Target, tool: str, name: str, data: str, media_type: str, write: Write
) -> dict[str, Any]:
    try:
        # Some servers break lines, as base64 in mail has them.
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        reason = f"tool {tool!r} answered with {name} that is not base64"
        raise failures.protocol(target.name, reason) from error
    if "." not in name:
        name += mimetypes.guess_extension(media_type) or ""
    return await write(content, name, media_type or "application/octet-stream")


def is_repeatable(target: Target, tool: types.Tool) -> bool:
    """Whether a tool may be called again when its answer was lost."""
    says = tool.annotations
    annotated = says is not None and bool(says.read_only_hint or says.idempotent_hint)
    return annotated or target.says_repeatable(tool.name)


def listed(
    target: Target, tools: dict[str, types.Tool], preset: dict[str, Any]
) -> list[dict[str, Any]]:
    """Tools as a model is told of them, without the arguments that the author fills in."""
    return [
        {
            "name": tool.name,
            "description": tool.description or tool.title or "",
            "parameters": _without(tool.input_schema, preset),
            "repeatable": is_repeatable(target, tool),
        }
        for tool in tools.values()
    ]


def filled_in(
    tool: types.Tool, arguments: dict[str, Any], preset: dict[str, Any]
) -> dict[str, Any]:
    """A call's arguments, those that the author fills in among them where the tool has them."""
    known = _properties(tool.input_schema)
    return {**arguments, **{name: value for name, value in preset.items() if name in known}}


def _without(schema: dict[str, Any], preset: dict[str, Any]) -> dict[str, Any]:
    known = _properties(schema)
    if not preset.keys() & known.keys():
        return schema
    kept = {name: part for name, part in known.items() if name not in preset}
    required = schema.get("required")
    left = [one for one in required if one not in preset] if isinstance(required, list) else []
    return {**schema, "properties": kept, "required": left}


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def tool_named(target: Target, tools: dict[str, types.Tool], name: str) -> types.Tool | None:
    """A tool that can be called; None when there is none of that name.

    Raises:
        NodeFailed: `mcp.tool_not_allowed` or `mcp.schema_invalid`.
    """
    if not target.offers(name):
        message = f"tool {name!r} is not among those that the operator allows"
        raise failures.failed(target.name, "tool_not_allowed", message, kind="input", tool=name)
    tool = tools.get(name)
    if tool is not None and (problem := schema_problem(tool.input_schema)):
        message = f"the schema of tool {name!r} cannot be used: {problem}"
        raise failures.failed(target.name, "schema_invalid", message, kind="server", tool=name)
    return tool


def unknown_tool(target: Target, tools: dict[str, types.Tool], name: str) -> NodeFailed:
    """There is no tool of that name."""
    known = masked(", ".join(sorted(tools))) or "none"
    message = f"it has no tool {name!r}; it has: {known[: failures.SHOWN]}"
    return failures.failed(target.name, "unknown_tool", message, kind="input", tool=name)
