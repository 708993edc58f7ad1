"""What was asked and answered is said once, wherever the scheduler is killed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from runfold.contracts.conversations import MessageCreated
from tests.support.conversations import heard
from tests.support.faults import Faulty, chain, faulty, request


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("request.said=kill@2", marks=pytest.mark.slow),
        pytest.param("request.carried_out=kill@2", marks=pytest.mark.slow),
        "scheduler.answering=kill@2",
    ],
)
async def test_a_turn_is_said_and_answered_once(tmp_path: Path, point: str) -> None:
    async with faulty(tmp_path, armed={"scheduler": point}) as here:
        run_ids = [await ask(here, f"question {number}") for number in range(3)]
        assert await here.cluster.processes["scheduler"].ended() == -signal.SIGKILL
        await here.cluster.start("scheduler")
        for run_id in run_ids:
            assert (await here.ended(run_id)).status == "succeeded"
        said = await heard(here.bus, 6)
        assert sorted((one.run_id, one.role) for one in said) == sorted(
            (run_id, role) for run_id in run_ids for role in ("user", "assistant")
        )
        # In the stream too, and each turn has a number of its own.
        stored = [
            record.body
            async for record in here.bus.messages.read("c")
            if isinstance(record.body, MessageCreated)
        ]
        assert len(stored) == 6
        assert [one.number for one in stored if one.number] == [1, 2, 3]


async def ask(here: Faulty, query: str) -> str:
    document = chain(2)
    document["nodes"][-1] = {"id": "say", "type": "answer", "config": {"answer": "{{sys.query}}!"}}
    return await here.runs.start(request(document, query=query, conversation_id="c", user_id="ann"))
