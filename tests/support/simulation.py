"""Schedulers and executors over the bus's twin, with everything that can go wrong picked by a seed.

Each process has a line of its own to the bus, on which messages are lost, stored without an answer,
stored twice, or late. A process that crashes keeps running here, but its line is dead: nothing it
does reaches anybody any more, as if it had ended between two awaits.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.ports.messages import Ack
from runfold.contracts import events as e
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import Hold
from runfold.engine.history.fold import Folder, Plans
from runfold.errors import BusUnavailable, NodeFailed
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.executor.service import ExecutorService
from runfold.graph.kinds import kind_of
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import address_of
from runfold.settings import Settings
from runfold_scheduler.service import Scheduler

EPOCH = 1_700_000_000.0
RUN = "r1"
LONGEST = 1000.0
"""Seconds of virtual time in which a run has to end."""
LANDING = 12.0
"""Seconds after a run's end in which what was under way lands, and zombies have their say."""


class Line:
    """One process's line to the bus: `runfold.bus.ports.bus.Bus` with faults.

    Args:
        bus: The bus all share.
        chance: Picks faults.
        trouble: Share of messages that something happens to.
    """

    def __init__(self, bus: MemoryBus, chance: random.Random, trouble: float) -> None:
        self._bus = bus
        self._chance = chance
        self._trouble = trouble
        self.alive = True
        self.events = _Events(self)
        self.tasks = _Tasks(self)
        self.requests = _Requests(self)
        self.due = _Due(self)
        self.live = bus.live
        self.chunks = _Chunks(self)
        self.blobs = bus.blobs
        self.files = bus.files
        self.leftovers = bus.leftovers
        self.plugins = bus.plugins
        self.connections = bus.connections
        self.snapshots = bus.snapshots
        self.crons = bus.crons
        self.archive = bus.archive
        self.dead = bus.dead
        self.definitions = bus.definitions
        self.checkpoints = _Values(self, bus.checkpoints)
        self.idempotency = bus.idempotency
        self.leases = _Values(self, bus.leases)
        self.places = _Values(self, bus.places)
        self.protection = _Values(self, bus.protection)
        self.waits = _Values(self, bus.waits)
        self.connected = True

    async def close(self) -> None:
        self.alive = False

    def send(self, store: Callable[[], Awaitable[Ack]], twice: Callable[[], object]) -> Any:
        """Store something, or not, or twice, now or later; the answer may be lost."""
        if not self.alive:
            return asyncio.get_running_loop().create_future()
        fate = self._chance.random() / self._trouble if self._trouble else 1.0
        if fate < 0.25:
            return asyncio.ensure_future(self._lost())
        # Under way: a process that dies now has sent it.
        stored = store()
        if fate < 0.5:
            return asyncio.ensure_future(self._lost())
        if fate < 0.75:
            twice()
        return asyncio.ensure_future(self._answered(stored))

    async def hiccup(self) -> None:
        """A pause of any length; for ever when the process is dead."""
        await asyncio.sleep(self._chance.choice((0.0, 0.0, 0.001, 0.02)))
        if not self.alive:
            await asyncio.get_running_loop().create_future()

    async def _lost(self) -> Ack:
        await asyncio.sleep(self._chance.choice((0.01, 0.5)))
        await self.hiccup()
        raise BusUnavailable("no answer")

    async def _answered(self, stored: Awaitable[Ack]) -> Ack:
        ack = await stored
        await self.hiccup()
        return ack


class _Events:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._events = line._bus.events
        self._again = 0

    def append(self, event: e.AnyEvent) -> Any:
        def twice() -> None:
            self._again += 1
            self._events.append(replace(event, id=f"{event.id}~again{id(self)}{self._again}"))

        return self._line.send(lambda: self._events.append(event), twice)

    async def start_run(self, event: e.RunStarted) -> Ack:
        await self._line.hiccup()
        ack = await self._events.start_run(event)
        await self._line.hiccup()
        return ack

    def schedule(self, event: e.TimerFired, due: float) -> Any:
        return self._line.send(lambda: self._events.schedule(event, due), lambda: None)

    async def follow(self, **where: Any) -> AsyncIterator[list[Any]]:
        async for batch in self._events.follow(**where):
            left = batch
            while left:
                await self._line.hiccup()
                cut = self._line._chance.randint(1, len(left))
                yield left[:cut]
                left = left[cut:]
            if not batch:
                yield []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)


