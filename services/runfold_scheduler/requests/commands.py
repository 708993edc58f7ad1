"""What each request does: start a run, cancel, pause or resume it, answer a waiting node."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import RequestLease
from runfold.bus.run_log import RunLog
from runfold.bus.uploads import checked_files
from runfold.contracts.events import InputReceived, RunPaused, RunResumed, RunStarted
from runfold.contracts.requests import (
    AnswerRequest,
    CancelRequest,
    PauseRequest,
    ResumeRequest,
    RunRequest,
)
from runfold.definitions.pinning import Pinning
from runfold.engine.accept.answers import accepted
from runfold.engine.accept.control import check_pause, check_resume
from runfold.errors import NotFound, RunfoldError, UnknownRun
from runfold.failpoints import failpoint
from runfold.graph.definition import Workflow
from runfold.graph.plan.plan import conversation_of
from runfold.ids import checked_token, run_id_by_place, run_id_for_key, run_of_review
from runfold.settings import environment
from runfold_scheduler.cancelling import Cancelling
from runfold_scheduler.requests.acceptance import accepted_run
from runfold_scheduler.requests.conversations import Conversations
from runfold_scheduler.requests.turns import Turns

log = structlog.get_logger("scheduler")


class Commands:
    """Carries out requests by writing events. Holds nothing but caches.

    Args:
        bus: The log.
        runs: Loads the runs that requests are about.
        pinning: The definitions.
        conversations: Those that runs join.
    """

    def __init__(
        self, bus: Bus, runs: RunLog, pinning: Pinning, conversations: Conversations
    ) -> None:
        self._bus = bus
        self._runs = runs
        self._pinning = pinning
        self._conversations = conversations
        self._turns = Turns(bus, runs)
        self._cancelling = Cancelling(runs)

    async def run(self, request: RunRequest, lease: RequestLease) -> None:
        """Write the run's first event, once however often it is asked for.

        Raises:
            NotFound: No such workflow or version.
            InvalidWorkflow: A definition in the request that fails the checks.
            InvalidInputs: Missing or surplus inputs.
            InvalidFile: A file among them whose bytes are not there, or of another media type.
            InvalidRequest: Labels that cannot be.
            Conflict: Its conversation has too many runs under way.
            PayloadTooLarge: Its conversation's variables have too much in them.
            NotFound: Its conversation is somebody else's.
        """
        if await self._pinning.is_paused(request, lease.time):
            log.info("schedule is paused", workflow=request.workflow_id, source=request.source)
            return
        accepted = await accepted_run(request, self._pinning)
        pinned = accepted.pinned
        inputs = await checked_files(self._bus.files, accepted.inputs, "inputs")
        workflow = pinned.workflow
        run_id = checked_token(run_id_of(request, lease, workflow.id), "run id")
        turn = await self._turns.checked(request, run_id, inputs)
        conversation: dict[str, Any] = {}
        if request.conversation_id and conversation_of(workflow):
            conversation = await self._conversations.join(
                request.conversation_id, run_id, lease.time
            )
        if turn is not None and turn.answers:
            if await self._bus.events.first_event(run_id) is not None:
                return  # it was carried out before
            turn = await self._turns.say(
                turn, request.conversation_id, run_id, bytes(pinned.canonical)
            )
            failpoint("request.said")
        event = RunStarted(
            id=f"{run_id}:run_started",
            run_id=run_id,
            workflow_id=workflow.id,
            traceparent=request.traceparent,
            definition=msgspec.Raw(pinned.canonical),
            inputs=inputs,
            version=pinned.version,
            priority=request.priority or workflow.settings.priority,
            concurrency_key=accepted.concurrency_key,
            source=request.source,
            conversation_id=request.conversation_id,
            conversation=conversation,
            environment=environment_of(workflow),
            labels=request.labels,
            callbacks=request.callbacks,
            turn=turn,
        )
        try:
            await self._bus.events.start_run(event)
        except RunfoldError as error:
            if turn is not None and not error.retryable:
                await self._turns.withdraw(turn, request.conversation_id)
            raise

    async def cancel(self, request: CancelRequest, _lease: RequestLease) -> None:
        """Write run_cancelled, or run_compensating: whether it counts is settled by its place.

        Raises:
            NotFound: No such run.
        """
        first = await self._bus.events.first_event(checked_token(request.run_id, "run id"))
        if first is None:
            raise UnknownRun(request.run_id)
        await self._bus.events.append(await self._cancelling.event(first, request.reason))

    async def pause(self, request: PauseRequest, lease: RequestLease) -> None:
        """Write run_paused.

        Raises:
            NotFound: No such run.
            Conflict: The run is not running.
        """
        state = (await self._runs.folded(request.run_id)).state
        check_pause(state)
        event = RunPaused(
            id=f"{state.run_id}:run_paused:{lease.seq}",
            run_id=state.run_id,
            workflow_id=state.workflow_id,
            reason=request.reason,
        )
        await self._bus.events.append(event)

    async def resume(self, request: ResumeRequest, lease: RequestLease) -> None:
        """Write run_resumed.

        Raises:
            NotFound: No such run.
            Conflict: The run is not paused.
        """
        state = (await self._runs.folded(request.run_id)).state
        check_resume(state)
        event = RunResumed(
            id=f"{state.run_id}:run_resumed:{lease.seq}",
            run_id=state.run_id,
            workflow_id=state.workflow_id,
        )
        await self._bus.events.append(event)

    async def answer(self, request: AnswerRequest, lease: RequestLease) -> None:
        """Write input_received for the node that waits with the token.

        Raises:
            NotFound: No run has such a token.
            Conflict: The node no longer waits, or is in a state that does not take the event.
            InvalidRequest: What is answered was not offered, or does not fit what is asked for.
        """
        run_id = run_of_review(request.token)
        try:
            folder, answer = await self._runs.examined(
                run_id, lambda run: accepted(run.plan, run.state, request)
            )
        except UnknownRun as error:
            message = f"no run waits with token {request.token!r}"
            raise NotFound(message, code="review.not_found") from error
        event = InputReceived(
            id=f"{request.token}:input_received:{lease.seq}",
            run_id=run_id,
            workflow_id=folder.state.workflow_id,
            node_id=answer.node_id,
            scope=answer.scope,
            attempt=answer.attempt,
            token=request.token,
            action=answer.reply.action,
            values=answer.reply.values,
            feedback=answer.reply.feedback,
            key=request.key or str(lease.seq),
        )
        await self._bus.events.append(event)


def environment_of(workflow: Workflow) -> dict[str, Any]:
    """What a workflow declares as its environment, with what this deployment sets over it."""
    declared = dict(workflow.environment)
    for part in workflow.workflows.values():
        declared = {**environment_of(part), **declared}
    here = environment() if declared else {}
    return {name: here.get(name, value) for name, value in declared.items()}


def run_id_of(request: RunRequest, lease: RequestLease, workflow_id: str) -> str:
    """The run's id: the client's choice, the key's, or the stored request's own.

    The last is made of the request's place in its stream, so a redelivered request is the same run.
    """
    if request.run_id:
        return request.run_id
    if request.idempotency_key:
        return run_id_for_key(workflow_id, request.idempotency_key)
    return run_id_by_place("", lease.seq, lease.time)
