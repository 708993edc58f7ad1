"""Doing what `decide` wants: writing events, queueing tasks, arming timers.

Nothing waits for an ack before sending what does not depend on it; acks are looked at as they come.
An effect that could not be sent is forgotten and decided again a little later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from msgspec.structs import replace

from runfold.bus.ports import Ack, Bus
from runfold.contracts.events import AnyEvent, NodeEvent, NodeRunFailed, RunFailed
from runfold.engine.effects import Append, ArmTimer, Dispatch, Effect
from runfold.errors import BusUnavailable, PayloadTooLarge, RunfoldError
from runfold.ids import address_of
from runfold_scheduler.actor import RunActor, timer_address
from runfold_scheduler.clock import StreamClock

log = structlog.get_logger("scheduler")

RESEND_AFTER = 0.5
"""Seconds after which what could not be sent is decided again."""


class Outbox:
    """Sends effects for all runs of one scheduler.

    Args:
        bus: Where to.
        clock: The stream's clock, for timers.
        redecide: Called with a run that has something to decide again, from the whole state.
    """

    def __init__(self, bus: Bus, clock: StreamClock, redecide: Callable[[RunActor], None]) -> None:
        self._bus = bus
        self._clock = clock
        self._redecide = redecide
        self._pending: set[asyncio.Future[Ack]] = set()
        self.followed_seq = 0
        """The newest event the scheduler has folded."""

    def send(self, actor: RunActor, effects: list[Effect]) -> None:
        """Send effects in order, without waiting."""
        for effect in effects:
            match effect:
                case Append(event=event):
                    self._track(actor, effect, self._bus.events.append(event))
                case Dispatch(group=group, task=task):
                    self._track(actor, effect, self._bus.tasks.push(group, task))
                case ArmTimer():
                    self._arm(actor, effect)

    async def flush(self) -> None:
        """Wait until everything sent was answered, one way or the other."""
        while self._pending:
            await asyncio.wait(self._pending)

    def _track(self, actor: RunActor, effect: Append | Dispatch, sent: Awaitable[Ack]) -> None:
        future = asyncio.ensure_future(sent)
        self._pending.add(future)

        def settled(done: asyncio.Future[Ack]) -> None:
            self._pending.discard(done)
            if done.cancelled():
                return
            error = done.exception()
            if error is not None:
                self._failed(actor, effect, error)
            elif done.result().duplicate and isinstance(effect, Append):
                self._repeated(actor, effect, done.result().seq)

        future.add_done_callback(settled)

    def _failed(self, actor: RunActor, effect: Append | Dispatch, error: BaseException) -> None:
        run_id = actor.folder.state.run_id
        if isinstance(error, PayloadTooLarge):
            too_large = _failed_by_size(effect, error)
            if too_large is not None:
                self._track(actor, Append(too_large), self._bus.events.append(too_large))
                return
        if isinstance(error, BusUnavailable):
            actor.forget(effect)
            asyncio.get_running_loop().call_later(RESEND_AFTER, self._redecide, actor)
            return
        actor.parked = str(error)
        log.error("run parked", run_id=run_id, effect=effect.key, reason=str(error))

    def _repeated(self, actor: RunActor, effect: Append, seq: int) -> None:
        """The id was in the log already: by another owner, most often, and folded like any event.

        If that one has been folded and yet the effect is still wanted, it came at a time when it
        could not count (an earlier event it follows from had been lost). Then it is written again,
        under an id of its own.
        """
        event = effect.event
        address = address_of(event.scope, event.node_id) if isinstance(event, NodeEvent) else ""
        if self.followed_seq >= seq and actor.is_outstanding(effect, address):
            again = replace(event, id=f"{event.id}~{self.followed_seq}")
            self._track(actor, Append(again), self._bus.events.append(again))

    def _arm(self, actor: RunActor, effect: ArmTimer) -> None:
        def fire() -> None:
            actor.timers.pop(effect.key, None)
            if actor.is_outstanding(effect, timer_address(effect)):
                due = Append(effect.event)
                self._track(actor, due, self._bus.events.append(effect.event))

        held = actor.timers.pop(effect.key, None)
        if held is not None:
            held.cancel()
        loop = asyncio.get_running_loop()
        actor.timers[effect.key] = loop.call_later(self._clock.until(effect.due), fire)


def _failed_by_size(effect: Append | Dispatch, error: RunfoldError) -> AnyEvent | None:
    """The event that says an effect's payload was over the limit."""
    if isinstance(effect, Dispatch):
        task = effect.task
        return NodeRunFailed(
            id=f"{effect.key}:too_large",
            run_id=task.run_id,
            workflow_id=task.workflow_id,
            node_id=task.node_id,
            scope=task.scope,
            attempt=task.attempt,
            error=error.failure(),
        )
    event = effect.event
    if isinstance(event, NodeRunFailed | RunFailed):
        return None
    if isinstance(event, NodeEvent):
        return NodeRunFailed(
            id=f"{event.id}:too_large",
            run_id=event.run_id,
            workflow_id=event.workflow_id,
            node_id=event.node_id,
            scope=event.scope,
            attempt=event.attempt,
            error=error.failure(),
        )
    return RunFailed(
        id=f"{event.id}:too_large",
        run_id=event.run_id,
        workflow_id=event.workflow_id,
        error=error.failure(),
    )
