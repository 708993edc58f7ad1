"""What a cancel writes: an end, the beginning of a compensation, or the end of one that is held."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.errors import Failure
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from runfold_scheduler.cancelling import Cancelling

PLAIN: dict[str, Any] = {"id": "w", "nodes": [{"id": "a", "type": "noop"}]}
UNDONE: dict[str, Any] = {
    "id": "w",
    "nodes": [
        {"id": "a", "type": "noop", "compensate": "undo"},
        {"id": "undo", "type": "noop"},
    ],
}


def canonical(document: dict[str, Any]) -> bytes:
    workflow, _ = prepare(document)
    return canonical_bytes(workflow)


async def cancel(definition: bytes, *more: e.AnyEvent) -> e.AnyEvent:
    bus = MemoryBus(Settings(), time.time)
    started = e.RunStarted(id="s", run_id="r", workflow_id="w", definition=msgspec.Raw(definition))
    await bus.events.start_run(started)
    for event in more:
        await bus.events.append(event)
    first = await bus.events.first_event("r")
    assert first is not None
    return await Cancelling(RunLog(bus)).event(first, "enough", why="test")


WHY = Failure(code="run.cancelled", message="first", kind="cancelled")
ABOUT: dict[str, Any] = {"run_id": "r", "workflow_id": "w"}
COMPENSATING = e.RunCompensating(id="c", cause="cancel", error=WHY, **ABOUT)


async def test_a_run_that_undoes_nothing_is_ended() -> None:
    event = await cancel(canonical(PLAIN))
    assert isinstance(event, e.RunCancelled)
    assert (event.id, event.reason) == ("r:run_cancelled:test", "enough")


async def test_one_that_could_have_to_undo_something_is_not() -> None:
    event = await cancel(canonical(UNDONE))
    assert isinstance(event, e.RunCompensating)
    assert (event.cause, event.reason) == ("cancel", "enough")
    assert event.error.message == "the run was cancelled: enough"


async def test_one_that_is_held_while_it_compensates_is_ended_as_it_is() -> None:
    paused = e.RunPaused(id="p", **ABOUT)
    assert isinstance(await cancel(canonical(UNDONE), COMPENSATING), e.RunCompensating)
    assert isinstance(await cancel(canonical(UNDONE), paused), e.RunCompensating)
    assert isinstance(await cancel(canonical(UNDONE), COMPENSATING, paused), e.RunCancelled)


@pytest.mark.parametrize(
    "definition",
    [b'{"id":"w","nodes":[{"id":"a","type":"of_another_release"}]}', b'{"id":7}'],
)
async def test_one_that_nobody_can_fold_is_ended(definition: bytes) -> None:
    assert isinstance(await cancel(definition), e.RunCancelled)
