"""Starting runs and looking at them: what the gateway and other programs share."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.bus.uploads import checked_files
from runfold.bus.viewer import RunViewer
from runfold.cases.from_run import MadeCase, case_of
from runfold.client.node_inputs import node_of_log
from runfold.contracts.callbacks import check_callbacks
from runfold.contracts.events import Recorded
from runfold.contracts.labels import check_labels
from runfold.contracts.requests import (
    AnswerRequest,
    CancelRequest,
    ForkRequest,
    PauseRequest,
    ResumeRequest,
    RetryRequest,
    RunRequest,
    SignalRequest,
)
from runfold.definitions.pinning import Pinning
from runfold.engine.accept.answers import accepted
from runfold.engine.accept.control import check_pause, check_resume, check_retry, forked_at
from runfold.engine.accept.state_machines import machine_with
from runfold.engine.evolve.compensation import counts
from runfold.engine.history.fold import Folder, Plans, beginning
from runfold.engine.views.attempts import followed
from runfold.engine.views.documents import NodeDocument
from runfold.engine.views.runs import RunView, run_view
from runfold.errors import Conflict, UnknownRun
from runfold.graph.definition import Workflow
from runfold.graph.external import checked_event_id, checked_subject
from runfold.graph.inputs import bind_inputs
from runfold.ids import run_id_for_key, run_of_review, uuid7

SETTLED_WITHIN = 3.0
"""Seconds in which a scheduler is given to carry out an answer."""
NO_CHUNKS = 2**62
"""A place behind all chunks."""


class Asked(NamedTuple):
    """A run that was asked for."""

    run_id: str
    seq: int
    """The request's place in REQUESTS."""


