"""Lists of runs: a page is what filtering and sorting all runs gives, with any filters."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.contracts.cursors import run_cursor
from runfold.contracts.events import Origin, Usage
from runfold.contracts.queries import ListRuns
from runfold.engine.views.runs import NodeView, RunView
from runfold.errors import Failure
from runfold_projection.lists import FAILED_OR_UNDER_WAY
from runfold_projection.reader import Reader
from runfold_projection.store import NodeRow, ReadModel, RunRows
from runfold_projection.texts import text_of_run

STATUSES = st.sampled_from(["running", "succeeded", "failed", "cancelled"])
WORKFLOWS = st.sampled_from(["w", "v"])
TIMES = st.sampled_from([100.0, 100.5, 101.0])
LABELS = st.dictionaries(st.sampled_from(["team", "env"]), st.sampled_from(["a", "b"]))
NODE_STATUSES = st.sampled_from(["succeeded", "failed", "running", "skipped"])
ADDRESSES = st.sampled_from(["call", "each[0]/call", "each[1]/call", "each"])
CODES = st.sampled_from(["", "llm.auth", "http.status"])
TOPICS = st.sampled_from(["Tea", "tea time", "Kaffee", "50% off", "a\nb"])


@st.composite
def rows(draw: st.DrawFn, number: int) -> RunRows:
    error = draw(CODES)
    run = RunView(
        run_id=f"run-{number}",
        workflow_id=draw(WORKFLOWS),
        version=draw(st.sampled_from(["1", "2", "draft"])),
        status=draw(STATUSES),
        inputs={"topic": draw(TOPICS)},
        outputs=draw(st.sampled_from([None, {"said": ["Done", 7]}])),
        error=Failure(code=error, message=f"it went wrong: {error}") if error else None,
        error_node="",
        usage=Usage(),
        started_at=draw(TIMES),
        finished_at=None,
        last_seq=1,
        nodes=(),
        labels=draw(LABELS),
        origin=Origin(draw(st.sampled_from(["run-0", "run-1"])), 1)
        if draw(st.booleans())
        else None,
    )
    nodes = draw(st.dictionaries(ADDRESSES, NODE_STATUSES, max_size=3))
    views = tuple(
        NodeRow((place,), NodeView(at, at.rpartition("/")[2], "noop", status))
        for place, (at, status) in enumerate(nodes.items())
    )
    return RunRows(run, number * 7 + 3, views, text_of_run(run))


QUERIES = st.builds(
    ListRuns,
    workflow_id=st.sampled_from(["", "", "w"]),
    status=st.lists(STATUSES, unique=True, max_size=3).map(tuple),
    started_from=st.none() | TIMES,
    started_to=st.none() | TIMES,
    version=st.sampled_from(["", "", "2", "draft"]),
    labels=LABELS.map(lambda labels: tuple(labels.items())),
    node=st.sampled_from(["", "", "call", "each[0]/call", "each"]),
    error_code=CODES,
    origin=st.sampled_from(["", "", "run-0"]),
    text=st.sampled_from(["", "", "TEA", "run-", "50%", "went wrong", "done", "%", "7"]),
)


def fits(rows: RunRows, query: ListRuns, *, by_status: bool = True) -> bool:
    run = rows.run
    statuses = query.node_status or FAILED_OR_UNDER_WAY
    return all(
        (
            query.workflow_id in ("", run.workflow_id),
            not by_status or not query.status or run.status in query.status,
            query.started_from is None or run.started_at >= query.started_from,
            query.started_to is None or run.started_at < query.started_to,
            query.version in ("", run.version),
            all(run.labels.get(name) == value for name, value in query.labels),
            not query.node
            or any(
                row.view.status in statuses and query.node in (row.view.address, row.view.node_id)
                for row in rows.nodes
            ),
            not query.error_code or (run.error is not None and run.error.code == query.error_code),
            not query.origin or (run.origin is not None and run.origin.run_id == query.origin),
            query.text.casefold() in text_of_run(run),
        )
    )


async def paged(reader: Reader, query: ListRuns, size: int) -> list[str]:
    """All that fit, a page at a time; each page ends at a run that another page does not have."""
    found: list[str] = []
    cursor = ""
    while True:
        page = await reader.runs(replaced(query, cursor=cursor), limit=size)
        found += [run.run_id for _, run in page]
        if len(page) < size:
            return found
        cursor = run_cursor(page[-1][0])


def replaced(query: ListRuns, **fields: Any) -> ListRuns:
    return ListRuns(**{name: getattr(query, name) for name in query.__struct_fields__} | fields)


@given(st.data(), st.integers(0, 12), st.lists(QUERIES, min_size=1, max_size=4), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_list_is_what_filtering_all_runs_gives(
    data: st.DataObject, count: int, queries: list[ListRuns], size: int
) -> None:
    held = [data.draw(rows(number)) for number in range(count)]

    async def compare() -> None:
        with tempfile.TemporaryDirectory(prefix="runfold-test-") as directory:
            path = Path(directory) / "m.sqlite"
            model = await ReadModel(path).open()
            await model.position("log", 0)
            await model.write(1, held)
            reader = Reader(path)
            await reader.open()
            try:
                for query in queries:
                    wanted = [row.run.run_id for row in reversed(held) if fits(row, query)]
                    assert await paged(reader, query, size) == wanted
                    counted: dict[str, int] = {}
                    for row in held:
                        if fits(row, query, by_status=False):
                            counted[row.run.status] = counted.get(row.run.status, 0) + 1
                    assert await reader.counts(query) == counted
            finally:
                await reader.close()
                await model.close()

    asyncio.run(compare())
