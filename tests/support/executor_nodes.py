"""Node kinds for executor tests; also loaded by processes through RUNFOLD_NODE_MODULES."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from runfold.errors import NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind


class ProbeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the probe does."""

    do: str = "echo"
    value: Any = None
    times: int = 1


def first_at(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


async def run(ctx: NodeContext, config: ProbeConfig, _inputs: dict[str, Any]) -> Outcome:
    match config.do:
        case "hang":
            await asyncio.Event().wait()
        case "hang_once":
            # The first process to come here hangs; the next one finds its mark and goes on.
            if first_at(Path(config.value)):
                await asyncio.Event().wait()
        case "sleep":
            await asyncio.sleep(config.value)
        case "stream":
            for index in range(config.times):
                await ctx.stream(f"{index} ", kind="reasoning" if index % 10 == 0 else "text")
                if index % 7 == 0:
                    await asyncio.sleep(0)
        case "fail":
            raise NodeFailed(str(config.value), code="probe.failed", kind="server", retryable=True)
        case "bug":
            raise ZeroDivisionError(str(config.value))
        case "big":
            return Outcome({"output": "x" * config.times})
        case _:
            pass
    return Outcome({"output": config.value, "key": ctx.idempotency_key})


KIND = Kind(
    type="probe", group="probes", config=ProbeConfig, summary="Does what a test wants", streams=True
)
NODE = NodeExecutor(KIND, run)
