"""Starting runs and looking at them: what the gateway and other programs share."""

from __future__ import annotations

import asyncio
import os
import time

from msgspec.structs import replace

from runfold.bus.ports import Bus
from runfold.client.viewer import RunViewer
from runfold.contracts.requests import AnswerRequest, CancelRequest, RunRequest
from runfold.engine.fold import Folder, Plans
from runfold.engine.view import RunView, run_view
from runfold.ids import run_id_for_key, uuid7


class RunClient:
    """Requests and answers over a bus.

    Args:
        bus: The bus.
        viewer: Follows runs; one of its own when not given.
    """

    def __init__(self, bus: Bus, viewer: RunViewer | None = None) -> None:
        self._bus = bus
        self._viewer = viewer or RunViewer(bus)
        self._plans = Plans()

    async def start(self, request: RunRequest) -> str:
        """Ask for a run; returns its id on the broker's ack.

        The id is chosen here, from the idempotency key when there is one, so that it is known
        whatever becomes of the answer.
        """
        run_id = request.run_id
        if not run_id and request.idempotency_key:
            run_id = run_id_for_key(request.workflow_id, request.idempotency_key)
        if not run_id:
            run_id = uuid7(int(time.time() * 1000), os.urandom(10))
        await self._bus.requests.send(replace(request, run_id=run_id))
        return run_id

    async def cancel(self, run_id: str, reason: str = "") -> None:
        """Ask for a run to be ended."""
        await self._bus.requests.send(CancelRequest(run_id=run_id, reason=reason))

    async def answer(self, request: AnswerRequest) -> None:
        """Answer a waiting node."""
        await self._bus.requests.send(request)

    async def get(self, run_id: str, *, until: int | None = None) -> RunView | None:
        """A run as its log has it; None when there is none such."""
        folder = Folder.fold(await self._bus.events.read_run(run_id, until=until), self._plans)
        return run_view(folder.plan, folder.state) if folder else None

    async def wait(self, run_id: str, timeout: float) -> RunView | None:
        """The run once it has ended; None when it has not within `timeout` seconds."""

        async def to_the_end() -> None:
            async for _ in self._viewer.follow(run_id):
                pass

        try:
            await asyncio.wait_for(to_the_end(), timeout)
        except TimeoutError:
            return None
        return await self.get(run_id)
