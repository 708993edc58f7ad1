"""What every bus does. Inherited by a test class per adapter, which gives the `bus` fixture.

The bus is made with an ack_wait of 0.4 seconds and payloads of up to 3 MB.
"""

from __future__ import annotations

import asyncio
import base64
import random
import time
from typing import Any

import msgspec
import pytest

from runfold.archive.chain import Sealed, seal
from runfold.archive.record import peek
from runfold.archive.verify import Extent
from runfold.bus.ports.bus import Bus
from runfold.bus.ports.messages import Ack
from runfold.contracts import events as e
from runfold.contracts.codec import encode
from runfold.contracts.conversations import Change, ConversationHead, MessageCreated
from runfold.contracts.requests import CancelRequest, RunRequest, SignalRequest
from runfold.contracts.tasks import DeadLetter, Hold, Task
from runfold.errors import (
    ArchiveCorrupt,
    BusUnavailable,
    ConfigurationError,
    Conflict,
    Failure,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
)
from runfold.graph.loader import canonical_bytes, prepare
from runfold.ids import partition_of

WORKFLOW, _ = prepare({"id": "w", "nodes": [{"id": f"n{i}", "type": "noop"} for i in range(3)]})
RAW = msgspec.Raw(canonical_bytes(WORKFLOW))

BODY = {"items": ["a"], "on_item_error": "drop", "nodes": [{"id": "n0", "type": "noop"}]}
LOOPING, _ = prepare({"id": "w", "nodes": [{"id": "each", "type": "loop", "config": BODY}]})
LOOP = msgspec.Raw(canonical_bytes(LOOPING))


def started(run: str) -> e.RunStarted:
    return e.RunStarted(id=f"{run}:s", run_id=run, workflow_id="w", definition=RAW)


def fact(run: str, number: int, **outputs: Any) -> e.NodeRunSucceeded:
    return e.NodeRunSucceeded(
        id=f"{run}:{number}", run_id=run, workflow_id="w", node_id=f"n{number}", outputs=outputs
    )


def task(number: int, **fields: Any) -> Task:
    return Task(run_id="r", workflow_id="w", node_id=f"n{number}", node_type="noop", **fields)


async def archived(bus: Bus, run: str) -> Sealed:
    """A run that began and ended, in the archive and still in the log."""
    await bus.events.start_run(started(run))
    await bus.events.append(fact(run, 1))
    await bus.events.append(e.RunSucceeded(id=f"{run}:e", run_id=run, workflow_id="w"))
    newest = await bus.archive.newest(partition_of(run))
    prev = peek(newest.body).hash if newest else ""
    record = seal(await bus.raw.read_run(run), prev)
    assert record is not None
    await bus.archive.append(record, after=newest.seq if newest else 0)
    return record


def letter(source: str, body: bytes, *, size: int = -1, reason: str = "x") -> DeadLetter:
    kept = base64.b64encode(body).decode()
    whole = len(body) if size < 0 else size
    return DeadLetter(source=source, reason=reason, code="c", body=kept, size=whole)


async def taken(feed: Any, count: int) -> list[Any]:
    """The next leases of a feed; their slots stay taken."""
    leases = []
    async for lease in feed:
        leases.append(lease)
        if len(leases) == count:
            return leases
    return leases


def said(conversation: str, name: str, **fields: Any) -> MessageCreated:
    return MessageCreated(conversation_id=conversation, message_id=name, role="user", **fields)


def head(conversation: str, change: Change) -> ConversationHead:
    return ConversationHead(conversation_id=conversation, change=change)


