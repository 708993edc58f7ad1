"""Answers and events from outside while schedulers die: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from runfold.cli.torture.load import ending, journal
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest, SignalRequest
from tests.support.faults import Faulty, faulty


def asking() -> dict[str, Any]:
    ask = {"id": "ask", "type": "question", "config": {"question": "?", "options": ["a", "b"]}}
    nodes = [ask, journal("after", 3), ending("after.output")]
    edges = [
        {"source": "ask", "target": "after", "port": "a"},
        {"source": "after", "target": nodes[-1]["id"]},
    ]
    return {"id": "asking", "nodes": nodes, "edges": edges}


def listening(rounds: int = 1) -> dict[str, Any]:
    """Waits for `go.<i>`, one after the other, and works after each."""
    nodes: list[dict[str, Any]] = []
    for i in range(rounds):
        nodes.append({"id": f"wait{i}", "type": "wait", "config": {"event": "go.*"}})
        nodes.append(journal(f"n{i}", i))
    return {"id": "listening", "nodes": [*nodes, ending(f"n{rounds - 1}.output")]}


async def waiting(here: Faulty, run_id: str, count: int = 1) -> e.NodeRunWaiting:
    def waits(log: list[e.Recorded]) -> list[e.NodeRunWaiting]:
        return [one.event for one in log if isinstance(one.event, e.NodeRunWaiting)]

    await here.until(lambda log: len(waits(log)) >= count, run_id)
    return waits(await here.bus.events.read_run(run_id))[count - 1]


@pytest.mark.parametrize(
    "point", ["request.carried_out=kill@2", "scheduler.deciding=kill@4", "scheduler.sent=kill@3"]
)
async def test_a_scheduler_dies_between_the_answer_and_its_effect(
    tmp_path: Path, point: str
) -> None:
    async with faulty(tmp_path, armed={"scheduler": point}) as here:
        (run_id,) = await here.start(asking())
        answering = asyncio.create_task(_answer(here, run_id))
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        await answering
        await here.assert_all_is_well([run_id], 3)
        assert (await here.kinds(run_id))["node_run_waiting"] >= 1


async def _answer(here: Faulty, run_id: str) -> None:
    token = (await waiting(here, run_id)).token
    await here.runs.answer(AnswerRequest(token=token, action="a"))


@pytest.mark.parametrize(
    "point", ["wait.noted=kill", "signal.written=kill", "request.carried_out=kill@2"]
)
async def test_a_scheduler_dies_with_a_signal_in_flight(tmp_path: Path, point: str) -> None:
    async with faulty(tmp_path, armed={"scheduler": point}) as here:
        (run_id,) = await here.start(listening(2))
        died = asyncio.create_task(here.cluster.processes["scheduler"].ended())

        async def revive() -> None:
            assert await died == -signal.SIGKILL
            await here.cluster.start("scheduler")

        reviving = asyncio.create_task(revive())
        for count in (1, 2):
            await waiting(here, run_id, count)
            await here.runs.signal(SignalRequest(subject=f"go.{count}", payload=count))
        await reviving
        await here.assert_all_is_well([run_id], 1)
        view = await here.ended(run_id)
        came = {node.node_id: node.outputs.get("event") for node in view.nodes}
        assert (came["wait0"], came["wait1"]) == (1, 2)


async def test_a_wait_is_found_by_the_scheduler_that_did_not_begin_it(tmp_path: Path) -> None:
    services = {
        "scheduler-1": "scheduler",
        "scheduler-2": "scheduler",
        "executor": "executor",
        "projection": "projection",
    }
    async with faulty(tmp_path, services) as here:
        run_ids = await here.start(listening(), 6)
        for run_id in run_ids:
            await waiting(here, run_id)
        await here.cluster.processes["scheduler-1"].kill()
        await here.runs.signal(SignalRequest(subject="go.on"))
        await here.assert_all_is_well(run_ids, 0)
        while await here.bus.waits.entries():
            pass
