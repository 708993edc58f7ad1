"""Lists of runs go along an index in their order: no filter makes SQLite sort all runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from runfold.contracts.queries import ListFailures, ListRuns
from runfold_projection.failures import groups_of
from runfold_projection.lists import counts_of, page_of
from runfold_projection.store import SCHEMA

QUERIES = {
    "all": (ListRuns(), "r USING COVERING INDEX runs_by_age"),
    "status": (ListRuns(status=("failed",)), "r USING COVERING INDEX runs_by_status"),
    "statuses": (ListRuns(status=("failed", "queued")), "r USING COVERING INDEX runs_by_status"),
    "workflow": (ListRuns(workflow_id="w"), "r USING COVERING INDEX runs_by_workflow"),
    "start": (ListRuns(started_from=1.0, started_to=2.0), "r USING COVERING INDEX runs_by_age"),
    "version": (ListRuns(version="2"), "r USING COVERING INDEX runs_by_age"),
    "labels": (
        ListRuns(labels=(("a", "b"), ("c", "d"))),
        "l USING PRIMARY KEY (name=? AND value=?",
    ),
    "error": (ListRuns(error_code="e"), "r USING COVERING INDEX runs_by_error"),
    "origin": (ListRuns(origin="o"), "r USING COVERING INDEX runs_by_origin"),
    "node": (ListRuns(node="n"), "n USING COVERING INDEX nodes_by_id (node_id=? AND run_id=? AND"),
    "address": (ListRuns(node="e[0]/n"), "n USING PRIMARY KEY (run_id=? AND address=?)"),
    "text": (ListRuns(text="t"), "t USING PRIMARY KEY (run_id=?)"),
}


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(SCHEMA)
        yield made


@pytest.mark.parametrize(("query", "wanted"), QUERIES.values(), ids=QUERIES)
def test_a_page_goes_along_an_index(
    database: sqlite3.Connection, query: ListRuns, wanted: str
) -> None:
    sql, values = page_of(query, 201)
    plan = database.execute(f"explain query plan {sql}", values)
    # SQLite from 3.51 on says that a look-up ends with the first row that it finds.
    steps = [row[3].replace(" EXISTS USING", " USING") for row in plan]
    assert any(wanted in step for step in steps), steps
    # Only the page itself is sorted, at the end; what it is found in is in order.
    inner = sql[sql.index("from (") + 6 : sql.index(") join runs using")]
    steps = [row[3] for row in database.execute(f"explain query plan {inner}", values)]
    assert not any("SCAN r" in step or "ORDER BY" in step for step in steps), steps


@pytest.mark.parametrize("query", [ListRuns(), ListRuns(workflow_id="w"), ListRuns(version="2")])
def test_counts_read_an_index_alone(database: sqlite3.Connection, query: ListRuns) -> None:
    sql, values = counts_of(query)
    steps = [row[3] for row in database.execute(f"explain query plan {sql}", values)]
    assert "COVERING INDEX" in steps[0], steps


@pytest.mark.parametrize("query", [ListFailures(), ListFailures("w"), ListFailures(started_from=1)])
def test_failures_are_grouped_off_an_index_alone(
    database: sqlite3.Connection, query: ListFailures
) -> None:
    sql, values = groups_of(query, 51)
    steps = [row[3] for row in database.execute(f"explain query plan {sql}", values)]
    assert any("COVERING INDEX runs_by_failure" in step for step in steps), steps
    assert not any("GROUP BY" in step for step in steps), steps
