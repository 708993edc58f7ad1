"""Workflows that run by the clock: published, changed, withdrawn; and what is no schedule."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts import subjects
from runfold.definitions.store import DefinitionStore
from runfold.errors import ExpressionFailed
from runfold.graph.loader import load_workflow, prepare
from runfold.values.cron import broker_cron, checked_zone
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
    async with asyncio.timeout(20):
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
        async with asyncio.timeout(10):
            while await _sources(stack) != {"cron 0 0 1 1 *"}:  # noqa: ASYNC110 -- of the broker
                await asyncio.sleep(0.05)
        await publish(stack, ticking())
        async with asyncio.timeout(10):
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


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("0 9 * * 1-5", "0 0 9 * * 1-5"),
        ("*/10 0 9 * * *", "*/10 0 9 * * *"),
        (" 5,35  * * JAN mon ", "0 5,35 * * jan mon"),
        ("@daily", "@daily"),
        ("@every 1h30m", "@every 1h30m"),
    ],
)
def test_cron_expressions(text: str, fields: str) -> None:
    assert broker_cron(text) == fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "a * * * *",
        "@sometimes",
        "@every",
        "1-99 * * * *",
        "1/x * * * *",
    ],
)
def test_what_is_no_cron_expression(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        broker_cron(text)
    loaded = load_workflow(ticking({"cron": text}))
    assert any(f.path.startswith("settings.schedules[0]") for f in loaded.findings)


def test_what_is_no_time_zone() -> None:
    assert checked_zone("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(ExpressionFailed):
        checked_zone("Mars/Olympus")
    loaded = load_workflow(ticking({"cron": "@daily", "timezone": "Mars/Olympus"}))
    assert [(f.code, f.path) for f in loaded.findings if f.level == "error"] == [
        ("cron.invalid", "settings.schedules[0].timezone")
    ]
