"""The rows a projection writes: after each event, every node is as the log has it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.bus.run_log import RunLog
from runfold.contracts import events as e
from runfold.engine.history.fold import Plans
from runfold.engine.views.attempts import followed
from runfold.engine.views.runs import run_view
from runfold.errors import Failure
from runfold.graph.loader import canonical_bytes, prepare
from runfold.settings import Settings
from runfold_projection.folding import Folding
from runfold_projection.store import ReadModel

ABOUT: dict[str, Any] = {"run_id": "r", "workflow_id": "w"}
EACH: dict[str, Any] = {**ABOUT, "node_id": "each"}
WHY = Failure(code="simulated", message="broken", kind="server")
NOOPS = [{"id": "n", "type": "noop"}, {"id": "m", "type": "noop"}]
LOOP = {"items": [1, 2], "concurrency": 2, "on_item_error": "continue", "nodes": NOOPS, "edges": []}
DOCUMENT: dict[str, Any] = {
    "id": "w",
    "nodes": [
        {"id": "each", "type": "loop", "config": LOOP, "compensate": "undo"},
        {"id": "beside", "type": "noop"},
        {"id": "undo", "type": "noop"},
    ],
    "edges": [],
}


def began(scope: str, node_id: str) -> e.NodeRunStarted:
    key = f"r:{scope}/{node_id}"
    return e.NodeRunStarted(id=f"{key}:started", scope=scope, node_id=node_id, **ABOUT)


def under_way() -> Iterable[e.AnyEvent]:
    """Two items are worked on, and a node beside them."""
    workflow, _ = prepare(DOCUMENT)
    definition = msgspec.Raw(canonical_bytes(workflow))
    yield e.RunStarted(id="r:s", definition=definition, **ABOUT)
    yield began("", "beside")
    yield e.LoopStarted(id="r:each", items=[1, 2], concurrency=2, **EACH)
    for index in (0, 1):
        yield e.LoopNext(id=f"r:each:{index}", index=index, **EACH)
        yield began(f"each[{index}]", "n")
        yield began(f"each[{index}]", "m")


CANCELLED = e.RunCancelled(id="r:c", reason="enough", **ABOUT)
ITEM_FAILED = e.LoopItemFailed(id="r:each:0:failed", index=0, error=WHY, **EACH)
LOOP_FAILED = e.LoopFailed(id="r:each:failed", error=WHY, **EACH)
COMPENSATING = e.RunCompensating(id="r:comp", cause="cancel", error=WHY, **ABOUT)
INNER = {"each[0]/n", "each[0]/m", "each[1]/n", "each[1]/m"}


@pytest.mark.parametrize(
    ("ending", "given_up"),
    [
        (CANCELLED, {"each", "beside", *INNER}),
        (ITEM_FAILED, {"each[0]/n", "each[0]/m"}),
        (LOOP_FAILED, INNER),
        (COMPENSATING, {"each", "beside", *INNER}),
    ],
    ids=["the run ends", "an item ends", "a loop ends", "the run compensates"],
)
async def test_nodes_given_up_by_an_event_that_does_not_name_them_are_rewritten(
    tmp_path: Path, ending: e.AnyEvent, given_up: set[str]
) -> None:
    bus = MemoryBus(Settings())
    for event in (*under_way(), ending):
        await bus.events.append(event)
    model = await ReadModel(tmp_path / "m.sqlite").open()
    folding = Folding(RunLog(bus), model)
    written: dict[str, Any] = {}
    try:
        for record in await bus.events.read_run("r"):
            rows = await folding.fold([record])
            await model.write(record.seq, rows)
            written |= {row.view.address: row.view for one in rows for row in one.nodes}
    finally:
        await model.close()
    folder, attempts = followed(await RunLog(bus).records("r"), Plans())
    view = run_view(folder.plan, folder.state, attempts)
    assert written == {node.address: node for node in view.nodes}
    assert given_up == {at for at, node in written.items() if node.status == "cancelled"}
