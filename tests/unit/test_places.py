"""Places of a concurrency key when a scheduler died between two of its steps."""

from __future__ import annotations

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.engine.decide.effects import Admit
from runfold.engine.state.runs import RunState
from runfold.settings import Settings
from runfold_scheduler.outbox.concurrency import Places


class Line:
    """Runs of one key with one place."""

    def __init__(self, when_full: str = "queue") -> None:
        self.bus = MemoryBus(Settings())
        self.places = Places(self.bus, RunLog(self.bus))
        self.effect = Admit("w/k", 1, when_full)  # type: ignore[arg-type]

    async def start(self, run_id: str) -> str:
        """A run asks for its place; what was written in its log about that."""
        if not await self.bus.events.read_run(run_id):
            started = e.RunStarted(
                id=f"{run_id}:s", run_id=run_id, workflow_id="w", definition=msgspec.Raw(b"{}")
            )
            await self.bus.events.start_run(started)
        return await self.ask(run_id)

    async def ask(self, run_id: str) -> str:
        await self.places.take(state_of(run_id), self.effect)
        return await self.last(run_id)

    async def last(self, run_id: str) -> str:
        return e.event_type((await self.bus.events.read_run(run_id))[-1].event)

    async def end(self, run_id: str) -> None:
        """It ends, and nobody gives up its place."""
        event = e.RunCancelled(id=f"{run_id}:c", run_id=run_id, workflow_id="w")
        await self.bus.events.append(event)


def state_of(run_id: str) -> RunState:
    return RunState(
        run_id=run_id,
        workflow_id="w",
        version="1",
        inputs={},
        values={},
        started_at=0.0,
        concurrency_key="k",
    )


async def test_the_place_of_a_run_that_is_over_is_taken() -> None:
    line = Line()
    assert await line.start("a") == "run_admitted"
    assert await line.start("b") == "run_started"
    await line.end("a")
    assert await line.ask("b") == "run_admitted"


async def test_who_is_over_holds_up_nobody_behind_it() -> None:
    line = Line()
    for run_id in ("a", "b", "c"):
        await line.start(run_id)
    await line.end("b")
    await line.end("a")
    assert await line.ask("c") == "run_admitted"


async def test_those_that_wait_keep_their_order() -> None:
    line = Line()
    for run_id in ("a", "b", "c"):
        await line.start(run_id)
    await line.end("a")
    assert await line.ask("c") == "run_started"
    assert await line.ask("b") == "run_admitted"
    await line.places.leave(state_of("b"))
    assert await line.last("c") == "run_admitted"


async def test_a_scheduler_that_dies_before_it_writes_the_board_leaves_one_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = Line("cancel_oldest")
    await line.start("a")

    async def dies(*_: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(line.bus.places, "update", dies)
        with pytest.raises(ConnectionError):
            await line.start("b")
    assert await line.last("a") == "run_cancelled"
    assert await line.ask("b") == "run_admitted"
    assert await line.start("c") == "run_admitted"
    assert await line.last("b") == "run_cancelled"
