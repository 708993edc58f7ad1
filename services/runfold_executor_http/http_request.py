"""`http_request` nodes: `calls` builds a request, `egress` sends it, `replies` reads the answer."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds.http_request import KIND, HTTPRequestConfig
from runfold.settings import Settings
from runfold_executor_http.calls import call_for
from runfold_executor_http.egress import Egress
from runfold_executor_http.replies import failed_status, outputs_of

_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Egress]] = WeakKeyDictionary()
"""A cache, by settings: connections belong to the loop they were opened in."""


def _egress(settings: Settings) -> Egress:
    doors = _doors.setdefault(asyncio.get_running_loop(), {})
    key = settings.http.model_dump_json()
    if key not in doors:
        doors[key] = Egress(settings.http)
    return doors[key]


async def run(ctx: NodeContext, config: HTTPRequestConfig, _inputs: dict[str, Any]) -> Outcome:
    """Send the request and return what it answered."""
    call = call_for(config, ctx.idempotency_key)
    reply = await _egress(ctx.settings).send(call)
    if config.fail_on_status and reply.failed:
        raise failed_status(call.method, reply)
    return Outcome(outputs_of(reply, config.response_type))


async def close() -> None:
    """Give the connections back."""
    for door in _doors.pop(asyncio.get_running_loop(), {}).values():
        await door.aclose()


NODE = NodeExecutor(KIND, run, close=close)