class _Tasks:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._tasks = line._bus.tasks

    def push(self, group: str, task: Any) -> Any:
        def twice() -> None:
            # Under another id, as after the window in which ids are remembered.
            queue = self._tasks._queue(group)
            from runfold.contracts.codec import encode

            queue.put(task.node_type, encode(task))

        return self._line.send(lambda: self._tasks.push(group, task), twice)

    def consume(self, group: str, *, slots: int) -> Any:
        return _Feed(self._line, self._tasks.consume(group, slots=slots))

    async def last_seq(self, group: str) -> int:
        await self._line.hiccup()
        return await self._tasks.last_seq(group)


class _Chunks:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._chunks = line._bus.chunks

    def publish(self, chunk: e.StreamChunk) -> Any:
        def again() -> Awaitable[Ack]:
            return self._chunks.publish(chunk)

        return self._line.send(again, again)

    async def read(self, run_id: str, **where: Any) -> list[e.RecordedChunk]:
        await self._line.hiccup()
        return await self._chunks.read(run_id, **where)


class _Requests:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._requests = line._bus.requests

    async def send(self, request: Any) -> Ack:
        return await self._requests.send(request)

    def consume(self, *, slots: int) -> Any:
        return _Feed(self._line, self._requests.consume(slots=slots))


class _Due:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._due = line._bus.due

    def consume(self, *, slots: int) -> Any:
        return _Feed(self._line, self._due.consume(slots=slots))


class _Feed:
    def __init__(self, line: Line, feed: Any) -> None:
        self._line = line
        self._feed = feed

    @property
    def ack_wait(self) -> float:
        return self._feed.ack_wait

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for lease in self._feed:
            if not self._line.alive:
                await lease.nak()
                await asyncio.get_running_loop().create_future()
            yield _Lease(self._line, lease)

    def done(self) -> None:
        self._feed.done()

    async def stop(self) -> None:
        await self._feed.stop()


class _Lease:
    def __init__(self, line: Line, lease: Any) -> None:
        self._line = line
        self._lease = lease

    async def ack(self) -> None:
        await self._line.hiccup()
        await self._lease.ack()

    async def nak(self, delay: float = 0.0) -> None:
        await self._line.hiccup()
        await self._lease.nak(delay)

    async def give_back(self, hold: Hold | None = None) -> None:
        await self._line.hiccup()
        await self._lease.give_back(hold)

    async def keep(self) -> None:
        if self._line.alive:
            await self._lease.keep()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lease, name)


class _Values:
    def __init__(self, line: Line, bucket: Any) -> None:
        self._line = line
        self._bucket = bucket

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._bucket, name)

        async def call(*arguments: Any) -> Any:
            await self._line.hiccup()
            return await found(*arguments)

        return call


Processes = dict[str, Callable[[], None]]
"""What starts each process, by its name."""


