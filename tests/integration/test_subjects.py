"""Messages of the operator's own streams that begin runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from runfold.bus.jetstream.bus import JetStreamBus
from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cli import triggers
from runfold.cli.doctor import _subjects
from runfold.cli.webhook_check import path_findings
from runfold.client.workflows import WorkflowClient
from runfold.definitions.store import DefinitionStore
from runfold.definitions.subjects import silent
from runfold.graph.loader import prepare
from runfold.settings import Settings
from runfold_scheduler.service import Scheduler
from runfold_scheduler.subjects import keeper
from tests.support.operators import (
    begun,
    js,
    letters,
    ordering,
    publish,
    settled,
)
from tests.support.stack import running


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[JetStreamBus]:
    async with EmbeddedNats(tmp_path) as server:
        made = await connect(Settings(nats_url=server.url, ack_wait=1))
        yield made
        await made.close()


@pytest.fixture
async def scheduler(bus: JetStreamBus) -> AsyncIterator[Scheduler]:
    made = Scheduler(bus, Settings(ack_wait=1), member_id="a")
    await made.start()
    yield made
    await made.drain()


async def orders(bus: JetStreamBus, *subjects: str, stream: str = "ORDERS") -> None:
    await js(bus).add_stream(name=stream, subjects=list(subjects) or ["orders.>"])


async def order(bus: JetStreamBus, body: object, subject: str = "orders.created") -> None:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    await js(bus).publish(subject, raw, headers={"X-Shop": "north"})


async def ready(bus: JetStreamBus, name: str = "ordering", subject: str = "orders.created") -> None:
    await settled(lambda left: left is not None, bus, name=name, subject=subject)


async def done(bus: JetStreamBus) -> None:
    await settled(lambda left: left == 0, bus)


@pytest.mark.usefixtures("scheduler")
async def test_each_message_begins_one_run(bus: JetStreamBus) -> None:
    await orders(bus)
    await publish(bus, ordering())
    await asyncio.gather(*(order(bus, {"id": number}) for number in range(20)))
    await order(bus, {"id": 99}, "orders.paid")
    runs = await begun(bus, 20)
    assert sorted(run.inputs["order"] for run in runs) == list(range(20))
    assert {run.source for run in runs} == {"subject orders.created"}
    assert {run.labels["subject"] for run in runs} == {"orders.created"}
    await done(bus)
    assert await bus.dead.list() == []


@pytest.mark.usefixtures("scheduler")
async def test_inputs_are_made_of_all_that_a_message_says(bus: JetStreamBus) -> None:
    await orders(bus)
    document = ordering(
        subject="orders.*",
        inputs={
            "order": "{{sequence}}",
            "how": "{{subject}} {{headers.x-shop}}",
            "all": "{{body}}",
        },
    )
    document["inputs"] |= {"how": {"type": "string"}, "all": {}}
    await publish(bus, document)
    await order(bus, b"not json")
    await order(bus, {"deep": [1, {"a": None}]}, "orders.paid")
    await order(bus, b"")
    runs = await begun(bus, 3)
    assert {run.inputs["order"]: (run.inputs["how"], run.inputs["all"]) for run in runs} == {
        1: ("orders.created north", "not json"),
        2: ("orders.paid north", {"deep": [1, {"a": None}]}),
        3: ("orders.created north", None),
    }


@pytest.mark.usefixtures("scheduler")
async def test_a_message_that_begins_no_run_is_a_dead_letter_and_others_go_on(
    bus: JetStreamBus,
) -> None:
    await orders(bus)
    await publish(bus, ordering())
    await publish(bus, ordering("plain", subject="orders.plain", inputs=None))
    bad = (b"{", b"\xff\xfe", {"id": "seven"}, {"other": 1}, b"", [1])
    for body in bad:
        await order(bus, body)
    for body in (b"text", [1], {"order": 1, "surplus": 2}):
        await order(bus, body, "orders.plain")
    await order(bus, {"id": 7})
    await order(bus, {"order": 8}, "orders.plain")
    runs = await begun(bus, 2)
    assert sorted(run.inputs["order"] for run in runs) == [7, 8]
    found = [kept.letter for kept in await letters(bus, 9)]
    assert {one.source_seq for one in found} == set(range(1, 10))
    assert {one.source for one in found} == {"orders.created", "orders.plain"}
    assert {one.code for one in found} == {"run.inputs_invalid"}
    assert all(f"message {one.source_seq} of stream 'ORDERS'" in one.reason for one in found)
    whole = next(one for one in found if one.source_seq == 3)
    assert whole.message() == b'{"id":"seven"}'
    await done(bus)


@pytest.mark.usefixtures("scheduler")
async def test_schedulers_share_the_messages_and_one_that_goes_leaves_none(
    bus: JetStreamBus,
) -> None:
    other = Scheduler(bus, Settings(ack_wait=1), member_id="b")
    await other.start()
    await orders(bus)
    await publish(bus, ordering())
    await ready(bus)
    for number in range(40):
        await order(bus, {"id": number})
        if number == 20:
            await other.drain()
    runs = await begun(bus, 40)
    assert sorted(run.inputs["order"] for run in runs) == list(range(40))
    await done(bus)


@pytest.mark.usefixtures("scheduler")
async def test_a_stream_that_appears_is_picked_up(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_AGAIN", 0.1)
    await publish(bus, ordering())
    await publish(bus, ordering("other", stream="OTHERS", subject="others"))
    await orders(bus, "others", stream="OTHERS")
    # The one that is missing keeps nothing from the other.
    await order(bus, {"id": 1}, "others")
    assert [run.workflow_id for run in await begun(bus, 1)] == ["other"]
    assert [said for said in await silent(bus) if "no stream 'ORDERS'" in said]
    await orders(bus)
    await order(bus, {"id": 2})
    assert [run.inputs["order"] for run in await begun(bus, 2)] == [1, 2]
    assert await silent(bus) == []


@pytest.mark.usefixtures("scheduler")
async def test_a_stream_made_anew_begins_runs_with_the_same_sequences(
    bus: JetStreamBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_AGAIN", 0.1)
    await orders(bus)
    await publish(bus, ordering())
    await order(bus, {"id": 1})
    await begun(bus, 1)
    await done(bus)
    await js(bus).delete_stream("ORDERS")
    await orders(bus)
    await order(bus, {"id": 2})
    assert [run.inputs["order"] for run in await begun(bus, 2)] == [1, 2]


@pytest.mark.usefixtures("scheduler")
async def test_what_is_withdrawn_has_no_consumer(bus: JetStreamBus) -> None:
    await orders(bus)
    client = WorkflowClient(DefinitionStore(bus.definitions))
    await publish(bus, ordering())
    await ready(bus)
    await client.archive("ordering")
    await settled(lambda left: left is None, bus)
    await order(bus, {"id": 1})  # nobody's
    await client.unarchive("ordering")
    await ready(bus)
    await order(bus, {"id": 2})
    assert [run.inputs["order"] for run in await begun(bus, 1)] == [2]
    await publish(bus, ordering(subject="orders.paid"))
    await settled(lambda left: left is None, bus)
    await ready(bus, subject="orders.paid")
    await client.delete("ordering")
    await settled(lambda left: left is None, bus, subject="orders.paid")
    infos = await js(bus).consumers_info("ORDERS")
    assert infos == []


@pytest.mark.usefixtures("scheduler")
async def test_another_version_goes_on_where_the_one_before_was(bus: JetStreamBus) -> None:
    await orders(bus)
    await publish(bus, ordering())
    await order(bus, {"id": 1})
    await begun(bus, 1)
    changed = ordering(inputs={"order": "{{body.number}}"})
    await publish(bus, changed)
    await order(bus, {"id": 3, "number": 2})
    runs = await begun(bus, 2)
    assert [run.inputs["order"] for run in runs] in ([1, 2], [1, 3])  # it may come on the way
    assert len(await js(bus).consumers_info("ORDERS")) == 1


@pytest.mark.usefixtures("scheduler")
async def test_what_the_broker_refuses_is_told_and_others_go_on(bus: JetStreamBus) -> None:
    await js(bus).add_stream(name="ORDERS", subjects=["orders.>"], retention="workqueue")
    await publish(bus, ordering("first"))
    await ready(bus, "first")
    await publish(bus, ordering("second"))
    await publish(bus, ordering("third", subject="orders.paid"))
    await ready(bus, "third", "orders.paid")
    await order(bus, {"id": 1})
    await order(bus, {"id": 2}, "orders.paid")
    runs = await begun(bus, 2)
    assert {(run.workflow_id, run.inputs["order"]) for run in runs} == {("first", 1), ("third", 2)}
    (said,) = await silent(bus)
    assert said.startswith("second: ")


async def test_all_triggers_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(keeper, "LOOK_AGAIN", 0.1)
    async with running(("scheduler", "executor-text", "projection", "gateway")) as stack:
        await publish(stack.bus, ordering("missing", stream="NOTHING"))
        document = ordering()
        document["settings"]["webhooks"] = [{"path": "in", "auth": "none"}]
        document["settings"]["schedules"] = [{"cron": "0 0 1 1 *", "inputs": {"order": 1}}]
        await publish(stack.bus, document)
        await orders(stack.bus)
        await ready(stack.bus)
        async with httpx.AsyncClient(base_url=stack.gateway) as client:
            items = (await client.get("/api/subjects")).json()["items"]
        assert [(one["workflow_id"], one["active"]) for one in items] == [
            ("missing", False),
            ("ordering", True),
        ]
        assert "no stream 'NOTHING'" in items[0]["problem"]
        assert items[1] == {
            "workflow_id": "ordering",
            "version": 1,
            "stream": "ORDERS",
            "subject": "orders.created",
            "active": True,
            "problem": "",
            "waiting": 0,
            "in_hand": 0,
        }
        url = stack.settings.nats_url
        capsys.readouterr()
        assert await triggers.listed(url, tmp_path, as_json=True) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["subjects"]["items"] == items
        assert [one["path"] for one in found["webhooks"]["items"]] == ["in"]
        assert [one["cron"] for one in found["schedules"]["items"]] == ["0 0 1 1 *"]
        assert await triggers.listed(url, tmp_path, as_json=False) == 0
        table = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert table[0] == ["KIND", "WORKFLOW", "TRIGGER", "STATE"]
        assert table[1] == ["webhook", "ordering", "POST", "/hooks/in", "active"]
        assert table[2][:2] == ["schedule", "ordering"]
        assert table[3][:4] == ["subject", "missing", "NOTHING", "orders.created"]
        assert table[4] == ["subject", "ordering", "ORDERS", "orders.created", "active"]
        amiss = await _subjects(stack.settings)
        assert not amiss.ok
        assert "NOTHING" in amiss.fix
        taken = prepare({**document, "id": "late"})[0]
        assert [
            one.code for one in await asyncio.to_thread(path_findings, taken, stack.settings)
        ] == ["webhook.taken"]


@pytest.mark.usefixtures("scheduler")
async def test_a_copy_of_our_own_log_begins_nothing(bus: JetStreamBus) -> None:
    from nats.js.api import StreamSource

    await js(bus).add_stream(
        name="ORDERS", subjects=["orders.>"], sources=[StreamSource(name="EVENTS")]
    )
    await publish(bus, ordering(subject=">", inputs={"order": "{{sequence}}"}))
    await ready(bus, subject=">")
    await order(bus, {"id": 1})
    (run,) = await begun(bus, 1)
    async with asyncio.timeout(30):
        while (await js(bus).stream_info("ORDERS")).state.messages < 2:  # noqa: ASYNC110 -- its copy
            await asyncio.sleep(0.02)
    await settled(lambda left: left == 0, bus, subject=">")
    records = [one async for batch in _log(bus) for one in batch]
    assert {one.event.run_id for one in records} == {run.run_id}  # type: ignore[union-attr]
    assert await bus.dead.list() == []


async def _log(bus: JetStreamBus) -> AsyncIterator[list[Any]]:
    """What the log has by now."""
    async for batch in bus.events.follow():
        if not batch:
            return
        yield batch
