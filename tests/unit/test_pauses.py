"""What an executor knows of paused runs, when it came later than the pause."""

from __future__ import annotations

from contextlib import aclosing

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.ports.queues import TaskLease
from runfold.contracts import events as e
from runfold.contracts.tasks import Hold, Task
from runfold.executor.pauses import Pauses
from runfold.settings import Settings

ABOUT = {"run_id": "r", "workflow_id": "w"}
TASK = Task(**ABOUT, node_id="n", node_type="noop", config={}, inputs={})


async def queued(bus: MemoryBus, hold: Hold | None) -> TaskLease:
    """A task as it comes from the queue, held before if so."""
    await bus.tasks.push("g", TASK)
    feed = bus.tasks.consume("g", slots=1)
    async with aclosing(aiter(feed)) as leases:  # type: ignore[type-var]
        lease = await anext(leases)
        if hold is None:
            return lease
        await lease.give_back(hold)
        feed.done()
        return await anext(leases)


async def test_a_task_that_was_held_is_asked_about_wherever_it_comes_next() -> None:
    """It was queued anew: an executor that came meanwhile takes it for a new one."""
    bus = MemoryBus(Settings())
    await bus.events.start_run(e.RunStarted(id="s", definition={}, **ABOUT))
    await bus.events.append(e.RunPaused(id="p", **ABOUT))
    pauses = Pauses(bus, lambda _: True)
    held = await queued(bus, Hold(0.0))
    assert await pauses.hold(held) is not None
    await bus.events.append(e.RunResumed(id="g", **ABOUT))
    assert await pauses.hold(held) is None


async def test_a_pause_before_a_run_is_admitted_holds_nothing() -> None:
    """The engine passes over it, so that no resume would ever come."""
    bus = MemoryBus(Settings())
    await bus.events.start_run(e.RunStarted(id="s", definition={}, **ABOUT))
    await bus.events.append(e.RunPaused(id="p", **ABOUT))
    await bus.events.append(e.RunAdmitted(id="a", **ABOUT))
    held = await queued(bus, Hold(0.0))
    assert await Pauses(bus, lambda _: True).hold(held) is None
