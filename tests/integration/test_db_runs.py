"""Data sources in whole runs, and what `runfold check` and `doctor` say of them."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from runfold.bus.viewer import RunViewer
from runfold.cli.check import check
from runfold.cli.doctor import doctor
from runfold.contracts.requests import RunRequest
from runfold.database_settings import DatabaseSettings, DataSource
from runfold.graph.loader import canonical_bytes, load_workflow, prepare
from tests.support.databases import SOURCE, Shop, sqlite_shop
from tests.support.postgres import Database
from tests.support.stack import CORE, Stack, running

ITEM = "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, key TEXT)"
SERVICES = (*CORE, "executor-data")
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND datname = current_database()
"""


def sources(url: str, **limits: Any) -> DatabaseSettings:
    return DatabaseSettings(sources={SOURCE: DataSource(url=url, **limits)})


def workflow(*nodes: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    made = [
        {"id": name, "type": kind, "config": {"source": SOURCE, **config}}
        for name, kind, config in nodes
    ]
    ids = [node["id"] for node in made]
    edges = [{"source": one, "target": other} for one, other in pairwise(ids)]
    return {"id": "shopping", "inputs": {"name": {"type": "string"}}, "nodes": made, "edges": edges}


async def test_a_run_writes_and_reads(tmp_path: Path) -> None:
    add = {"table": "item", "values": {"name": "{{name}}"}, "returning": ["id"]}
    find = {
        "table": "item",
        "where": {"column": "id", "operator": "equals", "right": "{{add.output[0].id}}"},
    }
    sql = {"sql": "SELECT upper(:name) AS n", "params": {"name": "{{find.output[0].name}}"}}
    async with sqlite_shop(tmp_path, ITEM) as shop:
        declared = sources(shop.url, write=True, idempotency_column="key")
        async with running(SERVICES, databases=declared) as stack:
            source = workflow(
                ("add", "db_insert", add), ("find", "db_query", find), ("up", "db_sql", sql)
            )
            source["nodes"].append(
                {"id": "end", "type": "end", "config": {"outputs": {"up": "{{up.output}}"}}}
            )
            source["edges"].append({"source": "up", "target": "end"})
            view, _ = await stack.run(source, {"name": "x'; DROP TABLE item; --"})
            assert view.status == "succeeded", view
            [[identity, name, key]] = await shop.admin("SELECT * FROM item")
            assert (identity, name) == (1, "x'; DROP TABLE item; --")
            assert key == f"{view.run_id}:add:1"
            assert view.outputs == {"up": [{"n": name.upper()}]}


async def test_cancelling_a_run_cancels_its_statement(postgres: Database) -> None:
    shop = Shop("postgresql", postgres.url, postgres.admin_url)
    async with running(SERVICES, databases=sources(postgres.url)) as stack:
        source = workflow(("wait", "db_sql", {"sql": "SELECT pg_sleep(60)"}))
        run_id = await _begun(stack, source)
        while not (await shop.admin(BUSY))[0][0]:
            pass
        await stack.runs.cancel(run_id, "enough")
        async for _ in RunViewer(stack.bus).follow(run_id):
            pass
        while (await shop.admin(BUSY))[0][0]:
            pass
        view = await stack.runs.get(run_id)
        assert view is not None
        assert view.status == "cancelled"


async def _begun(stack: Stack, source: dict[str, Any]) -> str:
    made, _ = prepare(source)
    return await stack.runs.start(
        RunRequest(workflow_id=made.id, inputs={}, definition=msgspec.Raw(canonical_bytes(made)))
    )


@pytest.mark.parametrize(
    ("kind", "config", "code"),
    [
        ("db_sql", {"sql": "SELECT '{{name}}'"}, "db.reference_in_sql"),
        ("db_sql", {"sql": "SELECT 1; SELECT 2"}, "db.several_statements"),
        ("db_sql", {"sql": "SELECT :a"}, "db.parameters"),
        ("db_sql", {"sql": "SELECT 1", "params": {"a": 1}}, "db.parameters"),
        ("db_sql", {"sql": "DELETE FROM item"}, "db.read_only"),
        ("db_sql", {"sql": "VACUUM", "write": True}, "db.statement_not_allowed"),
        ("db_update", {"table": "item", "values": {"name": "x"}}, "db.no_condition"),
        ("db_delete", {"table": "item"}, "db.no_condition"),
        ("db_delete", {"table": "item", "where": {"and": []}}, "db.condition"),
        (
            "db_query",
            {"table": "item", "where": {"column": "id", "operator": "is"}},
            "db.condition",
        ),
        ("db_query", {"table": "item", "limit": 0}, "config.wrong_type"),
    ],
)
def test_findings(kind: str, config: dict[str, Any], code: str) -> None:
    findings = load_workflow(workflow(("n", kind, config))).findings
    assert code in {one.code for one in findings if one.level == "error"}


def test_what_only_rendering_tells_is_no_finding() -> None:
    where = {"column": "id", "operator": "in", "right": "{{ids}}"}
    nodes = workflow(
        ("a", "db_delete", {"table": "item", "where": where}),
        ("b", "db_delete", {"table": "item", "where": "{{asked}}"}),
        ("c", "db_sql", {"sql": "SELECT :a", "params": "{{asked}}"}),
        ("d", "db_insert", {"table": "item", "values": "{{asked}}"}),
    )
    nodes["inputs"] |= {"ids": {"type": "array"}, "asked": {"type": "object"}}
    assert [one for one in load_workflow(nodes).findings if one.level == "error"] == []


async def test_check_and_doctor_ask_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with sqlite_shop(tmp_path, ITEM) as shop:
        declared = {SOURCE: {"url": shop.url}, "gone": {"url": f"sqlite:{tmp_path}/gone.db"}}
    monkeypatch.setenv("RUNFOLD_DATABASES__SOURCES", json.dumps(declared))
    monkeypatch.setenv("RUNFOLD_DATA_DIR", str(tmp_path / "data"))
    nodes = workflow(
        ("good", "db_query", {"table": "item", "columns": ["id"]}),
        ("table", "db_query", {"table": "itme"}),
        ("column", "db_query", {"table": "item", "order": [{"column": "nmae"}]}),
        ("writes", "db_delete", {"table": "item", "all": True}),
        ("sql", "db_sql", {"sql": "SELECT ?"}),
        ("unknown", "db_query", {"source": "shpo", "table": "item"}),
        ("gone", "db_query", {"source": "gone", "table": "item"}),
    )
    (tmp_path / "flow.yaml").write_text(yaml.safe_dump(nodes))
    assert await asyncio.to_thread(check, str(tmp_path / "flow.yaml"), as_json=True) == 2
    said = json.loads(capsys.readouterr().out)["findings"]
    assert {(one["node"], one["code"], one["level"]) for one in said} == {
        ("table", "db.unknown_table", "error"),
        ("column", "db.unknown_column", "error"),
        ("writes", "db.read_only", "error"),
        ("sql", "db.parameters", "error"),
        ("unknown", "db.unknown_source", "error"),
        ("gone", "db.not_asked", "warning"),
    }
    assert str(tmp_path) not in json.dumps(said)
    await doctor("", None, as_json=True)
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["database shop"]["ok"] is True
    assert found["database shop"]["found"] == "sqlite, read only"
    assert found["database gone"]["ok"] is False
