"""The executor's loop: takes tasks, runs their attempts side by side, and answers for each lease.

A lease is acknowledged once its result is in the log; until then it is kept alive, and a process
that dies simply stops keeping it. What an attempt *is* lives in `attempt`, what is told of it in
`reporting`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog
from prometheus_client import Counter, Histogram

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.queues import TaskFeed, TaskLease
from runfold.contracts.tasks import Hold
from runfold.errors import Failure
from runfold.executor.attempt import run_attempt
from runfold.executor.cancellations import Cancellations
from runfold.executor.endings import Endings
from runfold.executor.flights import Flight, Flights
from runfold.executor.following import following
from runfold.executor.hooks import Hooks
from runfold.executor.incoming import Source, SourceGone, SourceSilent
from runfold.executor.node import NodeExecutor, Outcome
from runfold.executor.pauses import Pauses
from runfold.executor.protection.call import Later
from runfold.executor.protection.guard import Guard
from runfold.executor.reporting import Reporter, unbegun
from runfold.executor.resources import Resources
from runfold.failpoints import failpoint
from runfold.settings import Settings
from runfold.telemetry import IN_FLIGHT, TASK_SECONDS, TASKS

KEEP_SHARE = 3
"""A lease is kept alive this many times within `ack_wait`."""

MOMENT = 1.0
"""Seconds by which a held task may come too early and is waited for in place."""

log = structlog.get_logger("executor")


class Worker:
    """Runs the tasks of one executor group in this process."""

    def __init__(
        self,
        bus: Bus,
        settings: Settings,
        group: str,
        executors: Mapping[str, NodeExecutor],
        hooks: Hooks,
        resources: Resources,
    ) -> None:
        self._bus = bus
        self._settings = settings
        self._group = group
        self._executors = executors
        self._hooks = hooks
        self._resources = resources
        self._report = Reporter(bus, group)
        self._guard = Guard(bus, settings, group)
        self._flights = Flights()
        self._endings = Endings(bus, group, self._on_run_end, self._flights.runs)
        self._cancellations = Cancellations(bus.live, self._on_given_up)
        self._pauses = Pauses(bus, self._endings.listened)
        self._feed: TaskFeed | None = None
        IN_FLIGHT.labels(group).set_function(self._flights.__len__)
        self._counters: dict[tuple[str, str], tuple[Counter, Histogram]] = {}

    @property
    def name(self) -> str:
        """This process, as its events name it."""
        return self._report.name

    @property
    def in_flight(self) -> int:
        """How many attempts are being worked on."""
        return len(self._flights)

    async def open(self) -> None:
        """Watch for ending runs and subscribe to the group's queue."""
        # Before the endings: from their place in the queue on, pauses are heard of as well.
        await self._pauses.open()
        await self._endings.open()
        await self._cancellations.open()
        self._feed = self._bus.tasks.consume(self._group, slots=self._settings.concurrency)

    async def take(self) -> None:
        """Take tasks until `stop`."""
        if self._feed is None:
            return
        loop = asyncio.get_running_loop()
        async for lease in self._feed:
            flight = self._flights.begin(lease, loop.time())
            flight.task = loop.create_task(self._fly(flight, self._feed))

    async def keep_alive(self) -> None:
        """Keep what takes longer than a part of `ack_wait`, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            # The queue may be of another setting than this process; the broker's word counts.
            allowed = self._feed.ack_wait if self._feed is not None else self._settings.ack_wait
            share = min(allowed, self._settings.ack_wait) / KEEP_SHARE
            await asyncio.sleep(share)
            young = loop.time() - share
            for flight in self._flights:
                if flight.since <= young:
                    await flight.lease.keep()

    async def stop(self, grace: float) -> None:
        """Take nothing more; what is not done within `grace` seconds is given back."""
        if self._feed is not None:
            await self._feed.stop()
        try:
            async with asyncio.timeout(grace):
                while self._flights:
                    self._flights.landed.clear()
                    await self._flights.landed.wait()
        except TimeoutError:
            log.info("giving back what did not finish", tasks=len(self._flights))
        left = [flight.task for flight in self._flights]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for flight in self._flights:  # cancelled before its first step
            await self._give_back(flight.lease)
            self._flights.forget(flight)
        await self._endings.close()
        await self._cancellations.close()
        await self._pauses.close()

    # --- one lease ------------------------------------------------------------------------------

    async def _fly(self, flight: Flight, feed: TaskFeed) -> None:
        lease, node_type = flight.lease, flight.lease.task.node_type
        outcome = "returned"
        try:
            outcome = await self._work(flight)
            if outcome != "held":
                await lease.ack()
        except asyncio.CancelledError:
            if flight.unwanted:
                outcome = "dropped"
                await lease.ack()
            else:
                await self._give_back(lease)
        except SourceGone:
            outcome = "dropped"
            await lease.ack()
        except SourceSilent:
            await self._give_back(lease)
        except Exception:
            # The actor shell: without an ack the task comes again.
            log.exception("task not finished", node_type=node_type)
        finally:
            self._flights.forget(flight)
            feed.done()
            self._count(node_type, outcome, asyncio.get_running_loop().time() - flight.since)

    async def _give_back(self, lease: TaskLease) -> None:
        """A drain is no fault of the task's and does not count; what is poison stays poison."""
        if lease.deliveries > self._settings.max_deliver:
            await lease.nak()
        else:
            await lease.give_back(lease.hold or Hold(0.0))

    def _count(self, node_type: str, outcome: str, seconds: float) -> None:
        counters = self._counters.get((node_type, outcome))
        if counters is None:
            counters = TASKS.labels(node_type, outcome), TASK_SECONDS.labels(node_type)
            self._counters[node_type, outcome] = counters
        counters[0].inc()
        counters[1].observe(seconds)

    async def _work(self, flight: Flight) -> str:
        lease = flight.lease
        task = lease.task
        if await self._endings.ended(lease) or self._cancellations.covers(task):
            return "dropped"
        if lease.deliveries > 1:
            earlier = self._flights.before(flight)
            if earlier and task.source is None:  # one that reads along may be waited for itself
                await asyncio.wait(earlier)
            if await self._endings.settled(lease):
                return "dropped"
        # One that was handed out before may have begun, and is done again so that it can be undone.
        fresh = not task.undoes and lease.deliveries == 1
        if fresh and self._endings.compensates(task.run_id):
            await self._report.result(task, unbegun(task))
            return "dropped"
        if task.source is None:
            came = await self._taken_up(flight, None)
        else:
            async with following(self._bus, task, task.source) as source:
                came = await self._taken_up(flight, source)
        if isinstance(came, str):
            return came
        if flight.unwanted:
            return "dropped"
        if isinstance(came, Hold):
            await lease.give_back(came)
            return "held"
        failpoint("executor.running")
        outcome = await self._report.result(task, came)
        flight.unwanted = True  # it is not to be given back any more
        failpoint("executor.result_stored")
        return outcome

    async def _taken_up(
        self, flight: Flight, source: Source | None
    ) -> Outcome | Failure | Hold | str:
        """What the attempt comes to; a word for a task that was not begun."""
        lease = flight.lease
        if lease.deliveries > self._settings.max_deliver:
            if source is not None:
                await source.end()
            await self._report.poison(lease, self._settings.max_deliver)
            return "failed"
        if lease.hold is not None and (early := await self._guard.early(lease.hold)) > 0:
            if early > MOMENT:
                await lease.nak(early)
                return "held"
            # Put off again, it would count as delivered too often.
            await asyncio.sleep(early)
        if (hold := await self._pauses.hold(lease)) is not None:
            await lease.give_back(hold)
            return "held"
        failpoint("executor.taken")
        flight.running = True
        try:
            return await self._come_to(lease, source)
        finally:
            flight.running = False

    async def _come_to(self, lease: TaskLease, source: Source | None) -> Outcome | Failure | Hold:
        """What the attempt comes to: at once, or when its node's protections let it begin."""
        task = lease.task
        executor = self._executors.get(task.node_type)
        if task.protection is None or executor is None:
            self._report.started(lease)
            return await self._attempted(lease, source)
        begun = False

        async def begin() -> Outcome | Failure:
            nonlocal begun
            if hold := await self._pauses.hold(lease):
                raise Later(hold)  # paused while it waited for its turn
            begun = True
            self._report.started(lease)
            return await self._attempted(lease, source)

        came = await self._guard.run(task, task.protection, lease.hold, executor, begin)
        if not begun and not isinstance(came, Hold):
            self._report.started(lease)
        return came

    async def _attempted(self, lease: TaskLease, source: Source | None) -> Outcome | Failure:
        if source is not None:
            with source.at_end(lambda: self._report.started(lease, fed=True)):
                return await self._executed(lease, source)
        return await self._executed(lease, None)

    async def _executed(self, lease: TaskLease, source: Source | None) -> Outcome | Failure:
        task = lease.task
        executor = self._executors.get(task.node_type)
        if executor is None:
            known = ", ".join(sorted(self._executors))
            message = (
                f"executor group {self._group!r} has no node type {task.node_type!r}; it has "
                f"{known}: start an executor that knows it, or set RUNFOLD_NODE_MODULES"
            )
            return Failure(code="node.unknown_type", message=message, kind="input")
        resource = await self._resources.of(executor)
        bus = self._bus
        return await run_attempt(
            executor,
            task,
            self._settings,
            bus.chunks,
            bus.files,
            source,
            self._hooks,
            resource,
            lease.deliveries,
        )

    def _on_run_end(self, run_id: str) -> None:
        """What still runs for an ended run is cut off."""
        for flight in tuple(self._flights.of_run(run_id)):
            flight.drop()

    def _on_given_up(self, run_id: str) -> None:
        """Nor is what runs for a part of a run that was given up."""
        for flight in tuple(self._flights.of_run(run_id)):
            if self._cancellations.covers(flight.lease.task):
                flight.drop()
