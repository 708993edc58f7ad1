"""What a scheduler does with messages when definitions or the broker are not as they should be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from runfold.contracts.events import RunStarted
from runfold.errors import BusUnavailable
from runfold_scheduler.subjects import listener
from tests.support.one_scheduler import EPOCH, OneScheduler, on_virtual_time
from tests.support.operators import ordering, publish


async def until(holds: Callable[[], Any]) -> None:
    """Wait, in time that takes none."""
    async with asyncio.timeout(120):
        while not holds():  # noqa: ASYNC110 -- the twin tells nothing
            await asyncio.sleep(0.1)


def wall_of(here: OneScheduler) -> Callable[[], float]:
    """The clock of its bus."""
    return lambda: EPOCH + here.loop.time()


async def inputs_begun(here: OneScheduler) -> list[Any]:
    found = []
    async for batch in here.bus.events.follow():
        if not batch:
            return found
        events = [record.event for record in batch if hasattr(record, "event")]
        found += [event.inputs["order"] for event in events if isinstance(event, RunStarted)]
    return found


async def messages_wait_for_what_a_workflow_calls(here: OneScheduler) -> None:
    here.bus.subscriptions.create_stream("ORDERS")
    document = ordering()
    call = {"id": "call", "type": "sub_workflow", "config": {"workflow": "part"}}
    document["nodes"].insert(0, call)
    await publish(here.bus, document, wall_of(here))
    here.bus.subscriptions.publish("ORDERS", "orders.created", b'{"id": 1}')
    await asyncio.sleep(3 * listener.NOT_NOW_AFTER)
    assert await here.bus.dead.list() == []
    assert await inputs_begun(here) == []
    part = {"id": "part", "nodes": [{"id": "a", "type": "noop"}]}
    await publish(here.bus, part, wall_of(here))
    await asyncio.sleep(2 * listener.NOT_NOW_AFTER)
    assert await inputs_begun(here) == [1]


test_messages_wait_for_what_a_workflow_calls = on_virtual_time(
    messages_wait_for_what_a_workflow_calls
)


async def a_message_is_kept_until_its_request_is_stored(here: OneScheduler) -> None:
    here.bus.subscriptions.create_stream("ORDERS")
    await publish(here.bus, ordering(), wall_of(here))
    stored = here.bus.requests.send
    refused = []

    async def send(request: Any) -> Any:
        if len(refused) < 3:
            refused.append(request)
            raise BusUnavailable("away")
        return await stored(request)

    here.bus.requests.send = send  # type: ignore[method-assign]
    here.bus.subscriptions.publish("ORDERS", "orders.created", b'{"id": 1}')
    here.bus.subscriptions.publish("ORDERS", "orders.created", b"bad")
    await until(lambda: len(refused) == 3)
    await asyncio.sleep(5 * listener.RETRY_AFTER)
    assert await inputs_begun(here) == [1]
    (letter,) = await here.bus.dead.list()
    assert letter.letter.message() == b"bad"


test_a_message_is_kept_until_its_request_is_stored = on_virtual_time(
    a_message_is_kept_until_its_request_is_stored
)
