"""A scheduler that dies before or after it tells of a run: the address is told, by one run."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from runfold.bus.run_log import RunLog
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold_scheduler.outbox.callbacks import due_callbacks
from tests.support.faults import chain, faulty

pytestmark = pytest.mark.slow

SERVICES = {"scheduler": "scheduler", "executor": "executor", "http": "executor-http"}


@pytest.mark.parametrize(
    "point",
    ["scheduler.telling=kill@2", "scheduler.told=kill@2", "scheduler.telling=kill@5"],
)
async def test_every_end_is_told(tmp_path: Path, point: str) -> None:
    bodies: list[bytes] = []

    async def handle(request: Request, responder: Responder) -> None:
        bodies.append(request.body)
        await responder.body(204, {}, b"")

    async with (
        LoopbackServer(handle) as server,
        faulty(
            tmp_path, SERVICES, {"scheduler": point}, RUNFOLD_HTTP__ALLOW_LOOPBACK="true"
        ) as here,
    ):
        told: dict[str, Any] = {
            "url": server.origin,
            "events": ["run_started", "run_succeeded"],
        }
        run_ids = await here.start({**chain(2), "settings": {"callbacks": [told]}}, 3)
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        for run_id in run_ids:
            assert (await here.ended(run_id)).status == "succeeded"
            state = (await RunLog(here.bus).folded(run_id)).state
            tells = due_callbacks(state)
            assert len(tells) == 2
            for one in tells:
                assert (await here.ended(one.run_id)).status == "succeeded"
    for run_id in run_ids:
        for event in ("run_started", "run_succeeded"):
            assert any(f'"{run_id}:{event}"'.encode() in body for body in bodies)
