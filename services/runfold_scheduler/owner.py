"""The loop that follows the log and keeps an actor for each run in progress."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from runfold.bus.ports import Bus, Undeliverable
from runfold.contracts.events import Recorded, RunFailed, RunStarted
from runfold.engine.fold import Folder, Plans
from runfold.errors import Failure
from runfold.ids import partition_of
from runfold_scheduler.actor import RunActor
from runfold_scheduler.clock import StreamClock
from runfold_scheduler.outbox import Outbox

log = structlog.get_logger("scheduler")


class Owner:
    """Owns the runs of some partitions.

    While it catches up with the log it only folds; then it decides about everything, and from then
    on about whatever each event touched.

    Args:
        bus: Log and queues.
        partitions: The partitions owned.
    """

    def __init__(self, bus: Bus, partitions: frozenset[int]) -> None:
        self._bus = bus
        self._partitions = partitions
        self._plans = Plans()
        self._clock = StreamClock()
        self._outbox = Outbox(bus, self._clock, self._redecide)
        self.actors: dict[str, RunActor] = {}
        self.caught_up = asyncio.Event()

    @property
    def followed_seq(self) -> int:
        """The newest event folded."""
        return self._outbox.followed_seq

    def safe_start(self) -> int:
        """The sequence after which a new owner must read to know every run still in progress."""
        first = min((actor.first_seq for actor in self.actors.values()), default=None)
        return self.followed_seq if first is None else first - 1

    async def follow(self, after: int) -> None:
        """Fold and decide, for ever."""
        self._outbox.followed_seq = after
        async for batch in self._bus.events.follow(
            after=after, partitions=sorted(self._partitions)
        ):
            if not batch:
                self._on_caught_up()
                continue
            self._decide(self._fold(batch))

    async def flush(self) -> None:
        """Wait for the acks of what was sent, and let the timers go."""
        await self._outbox.flush()
        for actor in self.actors.values():
            actor.close()

    def _on_caught_up(self) -> None:
        if self.caught_up.is_set():
            return
        self.caught_up.set()
        for actor in list(self.actors.values()):
            self._redecide(actor)

    def _fold(self, batch: Iterable[Recorded | Undeliverable]) -> dict[str, RunActor]:
        """Apply a batch; returns the actors it concerned."""
        concerned: dict[str, RunActor] = {}
        last = None
        for record in batch:
            self._outbox.followed_seq = record.seq
            if isinstance(record, Undeliverable):
                self._park(record.run_id, record.reason)
                continue
            last = record
            run_id = record.event.run_id
            actor = self.actors.get(run_id)
            if actor is None:
                actor = self._begin(record)
            else:
                self._apply(actor, record)
            if actor is not None:
                concerned[run_id] = actor
        if last is not None and self.caught_up.is_set():
            self._clock.observe(last.time)
        return concerned

    def _begin(self, record: Recorded) -> RunActor | None:
        """An actor for a run's first event; other events without an actor are of ended runs."""
        event = record.event
        if not isinstance(event, RunStarted) or partition_of(event.run_id) not in self._partitions:
            return None
        try:
            folder, touched = Folder.begin(record, self._plans)
        except Exception as error:
            log.exception("run cannot begin", run_id=event.run_id)
            self._refuse(event, error)
            return None
        actor = self.actors[event.run_id] = RunActor(folder, touched)
        return actor

    def _apply(self, actor: RunActor, record: Recorded) -> None:
        try:
            actor.apply(record)
        except Exception as error:
            log.exception("run cannot be folded", run_id=record.event.run_id, seq=record.seq)
            actor.parked = f"{type(error).__name__}: {error}"
        if actor.ended:
            actor.close()
            del self.actors[record.event.run_id]

    def _decide(self, actors: dict[str, RunActor]) -> None:
        if self.caught_up.is_set():
            for actor in actors.values():
                self._react(actor)

    def _redecide(self, actor: RunActor) -> None:
        self._react(actor, everything=True)

    def _react(self, actor: RunActor, *, everything: bool = False) -> None:
        try:
            self._outbox.send(actor, actor.due_effects(everything=everything))
        except Exception as error:
            run_id = actor.folder.state.run_id
            log.exception("run cannot be decided", run_id=run_id)
            actor.parked = f"{type(error).__name__}: {error}"

    def _park(self, run_id: str, reason: str) -> None:
        actor = self.actors.get(run_id)
        if actor is not None:
            actor.parked = reason
            actor.close()
        log.error("run parked", run_id=run_id, reason=reason)

    def _refuse(self, event: RunStarted, error: Exception) -> None:
        """End a run whose definition this scheduler cannot use."""
        message = f"the run's definition cannot be used: {error}"
        failed = RunFailed(
            id=f"{event.run_id}:run_failed",
            run_id=event.run_id,
            workflow_id=event.workflow_id,
            causation_id=event.id,
            error=Failure(code="run.definition_unusable", message=message, kind="input"),
        )
        asyncio.ensure_future(self._bus.events.append(failed))  # noqa: RUF006 -- logged by the bus