class RunClient:
    """Requests and answers over a bus.

    Args:
        bus: The bus.
        viewer: Follows runs; one of its own when not given.
    """

    def __init__(self, bus: Bus, viewer: RunViewer | None = None) -> None:
        self._bus = bus
        self._viewer = viewer or RunViewer(bus)
        self._runs = RunLog(bus)
        self._pinning = Pinning(bus)

    async def start(self, request: RunRequest) -> str:
        """Ask for a run; returns its id on the broker's ack. As `ask`."""
        return (await self.ask(request)).run_id

    async def ask(self, request: RunRequest) -> Asked:
        """Ask for a run.

        The id is chosen here, from the idempotency key when there is one, so that it is known
        also when the answer is lost.

        Raises:
            InvalidRequest: Labels or callbacks that cannot be.
            InvalidFile: A file of the inputs that is not one, or whose bytes are not there.
        """
        check_labels(request.labels)
        check_callbacks(request.callbacks)
        inputs = await checked_files(self._bus.files, request.inputs, "inputs")
        run_id = request.run_id
        if not run_id and request.idempotency_key:
            run_id = run_id_for_key(request.workflow_id, request.idempotency_key)
        if not run_id:
            run_id = fresh_run_id()
        ack = await self._bus.requests.send(replace(request, run_id=run_id, inputs=inputs))
        return Asked(run_id, ack.seq)

    async def cancel(self, run_id: str, reason: str = "") -> None:
        """Ask for a run to be ended."""
        await self._bus.requests.send(CancelRequest(run_id=run_id, reason=reason))

    async def pause(self, run_id: str, reason: str = "") -> None:
        """Ask for a run to begin nothing new.

        Raises:
            NotFound: No such run.
            Conflict: It is not running.
        """
        check_pause((await self._runs.folded(run_id)).state)
        await self._bus.requests.send(PauseRequest(run_id=run_id, reason=reason))

    async def resume(self, run_id: str) -> None:
        """Ask for a paused run to go on.

        Raises:
            NotFound: No such run.
            Conflict: It is not paused.
        """
        check_resume((await self._runs.folded(run_id)).state)
        await self._bus.requests.send(ResumeRequest(run_id=run_id))

    async def retry(
        self, run_id: str, *, from_node: str = "", version: str = "", new_run_id: str = ""
    ) -> str:
        """Ask for an ended run to be run again from a node on; returns the new run's id.

        Raises:
            NotFound: No such run, node or version.
            Conflict: The run has not ended, or nothing in it failed and no node is named.
            InvalidInputs: The run's inputs do not fit the wanted version.
            InvalidWorkflow: The wanted version no longer passes the checks.
        """
        records, folder = await self._runs.history(run_id)
        check_retry(folder.state, from_node)
        workflow, inputs = await self._pinned(records, version)
        if version:
            bind_inputs(workflow, inputs)
        request = RetryRequest(
            run_id=run_id,
            from_node=from_node,
            version=version,
            new_run_id=new_run_id or fresh_run_id(),
        )
        await self._bus.requests.send(request)
        return request.new_run_id

    async def fork(
        self,
        run_id: str,
        at: int,
        *,
        inputs: dict[str, Any] | Callable[[Workflow], dict[str, Any]] | None = None,
        version: str = "",
        new_run_id: str = "",
    ) -> str:
        """Ask for a new run from what a run was at one of its events; returns the new run's id.

        Args:
            run_id: The run.
            at: A sequence; the run's newest event up to there counts.
            inputs: Changed inputs, or what tells them once the definition is known.
            version: Another version to go on with.
            new_run_id: The new run's id.

        Raises:
            NotFound: No such run or version.
            InvalidRequest: The run has no event up to that sequence.
            InvalidInputs: Changed inputs that do not fit.
            InvalidFile: A file of theirs that is not one, or whose bytes are not there.
            InvalidWorkflow: The wanted version no longer passes the checks.
        """
        records = await self._runs.records(run_id)
        at = forked_at(run_id, records, at)
        workflow, before = await self._pinned(records, version)
        changed = inputs(workflow) if callable(inputs) else inputs
        bind_inputs(workflow, before | (changed or {}))
        changed = await checked_files(self._bus.files, changed, "inputs")
        request = ForkRequest(
            run_id=run_id,
            at=at,
            inputs=changed,
            version=version,
            new_run_id=new_run_id or fresh_run_id(),
        )
        await self._bus.requests.send(request)
        return request.new_run_id

    async def answer(self, request: AnswerRequest) -> None:
        """Answer a waiting node.

        Raises:
            InvalidFile: A file of its values that is not one, or whose bytes are not there.
        """
        values = await checked_files(self._bus.files, request.values, "values")
        await self._bus.requests.send(replace(request, values=values))

    async def signal(self, request: SignalRequest) -> None:
        """Tell of an event: every node that waits for such a one goes on.

        Raises:
            InvalidRequest: Its subject or its id cannot be.
            InvalidFile: A file in its payload that is not one, or whose bytes are not there.
        """
        checked_subject(request.subject)
        checked_event_id(request.id)
        payload = await checked_files(self._bus.files, request.payload, "payload")
        await self._bus.requests.send(replace(request, payload=payload))

    async def settle(self, request: AnswerRequest, *, within: float = SETTLED_WITHIN) -> bool:
        """Answer a waiting node, or send a state machine an event, and see whether it counts.

        Returns:
            True when this one does, False when the log does not say so in time.

        Raises:
            NotFound: No such run.
            Conflict: Nothing waits with the token, or something else counted before; or a state
                machine is in a state that does not take the event.
            InvalidRequest: What is answered was not offered, or does not fit what is asked for; or
                a state machine has no such event.
            InvalidFile: A file of its values that is not one, or whose bytes are not there.
        """
        run_id = run_of_review(request.token)
        values = await checked_files(self._bus.files, request.values, "values")
        request = replace(request, values=values)
        folder, _ = await self._runs.examined(
            run_id, lambda run: accepted(run.plan, run.state, request)
        )
        ack = await self._bus.requests.send(request)
        ours = f"{request.token}:input_received:{ack.seq}"
        try:
            async with asyncio.timeout(within):
                following = self._viewer.follow(
                    run_id, after_event=folder.read_seq, after_chunk=NO_CHUNKS
                )
                async for message in following:
                    if isinstance(message, Recorded):
                        counted = folder.apply(message)
                        if counted and message.event.id == ours:
                            return True
                        if not _waits(folder, request.token):
                            raise _closed(request.token, folder)
        except TimeoutError:
            return False
        raise _closed(request.token, folder)

    async def get(self, run_id: str, *, until: int | None = None) -> RunView | None:
        """A run as its log has it, up to a sequence; None when there is none such.

        Raises:
            Conflict: Its log has no beginning that can be read.
        """
        try:
            records = await self._runs.records(run_id, until=until)
        except UnknownRun:
            return None
        folder, attempts = followed(records, self._runs.plans)
        return run_view(folder.plan, folder.state, attempts)

    async def node(self, run_id: str, address: str, attempt: int | None = None) -> NodeDocument:
        """A node as its run's log has it, with what an attempt was given, the newest or another.

        Raises:
            UnknownRun: No such run.
            NotFound: The run has not come to the node, or the node to the attempt.
        """
        records = await self._runs.records(run_id)
        return await node_of_log(records, self._runs.plans, address, attempt)

    async def case(self, run_id: str, name: str = "") -> MadeCase:
        """A case of `runfold test` made of an ended run.

        Args:
            run_id: The run.
            name: What the case is called; empty: after the run.

        Raises:
            UnknownRun: No such run.
            Conflict: It has not ended.
        """
        records = await self._runs.records(run_id)
        plans = Plans()  # those of others are not for two threads
        return await asyncio.to_thread(case_of, records, plans, name or f"run {run_id}")

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

    async def _pinned(
        self, records: list[Recorded], version: str
    ) -> tuple[Workflow, dict[str, Any]]:
        """The definition a successor would pin, and the run's inputs."""
        started = beginning(records)
        return (await self._pinning.of_run(started, version)).workflow, started.inputs


def _waits(folder: Folder, token: str) -> bool:
    if machine_with(folder.state, token) is not None:
        return True
    return not folder.state.ended and any(
        node.status == "waiting"
        and node.waiting is not None
        and node.waiting.token == token
        and counts(folder.state, address)
        for address, node in folder.state.nodes.items()
    )


def _closed(token: str, folder: Folder) -> Conflict:
    state = folder.state
    message = f"review {token!r} is closed: run {state.run_id!r} is {state.status}"
    return Conflict(message, code="review.closed", details={"run_status": state.status})


def fresh_run_id() -> str:
    """A fresh run id, which says when it was made."""
    return uuid7(int(time.time() * 1000), os.urandom(10))
