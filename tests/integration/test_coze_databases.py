"""A canvas of Coze whose nodes read and write a table, run against SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from runfold.database_settings import DatabaseSettings, DataSource
from runfold.importers.importing import Options, SourceFile, import_files
from runfold.importers.report import Imported
from tests.support.coze_canvases import block, canvas, chain, end, lit, out, params, ref, start
from tests.support.databases import SOURCE, sqlite_shop
from tests.support.stack import CORE, running

USER = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, ok INTEGER, tags TEXT)"
ANN = """INSERT INTO users (name, age, ok, tags) VALUES ('ann', 20, 1, '["a"]')"""
COLUMNS = [
    out("name"),
    out("age", "integer"),
    out("ok", "boolean"),
    out("tags", "list", schema={"type": "string"}),
    out("nowhere"),
]
ROWS = {"schema": {"type": "object", "schema": COLUMNS}}
TABLE = [{"databaseInfoID": "7"}]


def field(column: str, value: dict[str, Any]) -> list[dict[str, Any]]:
    return params(fieldID=lit(column), fieldValue=value)


def database(node_id: str, kind: str, **inputs: Any) -> dict[str, Any]:
    listed = out("outputList", "list", **ROWS)
    return block(node_id, kind, listed, out("rowNum", "integer"), databaseInfoList=TABLE, **inputs)


def members() -> bytes:
    """Insert a row, then read with a condition and with SQL."""
    added = [field("1", ref("100001", "name")), field("3", lit("false", "boolean"))]
    older = params(left=lit("2"), operation=lit("GREATER_THAN"), right=lit("9", "integer"))
    condition = {"logic": "AND", "conditionList": [older]}
    sql = "select name, ok from users where name = '{{name}}'"
    document = canvas(
        [
            start(out("name")),
            database("1", "46", insertParam={"fieldInfo": added}),
            database("2", "43", selectParam={"condition": condition, "fieldList": []}),
            database("3", "12", sql=sql, inputParameters=params(name=ref("100001", "name"))),
            end(
                added=ref("1", "rowNum", "integer"),
                old=ref("2", "outputList", "list", **ROWS),
                new=ref("3", "outputList", "list", **ROWS),
            ),
        ],
        chain("100001", "1", "2", "3", "900001"),
    )
    return msgspec.json.encode(document)


async def test_rows_are_of_the_declared_columns_and_types(tmp_path: Path) -> None:
    columns = {"1": "name", "2": "age", "3": "ok"}
    bound = {"7": {"source": SOURCE, "table": "users", "columns": columns}}
    imported = import_files([SourceFile("members", members())], Options(bindings=bound))[0]
    assert isinstance(imported, Imported)
    async with sqlite_shop(tmp_path, USER, ANN) as shop:
        declared = DatabaseSettings(sources={SOURCE: DataSource(url=shop.url, write=True)})
        async with running((*CORE, "executor-data"), databases=declared) as stack:
            done, _ = await stack.run(imported.definition, {"name": "bob"})
    assert (done.status, done.outputs) == (
        "succeeded",
        {
            "added": 1,
            "old": [{"name": "ann", "age": 20, "ok": True, "tags": ["a"], "nowhere": None}],
            "new": [{"name": "bob", "age": None, "ok": False, "tags": None, "nowhere": None}],
        },
    )
