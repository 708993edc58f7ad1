"""The family of a run that no projection has come to yet."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from runfold.bus.ports.bus import Bus
from runfold.client.run_lists import listed_family
from runfold.contracts import events as e
from runfold.contracts import queries as q
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.views.families import family_run
from runfold.engine.views.runs import RunView, run_view
from runfold.graph.loader import canonical_bytes, prepare

FLOW, _ = prepare({"id": "flow", "nodes": [{"id": "a", "type": "noop"}]})


def run(run_id: str, origin: e.Origin | None = None) -> RunView:
    about = {"id": "s", "run_id": run_id, "workflow_id": "flow"}
    event = e.RunStarted(definition=msgspec.Raw(canonical_bytes(FLOW)), origin=origin, **about)
    folder, _ = Folder.begin(e.Recorded(1, 1.0, event), Plans())
    return run_view(folder.plan, folder.state)


ROOT = run("root")
NEW = run("new", e.Origin("root", 3))


class Behind:
    """A bus whose projection has the family of `root` alone, and does not know `new`."""

    def __init__(self, *family: RunView, next_cursor: str = "") -> None:
        self._family = family
        self._cursor = next_cursor

    async def query(self, verb: str, body: bytes) -> bytes:
        asked = msgspec.json.decode(body, type=q.ListFamily).run_id
        known = self._family if verb == q.LIST_FAMILY and asked == "root" else ()
        items = [family_run(asked, one, is_above=one.run_id == asked) for one in known]
        return msgspec.json.encode(q.Answer(items=items, next_cursor=self._cursor))


async def family(bus: Any, new: RunView | None, cursor: str = "") -> list[tuple[str, str]]:
    found = await listed_family(cast("Bus", bus), q.ListFamily("new", cursor), new)
    return [(one.run_id, one.relation) for one in found.items]


@pytest.mark.parametrize(
    ("bus", "wanted"),
    [
        (
            Behind(ROOT, run("side", e.Origin("root", 2))),
            [("root", "origin"), ("side", "fork"), ("new", "self")],
        ),
        # It came to the run between the two questions.
        (Behind(ROOT, NEW), [("root", "origin"), ("new", "self")]),
        # The run is on a later page.
        (Behind(ROOT, next_cursor="7"), [("root", "origin")]),
        (Behind(), [("new", "self")]),
    ],
)
async def test_it_is_the_newest_of_its_origin_s(bus: Behind, wanted: list[Any]) -> None:
    assert await family(bus, NEW) == wanted


async def test_a_run_without_an_origin_is_its_own_family() -> None:
    assert await family(Behind(ROOT), run("new")) == [("new", "self")]
    assert await family(Behind(ROOT), None) == []
    assert await family(Behind(ROOT), NEW, cursor="9") == []
