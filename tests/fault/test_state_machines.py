"""A scheduler killed between an event and what follows: the event counts, and counts once."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from runfold.cli.torture.load import journal
from runfold.contracts import events as e
from runfold.contracts.requests import AnswerRequest
from tests.support.faults import Faulty, faulty


def counting(event: str, target: str) -> dict[str, object]:
    change = {"variable": "count", "operation": "+=", "value": 1}
    action = {"nodes": [journal(event, 1)]}
    return {"target": target, "assign": [change], "action": action}


STATES = {
    "idle": {"on": {"go": counting("going", "busy")}},
    "busy": {"entry": {"nodes": [journal("begun", 2)]}, "on": {"stop": counting("ending", "done")}},
    "done": {"final": True, "entry": {"nodes": [journal("over", 3)]}},
}
DOCUMENT = {
    "id": "machine",
    "nodes": [
        {
            "id": "m",
            "type": "state_machine",
            "config": {"initial": "idle", "states": STATES, "variables": {"count": 0}},
        },
        {"id": "end", "type": "end", "config": {"output": "{{m.count}}"}},
    ],
}


async def arrive(here: Faulty, run_id: str, kind: type[e.Event], count: int = 1) -> e.AnyEvent:
    """The event of a kind that comes as the `count`th in a run's log."""
    found: list[e.AnyEvent] = []

    def are_there(log: list[e.Recorded]) -> bool:
        found[:] = [one.event for one in log if isinstance(one.event, kind)]
        return len(found) >= count

    await here.until(are_there, run_id)
    return found[count - 1]


@pytest.mark.parametrize(
    "point",
    [
        # The run's request is the first: the event is in the log, its request not acknowledged.
        "request.carried_out=kill@3",
        # Before, while and after it sends what follows: handlers and changes of state.
        "scheduler.deciding=kill@4",
        "scheduler.sent=kill@5",
        "scheduler.acked=kill@4",
        "scheduler.acked=kill@7",
    ],
)
async def test_an_event_is_followed_once_whoever_dies(tmp_path: Path, point: str) -> None:
    async with faulty(tmp_path, armed={"scheduler": point}) as here:

        async def replaced() -> None:
            assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
            await here.cluster.start("scheduler")

        replacing = asyncio.create_task(replaced())
        (run_id,) = await here.start(DOCUMENT)
        started = await arrive(here, run_id, e.StateMachineStarted)
        assert isinstance(started, e.StateMachineStarted)
        for count, event in enumerate(("go", "stop"), start=1):
            await here.runs.answer(AnswerRequest(token=started.token, action=event, key=event))
            await arrive(here, run_id, e.InputReceived, count)
        await here.assert_all_is_well([run_id], 2)
        await asyncio.wait_for(replacing, 10)
        machine = next(node for node in (await here.ended(run_id)).nodes if node.address == "m")
        passed = [(one["event"], one["to"]) for one in machine.outputs["history"]]
        assert passed == [("go", "busy"), ("stop", "done")]
        assert len({line.key for line in here.calls()}) == 4
