"""From a `plugin` node's configuration to the request that is sent."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext
from runfold.graph.kinds.plugin import PluginConfig
from runfold.openapi.arguments import Arguments, with_preset
from runfold.openapi.checking import argument_problems
from runfold.openapi.document import Document
from runfold.openapi.operations import Operation
from runfold.openapi.requests import Part, Request, Unfit, built
from runfold.openapi.servers import base_url
from runfold.values.durations import parse_duration
from runfold.values.json_text import text_of
from runfold_executor_http.calls import Call, checked_headers
from runfold_executor_http.multipart import Piece, multipart
from runfold_executor_http.sending import Sending

_FILE = "application/octet-stream"


async def call_for(
    ctx: NodeContext, config: PluginConfig, document: Document, operation: Operation, source: str
) -> Call:
    """The request for an operation, before who asks is said.

    Args:
        ctx: The attempt.
        config: The node's configuration.
        document: The OpenAPI document.
        operation: The operation in it.
        source: Where the document came from.

    Raises:
        NodeFailed: `plugin.parameters`, `http.invalid`: it cannot be sent.
        Broken: The document says something that cannot be used.
    """
    # A document may be so large that its schemas take a while.
    request = await asyncio.to_thread(_built, config, document, operation)
    base = base_url(
        operation, server=config.server, variables=config.server_variables, source=source
    )
    sending = await _sending(ctx, request)
    media_type = sending.content_type if sending else request.media_type
    timeout = parse_duration(config.timeout)
    if timeout <= 0:
        message = "timeout must be over 0"
        raise NodeFailed(message, code="http.invalid", kind="input")
    return Call(
        method=request.method,
        url=base + request.target,
        headers=_headers(config, request, media_type, _accepted(operation), ctx.idempotency_key),
        content=request.content,
        sending=sending,
        timeout=timeout,
        verify=config.verify_tls,
        max_bytes=config.max_bytes,
    )


def _built(config: PluginConfig, document: Document, operation: Operation) -> Request:
    arguments = Arguments(document, operation)
    values = with_preset(arguments, config.parameters, config.preset)
    if problems := argument_problems(arguments, values):
        raise _misfit(operation, problems)
    try:
        return built(arguments, values)
    except Unfit as unfit:
        raise _misfit(operation, [str(unfit)]) from unfit


async def _sending(ctx: NodeContext, request: Request) -> Sending | None:
    """A body with files in it; None of any other."""
    if request.file is not None:
        file = await ctx.files.checked(request.file)
        return Sending(ctx.files, [file], request.media_type)
    if request.parts is not None:
        return Sending(ctx.files, *multipart([await _piece(ctx, one) for one in request.parts]))
    return None


async def _piece(ctx: NodeContext, part: Part) -> Piece:
    if part.file is None:
        media = part.media_type or (_FILE if part.filename else "")
        return Piece(part.name, part.text.encode(), part.filename, media)
    file = await ctx.files.checked(part.file)
    return Piece(part.name, file, file.name, part.media_type or file.media_type)


def _headers(
    config: PluginConfig, request: Request, media_type: str, accepted: str, key: str
) -> dict[str, str]:
    """The author's headers go before those that follow from the document."""
    pairs = [(name, text_of(one)) for name, one in config.headers.items() if one is not None]
    pairs += request.headers
    if request.cookies:
        cookies = "; ".join(f"{quote(name, safe='')}={text}" for name, text in request.cookies)
        pairs.append(("cookie", cookies))
    if config.idempotency_header:
        pairs.append((config.idempotency_header, key))
    present = {name.lower() for name, _ in pairs}
    if media_type and "content-type" not in present:
        pairs.append(("content-type", media_type))
    if accepted and "accept" not in present:
        pairs.append(("accept", accepted))
    return checked_headers(pairs)


def _accepted(operation: Operation) -> str:
    """What answers are wanted: JSON, where the operation has it among others."""
    media = [
        name
        for response in operation.responses.values()
        if isinstance(response, dict) and isinstance(response.get("content"), dict)
        for name in response["content"]
    ]
    return "application/json, */*;q=0.1" if "application/json" in media else ""


def _misfit(operation: Operation, problems: list[str]) -> NodeFailed:
    message = f"operation {operation.id!r} cannot be called: {'; '.join(problems)}"
    details: dict[str, Any] = {"operation": operation.id, "problems": problems}
    return NodeFailed(message, code="plugin.parameters", kind="input", details=details)
