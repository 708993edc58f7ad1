"""`http_request` nodes: `calls` builds a request, `egress` sends it, `replies` reads the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.http_request import KIND, HTTPRequestConfig
from runfold.settings import Settings
from runfold_executor_http.calls import call_for
from runfold_executor_http.egress import Egress
from runfold_executor_http.replies import failed_status, outputs_of


@asynccontextmanager
async def open_egress(settings: Settings) -> AsyncIterator[Egress]:
    """The door to the outside, with its connections."""
    egress = Egress(settings.http)
    try:
        yield egress
    finally:
        await egress.aclose()


async def run(ctx: NodeContext, config: HTTPRequestConfig, _inputs: dict[str, Any]) -> Outcome:
    """Send the request and return what it answered."""
    call = call_for(config, ctx.idempotency_key)
    reply = await ctx.resource.send(call)
    if config.fail_on_status and reply.failed:
        raise failed_status(call.method, reply)
    return Outcome(outputs_of(reply, config.response_type))


NODE = NodeExecutor(KIND, run, open_egress)
