"""Lists of runs over HTTP: the filters, their refusals, and what went wrong with others' lists.

Each case of `REPORTS` is a defect that users of another system reported, with what is right.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
import pytest_asyncio

from runfold.contracts import events as e
from runfold.errors import Failure
from runfold.graph.loader import canonical_bytes, prepare
from tests.support.gateway import Gateway, gateway

DOCUMENT = {
    "id": "flow",
    "inputs": {"topic": {"type": "string"}},
    "nodes": [{"id": "call", "type": "template", "config": {"template": "{{topic}}"}}],
}
WHY = Failure(code="probe.failed", message="The TAP is shut", kind="server")
FAILED, CANCELLED, RUNNING, PAUSED, DONE = "failed", "cancelled", "running", "paused", "succeeded"
WITHIN = 20.0
pytestmark = pytest.mark.asyncio(loop_scope="module")


def run_of(run_id: str, status: str, **started: Any) -> list[e.AnyEvent]:
    """The events of a run that comes to a status."""
    workflow, _ = prepare({**DOCUMENT, "id": started.pop("workflow", "flow")})
    about: dict[str, Any] = {"run_id": run_id, "workflow_id": workflow.id}
    node = {**about, "node_id": "call"}
    definition = msgspec.Raw(canonical_bytes(workflow))
    begun = e.RunStarted(id=f"{run_id}:s", definition=definition, **about, **started)
    taken = e.NodeRunStarted(id=f"{run_id}:t", executor="text-1", **node)
    endings: dict[str, list[e.AnyEvent]] = {
        RUNNING: [taken],
        PAUSED: [e.RunPaused(id=f"{run_id}:p", **about)],
        CANCELLED: [e.RunCancelled(id=f"{run_id}:c", reason="enough", **about)],
        FAILED: [
            taken,
            e.NodeRunFailed(id=f"{run_id}:nf", error=WHY, **node),
            e.RunFailed(id=f"{run_id}:f", error=WHY, node_id="call", **about),
        ],
        DONE: [
            taken,
            e.NodeRunSucceeded(id=f"{run_id}:ns", outputs={"output": "Earl Grey"}, **node),
            e.RunSucceeded(id=f"{run_id}:d", outputs={"said": "Earl Grey"}, **about),
        ],
    }
    return [begun, *endings[status]]


RUNS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "r1",
        DONE,
        {"labels": {"team": "a", "ticket": "x:1"}, "inputs": {"topic": "tea"}, "version": "1"},
    ),
    ("r2", FAILED, {"labels": {"team": "a", "env": "test"}, "version": "2"}),
    ("r3", CANCELLED, {"labels": {"team": "b"}, "version": "1"}),
    ("r4", RUNNING, {"inputs": {"topic": "Straße 50%"}, "version": "draft"}),
    ("r5", PAUSED, {"workflow": "other", "origin": e.Origin("r1", 3), "version": "1"}),
    ("r6", DONE, {"workflow": "other", "version": "2", "labels": {"env": "test"}}),
]
ALL = ["r6", "r5", "r4", "r3", "r2", "r1"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door() -> AsyncIterator[Gateway]:
    async with gateway() as door:
        for run_id, status, started in RUNS:
            for event in run_of(run_id, status, **started):
                await door.bus.events.append(event)
        async with asyncio.timeout(WITHIN):
            while True:
                if (await listed(door, "workflow_id=other&status=succeeded"))[0] == ["r6"]:
                    break
                await asyncio.sleep(0.01)
        yield door


async def listed(door: Gateway, query: str = "") -> tuple[list[str], Any]:
    answer = await door.ask("GET", f"/api/runs?{query}")
    assert answer.status == 200, answer
    return [item["run_id"] for item in answer.json["items"]], answer.json


REPORTS = {
    # temporalio/temporal#2851: an open interval is refused; temporalio/web#23: runs that began
    # before today are missing from a range that has them
    "from alone": ("from=1", ALL),
    "to alone": ("to=9999-12-31T00:00:00Z", ALL),
    "before all": ("to=2020-01-01", []),
    "after all": ("from=2100-01-01T00:00:00%2B02:00", []),
    # temporalio/temporal#8013: a run of another value comes back when both began at once
    "one label": ("label=team:a", ["r2", "r1"]),
    "labels all hold": ("label=team:a&label=env:test", ["r2"]),
    "one name, two values": ("label=team:a&label=team:b", []),
    "a colon in a value": ("label=ticket:x:1", ["r1"]),
    "part of a value": ("label=ticket:x", []),
    # kestra-io/kestra#2226: runs under way are left out of a range that ends now
    "running runs have a start": ("from=2020-01-01&to=2100-01-01&status=running", ["r4"]),
    # PrefectHQ/prefect#20341: runs that ended before any node began are left out of a range
    "ended before a node began": ("from=2020-01-01&status=cancelled", ["r3"]),
    # n8n-io/n8n#19664, #12933: `running` is no status that can be asked for
    "under way": ("status=running&status=paused", ["r5", "r4"]),
    # temporalio/web#388: the list of all lacks runs that the lists of statuses have
    "all statuses": ("status=succeeded,failed,cancelled,running,paused", ALL),
    "no filter": ("", ALL),
    "empty filters": ("status=&label=&node=&text=&version=", ALL),
    # astronomer/agents#192: the oldest come first, the newest not at all
    "newest first": ("limit=2", ["r6", "r5"]),
    "by workflow and status": ("workflow_id=other&status=paused", ["r5"]),
    "version": ("version=2", ["r6", "r2"]),
    "draft": ("version=draft", ["r4"]),
    "error code": ("error_code=probe.failed", ["r2"]),
    "origin": ("origin=r1", ["r5"]),
    "node that failed or is under way": ("node=call", ["r4", "r2"]),
    "node with a status": ("node=call&node_status=succeeded", ["r6", "r1"]),
    "node nobody has": ("node=each%5B0%5D/call", []),
    "text in inputs": ("text=TEA", ["r1"]),
    "text in outputs": ("text=earl%20grey", ["r6", "r1"]),
    "text in the error": ("text=tap+is", ["r2"]),
    "text in an id": ("text=r3", ["r3"]),
    "text folds": (f"text={quote('STRASSE')}", ["r4"]),
    "signs of patterns are themselves": ("text=50%25", ["r4"]),
    "a sign that would fit all": ("text=%25%25", []),
    "quotes are themselves": ("text='%20or%201=1%20--", []),
}


@pytest.mark.parametrize(("query", "wanted"), REPORTS.values(), ids=REPORTS)
async def test_a_filter_gives_just_the_runs_that_fit(
    door: Gateway, query: str, wanted: list[str]
) -> None:
    assert (await listed(door, query))[0] == wanted


async def test_pages_have_each_run_once_also_when_the_filters_change(door: Gateway) -> None:
    # n8n-io/n8n#3868: the next page repeats runs of the one before
    seen, cursor = [], ""
    while True:
        ids, page = await listed(door, f"limit=2&cursor={cursor}")
        seen += ids
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ALL
    _, page = await listed(door, "limit=2")
    assert (await listed(door, f"label=team:a&cursor={page['next_cursor']}"))[0] == ["r2", "r1"]


async def test_counts_are_of_all_pages_and_fit_the_other_filters(door: Gateway) -> None:
    # kestra-io/kestra#413: what is beside the list does not honour its filters
    _, page = await listed(door, "counts=true&limit=1&status=failed")
    counted = {"succeeded": 2, "failed": 1, "cancelled": 1, "running": 1, "paused": 1}
    assert page["counts"] == counted
    _, page = await listed(door, "counts=true&label=team:a")
    assert page["counts"] == {"succeeded": 1, "failed": 1}
    assert (await listed(door))[1]["counts"] is None


WRONG = {
    # withcoral/coral#681: a status that is none gives an empty list
    "status=error": "status",
    "status=failed,Failed": "status",
    "status=,": "status",
    # PrefectHQ/prefect#10190: a filter that is not understood is passed over
    "from=yesterday": "from",
    "from=2026-13-01": "from",
    "from=2026-01-01T00:00:00+02:00": "from",
    "from=-1": "from",
    "from=nan": "from",
    "from=1e400": "from",
    "to=99999-01-01": "to",
    "to=0x10": "to",
    "from=2026-01-02&to=2026-01-01": "to",
    "version=newest": "version",
    "version=-1": "version",
    "label=team": "label",
    "label=:a": "label",
    "label=a%20b:c": "label",
    "label=a:%00": "label",
    "node_status=failed": "node_status",
    "node=call&node_status=broken": "node_status",
    "node=a%00": "node",
    f"node={'x' * 3000}": "node",
    "error_code=a%20b": "error_code",
    "origin=*": "origin",
    f"text={'x' * 300}": "text",
    "workflow_id=a%2Fb": "workflow_id",
}


@pytest.mark.parametrize(("query", "parameter"), WRONG.items(), ids=range(len(WRONG)))
async def test_a_wrong_value_is_refused_and_named(
    door: Gateway, query: str, parameter: str
) -> None:
    answer = await door.ask("GET", f"/api/runs?{query}")
    assert (answer.status, answer.code) == (422, "filter.invalid")
    assert answer.json["parameter"] == parameter
    assert answer.json["detail"].startswith(f"invalid {parameter} ")
