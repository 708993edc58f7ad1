"""Runs that go on from another one: forks and retries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import RequestLease
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.contracts.requests import ForkRequest, RetryRequest
from runfold.definitions.pinning import Pinned, Pinning
from runfold.engine.accept.control import check_retry, forked_at
from runfold.engine.history.fold import beginning
from runfold.engine.history.forks import rewritten, taken_over, taken_over_for_retry
from runfold.errors import Conflict
from runfold.graph.inputs import bind_inputs
from runfold.graph.plan.plan import conversation_of
from runfold.ids import checked_token, run_id_by_place
from runfold_scheduler.requests.acceptance import concurrency_key
from runfold_scheduler.requests.conversations import Conversations


class Successors:
    """Begins forks and retries.

    The new run's log begins with what it takes over, so that it can be folded alone. Nothing is
    decided before `run_forked` says that all of it is there; a request that is carried out again
    after a crash writes what is missing of the same events under the same ids.

    Args:
        bus: The log.
        runs: Reads the runs that others go on from.
        pinning: The definitions.
        conversations: Those that retries join.
    """

    def __init__(
        self, bus: Bus, runs: RunLog, pinning: Pinning, conversations: Conversations
    ) -> None:
        self._bus = bus
        self._runs = runs
        self._pinning = pinning
        self._conversations = conversations

    async def retry(self, request: RetryRequest, lease: RequestLease) -> None:
        """Begin a run that does an ended run's failed part again.

        Raises:
            NotFound: No such run, node or version.
            Conflict: The run has not ended, or nothing in it failed; or the new run's id is taken.
            InvalidInputs: The run's inputs do not fit the wanted version.
            InvalidWorkflow: The wanted version no longer passes the checks.
            PayloadTooLarge: Its conversation's variables have too much in them.
        """
        records, folder = await self._runs.history(request.run_id)
        check_retry(folder.state, request.from_node)
        started = beginning(records)
        pinned = await self._pinning.of_run(started, request.version)
        inputs = started.inputs
        if request.version:
            inputs = bind_inputs(pinned.workflow, inputs)
        origin = e.Origin(request.run_id, records[-1].seq, "retry", request.from_node)
        kept = taken_over_for_retry(folder.plan, records, request.from_node)
        new_run_id = request.new_run_id or run_id_by_place("", lease.seq, lease.time)
        await self._begin(new_run_id, origin, pinned, inputs, started, kept)

    async def fork(self, request: ForkRequest, lease: RequestLease) -> None:
        """Begin a run from what another was at one event.

        Raises:
            NotFound: No such run or version.
            InvalidRequest: The run has no event up to that sequence.
            Conflict: The new run's id is taken.
            InvalidInputs: Changed inputs that do not fit the definition.
            InvalidWorkflow: The wanted version no longer passes the checks.
        """
        records = await self._runs.records(request.run_id)
        at = forked_at(request.run_id, records, request.at)
        started = beginning(records)
        pinned = await self._pinning.of_run(started, request.version)
        inputs = bind_inputs(pinned.workflow, started.inputs | (request.inputs or {}))
        origin = e.Origin(request.run_id, at)
        plan = self._runs.plans.of(bytes(started.definition))
        kept = taken_over(plan, [one for one in records if one.seq <= at])
        new_run_id = request.new_run_id or run_id_by_place("", lease.seq, lease.time)
        await self._begin(new_run_id, origin, pinned, inputs, started, kept)

    async def _begin(
        self,
        new_run_id: str,
        origin: e.Origin,
        pinned: Pinned,
        inputs: dict[str, object],
        started: e.RunStarted,
        kept: Sequence[e.AnyNodeEvent],
    ) -> None:
        run_id = checked_token(new_run_id, "run id")
        workflow_id = pinned.workflow.id
        is_trial = bool(started.conversation_id) and await self._is_of_fork(origin, started)
        conversation = await self._conversation(run_id, pinned, started, is_trial=is_trial)
        turn = started.turn
        if turn is not None and is_trial:
            turn = replace(turn, answers=False)
        first = e.RunStarted(
            id=f"{run_id}:run_started",
            run_id=run_id,
            workflow_id=workflow_id,
            traceparent=started.traceparent,
            definition=msgspec.Raw(pinned.canonical),
            inputs=inputs,
            version=pinned.version,
            priority=started.priority,
            labels=started.labels,
            callbacks=started.callbacks,
            origin=origin,
            conversation_id=started.conversation_id,
            conversation=conversation,
            environment=started.environment,
            turn=turn,
            concurrency_key=concurrency_key(pinned.workflow, inputs),
        )
        ack = await self._bus.events.start_run(first)
        there = await self._written(run_id, origin) if ack.duplicate else set()
        events = [rewritten(event, run_id, place) for place, event in enumerate(kept)]
        missing = [event for event in events if event.id not in there]
        await asyncio.gather(*(self._bus.events.append(event) for event in missing))
        forked = e.RunForked(
            id=f"{run_id}:run_forked",
            run_id=run_id,
            workflow_id=workflow_id,
            origin=origin,
            events=len(events),
        )
        if forked.id not in there:
            await self._bus.events.append(forked)

    async def _conversation(
        self, run_id: str, pinned: Pinned, started: e.RunStarted, *, is_trial: bool
    ) -> dict[str, object]:
        """What a new run begins with: what the old one did, and variables that are new to it.

        A retry joins the conversation. A fork only tries something out, and so does its retry.
        """
        declared = conversation_of(pinned.workflow)
        if not (declared and started.conversation_id) or is_trial:
            return started.conversation
        now = await self._bus.events.now()
        present = await self._conversations.join(started.conversation_id, run_id, now)
        before = self._runs.plans.of(bytes(started.definition)).conversation
        new = {name: value for name, value in present.items() if name not in before}
        return new | started.conversation

    async def _is_of_fork(self, origin: e.Origin, started: e.RunStarted) -> bool:
        """Whether a run is a fork, or goes on from one by retries."""
        last, before = origin, started.origin
        while last.kind == "retry" and before is not None:
            last = before
            first = await self._bus.events.first_event(last.run_id)
            # One that began later is another run that was given the id anew.
            is_it = first is not None and first.seq <= last.at
            before = getattr(first.event, "origin", None) if first and is_it else None
        return last.kind == "fork"

    async def _written(self, run_id: str, origin: e.Origin) -> set[str]:
        """Ids of the events of a run that is there already, begun by this request before a crash.

        The broker forgets ids in time, and a run that went on could take an event for its own.

        Raises:
            Conflict: The run is another one.
        """
        records = await self._bus.events.read_run(run_id)
        begun = records[0].event if records else None
        if isinstance(begun, e.RunStarted) and begun.origin is not None:
            # What came late to the log of a run that ended changes nothing for its retry.
            at = begun.origin.at if origin.kind == "retry" else origin.at
            if begun.origin == replace(origin, at=at):
                return {record.event.id for record in records}
        message = f"run {run_id!r} exists already: choose another id for the new run, or none"
        raise Conflict(message, code="run.exists")
