"""The loop that follows the log of some partitions and keeps an actor for each run in progress.

A run in which nothing is due soon is put to sleep: its actor is let go, and made again from the log
when an event of the run comes. So a run that waits for a week costs no memory here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable

import structlog

from runfold.background import end
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Undeliverable
from runfold.bus.run_log import RunLog
from runfold.contracts.events import (
    TERMINAL_RUN_EVENTS,
    Recorded,
    RunCompensating,
    RunPaused,
    RunResumed,
    RunStarted,
)
from runfold.engine.history.fold import Folder
from runfold.failpoints import failpoint
from runfold.ids import partition_of
from runfold.lru import LruMap
from runfold_scheduler.actor import RunActor
from runfold_scheduler.outbox.outbox import Outbox
from runfold_scheduler.runs.checkpoint import Start, starts_of
from runfold_scheduler.runs.parking import Parking
from runfold_scheduler.runs.snapshots import SnapshotKeeper
from runfold_scheduler.runs.waking import Unusable, Waking
from runfold_scheduler.time.stream_clock import StreamClock

log = structlog.get_logger("scheduler")

IDLE = 20.0
"""Seconds without an event after which a run that waits for something far away sleeps."""
LOOK_AFTER = 5.0
"""Seconds between looks for what may sleep, and at what stays queued."""
CONTROL = (RunPaused, RunResumed, RunCompensating)
"""Events that parking is told of."""
REMEMBERED = 50_000
"""Runs known to be over, so that their late events cost nothing."""


class Owner:
    """Owns the runs of some partitions.

    While it catches up with the log it only folds; then it decides about everything, and from then
    on about all that each event touched.

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
        runs = RunLog(bus)
        self._plans = runs.plans
        self._waking = Waking(bus, runs)
        self._snapshots = SnapshotKeeper(bus)
        self._clock = clock
        self._outbox = Outbox(bus, runs, clock, self._redecide, may_decide, self._owns, self._hold)
        self._parking = Parking(self._outbox, lambda run_id: run_id in self._over)
        self._in_hand = False
        """Whether a batch is being worked on: nothing is put to sleep then."""
        self._over: LruMap[str, None] = LruMap(REMEMBERED)
        self._begun = Start()
        self.actors: dict[str, RunActor] = {}
        self.caught_up = asyncio.Event()
        self.working: list[asyncio.Task[None]] = []
        """What goes on for ever: the end of any is a failure."""

    @property
    def followed_seq(self) -> int:
        """The newest event folded."""
        return self._outbox.followed_seq

    def begin(self, start: Start) -> None:
        """Begin to follow the log."""
        self._outbox.followed_seq = start.after
        self._begun = start
        self._work()

    def starts(self) -> dict[int, Start]:
        """Where others could take over: every run in progress is after that, asleep, or named."""
        if self.caught_up.is_set():
            begun = {run_id: actor.first_seq for run_id, actor in self.actors.items()}
            return starts_of(self.partitions, begun, self.followed_seq, self._outbox.unwritten)
        named = dict.fromkeys(filter(self._owns, self._begun.runs), 0)
        return starts_of(self.partitions, {}, self._begun.after, named)

    def _work(self) -> None:
        following = asyncio.create_task(self._follow())
        self.working = [following, asyncio.create_task(self._look_after())]

    def _owns(self, run_id: str) -> bool:
        return partition_of(run_id) in self.partitions

    async def release(self, partitions: frozenset[int]) -> None:
        """Stop deciding for some partitions, and let what was sent for them arrive."""
        if not partitions:
            return
        self.partitions -= partitions
        await end(*self.working)
        self._in_hand = False
        for run_id in [run for run in self.actors if partition_of(run) in partitions]:
            self._outbox.close(self.actors.pop(run_id))
        if self._bus.connected:
            await self._outbox.flush()
        if self.partitions:
            self._work()

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
            self._in_hand = True
            await self._wake_sleeping(batch)
            concerned = self._fold(batch)
            await self._revive()
            self._in_hand = False
            self._decide(concerned)

    async def _on_caught_up(self) -> None:
        if self.caught_up.is_set():
            await self._revive()
            return
        asleep = [run for run in self._begun.runs if run not in self.actors]
        await self._wake(dict.fromkeys(asleep, 0))
        await self._drop_archived()
        self.caught_up.set()
        self._parking.begin()
        for actor in list(self.actors.values()):
            self._redecide(actor)

    async def _drop_archived(self) -> None:
        """Let go of runs that are archived: some of their events came back with a killed broker."""
        old = [run_id for run_id in self.actors if self._bus.events.may_be_archived(run_id)]
        for run_id in await self._waking.archived(old):
            self._outbox.close(self.actors.pop(run_id))
            self._over[run_id] = None

    # --- folding --------------------------------------------------------------------------------

    async def _wake_sleeping(self, batch: Iterable[Recorded | Undeliverable]) -> None:
        """Make actors for runs in a batch that have none and are not known to be over."""
        unknown: dict[str, int] = {}
        begun: set[str] = set()
        ended: set[str] = set()
        for record in batch:
            if isinstance(record, Undeliverable):
                continue
            run_id = record.event.run_id
            if isinstance(record.event, RunStarted):
                begun.add(run_id)
            elif not (
                run_id in self.actors
                or run_id in begun
                or run_id in self._over
                or run_id in self._parking.unusable
            ):
                unknown[run_id] = record.seq
                if isinstance(record.event, TERMINAL_RUN_EVENTS):
                    ended.add(run_id)
        await self._wake(unknown, ended)

    async def _wake(self, wanted: dict[str, int], ended: Collection[str] = ()) -> None:
        ours = {run: seq for run, seq in wanted.items() if self._owns(run)}
        for run_id, found in (await self._waking.folded(ours)).items():
            if isinstance(found, Unusable) and run_id not in ended:
                self._parking.unusable.add(run_id)
                self._parking.hold(run_id, found.workflow_id, ours[run_id], found.reason)
            elif not isinstance(found, Folder) or found.state.ended:
                self._over[run_id] = None
                if isinstance(found, Folder):
                    self._outbox.leave(found.state)
                    self._outbox.tell(found.state, found.state.last_seq)
            else:
                actor = self.actors[run_id] = RunActor(found, ())
                actor.touch_everything()
                self._outbox.tell(found.state, found.state.last_seq)

    async def _revive(self) -> None:
        """Make broken runs that were resumed anew: what broke them may be gone."""
        wanted = dict(self._parking.resumed)
        for run_id in wanted:
            if run_id in self.actors:
                self._outbox.close(self.actors.pop(run_id))
        self._parking.unusable -= wanted.keys()
        await self._wake(wanted)
        for run_id in wanted:
            del self._parking.resumed[run_id]
            if run_id in self.actors and self.caught_up.is_set():
                self._redecide(self.actors[run_id])

    def _fold(self, batch: Iterable[Recorded | Undeliverable]) -> dict[str, RunActor]:
        """Apply a batch; returns the actors it concerned."""
        concerned: dict[str, RunActor] = {}
        last = None
        now = asyncio.get_running_loop().time()
        for record in batch:
            self._outbox.followed_seq = record.seq
            if isinstance(record, Undeliverable):
                if record.run_id and self._owns(record.run_id):
                    place = (record.run_id, record.workflow_id, record.seq)
                    self._parking.hold(*place, record.reason)
                continue
            last = record
            try:
                actor = self._take(record)
            except Exception as error:
                # A log may hold anything: the run is parked, and the partition goes on.
                log.exception("event cannot be taken", run_id=record.event.run_id, seq=record.seq)
                place = (record.event.run_id, record.event.workflow_id, record.seq)
                self._parking.hold(*place, f"{type(error).__name__}: {error}")
                continue
            if actor is not None:
                actor.active_at = now
                concerned[record.event.run_id] = actor
        if last is not None and self.caught_up.is_set():
            self._clock.observe(last.time)
        return concerned

    def _take(self, record: Recorded) -> RunActor | None:
        """Fold one event; returns the actor of its run, if there is one."""
        actor = self.actors.get(record.event.run_id)
        if isinstance(record.event, CONTROL):
            self._parking.on_control(record, is_broken=actor is not None and bool(actor.broken))
        if actor is None:
            return self._begin(record)
        self._apply(actor, record)
        return actor

    def _begin(self, record: Recorded) -> RunActor | None:
        """An actor for a run's first event; other events without an actor are of ended runs."""
        event = record.event
        if not isinstance(event, RunStarted) or not self._owns(event.run_id):
            return None
        try:
            folder, touched = Folder.begin(record, self._plans)
        except Exception as error:
            log.exception("run cannot begin", run_id=event.run_id)
            self._parking.refuse(event, record.seq, error)
            self._over[event.run_id] = None
            return None
        actor = self.actors[event.run_id] = RunActor(folder, touched)
        if actor.state.callbacks:
            self._outbox.tell(actor.state, record.seq, event)
        return actor

    def _apply(self, actor: RunActor, record: Recorded) -> None:
        event = record.event
        try:
            actor.apply(record)
        except Exception as error:
            log.exception("run cannot be folded", run_id=event.run_id, seq=record.seq)
            self._hold(actor, f"{type(error).__name__}: {error}", record.seq)
        self._outbox.on_event(actor, event)
        if actor.state.callbacks:
            self._outbox.tell(actor.state, record.seq, event)
        if actor.ended:
            self._outbox.close(actor)
            del self.actors[event.run_id]
            self._snapshots.drop(event.run_id)
            self._over[event.run_id] = None

    # --- deciding -------------------------------------------------------------------------------

    def _decide(self, actors: dict[str, RunActor]) -> None:
        if self.caught_up.is_set():
            for actor in actors.values():
                self._react(actor)

    def _redecide(self, actor: RunActor) -> None:
        self._react(actor, everything=True)

    def _react(self, actor: RunActor, *, everything: bool = False) -> None:
        if not self._may_decide() or self.actors.get(actor.state.run_id) is not actor:
            return
        failpoint("scheduler.deciding")
        try:
            self._outbox.send(actor, actor.due_effects(everything=everything))
        except Exception as error:
            log.exception("run cannot be decided", run_id=actor.state.run_id)
            self._hold(actor, f"{type(error).__name__}: {error}")

    def _hold(self, actor: RunActor, reason: str, seq: int | None = None) -> None:
        """Park a run that cannot go on, at the event that keeps it from it."""
        if not actor.broken:
            actor.broken = reason
            place = actor.state.last_seq if seq is None else seq
            self._parking.hold(actor.state.run_id, actor.state.workflow_id, place, reason)

    # --- sleeping ---------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AFTER)
            if not self.caught_up.is_set():
                continue
            now = asyncio.get_running_loop().time()
            asked: set[str] = set()
            for run_id, actor in list(self.actors.items()):
                self._snapshots.consider(actor)
                if actor.state.status == "queued":
                    self._ask_again(actor, asked)
                elif actor.undecided:
                    self._redecide(actor)
                elif now - actor.active_at > IDLE and actor.may_sleep and not self._in_hand:
                    del self.actors[run_id]

    def _ask_again(self, actor: RunActor, asked: set[str]) -> None:
        """Ask for the place of a run that waits for one: of each key, one run's is enough."""
        key = f"{actor.state.workflow_id}/{actor.state.concurrency_key}"
        if actor.undecided or key not in asked:
            asked.add(key)
            actor.forget_all()
            self._redecide(actor)
