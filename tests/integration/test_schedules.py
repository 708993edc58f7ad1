"""Workflows that run by the clock: published, changed, withdrawn; and what is no schedule."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from runfold.bus.ports.stores import Scheduled
from runfold.contracts import events as e
from runfold.contracts import subjects
from runfold.contracts.requests import RunRequest
from runfold.definitions.schedules import unscheduled
from runfold.definitions.store import DefinitionStore
from runfold.errors import ExpressionFailed, InvalidRequest
from runfold.graph.loader import prepare
from runfold.graph.reading import declarations
from runfold.values.cron import broker_cron
from tests.support.crons import TAKEN
from tests.support.stack import CORE, Stack, running


def ticking(*schedules: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "ticking",
        "inputs": {"who": {"type": "string", "default": "nobody"}},
        "settings": {"schedules": list(schedules)},
        "nodes": [{"id": "say", "type": "template", "config": {"template": "for {{who}}"}}],
    }


async def publish(stack: Stack, document: dict[str, Any]) -> None:
    workflow, _ = prepare(document)
    store = DefinitionStore(stack.bus.definitions)
    await store.save_draft(workflow)
    await store.publish(workflow.id)


async def started(stack: Stack, count: int, after: int) -> list[e.RunStarted]:
    found: list[e.RunStarted] = []
    async with asyncio.timeout(60):
        async for batch in stack.bus.events.follow(after=after):
            found += [r.event for r in batch if isinstance(getattr(r, "event", None), e.RunStarted)]
            if len(found) >= count:
                return found
    return found


async def schedules(stack: Stack) -> int:
    info = await stack.bus.nc.jetstream().stream_info(
        subjects.TIMERS, subjects_filter="runfold.timers.cron.>"
    )
    return len(info.state.subjects or {})


async def test_a_published_workflow_runs_by_the_clock_until_it_is_changed() -> None:
    async with running(CORE) as stack:
        await publish(stack, ticking({"cron": "@every 1s", "inputs": {"who": "cron"}}))
        runs = await started(stack, 2, 0)
        assert {run.source for run in runs} == {"cron @every 1s"}
        assert len({run.run_id for run in runs}) == len(runs)
        view = await stack.runs.wait(runs[0].run_id, 10)
        assert view is not None
        assert view.outputs == {"output": "for cron"}
        await publish(stack, ticking({"cron": "0 0 1 1 *", "timezone": "Europe/Berlin"}))
        async with asyncio.timeout(60):
            while await _sources(stack) != {"cron 0 0 1 1 *"}:  # noqa: ASYNC110 -- of the broker
                await asyncio.sleep(0.05)
        await publish(stack, ticking())
        async with asyncio.timeout(60):
            while await _sources(stack):  # noqa: ASYNC110 -- of the broker
                await asyncio.sleep(0.05)


async def _sources(stack: Stack) -> set[str]:
    from runfold.bus.jetstream.client.direct_get import read_stored
    from runfold.contracts.codec import decode_request

    found = set()
    async for stored in read_stored(
        stack.bus.nc, subjects.TIMERS, subjects.workflow_crons("ticking")
    ):
        request = decode_request("run", stored.body)
        found.add(getattr(request, "source", ""))
    return found


async def test_two_schedules_of_one_time_both_fire() -> None:
    async with running(CORE) as stack:
        await publish(
            stack,
            ticking(
                {"cron": "* * * * * *", "inputs": {"who": "east"}},
                {"cron": "* * * * * *", "inputs": {"who": "west"}},
            ),
        )
        async with asyncio.timeout(60):
            seen: set[str] = set()
            async for batch in stack.bus.events.follow(after=0):
                seen |= {one.event.inputs["who"] for one in batch if _is_start(one)}
                if seen == {"east", "west"}:
                    break


def _is_start(one: Any) -> bool:
    return isinstance(getattr(one, "event", None), e.RunStarted)


def _scheduled(cron: str, zone: str = "") -> Scheduled:
    return Scheduled(cron, zone, RunRequest(workflow_id="ticking", source=cron))


async def test_the_broker_takes_every_cron_that_passes_the_check() -> None:
    chosen = random.Random(7)
    crons = [broker_cron(text) for text in TAKEN]
    while len(crons) < 300:
        try:
            crons.append(broker_cron(" ".join(chosen.choice(PARTS[name]) for name in PARTS)))
        except ExpressionFailed:
            continue
    wanted = [_scheduled(cron) for cron in dict.fromkeys(crons)]
    wanted.append(_scheduled("@daily", "Europe/Berlin"))
    async with running(()) as stack:
        assert await stack.bus.crons.replace("ticking", wanted) == len(wanted)
        assert await stack.bus.crons.missing("ticking", wanted) == []


async def test_what_the_broker_refuses_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = _scheduled("@daily"), _scheduled("0 0 9 * * 5-1")
    monkeypatch.setattr(declarations, "broker_cron", lambda text: text)  # as an older release did
    async with running(("scheduler",)) as stack:
        await publish(stack, ticking({"cron": "0 9 * * 5-1"}) | {"id": "a_bad"})
        await publish(stack, ticking({"cron": "@daily"}) | {"id": "z_good"})
        async with asyncio.timeout(60):
            while await unscheduled_ids(stack) != ["a_bad"]:  # noqa: ASYNC110 -- of the broker
                await asyncio.sleep(0.05)
        with pytest.raises(InvalidRequest) as caught:
            await stack.bus.crons.replace("ticking", [bad, good])
        assert caught.value.code == "cron.refused"
        assert await stack.bus.crons.missing("ticking", [bad, good]) == [bad]


async def unscheduled_ids(stack: Stack) -> list[str]:
    return [reason.partition(":")[0] for reason in await unscheduled(stack.bus)]


PARTS = {
    "second": ["0", "*/2", "5-10/3", "59", "1,2,3-9"],
    "minute": ["*", "0", "*/61", "0-59/7", "5/15", "007", "10-5", "60", "*/0"],
    "hour": ["*", "23", "0-23", "24", "?"],
    "day": ["*", "?", "1", "31", "29-31", "*/32", "0"],
    "month": ["*", "2", "feb", "apr-jun", "2,4", "13", "jan/2"],
    "weekday": ["*", "?", "7", "5-7", "mon-fri", "sun", "fri-mon", "1-7/2"],
}
"""Parts that the check or the broker may refuse, alone or together."""
