"""A connection that no message ends: what nats-py's own would not survive."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats.errors
import pytest
from nats.aio.client import Client

from runfold.bus.jetstream.client.connection import MANY, Connection
from runfold.bus.jetstream.client.link import Link
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.bus.ports.messages import Undeliverable
from runfold.contracts.events import NodeRunSkipped
from runfold.settings import Settings
from tests.support.proxy import Proxy

SUBJECT = b"runfold.events.00.w.r.x"
MESSAGES = [
    (b"runfold.events.\xff\xfe.w.r.x", b""),
    (SUBJECT, b"NATS/1.0 503 \xff\r\nStatus: 100\r\n\r\n"),
    (SUBJECT, b"NATS/1.0 \xff\xff\xff\r\n\r\n"),
    (SUBJECT, b"NATS/1.0\r\nStatus: 100\r\n\r\n"),
    (SUBJECT, b"NATS/1.0\r\nStatus: 204\r\nNats-Num-Pending: x\r\n\r\n"),
    (SUBJECT, b"NATS/1.0\r\nA\xff: \xfe\r\n: x\r\n\r\n"),
    (SUBJECT, b"no header\r\n\r\n"),
]
"""Subjects and header blocks; the bodies are empty, as those of the server's own words."""


async def publish(url: str, messages: list[tuple[bytes, bytes]]) -> None:
    """Publish by the protocol's own words."""
    host, port = url.removeprefix("nats://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await reader.readline()
    writer.write(b'CONNECT {"verbose":false,"headers":true}\r\n')
    for subject, headers in messages:
        size = len(headers)
        writer.write(
            b"HPUB %s %d %d\r\n%s\r\n" % (subject, size, size, headers)
            if headers
            else b"PUB %s 0\r\n\r\n" % subject
        )
    writer.write(b"PING\r\n")
    await writer.drain()
    assert await reader.readline() == b"PONG\r\n"
    writer.close()


@pytest.mark.parametrize("number", range(len(MESSAGES)))
async def test_a_message_of_broken_bytes_is_one_that_cannot_be_read(
    tmp_path: Path, number: int
) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        await publish(server.url, [MESSAGES[number]])
        event = NodeRunSkipped(id="e", run_id="r", workflow_id="w", node_id="n")
        await bus.events.append(event)
        found = []
        async with asyncio.timeout(30):
            async for batch in bus.events.follow():
                found += batch
                if len(found) == 2:
                    break
        assert isinstance(found[0], Undeliverable)
        assert found[1].event == event  # type: ignore[union-attr]
        assert [record.event for record in await bus.events.read_run("r")] == [event]
        await bus.close()


async def test_strangers_in_an_inbox_are_passed_over(tmp_path: Path) -> None:
    """The inboxes of a queue's and a follower's subscriptions are subjects like any other."""
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        feed = bus.tasks.consume("g", slots=1)
        taking = asyncio.create_task(anext(feed.__aiter__()))
        async with asyncio.timeout(30):
            while not (feed._flow._inbox and feed._flow._asked):  # noqa: ASYNC110 -- nothing tells
                await asyncio.sleep(0.01)
        inbox = feed._flow._inbox.encode()
        broken = b"NATS/1.0 100\r\nNats-Pending-Messages: many\r\n\r\n"
        await publish(server.url, [(inbox + b".1", b""), (inbox + b".1", broken)])
        await bus.nc.flush()
        assert not taking.done()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        await feed.stop()
        await bus.close()


@pytest.fixture
async def link(tmp_path: Path) -> AsyncIterator[Link]:
    async with EmbeddedNats(tmp_path) as server:
        made = Link(Settings(nats_url=server.url))
        await made.connect()
        yield made
        await made.client.close()


async def test_a_flush_comes_after_what_was_sent_before(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport: Any = link.client._transport
    written: list[bytes] = []

    def write(data: bytes) -> None:
        written.append(data)
        type(transport).write(transport, data)

    def writelines(lines: list[bytes]) -> None:
        written.extend(lines)
        type(transport).writelines(transport, lines)

    monkeypatch.setattr(transport, "write", write)
    monkeypatch.setattr(transport, "writelines", writelines)
    subscription = await link.client.subscribe("somewhere")
    await link.client.flush()
    await subscription.drain()
    words = [data.split()[0] for data in written]
    assert words == [b"SUB", b"PING", b"UNSUB", b"PING"]


async def test_many_messages_are_written_before_the_turn_is_over(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the rest is still being made, others work on the first of them."""
    transport: Any = link.client._transport
    sizes: list[int] = []

    def write(data: bytes) -> None:
        sizes.append(data.count(b"PUB "))
        type(transport).write(transport, data)

    monkeypatch.setattr(transport, "write", write)
    for number in range(MANY + 2):
        link.client.post(f"a.{number}", b"body")
    assert sizes == [MANY]
    async with asyncio.timeout(20):
        while sum(sizes) < MANY + 2:  # noqa: ASYNC110 -- nothing tells
            await asyncio.sleep(0)


@pytest.mark.parametrize("subject", ["", " a", "a ", "a b", "a\tb", "a\r\nPUB b 0", "\u00a0a"])
async def test_subjects_that_would_be_more_than_one_word_are_refused(
    link: Link, subject: str
) -> None:
    with pytest.raises(nats.errors.BadSubjectError):
        link.client.post(subject, b"")
    if subject:
        with pytest.raises(nats.errors.BadSubjectError):
            link.client.post("a", b"", subject)


async def test_a_pong_that_is_no_longer_waited_for_ends_nothing(tmp_path: Path) -> None:
    async with EmbeddedNats(tmp_path) as server:
        bus = await connect(Settings(nats_url=server.url))
        given_up = asyncio.create_task(bus.nc.flush())
        while not bus.nc._pongs:  # noqa: ASYNC110 -- nothing tells
            await asyncio.sleep(0)
        given_up.cancel()
        await bus.nc.flush()
        await bus.nc.flush()
        assert bus.nc._pongs == []
        await bus.close()


async def test_attempts_to_connect_again_leave_no_socket_behind(tmp_path: Path) -> None:
    async with (
        EmbeddedNats(tmp_path) as server,
        Proxy(int(server.url.rpartition(":")[2])) as proxy,
    ):
        bus = await connect(Settings(nats_url=proxy.url))
        with warnings.catch_warnings(record=True) as left:
            warnings.simplefilter("always", ResourceWarning)
            proxy.cut()
            while proxy.refused < 3:  # noqa: ASYNC110 -- the library says nothing of an attempt
                await asyncio.sleep(0.02)
            proxy.heal()
            while not bus.nc.is_connected:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.02)
            await bus.close()
        assert [str(one.message) for one in left] == []


def test_the_private_methods_are_those_of_the_library() -> None:
    for name in (
        "_build_message",
        "_connect_to_server",
        "_process_headers",
        "_process_pong",
        "_remove_sub",
        "_send_ping",
    ):
        assert callable(getattr(Client, name))
        assert name in vars(Connection)
    client = Client()
    used = ("_pending", "_pending_data_size", "_pongs", "_ps", "_sid", "_transport", "_max_payload")
    for name in (*used, "_process_msg", "_send_command", "_flush_pending"):
        assert hasattr(client, name), name
