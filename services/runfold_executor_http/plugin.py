"""`plugin` nodes: operations of OpenAPI documents, listed for models or called."""

from __future__ import annotations

import asyncio
from typing import Any

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.plugin import KIND, PluginConfig
from runfold.openapi.checking import answer_warnings
from runfold.openapi.document import Broken, Document
from runfold.openapi.operations import Operation, Operations
from runfold.openapi.security import Alternative, alternatives, shown
from runfold.openapi.tools import MOST_TOOLS, tool_of
from runfold_executor_http.connections import Use
from runfold_executor_http.outside import Outside, open_outside
from runfold_executor_http.plugin_calls import call_for
from runfold_executor_http.plugin_documents import broken_part
from runfold_executor_http.received import kept_as_file
from runfold_executor_http.replies import Reply, failed_status, outputs_of

MOST_CHECKED = 256 * 1024
"""Bytes of an answer up to which it is checked against its schema."""
_NAMED = 20
"""Operations that a message names."""


async def run(ctx: NodeContext, config: PluginConfig, _inputs: dict[str, Any]) -> Outcome:
    """List operations, or call one and return what it answered."""
    outside: Outside = ctx.resource
    try:
        operations, source = await _operations(outside, config)
        if config.list_tools:
            return Outcome({"tools": await asyncio.to_thread(_tools, operations, config)})
        operation = _known(operations, config.operation)
        call = await call_for(ctx, config, operations.document, operation, source)
        wanted = alternatives(operations.document, operation)
        reply = await outside.connections.send(call, _uses(config, operation, wanted))
        if config.fail_on_status and reply.failed:
            raise _failed(call.method, reply, config, wanted)
        return Outcome(await _outputs(ctx, operations.document, operation, reply))
    except Broken as broken:
        raise broken_part(broken) from broken


async def _operations(outside: Outside, config: PluginConfig) -> tuple[Operations, str]:
    """The operations of a node's document, and the URL that came from."""
    if config.document is not None:
        return Operations(Document(config.document)), ""
    stored = await outside.documents.find(config.plugin)
    return stored.operations, stored.version.source


def _uses(
    config: PluginConfig, operation: Operation, wanted: tuple[Alternative, ...]
) -> tuple[Use, ...]:
    """The connections of a request, and which schemes of the document they are to be."""
    if isinstance(config.connection, str):
        alone = tuple(one[0] for one in wanted if len(one) == 1)
        if config.connection and wanted and not alone and () not in wanted:
            message = (
                f"operation {operation.id!r} wants several credentials together: give "
                f"`connection` as scheme → connection, for {shown(wanted)}"
            )
            raise NodeFailed(message, code="connection.unfit", kind="input")
        return (Use(config.connection, alone),) if config.connection else ()
    schemes = {scheme.id: scheme for each in wanted for scheme in each}
    for name in config.connection:
        if name not in schemes:
            message = f"operation {operation.id!r} has no security scheme {name!r}: {shown(wanted)}"
            raise NodeFailed(message, code="connection.unfit", kind="input")
    return tuple(Use(one, (schemes[name],)) for name, one in config.connection.items())


def _failed(
    method: str, reply: Reply, config: PluginConfig, wanted: tuple[Alternative, ...]
) -> NodeFailed:
    failure = failed_status(method, reply)
    if failure.kind == "auth" and not config.connection and wanted and () not in wanted:
        failure.message += f" (the document wants {shown(wanted)}, and no `connection` is given)"
    return failure


def _known(operations: Operations, name: str) -> Operation:
    operation = operations.find(name)
    if operation is not None:
        return operation
    known = operations.ids
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    title = operations.document.title or "the document"
    message = f"{title} has no operation {name!r}; it has: {', '.join(known[:_NAMED])}{more}"
    details = {"operation": name}
    raise NodeFailed(message, code="plugin.unknown_operation", kind="input", details=details)


def _tools(operations: Operations, config: PluginConfig) -> list[dict[str, Any]]:
    names = config.operations or operations.ids
    if len(names) > MOST_TOOLS:
        message = (
            f"the document has {len(names)} operations, and models take up to {MOST_TOOLS} tools: "
            "name in `operations` those that are wanted"
        )
        raise NodeFailed(message, code="plugin.too_many_operations", kind="limit")
    given = (*config.parameters, *config.preset)
    return [tool_of(operations.document, _known(operations, name), given) for name in names]


async def _outputs(
    ctx: NodeContext, document: Document, operation: Operation, reply: Reply
) -> dict[str, Any]:
    read = outputs_of(reply, "auto")
    output, files = read["body"], []
    warnings: list[str] = []
    content_type = reply.headers.get("content-type", "")
    if read["body_encoding"] == "base64":
        output = await kept_as_file(reply, ctx.files)
        files.append(output)
    elif len(reply.body) > MOST_CHECKED:
        warnings.append(f"the answer was not checked: it is larger than {MOST_CHECKED} bytes")
    else:
        warnings += await asyncio.to_thread(
            answer_warnings, document, operation, reply.status, content_type, output
        )
    return {
        "output": output,
        "status_code": reply.status,
        "headers": reply.headers,
        "url": reply.url,
        "files": files,
        "warnings": warnings,
    }


NODE = NodeExecutor(KIND, run, open_on_bus=open_outside)