class BusBehaviour:
    async def test_events_are_read_in_the_order_they_were_appended(self, bus: Bus) -> None:
        acks = await asyncio.gather(*(bus.events.append(fact("r", i)) for i in range(50)))
        assert [ack.seq for ack in acks] == sorted(ack.seq for ack in acks)
        records = await bus.events.read_run("r")
        assert [record.event.id for record in records] == [f"r:{i}" for i in range(50)]
        middle = records[20].seq
        assert await bus.events.read_run("r", after=middle) == records[21:]
        assert await bus.events.read_run("r", until=middle) == records[:21]
        assert await bus.events.read_run("other") == []
        assert await bus.events.last_seq() == records[-1].seq

    async def test_what_is_stored_is_noticed_without_its_body(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        place = await bus.notices.newest("events")
        ack = await bus.events.append(fact("r", 1))
        await bus.events.start_run(started("q"))
        end = await bus.events.append(e.RunSucceeded(id="r:e", run_id="r", workflow_id="w"))
        wanted = ("run_started", "run_succeeded")
        found = bus.notices.follow("events", after=place, types=wanted)
        noticed = await anext(found)
        while noticed[-1].seq < end.seq:
            noticed += await anext(found)
        assert [(one.run_id, one.type, one.seq > ack.seq) for one in noticed] == [
            ("q", "run_started", True),
            ("r", "run_succeeded", True),
        ]
        await found.aclose()

    async def test_heads_and_dead_letters_are_noticed(self, bus: Bus) -> None:
        assert await bus.notices.newest("dead") == 0
        revision = await bus.definitions.put("=E5=AE=A1", b"{}")
        await bus.definitions.put("=E5=AE=A1.1", b"{}")
        await bus.dead.bury("TASKS", letter("runfold.tasks.a.b", b"x"))
        heads, dead = (bus.notices.follow(source, after=0) for source in ("definitions", "dead"))
        assert [(one.workflow_id, one.seq) for one in await anext(heads)] == [("审", revision)]
        assert [one.seq for one in await anext(dead)] == [1]
        await heads.aclose()
        await dead.aclose()

    async def test_an_id_is_stored_once(self, bus: Bus) -> None:
        first = await bus.events.append(fact("r", 1))
        again = await bus.events.append(fact("r", 1, other=True))
        assert not first.duplicate
        assert again.duplicate
        assert again.seq == first.seq
        assert len(await bus.events.read_run("r")) == 1

    async def test_a_run_begins_once(self, bus: Bus) -> None:
        first = await bus.events.start_run(started("r"))
        again = await bus.events.start_run(msgspec.structs.replace(started("r"), id="another"))
        assert (first.duplicate, again.duplicate) == (False, True)
        assert again.seq == first.seq
        found = await bus.events.first_event("r")
        assert found is not None
        assert bytes(found.event.definition) == bytes(RAW)  # type: ignore[union-attr]
        assert await bus.events.first_event("nobody") is None

    async def test_long_runs_are_read_whole(self, bus: Bus) -> None:
        await asyncio.gather(*(bus.events.append(fact("r", i)) for i in range(2500)))
        assert len(await bus.events.read_run("r")) == 2500

    async def test_a_run_comes_in_pieces_and_none_of_them_is_empty(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        await asyncio.gather(*(bus.events.append(fact("r", i)) for i in range(2500)))
        await bus.events.append(fact("other", 1))
        records = await bus.events.read_run("r")
        for after, until in (
            (0, None),
            (0, 1_700),
            (1, 900),
            (1_200, None),
            (records[-1].seq, None),
        ):
            pages = [page async for page in bus.events.run_pages("r", after=after, until=until)]
            assert all(pages)
            last = records[-1].seq if until is None else until
            wanted = [one for one in records if after < one.seq <= last]
            assert [record for page in pages for record in page] == wanted
        assert [page async for page in bus.events.run_pages("nobody")] == []

    async def test_following_tells_when_it_has_caught_up(self, bus: Bus) -> None:
        for i in range(3):
            await bus.events.append(fact("r", i))
        seen: list[str] = []
        marks = []
        async for batch in bus.events.follow():
            if not batch:
                marks.append(len(seen))
                await bus.events.append(fact("r", 3))
            seen += [record.event.id for record in batch]  # type: ignore[union-attr]
            if len(seen) == 4:
                break
        assert seen == [f"r:{i}" for i in range(4)]
        assert marks == [3]

    async def test_following_an_empty_log_is_caught_up_at_once(self, bus: Bus) -> None:
        async for batch in bus.events.follow():
            assert batch == []
            break

    async def test_following_goes_on_after_a_sequence_and_by_partition(self, bus: Bus) -> None:
        runs = [f"run-{i}" for i in range(12)]
        acks = [await bus.events.append(fact(run, 0)) for run in runs]
        mine = partition_of(runs[6])
        seen: list[str] = []
        async for batch in bus.events.follow(after=acks[3].seq, partitions=[mine]):
            if not batch:
                break
            seen += [record.event.run_id for record in batch]  # type: ignore[union-attr]
        assert seen == [run for run in runs[4:] if partition_of(run) == mine]

    async def test_each_task_goes_to_one_of_two_consumers(self, bus: Bus) -> None:
        feeds = [bus.tasks.consume("g", slots=10) for _ in range(2)]
        readers = [asyncio.ensure_future(taken(feed, 5)) for feed in feeds]
        await asyncio.gather(*(bus.tasks.push("g", task(i)) for i in range(20)))
        done = await asyncio.gather(*readers)
        ids = [lease.task.node_id for leases in done for lease in leases]
        assert len(ids) == len(set(ids)) == 10
        for lease in (lease for leases in done for lease in leases):
            await lease.ack()
        for feed in feeds:
            await feed.stop()

    async def test_a_task_is_queued_once_per_attempt(self, bus: Bus) -> None:
        assert not (await bus.tasks.push("g", task(1))).duplicate
        assert (await bus.tasks.push("g", task(1))).duplicate
        assert not (await bus.tasks.push("g", task(1, attempt=2))).duplicate
        leases = await taken(bus.tasks.consume("g", slots=10), 2)
        assert [lease.task.attempt for lease in leases] == [1, 2]

    async def test_silence_gives_a_task_to_somebody_else(self, bus: Bus) -> None:
        await bus.tasks.push("g", task(1))
        (lease,) = await taken(bus.tasks.consume("g", slots=1), 1)
        assert lease.deliveries == 1
        (again,) = await taken(bus.tasks.consume("g", slots=1), 1)
        assert (again.task, again.deliveries) == (lease.task, 2)
        await again.ack()

    async def test_who_keeps_a_task_keeps_it(self, bus: Bus) -> None:
        await bus.tasks.push("g", task(1))
        (lease,) = await taken(bus.tasks.consume("g", slots=1), 1)
        other = asyncio.ensure_future(taken(bus.tasks.consume("g", slots=1), 1))
        for _ in range(8):
            await lease.keep()
            done, _ = await asyncio.wait((other,), timeout=0.1)
            assert not done
        await lease.nak()
        (again,) = await other
        assert again.deliveries == 2
        await again.ack()

    async def test_a_task_given_back_is_as_if_nobody_had_taken_it(self, bus: Bus) -> None:
        await bus.tasks.push("g", task(1, inputs={"large": "x" * 400_000}))
        (lost,) = await taken(bus.tasks.consume("g", slots=1), 1)
        await lost.nak()
        (lease,) = await taken(bus.tasks.consume("g", slots=1), 1)
        assert (lease.seq, lease.deliveries) == (lost.seq, 2)
        await bus.tasks.push("g", task(2))
        await lease.give_back()
        feed = bus.tasks.consume("g", slots=9)
        other, again = await taken(feed, 2)
        assert (other.task.node_id, again.task) == ("n2", lease.task)
        assert again.deliveries == 1
        assert again.seq > other.seq > lease.seq
        assert await bus.tasks.last_seq("g") == again.seq
        # The old one is gone: nothing comes again after its time.
        third = asyncio.ensure_future(taken(feed, 1))
        for _ in range(6):
            await asyncio.gather(other.keep(), again.keep())
            done, _ = await asyncio.wait((third,), timeout=0.1)
            assert not done
        third.cancel()

    async def test_a_task_given_back_with_a_hold_keeps_it_and_one_delivery_is_free(
        self, bus: Bus
    ) -> None:
        await bus.tasks.push("g", task(1, inputs={"large": "x" * 400_000}))
        feed = bus.tasks.consume("g", slots=9)
        (lease,) = await taken(feed, 1)
        assert lease.hold is None
        hold = Hold(until=time.time() + 0.2, place=5.0)
        await lease.give_back(hold)
        (early,) = await taken(feed, 1)
        assert (early.hold, early.deliveries, early.task) == (hold, 1, lease.task)
        await early.nak(0.2)
        (again,) = await taken(feed, 1)
        assert (again.hold, again.deliveries) == (hold, 1)
        # One that is given back for another reason keeps its hold.
        await again.give_back()
        (kept,) = await taken(feed, 1)
        assert (kept.hold, kept.deliveries) == (hold, 1)
        await kept.nak()
        await (await taken(feed, 1))[0].nak()
        (counted,) = await taken(feed, 1)
        assert counted.deliveries == 2
        await counted.ack()

    async def test_what_executors_share_has_revisions(self, bus: Bus) -> None:
        first = await bus.protection.update("limit.a", b"1", 0)
        with pytest.raises(Conflict):
            await bus.protection.update("limit.a", b"2", 0)
        assert await bus.protection.get("limit.a") == (b"1", first)

    async def test_never_more_than_the_slots_are_in_hand(self, bus: Bus) -> None:
        await asyncio.gather(*(bus.tasks.push("g", task(i)) for i in range(6)))
        feed = bus.tasks.consume("g", slots=2)
        leases = await taken(feed, 2)
        third = asyncio.ensure_future(taken(feed, 1))
        done, _ = await asyncio.wait((third,), timeout=0.15)
        assert not done
        await leases[0].ack()
        feed.done()
        assert len(await third) == 1

    async def test_requests_are_taken_with_their_verb_and_place(self, bus: Bus) -> None:
        sent = RunRequest(workflow_id="w", inputs={"a": [1, {"b": None}]})
        ack = await bus.requests.send(sent)
        await bus.requests.send(CancelRequest(run_id="r"))
        leases = await taken(bus.requests.consume(slots=5), 2)
        assert [lease.verb for lease in leases] == ["run", "cancel"]
        assert leases[0].request == sent
        assert leases[0].seq == ack.seq
        assert leases[0].time > 0
        for lease in leases:
            await lease.ack()

    async def test_chunks_are_kept_in_order(self, bus: Bus) -> None:
        made = [
            e.StreamChunk(run_id="r", workflow_id="w", node_id="n", index=i, text=str(i))
            for i in range(5)
        ]
        acks = await asyncio.gather(*(bus.chunks.publish(chunk) for chunk in made))
        read = await bus.chunks.read("r")
        assert [record.chunk for record in read] == made
        assert await bus.chunks.read("r", after=acks[2].seq) == read[3:]

    async def test_a_run_is_watched_live(self, bus: Bus) -> None:
        seen: asyncio.Queue[Any] = asyncio.Queue()
        ends: asyncio.Queue[str] = asyncio.Queue()
        stop = await bus.live.watch("r", seen.put_nowait)
        stop_ends = await bus.live.watch_run_ends(ends.put_nowait)
        await bus.events.append(fact("other", 1))
        ack = await bus.events.append(fact("r", 1, x="y"))
        await bus.chunks.publish(e.StreamChunk(run_id="r", workflow_id="w", node_id="n", index=0))
        record = await asyncio.wait_for(seen.get(), 5)
        assert (record.seq, record.event) == (ack.seq, fact("r", 1, x="y"))
        assert record == (await bus.events.read_run("r"))[0]
        assert isinstance(await asyncio.wait_for(seen.get(), 5), e.RecordedChunk)
        await bus.events.append(e.RunCancelled(id="c", run_id="r", workflow_id="w"))
        assert await asyncio.wait_for(ends.get(), 5) == "r"
        await stop()
        await stop_ends()

    async def test_events_of_some_types_are_watched_of_all_runs(self, bus: Bus) -> None:
        seen: asyncio.Queue[e.Recorded] = asyncio.Queue()
        stop = await bus.live.watch_types(("node_run_cancelled",), seen.put_nowait)
        await bus.events.append(fact("r", 1))
        about: Any = {"workflow_id": "w", "node_id": "n"}
        for run_id in ("r", "other"):
            event = e.NodeRunCancelled(id=f"{run_id}:c", run_id=run_id, by="j", **about)
            await bus.events.append(event)
            assert (await asyncio.wait_for(seen.get(), 5)).event == event
        await stop()
        assert seen.empty()

    async def test_payloads_are_kept_by_their_digest(self, bus: Bus) -> None:
        body = b"x" * 300_000
        digest = await bus.blobs.put(body)
        assert await bus.blobs.put(body) == digest
        assert await bus.blobs.get(digest) == body
        with pytest.raises(NotFound):
            await bus.blobs.get("0" * 64)

    async def test_large_events_and_tasks_come_back_whole(self, bus: Bus) -> None:
        large = fact("r", 1, text="x" * 700_000)
        await bus.events.append(large)
        await bus.events.append(fact("r", 2))
        records = await bus.events.read_run("r")
        assert [record.event for record in records] == [large, fact("r", 2)]
        async for batch in bus.events.follow():
            if not batch:
                break
            assert batch[0].event == large  # type: ignore[union-attr]
        wanted = task(1, inputs={"text": "y" * 700_000})
        await bus.tasks.push("g", wanted)
        (lease,) = await taken(bus.tasks.consume("g", slots=1), 1)
        assert lease.task == wanted
        await lease.ack()

    async def test_a_payload_over_the_limit_is_refused_with_both_figures(self, bus: Bus) -> None:
        with pytest.raises(PayloadTooLarge) as caught:
            await bus.events.append(fact("r", 1, text="x" * 4_000_000))
        assert caught.value.details["limit"] == 3_000_000
        assert caught.value.details["size"] > 4_000_000
        assert await bus.events.read_run("r") == []

    async def test_what_is_said_is_read_in_its_order(self, bus: Bus) -> None:
        for number in range(3):
            await bus.messages.append(said("会话", f"m{number}", content="é" * number))
            await bus.messages.append(said("other", f"m{number}"))
        again = await bus.messages.append(said("会话", "m1", content="anew"))
        assert again.duplicate
        found = [record async for record in bus.messages.read("会话")]
        assert [record.body for record in found] == [
            said("会话", f"m{number}", content="é" * number) for number in range(3)
        ]
        later = [record async for record in bus.messages.read("会话", after=found[0].seq)]
        assert later == found[1:]
        assert await bus.messages.find(found[1].seq) == found[1]
        assert await bus.messages.newest("会话") == found[2]
        assert await bus.messages.newest("会话", "head") is None
        assert await bus.messages.last_seq() == found[2].seq + 1

    async def test_of_two_who_change_a_conversation_the_first_does(self, bus: Bus) -> None:
        first = await bus.messages.append(head("c", "created"), after=0)
        with pytest.raises(Conflict) as raised:
            await bus.messages.append(head("c", "deleted"), after=0)
        assert raised.value.code == "conversation.contended"
        await bus.messages.append(said("c", "m"))
        await bus.messages.append(head("c", "cleared"), after=first.seq)
        assert [record.body.change async for record in bus.messages.heads()] == [  # type: ignore[union-attr]
            *("created", "cleared")
        ]

    async def test_what_is_removed_of_a_conversation_is_gone(self, bus: Bus) -> None:
        await bus.messages.append(head("c", "created"))
        for name in ("a", "b"):
            await bus.messages.append(said("c", name, number=1))
        other = await bus.messages.append(said("d", "a"))
        cleared = await bus.messages.append(head("c", "cleared"))
        kept = await bus.messages.append(said("c", "z"))
        gone = await bus.messages.append(said("c", "y"))
        await bus.messages.purge("c", before=cleared.seq)
        await bus.messages.erase(gone.seq)
        left = [record async for record in bus.messages.read("c")]
        assert [record.seq for record in left][1:] == [cleared.seq, kept.seq]
        assert await bus.messages.find(other.seq) is not None
        assert await bus.messages.find(gone.seq) is None
        assert await bus.messages.last_seq() == kept.seq
        await bus.messages.purge("c", before=cleared.seq, heads=True)
        assert [one.seq async for one in bus.messages.read("c")] == [cleared.seq, kept.seq]

    async def test_following_what_is_said_tells_when_it_has_caught_up(self, bus: Bus) -> None:
        await bus.messages.append(said("c", "a"))
        came = []
        async with asyncio.timeout(10):
            async for heard in bus.messages.follow():
                came.append([record.body for record in heard.records])
                if not heard.seq:
                    await bus.messages.append(said("d", "b", content="x" * 400_000))
                if len(came) == 3:
                    break
        assert came == [[said("c", "a")], [], [said("d", "b", content="x" * 400_000)]]

    async def test_keys_have_revisions(self, bus: Bus) -> None:
        kept = bus.definitions
        assert await kept.get("a") is None
        first = await kept.create("a", b"1")
        with pytest.raises(Conflict):
            await kept.create("a", b"2")
        second = await kept.update("a", b"2", first)
        with pytest.raises(Conflict):
            await kept.update("a", b"3", first)
        assert await kept.get("a") == (b"2", second)
        await kept.put("a.1", b"x")
        await kept.put("b", b"y")
        assert await kept.entries() == {"a": b"2", "a.1": b"x", "b": b"y"}
        assert await kept.entries(deep=False) == {"a": b"2", "b": b"y"}
        assert await kept.entries("a.", deep=False) == {"a.1": b"x"}

    @pytest.mark.parametrize(
        "key",
        [
            "",
            ".",
            "w.",
            ".w",
            "w..1",
            "w.1 2",
            "w.*",
            "w.>",
            "w.1\n",
            "w.%2e",
            "w.ü",
            "w." + "1" * 5000,
        ],
    )
    async def test_what_cannot_be_a_key_is_never_there(self, bus: Bus, key: str) -> None:
        kept = bus.definitions
        await kept.put("w.1", b"a")
        assert await kept.get(key) is None
        assert await kept.entries(f"{key}.") == {}
        for writing in (
            kept.put(key, b"b"),
            kept.create(key, b"b"),
            kept.update(key, b"b", 1),
            kept.delete(key),
            kept.drop(key),
        ):
            with pytest.raises(InvalidRequest) as raised:
                await writing
            assert raised.value.code == "kv.key"
            assert not raised.value.retryable
        assert await kept.entries() == {"w.1": b"a"}
        assert await kept.get("w.1") == (b"a", 1)

    async def test_a_value_over_the_limit_of_a_message_is_refused_with_both_figures(
        self, bus: Bus
    ) -> None:
        bucket = bus.conversations
        revision = await bucket.put("k", b"1")
        for write in (
            bucket.put("k", b"x" * 2_000_000),
            bucket.create("other", b"x" * 2_000_000),
            bucket.update("k", b"x" * 2_000_000, revision),
        ):
            with pytest.raises(PayloadTooLarge) as caught:
                await write
            assert caught.value.details["size"] == 2_000_000
        largest = b"x" * caught.value.details["limit"]
        revision = await bucket.update("k", largest, revision)
        assert await bucket.get("k") == (largest, revision)
        await bucket.create("other", largest)

    async def test_keys_are_read_with_their_values_and_dropped(self, bus: Bus) -> None:
        kept = bus.waits
        assert await kept.entries("s.a.") == {}
        for key in ("s.a.1", "s.a.2.x", "s.ab.3", "w.1"):
            await kept.put(key, key.encode())
        await kept.put("s.a.1", b"again")
        assert await kept.entries("s.a.") == {"s.a.1": b"again", "s.a.2.x": b"s.a.2.x"}
        await kept.drop("s.a.1")
        await kept.drop("s.a.none")
        assert await kept.entries("s.a.") == {"s.a.2.x": b"s.a.2.x"}
        assert list(await kept.entries()) == ["s.a.2.x", "s.ab.3", "w.1"]

    async def test_the_keys_that_were_written_last_come_first(self, bus: Bus) -> None:
        kept = bus.protection
        assert await kept.newest("limit.", limit=3) == {}
        for number in range(300):
            await kept.put(f"limit.{number}", b"%d" % number)
            await kept.put(f"cache.{number}", b"x")
        await kept.put("limit.7", b"again")
        await kept.delete("limit.299")
        newest = await kept.newest("limit.", limit=3)
        assert [*newest.items()] == [
            ("limit.7", b"again"),
            ("limit.298", b"298"),
            ("limit.297", b"297"),
        ]
        every = await kept.newest("limit.", limit=1000)
        assert [*every] == ["limit.7", *(f"limit.{n}" for n in reversed(range(299)) if n != 7)]
        assert await kept.newest("limit.", limit=0) == {}

    async def test_a_signal_with_an_id_is_stored_once(self, bus: Bus) -> None:
        first = await bus.requests.send(SignalRequest(subject="a", id="1"))
        assert await bus.requests.send(SignalRequest(subject="a", id="1")) == Ack(
            first.seq, duplicate=True
        )
        other = await bus.requests.send(SignalRequest(subject="a"))
        assert (await bus.requests.send(SignalRequest(subject="a"))).seq == other.seq + 1

    async def test_a_run_has_one_snapshot(self, bus: Bus) -> None:
        assert await bus.snapshots.get("r") is None
        await bus.snapshots.drop("r")
        await bus.snapshots.put("r", b"1" * 300_000)
        await bus.snapshots.put("r", b"2" * 300_000)
        assert await bus.snapshots.get("r") == b"2" * 300_000
        await bus.snapshots.drop("r")
        assert await bus.snapshots.get("r") is None

    async def test_a_run_is_read_up_to_a_limit(self, bus: Bus) -> None:
        for i in range(5):
            await bus.events.append(fact("r", i))
        every = await bus.events.read_run("r")
        assert await bus.events.read_run("r", limit=2) == every[:2]
        assert await bus.events.read_run("r", after=every[1].seq, limit=9) == every[2:]

    async def test_keys_are_watched_and_removed(self, bus: Bus) -> None:
        told: asyncio.Queue[tuple[str, bytes | None]] = asyncio.Queue()
        stop = await bus.leases.watch(lambda key, value: told.put_nowait((key, value)))
        await bus.leases.put("a", b"1")
        await bus.leases.delete("a")
        assert [await asyncio.wait_for(told.get(), 5) for _ in range(2)] == [
            ("a", b"1"),
            ("a", None),
        ]
        assert await bus.leases.get("a") is None
        await stop()
        await bus.leases.put("a", b"2")
        await bus.leases.put("b", b"3")
        assert told.empty()

    async def test_a_scheduled_event_is_said_to_be_due_then_until_it_is_acked(
        self, bus: Bus
    ) -> None:
        due = time.time() + 0.6
        fired = e.TimerFired(
            id="r:t", run_id="r", workflow_id="w", node_id="n", timer="wait", due=due
        )
        await bus.events.schedule(fired, due + 3600)
        await bus.events.schedule(fired, due)
        feed = bus.due.consume(slots=4)
        leases = aiter(feed)
        for deliveries in (1, 2):
            lease = await anext(leases)
            assert lease.what == fired
            assert lease.time >= due
            assert lease.deliveries == deliveries
            await (lease.ack() if deliveries == 2 else lease.nak())
            feed.done()
        await feed.stop()

    async def test_a_purged_run_is_gone_with_its_schedules(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        await bus.events.append(fact("other", 1))
        await bus.events.append(fact("r", 1))
        timer = e.TimerFired(id="r:t", run_id="r", workflow_id="w", node_id="n", timer="wait")
        await bus.events.schedule(timer, time.time() + 3600)
        assert await bus.events.purge_run("r") == 2
        assert await bus.events.read_run("r") == []
        assert await bus.events.first_event("r") is None
        assert not await bus.events.has_event("r", "run_started")
        assert len(await bus.events.read_run("other")) == 1

    async def test_the_newest_of_some_types_is_told(self, bus: Bus) -> None:
        about: Any = {"run_id": "r", "workflow_id": "w"}
        types = ("run_paused", "run_resumed")
        await bus.events.start_run(started("r"))
        assert await bus.events.newest_type("r", *types) == ""
        for number, kind in enumerate((e.RunPaused, e.RunResumed, e.RunPaused)):
            await bus.events.append(kind(id=str(number), **about))
            await bus.events.append(fact("r", number))
            assert await bus.events.newest_type("r", *types) == e.event_type(kind(id="", **about))
        assert await bus.events.newest_type("r", "run_resumed", "run_failed") == "run_resumed"
        assert await bus.events.newest_type("other", *types) == ""

    async def test_a_partitions_records_come_one_after_the_other(self, bus: Bus) -> None:
        first = await archived(bus, "r")
        found = await bus.archive.find("r")
        assert found is not None
        assert (found.seq, found.run_id, found.workflow_id) == (1, "r", "w")
        assert found.body == first.body
        again = seal(await bus.raw.read_run("r"), first.header.hash)
        assert again is not None
        with pytest.raises(Conflict):
            await bus.archive.append(again, after=0)
        assert (await bus.archive.append(again, after=1)).seq == 2
        newest = await bus.archive.newest(partition_of("r"))
        assert newest is not None
        assert newest.body == again.body
        assert await bus.archive.newest(partition_of("r") ^ 1) is None
        assert await bus.archive.find("nobody") is None
        assert await bus.archive.read("nobody") is None
        await archived(bus, "r2")
        seen = [record.seq async for record in bus.archive.records(after=1)]
        assert seen == [2, 3]
        ours = bus.archive.records(partition=partition_of("r2"))
        assert [record.run_id async for record in ours] == ["r2"]
        assert await bus.archive.extent() == Extent(3, expires=False)

    async def test_a_purged_run_is_read_from_the_archive(self, bus: Bus) -> None:
        await archived(bus, "r")
        before = await bus.events.read_run("r")
        middle = before[1].seq
        assert await bus.events.purge_run("r") == 3
        for _ in range(2):
            assert await bus.events.read_run("r") == before
            assert await bus.events.read_run("r", after=middle) == before[2:]
            assert await bus.events.read_run("r", until=middle) == before[:2]
            assert await bus.events.first_event("r") == before[0]
            assert await bus.events.has_event("r", *e.RUN_ENDINGS)
            assert not await bus.events.has_event("r", "run_paused")
            again = msgspec.structs.replace(started("r"), id="another")
            ack = await bus.events.start_run(again)
            assert (ack.duplicate, ack.seq) == (True, before[0].seq)
            assert not await bus.raw.has_run("r")
            await bus.events.append(fact("r", 7))
        assert [one.body for one in await bus.raw.read_run("r")] == [encode(fact("r", 7))]

    async def test_a_run_that_is_archived_while_its_pieces_come_is_read_to_its_end(
        self, bus: Bus
    ) -> None:
        await bus.events.start_run(started("r"))
        await asyncio.gather(*(bus.events.append(fact("r", i)) for i in range(2500)))
        await bus.events.append(e.RunSucceeded(id="r:e", run_id="r", workflow_id="w"))
        before = await bus.events.read_run("r")
        pages = bus.events.run_pages("r")
        found = await anext(pages)
        record = seal(await bus.raw.read_run("r"), "")
        assert record is not None
        await bus.archive.append(record, after=0)
        await bus.events.purge_run("r")
        async for page in pages:
            found += page
        assert found == before

    async def test_a_corrupt_record_is_never_read_as_if_it_were_sound(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        await bus.events.append(e.RunSucceeded(id="r:e", run_id="r", workflow_id="w"))
        record = seal(await bus.raw.read_run("r"), "")
        assert record is not None
        await bus.archive.append(msgspec.structs.replace(record, body=record.body[:-9]), after=0)
        await bus.events.purge_run("r")
        reads = (
            lambda: bus.archive.read("r"),
            lambda: bus.events.read_run("r"),
            lambda: bus.events.first_event("r"),
            lambda: bus.events.has_event("r", "run_failed"),
            lambda: bus.events.start_run(started("r")),
        )
        for read in reads:
            with pytest.raises(ArchiveCorrupt, match="'r'") as caught:
                await read()
            assert (caught.value.code, caught.value.details["seq"]) == ("archive.corrupt", 1)

    async def test_the_log_is_read_as_marks_and_bytes(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        await bus.events.append(fact("r", 1, text="x" * 700_000))
        ack = await bus.events.append(fact("other", 1))
        marks = await bus.raw.marks(after=1, limit=10)
        assert [(mark.run_id, mark.type) for mark in marks] == [
            ("r", "node_run_succeeded"),
            ("other", "node_run_succeeded"),
        ]
        assert marks[1].seq == ack.seq
        assert len(await bus.raw.marks(after=0, limit=2)) == 2
        assert await bus.raw.marks(after=ack.seq, limit=2) == []
        raw = await bus.raw.read_run("r")
        assert [(one.seq, one.time) for one in raw] == [
            (record.seq, record.time) for record in await bus.events.read_run("r")
        ]
        assert raw[1].body == encode(fact("r", 1, text="x" * 700_000))
        assert await bus.raw.has_run("r")
        assert not await bus.raw.has_run("other")

    async def test_a_large_run_is_archived_whole(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        noise = base64.b64encode(random.Random(1).randbytes(500_000)).decode()
        await bus.events.append(fact("r", 1, text=noise))
        await bus.events.append(e.RunCancelled(id="r:e", run_id="r", workflow_id="w"))
        before = await bus.events.read_run("r")
        record = seal(await bus.raw.read_run("r"), "")
        assert record is not None
        await bus.archive.append(record, after=0)
        await bus.events.purge_run("r")
        assert await bus.events.read_run("r") == before

    async def test_dead_letters_are_kept(self, bus: Bus) -> None:
        letters = [
            DeadLetter(source="s", reason=str(i), code="c", body="", size=0) for i in range(3)
        ]
        for letter in letters:
            await bus.dead.bury("TASKS", letter)
        assert await bus.dead.read(limit=2) == letters[1:]

    async def test_refused_requests_are_told_to_who_asked_for_the_run(self, bus: Bus) -> None:
        about = msgspec.structs.replace(
            letter("runfold.requests.run", b"{}"), run_id="r", source_seq=7
        )
        other = msgspec.structs.replace(about, run_id="other")
        heard: asyncio.Queue[DeadLetter] = asyncio.Queue()
        stop = await bus.dead.watch_refusals("r", heard.put_nowait)
        for made in (other, about):
            await bus.dead.bury("REQUESTS", made)
        for made in (msgspec.structs.replace(about, run_id="not a token"), about):
            await bus.dead.bury("TASKS", made)
        async with asyncio.timeout(5):
            assert await heard.get() == about
        assert await bus.dead.refusals("r") == [about]
        assert len(await bus.dead.list()) == 4
        await stop()
        await bus.dead.bury("REQUESTS", about)
        assert await bus.dead.refusals("r") == [about, about]
        assert heard.empty()

    async def test_dead_letters_are_looked_at_and_dropped(self, bus: Bus) -> None:
        for i in range(3):
            await bus.dead.bury("TASKS", letter("s", b"x", reason=str(i)))
        found = await bus.dead.list(limit=2)
        assert [kept.letter.reason for kept in found] == ["1", "2"]
        assert found[0].seq < found[1].seq
        assert found[0].time > 0
        older = await bus.dead.list(before=found[0].seq)
        assert [kept.letter.reason for kept in older] == ["0"]
        picked = await bus.dead.list(limit=1, fits=lambda letter: letter.reason < "2")
        assert picked == [found[0]]
        assert await bus.dead.get(found[0].seq) == found[0]
        await bus.dead.drop(found[0].seq)
        for call in (bus.dead.get, bus.dead.drop, bus.dead.requeue):
            with pytest.raises(NotFound):
                await call(found[0].seq)
        assert [kept.letter.reason for kept in await bus.dead.list()] == ["0", "2"]

    async def test_a_dead_request_is_queued_again(self, bus: Bus) -> None:
        wanted = CancelRequest(run_id="r", reason="x")
        await bus.dead.bury("REQUESTS", letter("runfold.requests.cancel", encode(wanted)))
        (kept,) = await bus.dead.list()
        await bus.dead.requeue(kept.seq)
        (lease,) = await taken(bus.requests.consume(slots=1), 1)
        assert (lease.verb, lease.request) == ("cancel", wanted)
        await lease.ack()
        assert await bus.dead.list() == []

    async def test_a_dead_task_is_queued_again_while_its_attempt_may_end(self, bus: Bus) -> None:
        wanted = task(0)
        await bus.tasks.push("g", wanted)
        (lease,) = await taken(bus.tasks.consume("g", slots=1), 1)
        await lease.ack()
        for _ in range(2):
            await bus.dead.bury("TASKS", letter("runfold.tasks.g.noop", encode(wanted)))
        first, second = await bus.dead.list()
        with pytest.raises(Conflict, match="gone"):
            await bus.dead.requeue(first.seq)
        await bus.events.start_run(started("r"))
        # Its attempt was in the queue a moment ago, and is once more.
        assert not (await bus.dead.requeue(first.seq)).duplicate
        (lease,) = await taken(bus.tasks.consume("g", slots=1), 1)
        assert lease.task == wanted
        await lease.ack()
        await bus.events.append(e.RunCancelled(id="c", run_id="r", workflow_id="w"))
        await bus.events.append(fact("r", 0))
        with pytest.raises(Conflict, match="cancelled"):
            await bus.dead.requeue(second.seq)
        assert await bus.dead.list() == [second]

    async def test_a_dead_task_of_a_settled_attempt_is_refused(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        for wanted in (task(0), task(0, attempt=2), task(1)):
            await bus.dead.bury("TASKS", letter("runfold.tasks.g.noop", encode(wanted)))
        first, second, third = await bus.dead.list()
        for kept in (second, third):
            with pytest.raises(Conflict) as refused:
                await bus.dead.requeue(kept.seq)
            assert refused.value.code == "node.settled"
        await bus.events.append(fact("r", 0))
        with pytest.raises(Conflict, match="succeeded") as refused:
            await bus.dead.requeue(first.seq)
        assert refused.value.code == "node.settled"
        assert await bus.dead.list() == [first, second, third]

    async def test_a_dead_task_of_an_item_that_was_given_up_is_refused(self, bus: Bus) -> None:
        await bus.events.start_run(msgspec.structs.replace(started("r"), definition=LOOP))
        about = {"run_id": "r", "workflow_id": "w", "node_id": "each"}
        await bus.events.append(e.LoopStarted(id="l", items=["a"], concurrency=1, **about))
        await bus.events.append(e.LoopNext(id="l0", index=0, **about))
        wanted = task(0, scope="each[0]")
        for _ in range(2):
            await bus.dead.bury("TASKS", letter("runfold.tasks.g.noop", encode(wanted)))
        first, second = await bus.dead.list()
        await bus.dead.requeue(first.seq)
        error = Failure(code="c", message="m")
        await bus.events.append(e.LoopItemFailed(id="f", index=0, error=error, **about))
        with pytest.raises(Conflict, match="cancelled") as refused:
            await bus.dead.requeue(second.seq)
        assert refused.value.code == "node.settled"

    async def test_what_cannot_be_queued_again_is_refused(self, bus: Bus) -> None:
        await bus.events.start_run(started("r"))
        whole = encode(task(1))
        for made in (
            letter("runfold.events.01.w.r.node_run_succeeded", b"{}"),
            letter("runfold.chunks.01.w.r", b"{}"),
            letter("runfold.tasks.g.noop", whole, size=len(whole) + 1),
            letter("runfold.tasks.g.noop", b"not a task"),
            letter("runfold.requests.cancel", b"[]"),
            letter("runfold.requests.dance", b"{}"),
        ):
            await bus.dead.bury("X", made)
        for kept in await bus.dead.list():
            with pytest.raises(InvalidRequest):
                await bus.dead.requeue(kept.seq)
        assert len(await bus.dead.list()) == 6

    async def test_a_log_is_told_from_others(self, bus: Bus) -> None:
        made = await bus.log_made()
        assert made
        await bus.events.append(fact("r", 1))
        assert await bus.log_made() == made

    async def test_queries_are_answered_or_refused(self, bus: Bus) -> None:
        with pytest.raises(BusUnavailable):
            await bus.query("get_run", b"x", timeout=1)

        async def echo(body: bytes) -> bytes:
            return body * 2

        stop = await bus.answer_queries("get_run", echo, group="projection")
        assert await bus.query("get_run", b"x", timeout=5) == b"xx"
        await stop()

    async def test_a_query_that_cannot_be_carried_out_is_answered_with_why(self, bus: Bus) -> None:
        errors = {
            b"asked": InvalidRequest("none of ours", code="cursor.invalid"),
            b"broken": ConfigurationError("no file", code="projection.database"),
            b"bug": OverflowError("inside"),
        }

        async def refuse(body: bytes) -> bytes:
            raise errors[body]

        stop = await bus.answer_queries("list_runs", refuse, group="projection")
        with pytest.raises(InvalidRequest) as asked:
            await bus.query("list_runs", b"asked", timeout=60)
        assert (asked.value.code, str(asked.value)) == ("cursor.invalid", "none of ours")
        for body, code in ((b"broken", "projection.database"), (b"bug", "projection.unavailable")):
            with pytest.raises(BusUnavailable) as answered:
                await bus.query("list_runs", body, timeout=60)
            assert answered.value.code == code
            assert "inside" not in str(answered.value)
            # Told, and not only waited for: the words are the projection's.
            assert "the projection cannot answer" in str(answered.value)
        await stop()

    async def test_sequences_that_no_letter_can_have(self, bus: Bus) -> None:
        for seq in (-1, 0, 1, 2**63, 10**30):
            for act in (bus.dead.get, bus.dead.drop, bus.dead.requeue):
                with pytest.raises(NotFound):
                    await act(seq)
