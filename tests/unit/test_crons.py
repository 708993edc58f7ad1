"""Keeping schedules although some definitions are none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.ports.stores import Scheduled
from runfold.definitions.heads import SchedulePause
from runfold.definitions.schedules import comes_while_paused, scheduled
from runfold.definitions.store import DefinitionStore
from runfold.graph.definition import Schedule
from runfold.graph.loader import prepare
from runfold.settings import Settings
from runfold_scheduler.time.crons import Crons

UNREADABLE = b'{"workflow_id":1}'
DANGLING = b'{"workflow_id":"broken","latest":3}'


@pytest.mark.parametrize("head", [UNREADABLE, b"\xff", DANGLING])
async def test_a_broken_workflow_does_not_keep_others_from_their_schedules(head: bytes) -> None:
    bus = MemoryBus(Settings())
    await bus.definitions.put("broken", head)
    await publish(bus, "ticking")
    assert set(await settled(bus, "ticking")) == {"ticking"}


async def test_a_workflow_that_fails_in_an_unforeseen_way_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus = MemoryBus(Settings())
    await publish(bus, "odd")
    await publish(bus, "ticking")
    real = bus.crons.replace

    async def replace(workflow_id: str, wanted: Sequence[Scheduled]) -> int:
        if workflow_id == "odd":
            raise ZeroDivisionError
        return await real(workflow_id, wanted)

    monkeypatch.setattr(bus.crons, "replace", replace)
    assert set(await settled(bus, "ticking")) == {"ticking"}


async def test_the_list_of_workflows_leaves_out_what_cannot_be_read() -> None:
    bus = MemoryBus(Settings())
    await bus.definitions.put("broken", UNREADABLE)
    await publish(bus, "ticking")
    assert [head.workflow_id for head in await DefinitionStore(bus.definitions).list()] == [
        "ticking"
    ]


async def test_what_the_broker_asks_for_after_a_pause_begins_no_run() -> None:
    bus = MemoryBus(Settings())
    await publish(bus, "ticking")
    store = DefinitionStore(bus.definitions)
    request = scheduled("ticking", Schedule(cron="@daily")).request
    assert not await comes_while_paused(store, request, 10.0)
    pause = SchedulePause(20.0, "")
    await store.change("ticking", lambda head: replace(head, schedules_paused=pause))
    assert not await comes_while_paused(store, request, 19.0), "its time came before"
    assert await comes_while_paused(store, request, 20.0)
    by_hand = replace(request, source=f"by hand, {request.source}")
    assert not await comes_while_paused(store, by_hand, 20.0)
    assert not await comes_while_paused(store, replace(request, labels={}), 20.0)
    assert not await comes_while_paused(store, replace(request, workflow_id="gone"), 20.0)


async def publish(bus: MemoryBus, workflow_id: str) -> None:
    document = {
        "id": workflow_id,
        "settings": {"schedules": [{"cron": "@daily"}]},
        "nodes": [{"id": "n", "type": "noop"}],
    }
    store = DefinitionStore(bus.definitions)
    await store.save_draft(prepare(document)[0])
    await store.publish(workflow_id)


async def settled(bus: MemoryBus, workflow_id: str) -> dict[str, tuple[Scheduled, ...]]:
    """The schedules once those of a workflow are there."""
    keeping = asyncio.create_task(Crons(bus).keep())
    try:
        async with asyncio.timeout(10):
            while workflow_id not in bus.crons.schedules and not keeping.done():  # noqa: ASYNC110
                await asyncio.sleep(0)  # the twin tells nobody
    finally:
        keeping.cancel()
        await asyncio.wait((keeping,))
    if not keeping.cancelled():
        keeping.result()
    return bus.crons.schedules
