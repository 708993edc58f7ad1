"""Sending effects without waiting, and what becomes of those that cannot be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from msgspec.structs import replace

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Ack
from runfold.bus.run_log import RunLog
from runfold.contracts.events import AnyEvent, NodeEvent, TimerFired
from runfold.definitions.pinning import Pinning
from runfold.engine.decide.effects import Admit, Append, ArmTimer, Ask, Dispatch, Effect, Listen
from runfold.engine.state.runs import RunState
from runfold.errors import BusUnavailable, PayloadTooLarge, RunfoldError, Unencodable
from runfold.failpoints import failpoint
from runfold.ids import address_of, attempt_id
from runfold_scheduler.actor import AGAIN, RunActor, address_of_event, original_id
from runfold_scheduler.outbox.answers import Answers, has_answer
from runfold_scheduler.outbox.callbacks import cut, due_callbacks
from runfold_scheduler.outbox.concurrency import Places
from runfold_scheduler.outbox.task_window import TaskWindow
from runfold_scheduler.outbox.unsendable import cannot_begin, failed_to_send
from runfold_scheduler.requests.acceptance import accepted_run
from runfold_scheduler.time.stream_clock import StreamClock
from runfold_scheduler.waits import Waits, has_waits

log = structlog.get_logger("scheduler")

RESEND_AFTER = 0.5
"""Seconds after which what could not be sent is decided again."""
NEAR = 30.0
"""Seconds up to which a timer is held in memory; one further away is a message schedule."""


class Outbox:
    """Sends effects for all runs of one owner.

    Args:
        bus: Where to.
        runs: Runs that make room for others.
        clock: The stream's clock, for timers.
        redecide: Called with a run that has something to decide again, from the whole state.
        may_decide: Whether we hold a lease right now.
        owns: Whether a run is ours.
        hold: Called with a run that cannot go on, and why.
    """

    def __init__(
        self,
        bus: Bus,
        runs: RunLog,
        clock: StreamClock,
        redecide: Callable[[RunActor], None],
        may_decide: Callable[[], bool],
        owns: Callable[[str], bool],
        hold: Callable[[RunActor, str], None],
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._redecide = redecide
        self._may_decide = may_decide
        self._owns = owns
        self._hold = hold
        self._window = TaskWindow(self._push)
        self._places = Places(bus, runs)
        self._waits = Waits(bus)
        self._answers = Answers(bus)
        self._pinning = Pinning(bus)
        self._pending: set[asyncio.Future[Any]] = set()
        self.followed_seq = 0
        """The newest event the owner has folded."""
        self.unwritten: dict[str, int] = {}
        """Run → where in its log it is held up, while what is to be written about that is not."""
        self._unwritten: dict[str, list[int]] = {}
        """The same, with the place of each thing that is to be written."""

    def send(self, actor: RunActor, effects: list[Effect]) -> None:
        """Send effects in order, without waiting.

        What was decided after an event supposes that it is in the log. When it turns out at once
        that it cannot be written, it and all that comes after it counts as not sent: it is decided
        again from the failure that was written in its place.
        """
        for place, effect in enumerate(effects):
            if not isinstance(effect, Append):
                self._send(actor, effect)
            elif not self._write(actor, effect):
                for unsent in effects[place:]:
                    actor.forget(unsent)
                break
        if effects:
            failpoint("scheduler.sent")

    def _send(self, actor: RunActor, effect: Dispatch | ArmTimer | Admit | Ask | Listen) -> None:
        match effect:
            case Dispatch():
                self._window.offer(actor, effect)
            case ArmTimer():
                self._arm(actor, effect)
            case Admit():
                self._track(actor, effect, self._places.take(actor.state, effect))
            case Ask():
                self._track(actor, effect, self._ask(effect))
            case Listen():
                self._track(actor, effect, self._waits.begin(effect.event))

    def append(self, event: AnyEvent, seq: int) -> None:
        """Write an event that no decision of the engine stands behind, however long it takes.

        Args:
            event: What is to be written.
            seq: The event of the run that made it necessary: where another owner would find out.
        """
        self._persist_from(event.run_id, seq, lambda: self._bus.events.append(event))

    def tell(self, state: RunState, seq: int, told: AnyEvent | None = None) -> None:
        """Ask for the runs that tell of this one, however long it takes.

        Args:
            state: The run.
            seq: Where in its log another owner would find out.
            told: The event that has just been folded; None: all that may not have been told.
        """
        requests = due_callbacks(state, told)
        if not requests:
            return

        async def asked() -> None:
            for request in requests:
                failpoint("scheduler.telling")
                try:
                    await self._bus.requests.send(request)
                except PayloadTooLarge as error:
                    log.warning("callback cut", run_id=state.run_id, reason=str(error))
                    await self._bus.requests.send(cut(request))
                failpoint("scheduler.told")

        self._persist_from(state.run_id, seq, asked)

    def on_event(self, actor: RunActor, event: AnyEvent) -> None:
        """An event of a run was folded: a task in it may have begun."""
        if actor.tasks and isinstance(event, NodeEvent) and event.node_id:
            address = address_of(event.scope, event.node_id)
            self._window.begun(actor, attempt_id(event.run_id, address, event.attempt))
        if isinstance(event, TimerFired) and event.node_id:
            self._end_wait(actor, address_of_event(event))

    def _end_wait(self, actor: RunActor, address: str) -> None:
        """A node waited in vain: should it have been for an event, its note is removed."""
        node = actor.state.nodes.get(address)
        waiting = node.waiting if node is not None and node.status == "answered" else None
        if waiting is not None and waiting.subject:
            ended = waiting
            self._persist(actor.state.run_id, lambda: self._waits.end(ended.subject, ended.token))

    def close(self, actor: RunActor) -> None:
        """Let go of a run that has ended, or is ours no longer."""
        self._window.drop(actor)
        actor.close()
        if actor.ended:
            self.leave(actor.state)
            if has_waits(actor.state):
                self._persist(actor.state.run_id, lambda: self._waits.leave(actor.state))

    def leave(self, state: RunState) -> None:
        """See to what a run that has ended leaves: its answer, and its place among others."""
        if has_answer(state):
            self.unwritten[state.run_id] = state.last_seq
            self._persist(state.run_id, lambda: self._answer(state))
        if state.concurrency_key:
            self._persist(state.run_id, lambda: self._places.leave(state))

    async def _answer(self, state: RunState) -> None:
        await self._answers.write(state)
        self.unwritten.pop(state.run_id, None)

    async def flush(self) -> None:
        """Wait until everything sent was answered, one way or the other."""
        while self._pending:
            await asyncio.wait(self._pending)

    # --- what was sent ----------------------------------------------------------------------------

    async def _ask(self, effect: Ask) -> Ack:
        """Send a request that can be carried out; else write the failure of the node that asks."""
        try:
            accepted = await accepted_run(effect.request, self._pinning)
        except RunfoldError as error:
            if error.retryable:
                # Decided again later, as if it could not be sent.
                raise BusUnavailable(error.message) from error
            return await self._bus.events.append(cannot_begin(effect, error))
        version = accepted.pinned.version
        await self._bus.requests.send(replace(effect.request, version=version))
        return await self._bus.events.append(effect.then)

    def _push(self, actor: RunActor, effect: Dispatch) -> None:
        try:
            sent = self._bus.tasks.push(effect.group, effect.task)
        except Unencodable as error:
            self._failed(actor, effect, error)
        else:
            self._track(actor, effect, sent)

    def _write(self, actor: RunActor, effect: Append) -> bool:
        """Write an event; whether it may be written, as far as that is known at once."""
        try:
            sent = asyncio.ensure_future(self._bus.events.append(effect.event))
        except Unencodable as error:
            self._failed(actor, effect, error)
            return False
        self._track(actor, effect, sent)
        return not (sent.done() and isinstance(sent.exception(), PayloadTooLarge))

    def _persist_from(self, run_id: str, seq: int, work: Callable[[], Awaitable[object]]) -> None:
        """Do something until it is done; until then, other owners begin no later in the log."""
        self._unwritten.setdefault(run_id, []).append(seq)
        self.unwritten[run_id] = min(self._unwritten[run_id])

        async def done() -> None:
            await work()
            left = self._unwritten[run_id]
            left.remove(seq)
            if left:
                self.unwritten[run_id] = min(left)
            else:
                del self._unwritten[run_id], self.unwritten[run_id]

        self._persist(run_id, done)

    def _persist(self, run_id: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do something until it is done, or until the run is another's, who will see to it."""

        async def persist() -> None:
            while self._owns(run_id):
                try:
                    if self._may_decide():
                        await work()
                        return
                except BusUnavailable as error:
                    log.warning("not written yet", run_id=run_id, reason=str(error))
                await asyncio.sleep(RESEND_AFTER)

        task = asyncio.create_task(persist())
        self._pending.add(task)

        def settled(done: asyncio.Future[None]) -> None:
            self._pending.discard(done)
            if not done.cancelled() and (error := done.exception()) is not None:
                log.error("cannot be written", run_id=run_id, reason=str(error))

        task.add_done_callback(settled)

    def _track(self, actor: RunActor, effect: Effect, sent: Awaitable[Ack]) -> None:
        future = asyncio.ensure_future(sent)
        self._pending.add(future)
        actor.outstanding += 1

        def settled(done: asyncio.Future[Ack]) -> None:
            self._pending.discard(done)
            actor.outstanding -= 1
            if done.cancelled():
                return
            failpoint("scheduler.acked")
            error = done.exception()
            if error is not None:
                self._failed(actor, effect, error)
            elif done.result().duplicate and isinstance(effect, Append | Ask | Listen):
                self._repeated(actor, effect, done.result().seq)

        future.add_done_callback(settled)

    def _failed(self, actor: RunActor, effect: Effect, error: BaseException) -> None:
        if isinstance(error, PayloadTooLarge | Unencodable) and isinstance(
            effect, Append | Ask | Dispatch | Listen
        ):
            if isinstance(effect, Dispatch) and effect.task.source is not None:
                # A failure would not count yet; it is said when the node's own time has come.
                actor.forget(effect)
                return
            failure = failed_to_send(effect, error)
            if failure is not None:
                self._write(actor, Append(failure))
                return
        if isinstance(error, BusUnavailable):
            actor.forget(effect)
            asyncio.get_running_loop().call_later(RESEND_AFTER, self._redecide, actor)
            return
        run_id = actor.state.run_id
        log.error("effect cannot be sent", run_id=run_id, effect=effect.key, reason=str(error))
        self._hold(actor, f"{type(error).__name__}: {error}")

    def _repeated(self, actor: RunActor, effect: Append | Ask | Listen, seq: int) -> None:
        """The id was in the log already: by another owner, most often, and folded like any event.

        If that one has been folded and yet the effect is still wanted, it came at a time when it
        could not count (an earlier event it follows from had been lost). Then it is written again,
        under an id of its own; or it may be sent again, once what it follows from is there.
        """
        event = effect.then if isinstance(effect, Ask) else effect.event
        if self.followed_seq < seq:
            return
        if actor.is_outstanding(effect, event):
            again = replace(event, id=f"{original_id(event.id)}{AGAIN}{self.followed_seq}")
            self._write(actor, Append(again))
        else:
            actor.forget(effect)

    # --- timers -----------------------------------------------------------------------------------

    def _arm(self, actor: RunActor, effect: ArmTimer) -> None:
        left = self._clock.until(effect.due)
        if left > NEAR:
            self._track(actor, effect, self._bus.events.schedule(effect.event, effect.due))
            return

        def fire() -> None:
            actor.timers.pop(effect.key, None)
            if self._may_decide() and actor.is_outstanding(effect, effect.event):
                self._write(actor, Append(effect.event))
            else:
                # The next owner, or a resume, arms it again.
                actor.forget(effect)

        held = actor.timers.pop(effect.key, None)
        if held is not None:
            held.cancel()
        actor.timers[effect.key] = asyncio.get_running_loop().call_later(left, fire)
