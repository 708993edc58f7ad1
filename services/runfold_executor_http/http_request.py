"""`http_request` nodes: `calls` builds a request, `egress` sends it, `replies` reads the answer."""

from __future__ import annotations

from typing import Any

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.http_request import KIND, HTTPRequestConfig
from runfold_executor_http.calls import call_for
from runfold_executor_http.connections import Use
from runfold_executor_http.outside import Outside, open_outside
from runfold_executor_http.received import kept_as_file
from runfold_executor_http.replies import Reply, failed_status, outputs_of
from runfold_executor_http.sending import sending_of
from runfold_executor_http.signing import signed


async def run(ctx: NodeContext, config: HTTPRequestConfig, _inputs: dict[str, Any]) -> Outcome:
    """Send the request and return what it answered."""
    call = call_for(config, ctx.idempotency_key, await sending_of(config, ctx.files))
    if config.sign is not None:
        call = signed(call, config.sign, ctx)
    outside: Outside = ctx.resource
    if config.connection:
        reply = await outside.connections.send(call, (Use(config.connection),))
    else:
        reply = await outside.egress.send(call)
    if config.fail_on_status and reply.failed:
        raise failed_status(call.method, reply)
    return Outcome(await _outputs(reply, config.response_type, ctx))


async def _outputs(reply: Reply, wanted: str, ctx: NodeContext) -> dict[str, Any]:
    outputs = outputs_of(reply, "base64" if wanted == "file" else wanted)
    file = None
    if wanted == "file" or (wanted == "auto" and outputs["body_encoding"] == "base64"):
        file = await kept_as_file(reply, ctx.files)
        outputs |= {"body": file, "body_encoding": "file"}
    return {**outputs, "file": file}


NODE = NodeExecutor(KIND, run, open_on_bus=open_outside)
