"""Publishing while the connection comes and goes, against a connection that never answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.bus.jetstream.client import publisher as publishing
from runfold.bus.jetstream.client.claim_check import ClaimCheck
from runfold.bus.jetstream.client.connection import Message
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

    @property
    def may_post(self) -> bool:
        return self.is_connected

    async def receive(self, *_: Any) -> None:
        pass

    def post(self, subject: str, *_: Any) -> None:
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


class Electing(Silent):
    """A connection to a cluster that elects a leader: what is sent is refused, for a while."""

    def __init__(self, refusal: bytes) -> None:
        super().__init__()
        self.refusal = refusal
        self.refused: list[str] = []
        self.taken: list[str] = []
        self.has_leader = False

    async def receive(self, _: str, receive: Any) -> None:
        self._receive = receive

    def post(self, subject: str, _: bytes, reply: str = "", __: bytes = b"") -> None:
        (self.taken if self.has_leader else self.refused).append(subject)
        body = b'{"seq": %d}' % len(self.taken) if self.has_leader else self.refusal
        answer = Message(reply, "", body)
        asyncio.get_running_loop().call_soon(self._receive, answer)
        self.sent.put_nowait(subject)


NO_RESPONDERS = b""
NO_LEADER = b'{"error": {"code": 503, "err_code": 10008, "description": "no leader"}}'
SAME_ID = b'{"error": {"code": 409, "err_code": 10158, "description": "same id under way"}}'
WRITING = b'{"error": {"code": 400, "err_code": 10164, "description": "a write is under way"}}'


@pytest.mark.parametrize("refusal", [NO_RESPONDERS, NO_LEADER, SAME_ID, WRITING])
async def test_what_no_leader_takes_is_sent_again_in_order(
    monkeypatch: pytest.MonkeyPatch, refusal: bytes
) -> None:
    monkeypatch.setattr(publishing, "RESEND_AFTER", 0.01)
    nc = Electing(refusal)
    publisher = publisher_on(nc)
    await publisher.start()
    futures = [publisher.send(f"s{i}", b"x") for i in range(3)]
    for _ in range(3):
        await nc.sent.get()
    futures.append(publisher.send("s3", b"x"))
    nc.has_leader = True
    acks = await asyncio.wait_for(asyncio.gather(*futures), 10)
    assert nc.taken == ["s0", "s1", "s2", "s3"]
    assert [ack.seq for ack in acks] == [1, 2, 3, 4]
    await publisher.close()


async def test_what_no_stream_takes_fails_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "RESEND_AFTER", 0.01)
    monkeypatch.setattr(publishing, "REFUSED_FOR", 0.05)
    nc = Electing(NO_RESPONDERS)
    publisher = publisher_on(nc)
    await publisher.start()
    with pytest.raises(BusUnavailable, match="no stream takes s"):
        await asyncio.wait_for(publisher.send("s", b"x"), 10)
    assert len(nc.refused) > 1
    await publisher.close()


async def test_what_waits_to_be_sent_again_fails_when_publishing_ends() -> None:
    nc = Electing(NO_RESPONDERS)
    publisher = publisher_on(nc)
    await publisher.start()
    sent = publisher.send("s", b"x")
    await nc.sent.get()
    await publisher.close()
    with pytest.raises(BusUnavailable):
        await asyncio.wait_for(sent, 10)
