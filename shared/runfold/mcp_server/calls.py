"""A call of a tool: one run, from its request to its end. Nothing here knows the SDK."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from runfold.background import end, until
from runfold.bus.ports.bus import Bus
from runfold.bus.viewer import RunViewer, TooSlow
from runfold.client.hub import SharedLive
from runfold.client.refusals import refused
from runfold.client.runs import RunClient
from runfold.contracts.events import (
    NodeRunSucceeded,
    NodeRunWaiting,
    Recorded,
    RecordedChunk,
)
from runfold.contracts.json_writer import write_json
from runfold.contracts.requests import RunRequest
from runfold.definitions.parts import calls_of, stored_parts
from runfold.definitions.store import DefinitionStore
from runfold.engine.views.runs import RunView
from runfold.errors import Conflict, InvalidRequest, RunfoldError
from runfold.graph.inputs import bind_inputs
from runfold.graph.loader import workflow_from_canonical
from runfold.ids import address_of
from runfold.mcp_server.tools import WorkflowTool

Tell = Callable[[str], Awaitable[None]]
"""Told what happens, a line at a time."""

REASON = "the MCP client cancelled the call"
LONGEST = 2000
"""Characters of one report."""

log = structlog.get_logger("mcp_server")


class Calls:
    """Begins runs for calls, and sees them to their end.

    Args:
        bus: The bus.
        definitions: Where workflows are stored.
    """

    def __init__(self, bus: Bus, definitions: DefinitionStore) -> None:
        self._bus = bus
        self._definitions = definitions
        self._viewer = RunViewer(bus, live=SharedLive(bus.live))
        self._runs = RunClient(bus, self._viewer)
        self._cancelling: set[asyncio.Task[None]] = set()
        self._ends = asyncio.Event()

    async def close(self) -> None:
        """Answer the calls under way, whose runs go on, and tell the runs of cancelled ones."""
        self._ends.set()
        await asyncio.gather(*self._cancelling, return_exceptions=True)

    async def run(
        self, tool: WorkflowTool, arguments: dict[str, Any], *, key: str, tell: Tell
    ) -> RunView:
        """The run of a call, once it has ended. Cancelling this cancels the run.

        Args:
            tool: The workflow.
            arguments: Its inputs.
            key: The same for every delivery of the same call; empty: a call of its own.
            tell: Told what happens.

        Raises:
            InvalidInputs: The arguments do not fit.
            InvalidRequest: The request was refused.
            RunfoldError: It cannot be begun, or seen to.
        """
        stored = await self._definitions.runnable(tool.workflow_id)
        workflow = workflow_from_canonical(stored.body)
        bind_inputs(workflow, arguments)
        await stored_parts(self._definitions, calls_of(workflow))
        asked = await self._runs.ask(
            RunRequest(
                workflow_id=tool.workflow_id,
                inputs=arguments,
                version=stored.version,
                idempotency_key=_key(key, arguments),
            )
        )
        try:
            await self._to_the_end(asked.run_id, asked.seq, tell)
        except asyncio.CancelledError:
            if not self._ends.is_set():
                # This task may be cancelled once more while it waits: it goes on beside it.
                cancelling = asyncio.create_task(self._cancel(asked.run_id), name="mcp cancel")
                self._cancelling.add(cancelling)
                cancelling.add_done_callback(self._cancelling.discard)
            raise
        view = await self._runs.get(asked.run_id)
        if view is None:
            message = f"run {asked.run_id!r} has ended, and its log is gone"
            raise RunfoldError(message, code="run.gone")
        return view

    async def _to_the_end(self, run_id: str, seq: int, tell: Tell) -> None:
        following = asyncio.create_task(self._follow(run_id, tell))
        refusing = asyncio.create_task(refused(self._bus, run_id, seq=seq))
        try:
            await until(self._ends, following, refusing)
            if following.done():
                following.result()
            elif refusing.done():
                raise InvalidRequest(refusing.result().reason, code="request.refused")
            else:
                message = (
                    f"run {run_id!r} goes on, but the server that it was called through stops: "
                    "look at the run, or call again with the same idempotency key"
                )
                raise Conflict(message, code="run.not_ended")
        finally:
            await end(following, refusing)

    async def _follow(self, run_id: str, tell: Tell) -> None:
        event, chunk = 0, 0
        while True:
            try:
                async for message in self._viewer.follow(
                    run_id, after_event=event, after_chunk=chunk
                ):
                    if isinstance(message, RecordedChunk):
                        chunk = message.seq
                        if message.chunk.text:
                            await tell(message.chunk.text[:LONGEST])
                    else:
                        event = message.seq
                        if said := _said(message):
                            await tell(said)
            except TooSlow:
                continue  # from the last place on
            return

    async def _cancel(self, run_id: str) -> None:
        try:
            await self._runs.cancel(run_id, REASON)
        except RunfoldError as error:
            log.warning("run not cancelled", run_id=run_id, reason=error.message)


def _said(record: Recorded) -> str:
    """What is told of an event; of most nothing."""
    match record.event:
        case NodeRunSucceeded() as event:
            return f"node {address_of(event.scope, event.node_id)} succeeded"
        case NodeRunWaiting() as event:
            return f"node {address_of(event.scope, event.node_id)} waits for an answer"
        case _:
            return ""


def _key(key: str, arguments: dict[str, Any]) -> str:
    """The idempotency key of a call's run: other arguments are another call."""
    if not key:
        return ""
    digest = hashlib.sha256(key.encode() + b"\0" + write_json(arguments)).hexdigest()
    return f"mcp:{digest}"
