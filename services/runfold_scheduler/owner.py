"""The loop that follows the log of some partitions and keeps an actor for each run in progress.

A run in which nothing is due soon is put to sleep: its actor is let go, and made again from the log
when an event of the run comes. So a run that waits for a week costs no memory here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable

import structlog

from runfold.bus.ports import Bus, Undeliverable
from runfold.contracts.events import Recorded, RunFailed, RunPaused, RunResumed, RunStarted
from runfold.engine.fold import Folder, Plans
from runfold.errors import Failure
from runfold.failpoints import failpoint
from runfold.ids import partition_of
from runfold.service.ending import end
from runfold_scheduler.actor import RunActor
from runfold_scheduler.checkpoint import Start
from runfold_scheduler.clock import StreamClock
from runfold_scheduler.outbox import Outbox
from runfold_scheduler.snapshots import SnapshotKeeper
from runfold_scheduler.waking import Waking

log = structlog.get_logger("scheduler")

IDLE = 20.0
"""Seconds without an event after which a run that waits for something far away sleeps."""
LOOK_AFTER = 5.0
"""Seconds between looks for what may sleep, and at what stays queued."""
REMEMBERED = 50_000
"""Runs known to be over, so that their late events cost nothing."""
LONG_AGO = 20_000
"""Events after which a run in progress is noted by its id, not by where it began."""


class Owner:
    """Owns the runs of some partitions.

    While it catches up with the log it only folds; then it decides about everything, and from then
    on about whatever each event touched.

    Args:
        bus: Log and queues.
        partitions: The partitions owned at first.
        may_decide: Whether we hold a lease right now.
        clock: The stream's clock, as seen from here.
    """

    def __init__(
        self,
        bus: Bus,
        partitions: frozenset[int],
        may_decide: Callable[[], bool],
        clock: StreamClock,
    ) -> None:
        self._bus = bus
        self.partitions = partitions
        self._may_decide = may_decide
        plans = Plans()
        self._plans = plans
        self._waking = Waking(bus, plans)
        self._snapshots = SnapshotKeeper(bus)
        self._clock = clock
        self._outbox = Outbox(bus, clock, self._redecide, may_decide)
        self._unread: dict[str, tuple[int, str, str]] = {}
        """Run → place, workflow and reason of an event that could not be read."""
        self._over: OrderedDict[str, None] = OrderedDict()
        self._long_running: tuple[str, ...] = ()
        self._looking_after: asyncio.Task[None] | None = None
        self.actors: dict[str, RunActor] = {}
        self.caught_up = asyncio.Event()
        self.following: asyncio.Task[None]

    @property
    def followed_seq(self) -> int:
        """The newest event folded."""
        return self._outbox.followed_seq

    def begin(self, start: Start) -> None:
        """Begin to follow the log."""
        self._outbox.followed_seq = start.after
        self._long_running = tuple(
            run for run in start.runs if partition_of(run) in self.partitions
        )
        self.following = asyncio.create_task(self._follow())
        self._looking_after = asyncio.create_task(self._look_after())

    def start(self) -> Start:
        """Where another could take over: every run in progress is after it, asleep, or named."""
        if not self.caught_up.is_set():
            return Start()
        border = self.followed_seq - LONG_AGO
        recent = [a.first_seq for a in self.actors.values() if a.first_seq > border]
        named = tuple(sorted(run for run, a in self.actors.items() if a.first_seq <= border))
        return Start(min(recent) - 1 if recent else self.followed_seq, named)

    async def release(self, partitions: frozenset[int]) -> None:
        """Stop deciding for some partitions, and let what was sent for them arrive."""
        if not partitions:
            return
        self.partitions -= partitions
        await end(self.following)
        for run_id in [run for run in self.actors if partition_of(run) in partitions]:
            self._outbox.close(self.actors.pop(run_id))
        if self._bus.connected:
            await self._outbox.flush()
        if self.partitions:
            self.following = asyncio.create_task(self._follow())
        elif self._looking_after is not None:
            await end(self._looking_after)

    def decide_again(self) -> None:
        """We may decide again after a time in which we might not: about everything."""
        for actor in list(self.actors.values()):
            actor.forget_all()
            self._redecide(actor)

    async def _follow(self) -> None:
        follow = self._bus.events.follow(
            after=self.followed_seq, partitions=sorted(self.partitions)
        )
        async for batch in follow:
            if not batch:
                await self._on_caught_up()
                continue
            await self._wake_sleeping(batch)
            self._decide(self._fold(batch))

    async def _on_caught_up(self) -> None:
        if self.caught_up.is_set():
            return
        asleep = [run for run in self._long_running if run not in self.actors]
        await self._wake(dict.fromkeys(asleep, 0))
        self.caught_up.set()
        for run_id, (seq, workflow_id, reason) in self._unread.items():
            self._park(run_id, workflow_id, seq, reason)
        self._unread.clear()
        for actor in list(self.actors.values()):
            self._redecide(actor)

    # --- folding --------------------------------------------------------------------------------

    async def _wake_sleeping(self, batch: Iterable[Recorded | Undeliverable]) -> None:
        """Make actors for runs in a batch that have none and are not known to be over."""
        unknown: dict[str, int] = {}
        begun: set[str] = set()
        for record in batch:
            if isinstance(record, Undeliverable):
                continue
            run_id = record.event.run_id
            if isinstance(record.event, RunStarted):
                begun.add(run_id)
            elif run_id not in self.actors and run_id not in begun and run_id not in self._over:
                unknown[run_id] = record.seq
        await self._wake(unknown)

    async def _wake(self, wanted: dict[str, int]) -> None:
        ours = {run: seq for run, seq in wanted.items() if partition_of(run) in self.partitions}
        for run_id, folder in (await self._waking.folded(ours)).items():
            if folder is None or folder.state.ended:
                self._remember_over(run_id)
            else:
                actor = self.actors[run_id] = RunActor(folder, ())
                actor.touch_everything()

    def _fold(self, batch: Iterable[Recorded | Undeliverable]) -> dict[str, RunActor]:
        """Apply a batch; returns the actors it concerned."""
        concerned: dict[str, RunActor] = {}
        last = None
        for record in batch:
            self._outbox.followed_seq = record.seq
            if isinstance(record, Undeliverable):
                self._on_unread(record)
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
        if not isinstance(event, RunStarted) or partition_of(event.run_id) not in self.partitions:
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
        event = record.event
        if isinstance(event, RunPaused | RunResumed):
            self._unread.pop(event.run_id, None)
        try:
            actor.apply(record)
        except Exception as error:
            log.exception("run cannot be folded", run_id=event.run_id, seq=record.seq)
            self._on_unfoldable(actor, record.seq, f"{type(error).__name__}: {error}")
        self._outbox.on_event(actor, event)
        if actor.ended:
            self._outbox.close(actor)
            del self.actors[event.run_id]
            self._snapshots.drop(event.run_id)
            self._remember_over(event.run_id)

    def _remember_over(self, run_id: str) -> None:
        self._over[run_id] = None
        if len(self._over) > REMEMBERED:
            self._over.popitem(last=False)

    # --- deciding -------------------------------------------------------------------------------

    def _decide(self, actors: dict[str, RunActor]) -> None:
        if self.caught_up.is_set():
            for actor in actors.values():
                self._react(actor)

    def _redecide(self, actor: RunActor) -> None:
        self._react(actor, everything=True)

    def _react(self, actor: RunActor, *, everything: bool = False) -> None:
        if not self._may_decide() or actor.state.run_id not in self.actors:
            return
        failpoint("scheduler.deciding")
        try:
            self._outbox.send(actor, actor.due_effects(everything=everything))
        except Exception as error:
            log.exception("run cannot be decided", run_id=actor.state.run_id)
            reason = f"{type(error).__name__}: {error}"
            self._on_unfoldable(actor, actor.state.last_seq, reason)

    # --- runs that cannot go on -------------------------------------------------------------------

    def _on_unread(self, record: Undeliverable) -> None:
        """An event that cannot be read: its run is parked, unless it went on past it before."""
        if not record.run_id or partition_of(record.run_id) not in self.partitions:
            return
        if self.caught_up.is_set():
            self._park(record.run_id, record.workflow_id, record.seq, record.reason)
        else:
            self._unread[record.run_id] = (record.seq, record.workflow_id, record.reason)

    def _on_unfoldable(self, actor: RunActor, seq: int, reason: str) -> None:
        actor.broken = reason
        self._park(actor.state.run_id, actor.state.workflow_id, seq, reason)

    def _park(self, run_id: str, workflow_id: str, seq: int, reason: str) -> None:
        """Hold a run that cannot go on by itself, and say so in its log."""
        if run_id in self._over:
            return
        log.error("run parked", run_id=run_id, seq=seq, reason=reason)
        event = RunPaused(
            id=f"{run_id}:run_paused:parked:{seq}",
            run_id=run_id,
            workflow_id=workflow_id,
            reason=f"event {seq}: {reason}"[:2000],
            parked=True,
        )
        self._outbox.append(event)

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
        self._outbox.append(failed)

    # --- sleeping ---------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AFTER)
            if not self.caught_up.is_set():
                continue
            now = asyncio.get_running_loop().time()
            for run_id, actor in list(self.actors.items()):
                self._snapshots.consider(actor)
                if actor.state.status == "queued":
                    actor.forget_all()
                    self._redecide(actor)
                elif now - actor.active_at > IDLE and actor.may_sleep:
                    del self.actors[run_id]
