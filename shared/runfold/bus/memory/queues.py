"""The work queues in memory: leases, redelivery after silence, de-duplication, slots."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from runfold.background import unless
from runfold.bus.ports.messages import Ack
from runfold.bus.ports.operations import QueueStanding, TypeStanding
from runfold.contracts.codec import decode_event, decode_request, decode_task, encode
from runfold.contracts.events import TimerFired
from runfold.contracts.requests import AnyRequest, RunRequest, request_id, verb_of
from runfold.contracts.tasks import Hold, Task
from runfold.errors import PayloadTooLarge
from runfold.ids import address_of, attempt_id

L = TypeVar("L", bound="MemoryLease")


def too_large(size: int, limit: int) -> PayloadTooLarge:
    """The error for a payload over the limit."""
    message = f"a payload of {size} bytes is over the limit of {limit}"
    return PayloadTooLarge(message, details={"size": size, "limit": limit})


class _Message:
    """A stored message of a queue."""

    __slots__ = ("body", "deliveries", "hold", "seq", "time", "what")

    def __init__(
        self, seq: int, time: float, what: str, body: bytes, hold: Hold | None = None
    ) -> None:
        self.seq = seq
        self.time = time
        self.what = what
        self.body = body
        self.hold = hold
        self.deliveries = 0


class MemoryQueue:
    """Messages that wait, and those that are handed out."""

    def __init__(self, clock: Callable[[], float], ack_wait: float) -> None:
        self._clock = clock
        self.ack_wait = ack_wait
        self.last_seq = 0
        self._ids: dict[str, int] = {}
        self._waiting: deque[_Message] = deque()
        self._handed: dict[int, asyncio.TimerHandle] = {}
        self._waiters: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """Messages that wait."""
        return len(self._waiting)

    @property
    def in_hand(self) -> int:
        """Messages that are handed out."""
        return len(self._handed)

    def types(self) -> tuple[TypeStanding, ...]:
        """What the messages that wait are, and since when."""
        found: dict[str, list[float]] = {}
        for message in self._waiting:
            found.setdefault(message.what, []).append(message.time)
        return tuple(TypeStanding(what, len(at), min(at)) for what, at in sorted(found.items()))

    def put(self, what: str, body: bytes, msg_id: str = "", hold: Hold | None = None) -> Ack:
        """Store a message, once per id."""
        if msg_id and msg_id in self._ids:
            return Ack(self._ids[msg_id], duplicate=True)
        self.last_seq += 1
        if msg_id:
            self._ids[msg_id] = self.last_seq
        self._offer(_Message(self.last_seq, self._clock(), what, body, hold))
        return Ack(self.last_seq)

    def take(self) -> _Message | None:
        """The next message, handed out from now on; None when none waits."""
        if not self._waiting:
            return None
        message = self._waiting.popleft()
        message.deliveries += 1
        self.keep(message)
        return message

    async def arrival(self) -> None:
        """Wait until a message may be waiting."""
        if not self._waiting:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def keep(self, message: _Message) -> None:
        """Its holder is still at it."""
        self.settle(message)
        loop = asyncio.get_running_loop()
        self._handed[message.seq] = loop.call_later(self.ack_wait, self.give_back, message, 0.0)

    def settle(self, message: _Message) -> None:
        """Wait for its holder no more."""
        timer = self._handed.pop(message.seq, None)
        if timer is not None:
            timer.cancel()

    def give_back(self, message: _Message, delay: float) -> None:
        """For anybody, after `delay` seconds."""
        self.settle(message)
        if delay:
            asyncio.get_running_loop().call_later(delay, self._offer, message)
        else:
            self._offer(message)

    def _offer(self, message: _Message) -> None:
        self._waiting.append(message)
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


class MemoryLease:
    """A message that is ours for the moment."""

    def __init__(self, queue: MemoryQueue, message: _Message) -> None:
        self._queue = queue
        self._message = message
        self.deliveries = message.deliveries
        self.seq = message.seq
        self.time = message.time

    async def ack(self) -> None:
        """Done: remove it."""
        self._queue.settle(self._message)

    async def nak(self, delay: float = 0.0) -> None:
        """Give it back, for anybody, after `delay` seconds."""
        self._queue.give_back(self._message, delay)

    async def keep(self) -> None:
        """Still working on it."""
        self._queue.keep(self._message)


class MemoryTaskLease(MemoryLease):
    """A task that is ours for the moment."""

    def __init__(self, queue: MemoryQueue, message: _Message) -> None:
        super().__init__(queue, message)
        self.task = decode_task(message.body)
        self.hold = message.hold
        if self.hold is not None:
            self.deliveries = max(1, self.deliveries - 1)

    async def give_back(self, hold: Hold | None = None) -> None:
        """Give it back, as if it had never been taken: its deliveries count anew."""
        self._queue.put(self._message.what, self._message.body, hold=hold or self.hold)
        await self.ack()


class MemoryRequestLease(MemoryLease):
    """A request that is ours for the moment."""

    def __init__(self, queue: MemoryQueue, message: _Message) -> None:
        super().__init__(queue, message)
        self.verb = message.what
        self.body = message.body
        self.request = decode_request(message.what, message.body)


class MemoryDueLease(MemoryLease):
    """A timer or a run request whose time has come, ours for the moment."""

    def __init__(self, queue: MemoryQueue, message: _Message) -> None:
        super().__init__(queue, message)
        what = decode_event(message.body)
        if not isinstance(what, TimerFired):
            raise TypeError(what)
        self.what: TimerFired | RunRequest = what


class MemoryFeed(Generic[L]):
    """An open subscription; see `runfold.bus.ports.queues.TaskFeed`."""

    def __init__(self, queue: MemoryQueue, slots: int, lease: Callable[[Any, Any], L]) -> None:
        self._queue = queue
        self._lease = lease
        self._slots = asyncio.Semaphore(slots)
        self._stopped = asyncio.Event()

    @property
    def ack_wait(self) -> float:
        """Seconds of silence after which a lease is given to somebody else."""
        return self._queue.ack_wait

    async def __aiter__(self) -> AsyncIterator[L]:
        """Leases as they come. Ends after `stop`."""
        while not self._stopped.is_set():
            await self._slots.acquire()
            message = self._queue.take()
            while message is None:
                # Ended by a stop: an arrival without a reader would take the next one's only call.
                await unless(self._stopped, self._queue.arrival())
                if self._stopped.is_set():
                    return
                message = self._queue.take()
            yield self._lease(self._queue, message)

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""
        self._slots.release()

    async def stop(self) -> None:
        """Take no more."""
        self._stopped.set()


class MemoryDue:
    """`runfold.bus.ports.queues.DueQueue` in this process. Timers only: no cron fires here."""

    def __init__(self, clock: Callable[[], float], ack_wait: float) -> None:
        self._queue = MemoryQueue(clock, ack_wait)

    def put(self, event: TimerFired) -> None:
        """It is due."""
        self._queue.put("event", encode(event))

    def consume(self, *, slots: int) -> MemoryFeed[MemoryDueLease]:
        """Take what is due as the scheduler group."""
        return MemoryFeed(self._queue, slots, MemoryDueLease)


class MemoryTasks:
    """`runfold.bus.ports.queues.TaskQueue` in this process."""

    def __init__(self, clock: Callable[[], float], ack_wait: float, max_payload: int) -> None:
        self._clock = clock
        self._ack_wait = ack_wait
        self._max_payload = max_payload
        self._groups: dict[str, MemoryQueue] = {}

    def push(self, group: str, task: Task) -> asyncio.Future[Ack]:
        """Queue a task once per attempt."""
        done: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        body = encode(task)
        if len(body) > self._max_payload:
            done.set_exception(too_large(len(body), self._max_payload))
            return done
        address = address_of(task.scope, task.node_id)
        msg_id = attempt_id(task.run_id, address, task.attempt)
        done.set_result(self._queue(group).put(task.node_type, body, msg_id))
        return done

    def standings(self) -> list[QueueStanding]:
        """How the queues stand, by group."""
        return [
            QueueStanding(
                group,
                is_consumed=True,
                pending=queue.waiting,
                in_flight=queue.in_hand,
                redelivered=0,
                types=queue.types(),
            )
            for group, queue in sorted(self._groups.items())
        ]

    def put(self, group: str, node_type: str, body: bytes, msg_id: str) -> Ack:
        """Queue a task's bytes once per id."""
        return self._queue(group).put(node_type, body, msg_id)

    def consume(self, group: str, *, slots: int) -> MemoryFeed[MemoryTaskLease]:
        """Take tasks of a group, never more at a time than there are free slots."""
        return MemoryFeed(self._queue(group), slots, MemoryTaskLease)

    async def last_seq(self, group: str) -> int:
        """The newest place that was given to a task, 0 when none was."""
        return self._queue(group).last_seq

    def _queue(self, group: str) -> MemoryQueue:
        return self._groups.setdefault(group, MemoryQueue(self._clock, self._ack_wait))


class MemoryRequests:
    """`runfold.bus.ports.queues.RequestQueue` in this process."""

    def __init__(self, clock: Callable[[], float], ack_wait: float) -> None:
        self._queue = MemoryQueue(clock, ack_wait)

    async def send(self, request: AnyRequest) -> Ack:
        """Store a request."""
        return self.put(verb_of(request), encode(request), request_id(request))

    def put(self, verb: str, body: bytes, msg_id: str = "") -> Ack:
        """Store a request's bytes."""
        return self._queue.put(verb, body, msg_id)

    def consume(self, *, slots: int) -> MemoryFeed[MemoryRequestLease]:
        """Take requests as the scheduler group."""
        return MemoryFeed(self._queue, slots, MemoryRequestLease)
