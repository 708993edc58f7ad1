"""Each message of an operator's stream begins one run, whatever is killed on the way."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import msgspec
import pytest

from tests.support.faults import Faulty, faulty
from tests.support.operators import begun, js, ordering, publish, settled

TWO = {"one": "scheduler", "two": "scheduler", "projection": "projection"}
MESSAGES = 30


async def send(here: Faulty, first: int, last: int) -> None:
    for number in range(first, last):
        await js(here.bus).publish("orders.created", msgspec.json.encode({"id": number}))


async def one_run_each(here: Faulty, count: int) -> None:
    runs = await begun(here.bus, count)
    assert sorted(run.inputs["order"] for run in runs) == list(range(count))
    for run in runs:
        assert (await here.ended(run.run_id)).outputs == {"got": run.inputs["order"]}
    await settled(lambda left: left == 0, here.bus)
    assert len({run.run_id for run in await begun(here.bus, count)}) == count
    assert await here.bus.dead.list() == []


@pytest.mark.slow
async def test_a_scheduler_is_killed_between_storing_a_request_and_saying_so(
    tmp_path: Path,
) -> None:
    async with faulty(tmp_path, TWO, {"one": "subject.stored=kill@2"}) as here:
        await js(here.bus).add_stream(name="ORDERS", subjects=["orders.>"])
        await publish(here.bus, ordering())
        await settled(lambda left: left is not None, here.bus)
        sending = asyncio.ensure_future(send(here, 0, MESSAGES))
        assert await here.cluster.processes["one"].ended() == -signal.SIGKILL
        await sending
        await one_run_each(here, MESSAGES)


@pytest.mark.slow
async def test_nats_is_killed_with_messages_in_hand(tmp_path: Path) -> None:
    async with faulty(tmp_path, TWO) as here:
        await js(here.bus).add_stream(name="ORDERS", subjects=["orders.>"])
        await publish(here.bus, ordering())
        await send(here, 0, MESSAGES)
        await begun(here.bus, 1)
        await here.cluster.kill_nats()
        await here.cluster.nats.start()
        async with asyncio.timeout(20):
            while not here.bus.connected:  # noqa: ASYNC110 -- the client says nothing
                await asyncio.sleep(0.02)
        await send(here, MESSAGES, 2 * MESSAGES)
        await one_run_each(here, 2 * MESSAGES)
