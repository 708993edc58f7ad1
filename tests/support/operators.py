"""Workflows begun by messages of streams that are not runfold's, and those streams."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.stores import KeptLetter
from runfold.contracts import events as e
from runfold.contracts.subjects import subject_durable
from runfold.definitions.store import DefinitionStore
from runfold.graph.loader import prepare

SUBJECT = "orders.created"


def ordering(name: str = "ordering", **fields: Any) -> dict[str, Any]:
    """A workflow that is begun by orders; `fields` go over its subject, `inputs` over its own."""
    trigger = {"stream": "ORDERS", "subject": SUBJECT, "inputs": {"order": "{{body.id}}"}}
    return {
        "id": name,
        "inputs": {"order": {"type": "integer", "required": True}},
        "settings": {"subjects": [{**trigger, **fields}]},
        "nodes": [{"id": "end", "type": "end", "config": {"outputs": {"got": "{{order}}"}}}],
    }


async def publish(
    bus: Bus, document: dict[str, Any], wall: Callable[[], float] = time.time
) -> None:
    """Publish a workflow, by a clock."""
    workflow, findings = prepare(document)
    assert not [one for one in findings if one.level == "error"], findings
    store = DefinitionStore(bus.definitions, wall)
    await store.save_draft(workflow)
    await store.publish(workflow.id)


async def begun(bus: Bus, count: int, after: int = 0) -> list[e.RunStarted]:
    """The first runs that began, as many as there are to be."""
    found: list[e.RunStarted] = []
    async with asyncio.timeout(30):
        async for batch in bus.events.follow(after=after):
            found += [r.event for r in batch if isinstance(getattr(r, "event", None), e.RunStarted)]
            if len(found) >= count:
                break
    return found


async def letters(bus: Bus, count: int) -> list[KeptLetter]:
    """The dead letters, once there are so many."""
    async with asyncio.timeout(30):
        while len(found := await bus.dead.list()) < count:  # noqa: ASYNC110 -- of the broker
            await asyncio.sleep(0.02)
    return found


async def consumed(bus: JetStreamBus, name: str = "ordering", subject: str = SUBJECT) -> int | None:
    """How many messages a consumer has still to be told are done; None without one."""
    try:
        durable = subject_durable(name, "ORDERS", subject)
        info = await js(bus).consumer_info("ORDERS", durable)
    except NotFoundError:
        return None
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def settled(holds: Callable[[int | None], bool], bus: JetStreamBus, **which: str) -> None:
    """Wait until what a consumer has left is as it is to be."""
    async with asyncio.timeout(30):
        while not holds(await consumed(bus, **which)):  # noqa: ASYNC110 -- of the broker
            await asyncio.sleep(0.02)


def js(bus: JetStreamBus) -> JetStreamContext:
    """JetStream as other programs use it."""
    return bus.nc.jetstream()
