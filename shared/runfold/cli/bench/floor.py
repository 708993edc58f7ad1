"""The least that a run can cost on JetStream: its three stored messages a node, and no engine.

For `runfold bench` alone, which sets its figures beside these. Two processes as in the real thing:
one hands out tasks and reads events, the other (`python -m runfold.cli.bench.floor URL`) executes.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from typing import Self

import msgspec
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext, api

EVENTS, TASKS = "FLOOR_EVENTS", "FLOOR_TASKS"
UNDER_WAY = 8000
PATIENCE = 20.0
"""Seconds one run may take before the measurement is given up."""
READY = "floor executor ready"
PAYLOAD = {"output": "x" * 100}


class _Fact(msgspec.Struct, omit_defaults=True):
    """Stands for a task or an event."""

    type: str
    run: str
    node: int
    outputs: dict[str, str] | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Fact).decode


class Floor:
    """Drives chains against an executor process that is ready.

    Args:
        url: The NATS server.
        nodes: Nodes in a chain.
    """

    def __init__(self, url: str, nodes: int) -> None:
        self._url = url
        self._nodes = nodes
        self._count = 0
        self._driver: _Driver
        self._connection: Client

    async def __aenter__(self) -> Self:
        self._connection = await nats.connect(self._url)
        js = self._connection.jetstream(publish_async_max_pending=UNDER_WAY)
        self._driver = _Driver(js, self._nodes)
        await js.subscribe(
            "floor.events.>",
            stream=EVENTS,
            cb=self._driver.on_event,
            manual_ack=True,
            config=api.ConsumerConfig(
                ack_policy=api.AckPolicy.NONE, deliver_policy=api.DeliverPolicy.NEW
            ),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def alone(self, rounds: int) -> float:
        """The median milliseconds of chains one after the other, after some to warm up."""
        for _ in range(rounds // 5 + 1):
            await self._chain()
        return statistics.median([await self._chain() for _ in range(rounds)]) * 1e3

    async def many(self, runs: int, at_once: int) -> float:
        """Seconds for many chains, so many of them under way at a time."""
        gate = asyncio.Semaphore(at_once)

        async def gated() -> None:
            async with gate:
                await self._chain()

        begun = time.perf_counter()
        await asyncio.gather(*(gated() for _ in range(runs)))
        return time.perf_counter() - begun

    async def _chain(self) -> float:
        self._count += 1
        return await self._driver.chain(f"chain-{self._count}")


class _Driver:
    """Hands out each chain's next task when the last one succeeded."""

    def __init__(self, js: JetStreamContext, nodes: int) -> None:
        self._js = js
        self._nodes = nodes
        self._running: dict[str, asyncio.Future[None]] = {}

    async def chain(self, run: str) -> float:
        """Run one chain; returns its seconds."""
        done = self._running[run] = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        await self._hand_out(run, 0)
        await asyncio.wait_for(done, PATIENCE)
        return time.perf_counter() - begun

    async def on_event(self, msg: Msg) -> None:
        """Go on from a success."""
        fact = _decode(msg.data)
        if fact.type != "succeeded" or fact.run not in self._running:
            return
        if fact.node + 1 < self._nodes:
            await self._hand_out(fact.run, fact.node + 1)
        else:
            ended = _encode(_Fact("ended", fact.run, fact.node))
            await self._js.publish_async(f"floor.events.{fact.run}", ended)
            self._running.pop(fact.run).set_result(None)

    async def _hand_out(self, run: str, node: int) -> None:
        await self._js.publish_async(
            "floor.tasks",
            _encode(_Fact("task", run, node)),
            headers={"Nats-Msg-Id": f"{run}:{node}"},
        )


async def execute(url: str) -> None:
    """The executor process: two events a task, then its ack."""
    connection = await nats.connect(url)
    js = connection.jetstream(publish_async_max_pending=UNDER_WAY)
    await js.add_stream(api.StreamConfig(name=EVENTS, subjects=["floor.events.>"]))
    await js.add_stream(
        api.StreamConfig(
            name=TASKS, subjects=["floor.tasks"], retention=api.RetentionPolicy.WORK_QUEUE
        )
    )
    answering: set[asyncio.Task[None]] = set()

    async def on_task(msg: Msg) -> None:
        task = _decode(msg.data)
        subject = f"floor.events.{task.run}"
        await js.publish_async(subject, _encode(_Fact("started", task.run, task.node)))
        done = _encode(_Fact("succeeded", task.run, task.node, PAYLOAD))
        stored = await js.publish_async(subject, done)

        async def ack() -> None:
            await stored
            await msg.ack()

        answer = asyncio.create_task(ack())
        answering.add(answer)
        answer.add_done_callback(answering.discard)

    await js.subscribe(
        "floor.tasks",
        queue="floor",
        durable="floor",
        stream=TASKS,
        cb=on_task,
        manual_ack=True,
        config=api.ConsumerConfig(max_ack_pending=UNDER_WAY, ack_wait=30),
    )
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(execute(sys.argv[1]))
