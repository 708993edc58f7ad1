"""How long it takes to fold a run of a hundred thousand events: from its log, and by a snapshot."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.engine.history.snapshot import snapshot
from runfold.errors import BusUnavailable
from runfold.graph.loader import canonical_bytes, prepare

EVENTS = 100_000
UNDER_WAY = 2_000
RUN = "bench-long-run"


async def fold_times(bus: Bus) -> dict[str, Any]:
    """Milliseconds to fold the run from its log, and from a snapshot."""
    await _write(bus)
    began = time.perf_counter()
    folder = await RunLog(bus).find(RUN)
    cold = time.perf_counter() - began
    if folder is None or folder.read_seq < EVENTS:
        raise BusUnavailable("the long run cannot be read whole")
    body = snapshot(folder)
    await bus.snapshots.put(RUN, body)
    runs = RunLog(bus)
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        again = await runs.find(RUN)
        taken.append(time.perf_counter() - began)
        if again is None or again.state != folder.state:
            raise BusUnavailable("the snapshot gave another state")
    return {
        "fold_100k_events_cold_ms": round(cold * 1e3),
        "fold_100k_events_snapshot_ms": round(sorted(taken)[2] * 1e3, 1),
        "snapshot_bytes": len(body),
    }


async def _write(bus: Bus) -> None:
    """A loop's run, four events an item, as the services would have written it."""
    items = (EVENTS - 2) // 4 + 1
    config = {"items": list(range(items)), "nodes": [{"id": "n", "type": "noop"}]}
    document = {"id": "bench_long", "nodes": [{"id": "each", "type": "loop", "config": config}]}
    workflow, _ = prepare(document)
    await bus.events.start_run(
        e.RunStarted(
            id=f"{RUN}:start",
            run_id=RUN,
            workflow_id=workflow.id,
            definition=msgspec.Raw(canonical_bytes(workflow)),
        )
    )
    loop: dict[str, Any] = {"run_id": RUN, "workflow_id": workflow.id, "node_id": "each"}
    await bus.events.append(
        e.LoopStarted(id=f"{RUN}:each", items=config["items"], concurrency=1, **loop)  # type: ignore[arg-type]
    )
    sent: list[Any] = []
    for index in range(items):
        about: dict[str, Any] = {**loop, "node_id": "n", "scope": f"each[{index}]"}
        key = f"{RUN}:each[{index}]/n:1"
        written = (
            e.LoopNext(id=f"{RUN}:each:{index}", index=index, **loop),
            e.NodeRunStarted(id=f"{key}:started", **about),
            e.NodeRunSucceeded(id=f"{key}:succeeded", outputs={"output": index}, **about),
            e.LoopItemSucceeded(id=f"{RUN}:each:{index}:ended", index=index, output=index, **loop),
        )
        sent += [bus.events.append(event) for event in written]
        if len(sent) > UNDER_WAY:
            await asyncio.gather(*sent)
            sent.clear()
    await asyncio.gather(*sent)
