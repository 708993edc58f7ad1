"""Schedules as they are listed: their times are the broker's, their runs are found, they pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from runfold.bus.ports.stores import Scheduled
from runfold.client.schedules import ScheduleList, Schedules
from runfold.contracts import subjects
from runfold.contracts.requests import RunRequest
from runfold.definitions.schedules import scheduled, unscheduled
from runfold.definitions.store import DefinitionStore
from runfold.errors import NotFound
from runfold.graph.definition import Schedule
from runfold.graph.loader import prepare
from runfold.values.cron import broker_cron
from runfold.values.cron_times import cron_times
from tests.support.stack import CORE, Stack, running

ZONES = ("", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
SHAPES = (
    "{s} {m} {h} * * *",
    "{s} {m} {h} {d} * *",
    "{s} {m} {h} * * {w}",
    "{s} {m} {h} {d} {month} ?",
    "{s} {m} {h} */2 * {other}",
    "{s} {m} {h} */3 * {w}",
    "{s} {m} {h} {d} * {other}",
    "{s} {m} {h} */1 * {w}",
    "{s} {m} {h} {d} * */2",
    "{s} {m} */6 * * *",
    "{s} {m} {h}/5 * * *",
    "{s}/7 {m} {h} * * *",
)
"""Some of these come in a moment, and the broker then says when they come again."""


def ticking(*schedules: dict[str, Any], id: str = "ticking") -> dict[str, Any]:  # noqa: A002 -- the key
    return {
        "id": id,
        "inputs": {"who": {"type": "string", "default": "nobody"}},
        "settings": {"schedules": list(schedules)},
        "nodes": [{"id": "say", "type": "template", "config": {"template": "for {{who}}"}}],
    }


async def publish(stack: Stack, document: dict[str, Any]) -> None:
    workflow, _ = prepare(document)
    store = DefinitionStore(stack.bus.definitions)
    await store.save_draft(workflow)
    await store.publish(workflow.id)


async def eventually(holds: Callable[[], Awaitable[Any]], within: float = 15) -> Any:
    """What is there once it is; the broker and the projection follow on."""
    async with asyncio.timeout(within):
        while not (found := await holds()):  # noqa: ASYNC110 -- of the broker
            await asyncio.sleep(0.05)
    return found


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running((*CORE, "projection", "gateway")) as made:
        yield made


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def test_times_are_those_of_the_broker() -> None:
    async with running(("projection",)) as stack:
        due = int(time.time()) + 4
        asked: dict[str, tuple[str, str]] = {}
        for zone in ZONES:
            local = datetime.fromtimestamp(due, ZoneInfo(zone or "UTC"))
            weekday = local.isoweekday() % 7
            for shape in SHAPES:
                cron = shape.format(
                    s=local.second,
                    m=local.minute,
                    h=local.hour,
                    d=local.day,
                    month=local.month,
                    w=weekday,
                    other=(weekday + 1) % 7,
                )
                workflow = f"w{len(asked)}"
                request = RunRequest(workflow_id=workflow)
                wanted = [Scheduled(broker_cron(cron), zone, request)]
                await stack.bus.crons.replace(workflow, wanted)
                asked[workflow] = cron, zone
        assert time.time() < due, "the broker was given all of them in time"
        js = stack.bus.nc.jetstream()
        ours = {
            workflow
            for workflow, (cron, zone) in asked.items()
            if next(cron_times(broker_cron(cron), zone, due - 1, None)) == due
        }

        async def fired() -> set[str]:
            info = await js.stream_info(subjects.TIMERS, subjects_filter=subjects.DUE_REQUEST + ">")
            came = info.state.subjects or {}
            return {subject.removeprefix(subjects.DUE_REQUEST) for subject in came}

        async def all_ours() -> bool:
            return ours <= await fired()

        await eventually(all_ours)
        assert await fired() == ours
        assert 12 < len(ours) < len(asked)
        for workflow in ours:
            cron, zone = asked[workflow]
            message = await js.get_last_msg(
                subjects.TIMERS, subjects.DUE_REQUEST + workflow, direct=False
            )
            assert message.headers is not None
            following = datetime.fromisoformat(message.headers["Nats-Schedule-Next"]).timestamp()
            seen = message.time.timestamp() if message.time else due
            assert next(cron_times(broker_cron(cron), zone, seen, None)) == following, cron


async def test_a_schedule_is_listed_with_its_next_time_and_its_newest_run(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    await publish(
        stack,
        ticking(
            {"cron": "@every 1s", "inputs": {"who": "cron"}},
            {"cron": "0 3 1 1 *", "timezone": "Asia/Kolkata"},
        ),
    )

    async def ran() -> Any:
        body = (await api.get("/schedules")).json()
        return body if body["items"] and body["items"][0]["last_run"] else None

    listed = msgspec.convert(await eventually(ran), ScheduleList)
    often, seldom = listed.items
    assert (listed.unreadable, listed.next_cursor) == ([], None)
    assert (often.cron, often.active, often.inputs) == ("@every 1s", True, {"who": "cron"})
    assert often.next_at is not None
    assert -2 < often.next_at - time.time() <= 2
    gaps = {later - one for one, later in pairwise(often.upcoming)}
    assert (len(often.upcoming), gaps) == (5, {1.0})
    assert often.last_run is not None
    found = (await api.get("/runs", params={"label": f"schedule:{often.id}"})).json()["items"]
    assert often.last_run.run_id in [run["run_id"] for run in found]
    assert seldom.last_run is None
    assert seldom.next_at is not None
    assert datetime.fromtimestamp(seldom.next_at, ZoneInfo("Asia/Kolkata")).hour == 3
    one = (await api.get("/schedules", params={"workflow_id": "ticking"})).json()
    assert [item["id"] for item in one["items"]] == [often.id, seldom.id]


async def test_the_next_times_follow_the_clock_of_the_zone(stack: Stack) -> None:
    """The hour that a clock skips has none of them, and the one that comes twice has two."""
    berlin = {"timezone": "Europe/Berlin"}
    await publish(
        stack,
        ticking(
            {"cron": "30 2 * * *", **berlin},
            {"cron": "0 12 * * *", **berlin},
            {"cron": "30 2 * * *"},
        ),
    )
    now = datetime.fromisoformat("2027-03-26T00:00:00+00:00")
    spring = Schedules(stack.bus, wall=now.timestamp)
    autumn = Schedules(stack.bus, wall=(now + timedelta(days=218)).timestamp)

    async def active() -> bool:
        return all(one.active for one in await spring.of("ticking"))

    await eventually(active)

    async def shown(schedules: Schedules) -> list[list[str]]:
        listed = (await schedules.page()).items
        assert [one.next_at for one in listed] == [one.upcoming[0] for one in listed]
        whole = await schedules.times("ticking", 5)
        assert {one.id: one.upcoming for one in listed} == whole
        zones = [ZoneInfo(one.timezone or "UTC") for one in listed]
        return [
            [datetime.fromtimestamp(at, zone).strftime("%d %H:%M%z") for at in one.upcoming]
            for one, zone in zip(listed, zones, strict=True)
        ]

    assert await shown(spring) == [
        ["26 02:30+0100", "27 02:30+0100", "29 02:30+0200", "30 02:30+0200", "31 02:30+0200"],
        ["26 12:00+0100", "27 12:00+0100", "28 12:00+0200", "29 12:00+0200", "30 12:00+0200"],
        ["26 02:30+0000", "27 02:30+0000", "28 02:30+0000", "29 02:30+0000", "30 02:30+0000"],
    ]
    assert (await shown(autumn))[:2] == [
        ["30 02:30+0200", "31 02:30+0200", "31 02:30+0100", "01 02:30+0100", "02 02:30+0100"],
        ["30 12:00+0200", "31 12:00+0100", "01 12:00+0100", "02 12:00+0100", "03 12:00+0100"],
    ]


async def test_a_pause_takes_schedules_from_the_broker_until_they_go_on(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    await publish(stack, ticking({"cron": "0 0 1 1 *"}))
    schedules = Schedules(stack.bus)

    async def active() -> bool:
        return (await schedules.of("ticking"))[0].active

    async def gone() -> bool:
        return not await active()

    await eventually(active)
    paused = await api.post("/schedules/ticking/pause", params={"reason": "holidays"})
    assert paused.status_code == 200
    await eventually(gone)
    (one,) = await schedules.of("ticking")
    assert (one.paused_at, one.pause_reason) == (paused.json()["paused_at"], "holidays")
    assert (one.next_at, one.upcoming) == (None, [])
    assert await unscheduled(stack.bus) == [], "it is not amiss"
    late = scheduled("ticking", Schedule(cron="0 0 1 1 *")).request
    unwanted = await stack.runs.start(late)  # as the broker asks while no scheduler is up
    wanted = await stack.runs.start(replace(late, source="somebody"))
    assert await stack.runs.wait(wanted, 10) is not None
    assert await stack.runs.get(unwanted) is None
    await publish(stack, ticking({"cron": "0 0 2 1 *"}))
    assert [one.paused_at is None for one in await schedules.of("ticking")] == [False]
    resumed = await api.post("/schedules/ticking/resume")
    assert resumed.json() == {"workflow_id": "ticking", "paused_at": None, "reason": ""}
    await eventually(active)
    (one,) = await schedules.of("ticking")
    assert one.next_at is not None
    assert (await api.post("/schedules/ticking/resume")).status_code == 200, "once more"


async def test_a_schedule_is_run_by_hand(stack: Stack, api: httpx.AsyncClient) -> None:
    await publish(stack, ticking({"cron": "0 0 1 1 *", "inputs": {"who": "hand"}}))
    (one,) = await Schedules(stack.bus).of("ticking")
    await api.post("/schedules/ticking/pause")
    asked = await api.post(f"/schedules/ticking/{one.id}/run")
    assert asked.status_code == 202
    run_id = asked.json()["run_id"]
    assert asked.headers["location"] == f"/api/runs/{run_id}"
    view = await stack.runs.wait(run_id, 10)
    assert view is not None
    assert view.outputs == {"output": "for hand"}

    async def known() -> Any:
        (one,) = await Schedules(stack.bus).of("ticking")
        return one.last_run and one.last_run.status == "succeeded"

    await eventually(known)


async def test_what_is_asked_wrongly(stack: Stack, api: httpx.AsyncClient) -> None:
    await publish(stack, ticking({"cron": "0 0 1 1 *"}, {"cron": "0 0 2 1 *"}))
    await publish(stack, ticking(id="timeless"))
    for method, path, status, code in (
        ("POST", "/schedules/nope/pause", 404, "workflow.not_found"),
        ("POST", "/schedules/timeless/pause", 404, "schedule.not_found"),
        ("POST", "/schedules/timeless/resume", 404, "schedule.not_found"),
        ("POST", "/schedules/ticking/nope/run", 404, "schedule.not_found"),
        ("POST", "/schedules/%00/pause", 404, "workflow.not_found"),
        ("GET", "/schedules?cursor=%00", 400, "cursor.invalid"),
        ("GET", "/schedules?workflow_id=nope", 404, "workflow.not_found"),
        ("GET", "/schedules?workflow_id=ticking&cursor=%00", 400, "cursor.invalid"),
        ("GET", "/schedules?limit=0", 422, None),
        ("GET", "/schedules?nope=1", 422, None),
    ):
        answer = await api.request(method, path)
        assert answer.status_code == status, (path, answer.text)
        assert code is None or answer.json()["code"] == code, path
    assert (await api.get("/schedules?workflow_id=timeless")).json()["items"] == []
    whole = (await api.get("/schedules?workflow_id=ticking")).json()
    assert (len(whole["items"]), whole["next_cursor"]) == (2, None)
    assert (await api.get("/schedules?workflow_id=ticking&cursor=ticking")).json()["items"] == []
    with pytest.raises(NotFound):
        await Schedules(stack.bus).times("timeless", 1)


async def test_alike_schedules_of_two_workflows_are_two(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    """Runs are looked up by a schedule's id, so one's run would be the other's."""
    for name in ("one", "two"):
        await publish(stack, ticking({"cron": "0 0 1 1 *"}, id=name))
    ids = {one["id"] for one in (await api.get("/schedules")).json()["items"]}
    assert len(ids) == 2


async def test_pages_part_no_workflow_and_leave_out_none(
    stack: Stack, api: httpx.AsyncClient
) -> None:
    for name in ("b", "a", "c"):
        both = ({"cron": "0 0 1 1 *"}, {"cron": "0 0 2 1 *"})
        await publish(stack, ticking(*both, id=name))
    await stack.bus.definitions.put("d", b'{"workflow_id":"d","latest":3}')
    seen, cursor, pages = [], "", 0
    while True:
        body = (await api.get("/schedules", params={"limit": 1, "cursor": cursor})).json()
        seen += [item["workflow_id"] for item in body["items"]]
        pages += 1
        if body["next_cursor"] is None:
            break
        cursor = body["next_cursor"]
    assert seen == ["a", "a", "b", "b", "c", "c"]
    assert pages == 4
    assert [one["code"] for one in body["unreadable"]] == ["workflow.not_found"]
