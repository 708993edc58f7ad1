"""Publishing while the connection comes and goes, against a connection that never answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.bus.jetstream.client import publisher as publishing
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.publisher import Publisher
from runfold.bus.memory.stores import MemoryBlobs
from runfold.errors import BusUnavailable, PayloadTooLarge


class Silent:
    """A connection on which nothing is ever acknowledged."""

    def __init__(self) -> None:
        self.is_connected = True
        self.sent: asyncio.Queue[str] = asyncio.Queue()

    def new_inbox(self) -> str:
        return "_INBOX.x"

    async def subscribe(self, *_: Any, **__: Any) -> None:
        pass

    async def publish(self, subject: str, *_: Any) -> None:
        self.sent.put_nowait(subject)


def publisher_on(nc: Silent, maximum: int = 1_000_000) -> Publisher:
    return Publisher(nc, ClaimCheck(MemoryBlobs(), maximum, maximum))  # type: ignore[arg-type]


async def test_what_is_too_large_fails_at_once() -> None:
    publisher = publisher_on(Silent(), maximum=10)
    sent = publisher.send("s", b"x" * 11)
    assert isinstance(sent.exception(), PayloadTooLarge)
    assert not publisher.send("s", b"x" * 10).done()


async def test_a_break_with_a_full_window_and_a_queue_does_not_end_publishing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publishing, "WINDOW", 4)
    monkeypatch.setattr(publishing, "ACK_TIMEOUT", 0.05)
    nc = Silent()
    publisher = publisher_on(nc)
    await publisher.start()
    futures = [publisher.send(f"s{i}", b"x") for i in range(6)]
    for _ in range(4):
        await nc.sent.get()
    nc.is_connected = False
    failed = await asyncio.gather(*futures, return_exceptions=True)
    assert all(isinstance(one, BusUnavailable) for one in failed)
    nc.is_connected = True
    await publisher.resend()
    publisher.send("after", b"y")
    assert await asyncio.wait_for(nc.sent.get(), 10) == "after"
    assert not publisher.failed.done()
    await publisher.close()
