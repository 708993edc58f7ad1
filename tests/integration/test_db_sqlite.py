"""Data sources on SQLite: types, files, locks, and what an author's statement may not do."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runfold.graph import extras
from tests.support.databases import Shop, sqlite_shop

SCHEMA = (
    """CREATE TABLE item (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, data JSON, on_sale BOOLEAN, price REAL,
        picture BLOB
    )""",
    "CREATE TABLE private (word TEXT)",
    "INSERT INTO private VALUES ('hidden')",
    "CREATE VIEW seen AS SELECT * FROM private",
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with sqlite_shop(tmp_path, *SCHEMA) as made:
        yield made


async def test_values_keep_their_types(shop: Shop) -> None:
    ctx = shop.context()
    file = await ctx.files.write(b"\x00\xffbytes", name="a.bin")
    row = {"name": "näh", "data": {"a": [1, None]}, "on_sale": True, "price": 1.5, "picture": file}
    await shop.node("db_insert", ctx, table="item", values=row)
    given = await shop.node("db_query", ctx, table="item")
    [read] = given["output"]
    assert await ctx.files.read(read.pop("picture")) == b"\x00\xffbytes"
    assert read == {"id": 1, **{name: row[name] for name in ("name", "data", "on_sale", "price")}}
    await shop.node("db_update", table="item", values={"on_sale": "false"}, all=True)
    assert await shop.admin("SELECT on_sale FROM item") == [(0,)]
    await shop.admin("UPDATE item SET price = 9e999, name = NULL, data = 'not json'")
    [read] = (await shop.node("db_query", ctx, table="item"))["output"]
    assert (read["price"], read["name"], read["data"]) == ("Infinity", None, "not json")
    for price in ("NaN", "-Infinity"):
        await shop.node("db_update", table="item", values={"price": price}, all=True)
        [read] = (await shop.node("db_query", ctx, table="item"))["output"]
        assert read["price"] == price
    await shop.admin("UPDATE item SET name = CAST(x'41ff' AS TEXT)")
    [read] = (await shop.node("db_query", ctx, table="item"))["output"]
    assert read["name"] == "A\ufffd"
    await ctx.files.close()


async def test_json_can_be_taken_apart(shop: Shop) -> None:
    await shop.node("db_insert", table="item", values={"data": ["a", "b"]})
    sql = "SELECT one.value AS v FROM item, json_each(data) AS one ORDER BY v"
    for tables in ([], ["item"]):
        given = await shop.node("db_sql", shop.context(tables=tables, write=False), sql=sql)
        assert given["output"] == [{"v": "a"}, {"v": "b"}]
    where = {"column": "data", "operator": "contains", "right": "b"}
    assert (await shop.node("db_query", table="item", where=where))["row_count"] == 1


async def test_full_text_tables_are_read_and_written(shop: Shop) -> None:
    await shop.admin("CREATE VIRTUAL TABLE ft USING fts5(body)")
    for tables in ([], ["ft"]):
        ctx = shop.context(tables=tables)
        sql = "INSERT INTO ft VALUES (:text)"
        await shop.node("db_sql", ctx, sql=sql, write=True, params={"text": "a red fox"})
        await shop.node("db_insert", ctx, table="ft", values={"body": "a blue fox"})
        sql = "SELECT body FROM ft WHERE ft MATCH :word LIMIT 1"
        given = await shop.node("db_sql", ctx, sql=sql, params={"word": "blue"})
        assert given["output"] == [{"body": "a blue fox"}]
        sql = "UPDATE ft SET body = 'a fox' WHERE ft MATCH 'red'"
        assert (await shop.node("db_sql", ctx, sql=sql, write=True))["row_count"] == 1
    ctx = shop.context(tables=["item"])
    for sql in ("SELECT * FROM ft", "SELECT * FROM ft_content"):
        assert (await shop.refusal("db_sql", ctx, sql=sql)).code == "db.table_not_allowed"


async def test_a_name_of_a_part_opens_no_other_table(shop: Shop) -> None:
    ctx = shop.context(tables=["item", "seen"])
    for sql in (
        "WITH seen AS (SELECT * FROM private) SELECT * FROM seen",
        "WITH item AS (SELECT * FROM private) SELECT * FROM item",
        "SELECT * FROM seen",
    ):
        assert (await shop.refusal("db_sql", ctx, sql=sql)).code == "db.table_not_allowed"
    sql = "WITH part AS (SELECT id FROM item) SELECT * FROM part"
    assert (await shop.node("db_sql", ctx, sql=sql))["row_count"] == 0
    assert (await shop.node("db_query", ctx, table="seen"))["output"] == [{"word": "hidden"}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM pragma_database_list",
        "SELECT sql FROM sqlite_master",
        "SELECT load_extension('x')",
        "DELETE FROM sqlite_sequence",
    ],
)
async def test_the_database_s_own_is_closed(shop: Shop, sql: str) -> None:
    error = await shop.refusal("db_sql", sql=sql, write=True)
    assert error.code in {"db.denied", "db.table_not_allowed", "db.sql_invalid"}
    assert error.retryable is False
    assert str(shop.url.removeprefix("sqlite:")) not in error.message


async def test_a_file_that_another_program_has_locked(shop: Shop) -> None:
    connection = sqlite3.connect(shop.url.removeprefix("sqlite:"), isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        ctx = shop.context(statement_timeout=0.2)
        error = await shop.refusal("db_insert", ctx, table="item", values={"name": "x"})
        assert (error.code, error.retryable) in {("db.busy", True), ("db.timeout", True)}
        connection.execute("ROLLBACK")
    finally:
        connection.close()
    assert (await shop.node("db_insert", table="item", values={"name": "x"}))["row_count"] == 1


async def test_files_that_are_no_database(shop: Shop, tmp_path: Path) -> None:
    for name, body in (("none.db", None), ("text.db", b"not a database, but a long text" * 100)):
        if body is not None:
            (tmp_path / name).write_bytes(body)
        ctx = shop.context(url=f"sqlite:{tmp_path / name}")
        error = await shop.refusal("db_query", ctx, table="item")
        assert (error.code, error.retryable) == ("db.unavailable", False)
        assert str(tmp_path) not in error.message
        # Nothing is made where nothing was.
        assert (tmp_path / name).exists() is (body is not None)


async def test_large_values_are_refused_and_not_read(shop: Shop) -> None:
    for sql in ("SELECT zeroblob(900000000) AS b", "SELECT hex(zeroblob(900000000)) AS b"):
        error = await shop.refusal("db_sql", sql=sql)
        assert (error.code, error.kind) == ("db.too_large", "limit")


async def test_a_source_of_postgresql_without_its_driver(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(extras.MODULES, "postgres", ("a_module_that_is_not_there",))
    extras.missing.cache_clear()
    try:
        ctx = shop.context(url="postgresql://ada@db.internal/shop")
        error = await shop.refusal("db_query", ctx, table="item")
    finally:
        monkeypatch.undo()
        extras.missing.cache_clear()
    assert (error.code, error.retryable) == ("extra.missing", False)
    assert "runfold[postgres]" in error.message
    assert "db.internal" not in error.message
    # SQLite needs no more than Python.
    assert (await shop.node("db_query", table="item"))["row_count"] == 0
