"""`http_request` nodes: `calls` builds a request, `egress` sends it, `replies` reads the answer."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.http_request import KIND, HTTPRequestConfig
from runfold_executor_http.calls import call_for
from runfold_executor_http.outside import open_outside
from runfold_executor_http.replies import failed_status, outputs_of


async def run(ctx: NodeContext, config: HTTPRequestConfig, _inputs: dict[str, Any]) -> Outcome:
    """Send the request and return what it answered."""
    call = call_for(config, ctx.idempotency_key)
    reply = await ctx.resource.egress.send(call)
    if config.fail_on_status and reply.failed:
        raise failed_status(call.method, reply)
    return Outcome(outputs_of(reply, config.response_type))


NODE = NodeExecutor(KIND, run, open_on_bus=open_outside)
