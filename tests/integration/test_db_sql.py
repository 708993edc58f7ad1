"""`db_sql` on SQLite and PostgreSQL: what authors' statements may do, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runfold_executor_data.databases.sqlite_guard import Guard
from tests.support.databases import Shop, opened, sqlite_shop

SCHEMA = (
    "CREATE TABLE item (id integer PRIMARY KEY, name text UNIQUE, stock integer)",
    "INSERT INTO item VALUES (1, 'tea', 5), (2, 'cup', 0)",
    "CREATE TABLE private (word text)",
    "INSERT INTO private VALUES ('hidden')",
)
COUNTING = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n {until})"
ENDLESS = {
    "sqlite": f"{COUNTING.format(until='')} SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}
MILLIONS = {
    "sqlite": f"{COUNTING.format(until='WHERE x < 10000000')} SELECT x FROM n",
    "postgresql": "SELECT generate_series(1, 10000000) AS x",
}
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND datname = current_database()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    if request.param == "sqlite":
        async with sqlite_shop(tmp_path, *SCHEMA) as made:
            yield made
        return
    database = request.getfixturevalue("postgres")
    grants = ("GRANT ALL ON item, private TO PUBLIC",)
    async with opened(
        Shop("postgresql", database.url, database.admin_url), *SCHEMA, *grants
    ) as made:
        yield made


async def test_parameters_by_name(shop: Shop) -> None:
    sql = """SELECT name, ':no' AS "not :a" FROM item -- :nor this
             WHERE stock >= :least AND (name = :name OR :name = 'any') ORDER BY id"""
    given = await shop.node("db_sql", sql=sql, params={"least": 1, "name": "any"})
    assert given["output"] == [{"name": "tea", "not :a": ":no"}]
    assert (given["row_count"], given["truncated"]) == (1, False)
    given = await shop.node("db_sql", sql=sql, params={"least": "0", "name": "x' OR 'x'='x"})
    assert given["output"] == []


async def test_parameters_missing_or_surplus(shop: Shop) -> None:
    sql = "SELECT 1 AS one FROM item WHERE stock > :least"
    given: list[tuple[dict[str, Any], str]] = [
        ({}, ":least"),
        ({"least": 1, "most": 2}, ":most"),
        ({"Least": 1}, ":least"),
    ]
    for params, named in given:
        error = await shop.refusal("db_sql", sql=sql, params=params)
        assert (error.code, error.kind) == ("db.parameters", "input")
        assert named in error.message


async def test_writing(shop: Shop) -> None:
    sql = "INSERT INTO item (id, name, stock) VALUES (:id, :name, 1)"
    given = await shop.node("db_sql", sql=sql, params={"id": 3, "name": "pot"}, write=True)
    assert (given["output"], given["row_count"]) == ([], 1)
    error = await shop.refusal("db_sql", sql=sql, params={"id": 4, "name": "pot"}, write=True)
    assert (error.code, error.retryable) == ("db.constraint", False)
    sql = "UPDATE item SET stock = stock + 1 RETURNING id, stock"
    given = await shop.node("db_sql", sql=sql, write=True)
    assert (given["row_count"], len(given["output"])) == (3, 3)
    key = "UPDATE item SET name = :idempotency_key WHERE id = 3"
    ctx = shop.context()
    await shop.node("db_sql", ctx, sql=key, write=True)
    assert (await shop.admin("SELECT name FROM item WHERE id = 3"))[0][0] == ctx.idempotency_key


READ_ONLY = [
    ("INSERT INTO item VALUES (9, 'x', 1)", "db.read_only"),
    ("DELETE FROM item", "db.read_only"),
    ("WITH gone AS (DELETE FROM item RETURNING id) SELECT * FROM gone", None),
    ("DROP TABLE item", "db.statement_not_allowed"),
    ("PRAGMA writable_schema = ON", "db.statement_not_allowed"),
    ("ATTACH DATABASE '/tmp/x' AS x", "db.statement_not_allowed"),
    ("SET TRANSACTION READ WRITE", "db.statement_not_allowed"),
    ("SET statement_timeout = 0", "db.statement_not_allowed"),
    ("BEGIN", "db.statement_not_allowed"),
    ("COMMIT", "db.statement_not_allowed"),
    ("COPY item TO PROGRAM 'true'", "db.statement_not_allowed"),
    ("DO $$ BEGIN DELETE FROM item; END $$", "db.statement_not_allowed"),
    ("CALL something()", "db.statement_not_allowed"),
    ("VACUUM", "db.statement_not_allowed"),
    ("EXPLAIN ANALYZE DELETE FROM item", "db.statement_not_allowed"),
    ("/* SELECT */ DELETE FROM item", "db.read_only"),
    ("SELECT * INTO copied FROM item", None),
]


async def test_nothing_is_changed_by_a_node_that_reads(shop: Shop) -> None:
    for sql, code in READ_ONLY:
        error = await shop.refusal("db_sql", sql=sql)
        assert error.code in {code, "db.read_only", "db.sql_invalid"}, (sql, error.message)
        assert error.code == code or code is None
        assert error.retryable is False
        assert (await shop.admin("SELECT count(*) FROM item"))[0][0] == 2


async def test_a_source_that_is_read_only_is_not_written(shop: Shop) -> None:
    for sql in ("DELETE FROM item", "WITH x AS (SELECT 1) DELETE FROM item"):
        error = await shop.refusal("db_sql", shop.context(write=False), sql=sql, write=True)
        assert error.code == "db.read_only"
    assert (await shop.admin("SELECT count(*) FROM item"))[0][0] == 2


SEVERAL = [
    "SELECT 1; DELETE FROM item",
    "SELECT 1;;DELETE FROM item",
    "SELECT 1; -- done\nDELETE FROM item",
    "SELECT 1 /* ; */ ; /* x */ DELETE FROM item",
    "UPDATE item SET name = ';' WHERE id = 1; DROP TABLE item",
    'SELECT "a;b" FROM item; COMMIT',
]


async def test_several_statements_are_refused(shop: Shop) -> None:
    for sql in SEVERAL:
        error = await shop.refusal("db_sql", sql=sql, write=True)
        assert error.code == "db.several_statements", sql
    assert await shop.admin("SELECT name FROM item ORDER BY id") == [("tea",), ("cup",)]


async def test_one_statement_may_hold_what_looks_like_several(shop: Shop) -> None:
    sql = "SELECT ';' AS a, '-- no' AS b /* ; DELETE FROM item */; -- ; DROP TABLE item"
    assert (await shop.node("db_sql", sql=sql))["output"] == [{"a": ";", "b": "-- no"}]


async def test_a_comment_that_hides_what_follows(shop: Shop) -> None:
    # PostgreSQL's comments nest, SQLite's end at the first `*/`.
    sql = "SELECT 1 AS one /* /* */ ; DELETE FROM item /* */ */"
    if shop.dialect == "postgresql":
        assert (await shop.node("db_sql", sql=sql, write=True))["output"] == [{"one": 1}]
    else:
        error = await shop.refusal("db_sql", sql=sql, write=True)
        assert error.code == "db.several_statements"
    error = await shop.refusal("db_sql", sql="SELECT 1 /* never ends", write=True)
    assert error.code == "db.sql_invalid"
    assert (await shop.admin("SELECT count(*) FROM item"))[0][0] == 2


async def test_a_reference_in_the_text_is_refused(shop: Shop) -> None:
    error = await shop.refusal("db_sql", sql="SELECT * FROM item WHERE name = '{{name}}'")
    assert error.code == "db.reference_in_sql"
    for sql in ("SELECT * FROM item WHERE id = $1", "SELECT * FROM item WHERE id = ?"):
        assert (await shop.refusal("db_sql", sql=sql)).code in {"db.parameters", "db.sql_invalid"}


async def test_ten_million_rows_are_cut(shop: Shop) -> None:
    given = await shop.node("db_sql", sql=MILLIONS[shop.dialect])
    assert (given["row_count"], given["truncated"]) == (1000, True)
    assert given["output"][-1] == {"x": 1000}


async def test_a_statement_that_takes_too_long_is_cut(shop: Shop) -> None:
    ctx = shop.context(statement_timeout=0.2)
    error = await shop.refusal("db_sql", ctx, sql=ENDLESS[shop.dialect])
    assert (error.code, error.kind, error.retryable) == ("db.timeout", "timeout", True)
    # So is one that has less time than the source gives.
    ctx = shop.context()
    ctx.deadline = asyncio.get_running_loop().time() + 0.4
    error = await shop.refusal("db_sql", ctx, sql=ENDLESS[shop.dialect])
    assert error.code == "db.timeout"
    assert (await shop.node("db_sql", sql="SELECT 1 AS one"))["output"] == [{"one": 1}]


async def test_tables_that_are_allowed_count_inside_a_statement(shop: Shop) -> None:
    ctx = shop.context(tables=["item"])
    for sql in (
        "SELECT * FROM private",
        "SELECT name FROM item WHERE name IN (SELECT word FROM private)",
        "WITH p AS (SELECT * FROM private) SELECT * FROM p",
        "INSERT INTO item SELECT 7, word, 1 FROM private",
        "DELETE FROM private",
    ):
        error = await shop.refusal("db_sql", ctx, sql=sql, write=True)
        assert error.code == "db.table_not_allowed", (sql, error.message)
        assert "private" in error.message
        assert "hidden" not in error.message
    assert (await shop.admin("SELECT count(*) FROM private"))[0][0] == 1
    assert (await shop.admin("SELECT count(*) FROM item"))[0][0] == 2
    assert (await shop.node("db_sql", ctx, sql="SELECT id FROM item"))["row_count"] == 2


async def test_what_the_database_refuses(shop: Shop) -> None:
    for sql, code in (
        ("SELECT * FROM nowhere", "db.unknown_table"),
        ("SELECT missing FROM item", "db.unknown_column"),
        ("SELECT FROM WHERE", "db.sql_invalid"),
        ("SELEC 1", "db.statement_not_allowed"),
        ("", "db.sql_invalid"),
        ("-- nothing", "db.sql_invalid"),
        ("SELECT 1 AS a, 2 AS a", "db.duplicate_column"),
        ("SELECT 'unfinished", "db.sql_invalid"),
    ):
        error = await shop.refusal("db_sql", sql=sql)
        assert (error.code, error.retryable) == (code, False), (sql, error.message)


async def test_cancelling_stops_the_statement(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = Guard.is_over

    def asks(guard: Guard) -> int:
        loop.call_soon_threadsafe(at_work.set)
        return asked(guard)

    monkeypatch.setattr(Guard, "is_over", asks)
    running = asyncio.create_task(shop.node("db_sql", sql=ENDLESS[shop.dialect]))
    if shop.dialect == "sqlite":
        await at_work.wait()
    while shop.dialect == "postgresql" and not (await shop.admin(BUSY))[0][0]:
        assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    if shop.dialect == "postgresql":
        assert (await shop.admin(BUSY))[0][0] == 0
    assert (await shop.node("db_sql", sql="SELECT 1 AS one"))["output"] == [{"one": 1}]


async def test_a_change_that_is_cancelled_is_undone(shop: Shop) -> None:
    slow = {
        "sqlite": f"UPDATE item SET stock = ({ENDLESS['sqlite']})",
        "postgresql": "UPDATE item SET stock = 99 FROM (SELECT pg_sleep(60)) AS s",
    }
    ctx = shop.context(statement_timeout=0.3)
    error = await shop.refusal("db_sql", ctx, sql=slow[shop.dialect], write=True)
    assert error.code == "db.timeout"
    assert await shop.admin("SELECT stock FROM item ORDER BY id") == [(5,), (0,)]
