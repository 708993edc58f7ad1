"""The same code as separate processes: work is shared, and a killed process is not missed."""

from __future__ import annotations

import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.viewer import RunViewer
from runfold.cli.processes import service
from runfold.client.runs import RunClient
from runfold.contracts.events import NodeRunStarted, NodeRunSucceeded, Recorded
from runfold.contracts.requests import RunRequest
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings

BRANCHES = 6
SLOW = """
total = 0
for i in range(2_000_000):
    total += i
result = total
"""


def parallel() -> RunRequest:
    nodes: list[dict[str, Any]] = [
        {"id": f"b{i}", "type": "code", "config": {"code": SLOW}, "timeout": "60s"}
        for i in range(BRANCHES)
    ]
    edges = [{"source": node["id"], "target": "end"} for node in nodes]
    document = {"id": "p", "nodes": [*nodes, {"id": "end", "type": "end"}], "edges": edges}
    workflow, _ = prepare(document)
    return RunRequest(workflow_id="p", definition=msgspec.Raw(canonical_bytes(workflow)))


async def test_two_executors_share_a_run_and_one_of_them_may_be_killed(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedNats(tmp_path))
        limits = {"RUNFOLD_ACK_WAIT": "1", "RUNFOLD_CONCURRENCY": "1"}
        await stack.enter_async_context(service("scheduler", server.url))
        first = await stack.enter_async_context(service("executor-code", server.url, **limits))
        second = await stack.enter_async_context(service("executor-code", server.url, **limits))
        bus = await connect(Settings(nats_url=server.url))
        stack.push_async_callback(bus.close)
        runs = RunClient(bus)

        run_id = await runs.start(parallel())
        view = await runs.wait(run_id, 60)
        assert view is not None
        assert view.status == "succeeded", view.error
        assert executors_of(await bus.events.read_run(run_id)) >= {first.pid, second.pid}

        run_id = await runs.start(parallel())
        killed = False
        async for message in RunViewer(bus).follow(run_id):
            event = message.event if isinstance(message, Recorded) else None
            if isinstance(event, NodeRunStarted) and pid_of(event) == first.pid and not killed:
                os.kill(first.pid, signal.SIGKILL)
                killed = True
        assert killed
        view = await runs.get(run_id)
        assert view is not None
        assert view.status == "succeeded", view.error
        records = await bus.events.read_run(run_id)
        ended = [r.event.node_id for r in records if isinstance(r.event, NodeRunSucceeded)]
        assert sorted(set(ended)) == sorted(ended)
        started = [r.event for r in records if isinstance(r.event, NodeRunStarted)]
        assert len(started) > BRANCHES, "what the killed one had begun was given to the other"


def pid_of(event: NodeRunStarted) -> int:
    return int(event.executor.rpartition(":")[2])


def executors_of(records: list[Recorded]) -> set[int]:
    return {pid_of(r.event) for r in records if isinstance(r.event, NodeRunStarted)}
