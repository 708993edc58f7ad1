"""What a message costs when FastStream delivers it, and when the bus does.

    python -m tests.bench.faststream_cost [MESSAGES]

Each way takes the same number of messages from a work queue of its own with file storage, looks at
the decoded body and acknowledges it; nothing else. Client and server share the machine. Prints a
table of microseconds of one process's time and messages a second; the figures of
`docs/adr/0004-faststream-at-the-edges.md` come from here.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fast_depends.msgspec import MsgSpecSerializer
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.js import api

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.contracts.codec import decode_task, encode
from runfold.contracts.tasks import Task
from runfold.service.main import run_loop
from runfold.settings import Settings

GROUP = "bench"
SUBJECT = "runfold.tasks.bench.noop"


class Countdown:
    """Knows when the last message was handled."""

    def __init__(self, messages: int) -> None:
        self.left = messages
        self.over = asyncio.Event()

    def hit(self, messages: int = 1) -> None:
        self.left -= messages
        if self.left <= 0:
            self.over.set()


Consume = Callable[[Settings, JetStreamBus, Countdown], Any]


@asynccontextmanager
async def faststream(
    settings: Settings, countdown: Countdown, *, apply_types: bool, batch: int, workers: int = 0
) -> AsyncIterator[None]:
    """A FastStream pull subscriber; `batch` over 1 hands whole batches to the handler."""
    broker = NatsBroker(
        settings.nats_url,
        apply_types=apply_types,
        serializer=MsgSpecSerializer(use_fastdepends_errors=False),
        logger=None,
    )
    kept: dict[str, Any] = {"max_workers": workers} if workers else {}
    subscriber = broker.subscriber(
        SUBJECT,
        stream=JStream("TASKS", declare=False),
        durable="executor-bench",
        pull_sub=PullSub(batch_size=max(batch, 64), batch=batch > 1, timeout=0.2),
        config=api.ConsumerConfig(ack_wait=60, max_ack_pending=50_000),
        ack_policy=AckPolicy.ACK,
        **kept,
    )

    async def on_batch(messages: list[Any]) -> None:
        countdown.hit(len(messages))

    async def on_task(task: Task) -> None:
        countdown.hit(bool(task.run_id))

    async def on_body(body: Any) -> None:
        countdown.hit(bool(body["run_id"]))

    subscriber(on_batch if batch > 1 else on_task if apply_types else on_body)
    async with broker:
        await broker.start()
        yield


@asynccontextmanager
async def through_the_bus(bus: JetStreamBus, countdown: Countdown) -> AsyncIterator[None]:
    """Our own feed: leases, decoded tasks, acks."""
    feed = bus.tasks.consume(GROUP, slots=64)

    async def take() -> None:
        async for lease in feed:
            countdown.hit(bool(lease.task.run_id))
            await lease.ack()
            feed.done()

    taking = asyncio.create_task(take())
    yield
    await feed.stop()
    await taking


@asynccontextmanager
async def raw_push(bus: JetStreamBus, countdown: Countdown) -> AsyncIterator[None]:
    """nats-py's push subscription, for scale: no slots, so no use for tasks."""
    js = bus.nc.jetstream()

    async def on_message(message: Any) -> None:
        countdown.hit(bool(decode_task(message.data).run_id))
        await message.ack()

    subscription = await js.subscribe(
        SUBJECT, "pushed", durable="pushed", cb=on_message, manual_ack=True, stream="TASKS"
    )
    yield
    await subscription.unsubscribe()


WAYS: dict[str, Consume] = {
    "FastStream pull, typed handler": lambda s, _b, c: faststream(s, c, apply_types=True, batch=1),
    "FastStream pull, no apply_types": lambda s, _b, c: faststream(
        s, c, apply_types=False, batch=1
    ),
    "FastStream pull, max_workers=50": lambda s, _b, c: faststream(
        s, c, apply_types=False, batch=1, workers=50
    ),
    "FastStream pull, batch=True": lambda s, _b, c: faststream(s, c, apply_types=False, batch=64),
    "runfold bus feed": lambda _s, b, c: through_the_bus(b, c),
    "nats-py push callback": lambda _s, b, c: raw_push(b, c),
}


async def measured(consume: Consume, messages: int) -> tuple[float, float]:
    """Process time and elapsed time a message, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedNats(Path(folder)) as server:
            settings = Settings(nats_url=server.url, ack_wait=60)
            bus = await connect(settings)
            await fill(bus, messages)
            countdown = Countdown(messages)
            begun, used = time.perf_counter(), time.process_time()
            async with consume(settings, bus, countdown):
                await asyncio.wait_for(countdown.over.wait(), 60)
                took = time.perf_counter() - begun, time.process_time() - used
            await bus.close()
    return took[1] / messages, took[0] / messages


async def fill(bus: JetStreamBus, messages: int) -> None:
    """Put the messages on the queue."""
    sent: list[Awaitable[Any]] = [
        bus.tasks.push(GROUP, Task(run_id="r", workflow_id="w", node_id=f"n{i}", node_type="noop"))
        for i in range(messages)
    ]
    await asyncio.gather(*sent)


async def publishing(messages: int) -> tuple[float, float]:
    """Seconds a message for FastStream's publish and for the bus, each with its ack."""
    with tempfile.TemporaryDirectory() as folder:
        async with EmbeddedNats(Path(folder)) as server:
            settings = Settings(nats_url=server.url)
            bus = await connect(settings)
            body = encode(Task(run_id="r", workflow_id="w", node_id="n", node_type="noop"))
            async with NatsBroker(settings.nats_url, logger=None) as broker:
                await broker.connect()
                begun = time.perf_counter()
                for _ in range(messages):
                    await broker.publish(body, SUBJECT, stream="TASKS", timeout=5)
                slow = time.perf_counter() - begun
            begun = time.perf_counter()
            await fill(bus, messages)
            fast = time.perf_counter() - begun
            await bus.close()
    return slow / messages, fast / messages


async def main(messages: int) -> None:
    """Print the table."""
    print(f"{'way':34} {'CPU µs/msg':>11} {'µs/msg':>8} {'msg/s':>8}")
    for name, consume in WAYS.items():
        # The best of three: the machine has other things to do as well.
        runs = [await measured(consume, messages) for _ in range(3)]
        cpu, elapsed = min(runs)[0], min(run[1] for run in runs)
        print(f"{name:34} {cpu * 1e6:11.0f} {elapsed * 1e6:8.0f} {1 / elapsed:8.0f}")
    slow, fast = await publishing(messages)
    print(f"{'FastStream publish, one by one':34} {'':11} {slow * 1e6:8.0f} {1 / slow:8.0f}")
    print(f"{'runfold bus append, pipelined':34} {'':11} {fast * 1e6:8.0f} {1 / fast:8.0f}")


if __name__ == "__main__":
    run_loop(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