class World:
    """Everything: a bus, and processes that come and go."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.trouble = (0.0, 0.1, 0.3)[seed % 3]
        self.loop = asyncio.get_running_loop()
        self.settings = Settings(ack_wait=2.0, concurrency=4, max_deliver=50)
        self.bus = MemoryBus(self.settings, self.wall)
        self.calls: list[tuple[str, int, str]] = []
        self.crashes = 0
        self.ended = asyncio.Event()
        self._lines: dict[str, Line] = {}
        self._processes: set[asyncio.Task[None]] = set()

    def wall(self) -> float:
        """The broker's clock."""
        return EPOCH + self.loop.time()

    def scheduler(self, name: str) -> None:
        """Start a scheduler."""
        member = f"{name}-{self.crashes}"
        self._begin(name, lambda line: Scheduler(line, self.settings, self.loop.time, member))  # type: ignore[arg-type]

    def executor(self, name: str, run: Callable[..., Awaitable[Outcome]]) -> None:
        """Start an executor of noop nodes that does something else instead."""

        async def noted(ctx: NodeContext, config: Any, inputs: dict[str, Any]) -> Outcome:
            address = f"{ctx.scope}/{ctx.node_id}" if ctx.scope else ctx.node_id
            self.calls.append((address, ctx.attempt, ctx.idempotency_key))
            await asyncio.sleep(self.chance.choice((0.0, 0.01, 0.3)))
            return await run(ctx, config, inputs)

        kind = kind_of("noop")
        assert kind is not None
        self.serve(name, NodeExecutor(kind, noted))

    def serve(self, name: str, node: NodeExecutor) -> None:
        """Start an executor of one kind."""
        group, nodes = node.kind.group, {node.kind.type: node}
        self._begin(name, lambda line: ExecutorService(line, self.settings, group, nodes))  # type: ignore[arg-type]

    def crash(self, name: str) -> None:
        """End a process between two of its awaits."""
        self._lines.pop(name).alive = False
        self.crashes += 1

    async def records(self) -> list[e.Recorded]:
        """The run's log."""
        return await self.bus.events.read_run(RUN)

    async def simulate(
        self,
        processes: Processes,
        request: RunRequest,
        *meanwhile: Callable[[], Awaitable[None]],
        most: int = 6,
        longest: float = 2.0,
    ) -> tuple[list[e.Recorded], Folder]:
        """Have a run done by processes that crash; returns what came of it.

        Args:
            processes: What starts each process, by its name.
            request: The run.
            meanwhile: What else goes on, each until `ended` at the latest.
            most: Crashes at the most.
            longest: Seconds at the most between two of them.
        """
        for begin_process in processes.values():
            begin_process()
        await self.bus.live.watch_run_ends(lambda _run_id: self.ended.set())
        await self.bus.requests.send(request)
        going_on = asyncio.gather(
            self._crashing(processes, most, longest), *(begin() for begin in meanwhile)
        )
        await asyncio.wait_for(self.ended.wait(), LONGEST)
        await going_on
        await asyncio.sleep(LANDING)
        self._raise_failures()
        records = await self.records()
        folder = Folder.fold(records, Plans())
        assert folder is not None
        return records, folder

    async def _crashing(self, processes: Processes, most: int, longest: float) -> None:
        """End some processes at odd times, and start each again some time after."""
        pauses = tuple(dict.fromkeys((0.0, 0.01, 0.3, 2.0, longest)))
        for _ in range(self.chance.randint(0, most)):
            await asyncio.sleep(self.chance.choice(pauses))
            name = self.chance.choice(list(processes))
            self.crash(name)
            await asyncio.sleep(self.chance.choice((0.0, 0.5, 7.0)))
            processes[name]()

    def _begin(self, name: str, make: Callable[[Line], Any]) -> None:
        line = self._lines[name] = Line(self.bus, self.chance, self.trouble)

        async def live() -> None:
            service = make(line)
            await service.start()
            await service.wait()

        task = asyncio.ensure_future(live())
        self._processes.add(task)

    def _raise_failures(self) -> None:
        """Raise what a process that should be alive ended with."""
        for task in self._processes:
            if task.done() and not task.cancelled():
                task.result()


def asked(document: dict[str, Any]) -> RunRequest:
    """The request for the run of a document."""
    workflow, _ = prepare(document)
    definition = msgspec.Raw(canonical_bytes(workflow))
    return RunRequest(workflow_id=workflow.id, run_id=RUN, definition=definition)


def counted(records: list[e.Recorded]) -> Iterator[tuple[e.AnyEvent, Folder]]:
    """The events that changed the run after its first one, each with the run as it is then."""
    folder, _ = Folder.begin(records[0], Plans())
    for record in records[1:]:
        before = folder.state
        folder.apply(record)
        if folder.state is not before:
            yield record.event, folder


def check_attempts(records: list[e.Recorded], calls: list[tuple[str, int, str]]) -> None:
    """Of each attempt one ending counts, and all its calls have one idempotency key."""
    ended = [
        (address_of(event.scope, event.node_id), event.attempt)
        for event, _ in counted(records)
        if isinstance(event, e.NodeRunSucceeded | e.NodeRunFailed)
    ]
    assert len(ended) == len(set(ended))
    keys: dict[tuple[str, int], set[str]] = {}
    for address, attempt, key in calls:
        keys.setdefault((address, attempt), set()).add(key)
    assert all(len(of_attempt) == 1 for of_attempt in keys.values())


def retryable(message: str) -> NodeFailed:
    """A failure after which the node is tried again."""
    return NodeFailed(message, code="simulated", kind="server", retryable=True)
