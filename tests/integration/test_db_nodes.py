"""`db_query`, `db_insert`, `db_update`, `db_delete` on SQLite and PostgreSQL: the same for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runfold.values.conditions import evaluate
from runfold.values.paths import lookup_in
from tests.support.databases import Shop, opened, sqlite_shop

ORDERS = """
CREATE TABLE orders (
    id integer PRIMARY KEY, customer text NOT NULL, status text, total numeric(12, 2), paid boolean,
    note text, made_by text
)
"""
ROWS: list[dict[str, Any]] = [
    {"id": 1, "customer": "Ada", "status": "open", "total": 12.5, "paid": True, "note": ""},
    {"id": 2, "customer": "Bo", "status": "open", "total": 7, "paid": False, "note": "näh"},
    {"id": 3, "customer": "Cy", "status": "late", "total": 99.99, "paid": False, "note": None},
    {"id": 4, "customer": "Ada L.", "status": None, "total": None, "paid": None, "note": "yes"},
]


@pytest.fixture(params=["sqlite", "postgresql"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    limits = {"idempotency_column": "made_by"}
    if request.param == "sqlite":
        async with sqlite_shop(tmp_path, ORDERS, **limits) as made:
            yield made
        return
    database = request.getfixturevalue("postgres")
    grants = "GRANT ALL ON orders TO PUBLIC"
    shop = Shop("postgresql", database.url, database.admin_url, **limits)
    async with opened(shop, ORDERS, grants) as made:
        yield made


@pytest.fixture
async def full(shop: Shop) -> Shop:
    await shop.node("db_insert", table="orders", values=ROWS)
    return shop


async def ids(shop: Shop, where: Any) -> list[int]:
    given = await shop.node(
        "db_query", table="orders", columns=["id"], where=where, order=[{"column": "id"}]
    )
    return [row["id"] for row in given["output"]]


async def test_rows_come_back_as_they_were_written(full: Shop) -> None:
    names = list(ROWS[0])
    given = await full.node("db_query", table="orders", columns=names, order=[{"column": "id"}])
    assert given["output"] == ROWS
    assert (given["row_count"], given["truncated"], given["repeated"]) == (4, False, False)
    assert [one["name"] for one in given["columns"]] == names


async def test_order_limit_and_offset(full: Shop) -> None:
    order = [{"column": "status", "nulls": "last"}, {"column": "total", "direction": "desc"}]
    given = await full.node("db_query", table="orders", columns=["id"], order=order)
    assert [row["id"] for row in given["output"]] == [3, 1, 2, 4]
    page = await full.node(
        "db_query", table="orders", columns=["id"], order=order, limit=2, offset=1
    )
    assert [row["id"] for row in page["output"]] == [1, 2]
    assert page["truncated"] is False
    rest = await full.node("db_query", table="orders", columns=["id"], order=order, offset=3)
    assert [row["id"] for row in rest["output"]] == [4]


CONDITIONS: list[tuple[str, str, Any]] = [
    ("status", "equals", "open"),
    ("status", "equals", None),
    ("status", "not_equals", "open"),
    ("status", "not_equals", None),
    ("total", "equals", "7"),
    ("total", "=", 12.5),
    ("total", ">", 7),
    ("total", ">=", "7"),
    ("total", "<", 99.99),
    ("total", "<=", 12.5),
    ("customer", "contains", "Ada"),
    ("customer", "not_contains", "Ada"),
    ("customer", "contains", "%"),
    ("customer", "starts_with", "Ada"),
    ("customer", "ends_with", "o"),
    ("customer", "ends_with", ""),
    ("customer", "matches", "^A.*[.]$"),
    ("status", "in", ["late", "gone"]),
    ("status", "not_in", ["late"]),
    ("status", "in", [None, "late"]),
    ("status", "in", []),
    ("id", "in", [1, "3"]),
    ("id", "in", [1, 1.5, 10**30]),
    ("id", "equals", 1.5),
    ("id", "not_equals", 3_000_000_000),
    ("id", ">", 1.5),
    ("id", "<", "1e300"),
    ("id", ">=", -(10**30)),
    ("paid", "equals", "true"),
    ("customer", "all_of", ["A", "L"]),
    ("note", "empty", None),
    ("note", "not_empty", None),
    ("status", "is_null", None),
    ("status", "not_null", None),
    ("paid", "is_true", None),
    ("paid", "is_false", None),
    ("note", "is_true", None),
    ("note", "length_eq", 3),
    ("customer", "length_gt", 2),
]


async def test_operators_mean_what_they_mean_in_condition_nodes(full: Shop) -> None:
    for column, operator, right in CONDITIONS:
        where = {"column": column, "operator": operator, "right": right}
        asked = {"left": "{{row." + column + "}}", "operator": operator, "right": right}
        expected = [row["id"] for row in ROWS if evaluate(asked, lookup_in({"row": row}))]
        assert await ids(full, where) == expected, where


async def test_groups_within_groups(full: Shop) -> None:
    ada = {"column": "customer", "operator": "starts_with", "right": "Ada"}
    cheap = {"field": "total", "operator": "<", "value": 10}
    late = {"left": "status", "operator": "equals", "right": "late"}
    assert await ids(full, {"or": [{"and": [ada, cheap]}, late]}) == [3]
    assert await ids(full, {"logic": "or", "conditions": [ada, cheap]}) == [1, 2, 4]
    assert await ids(full, [ada, {"column": "paid", "operator": "is_true"}]) == [1]


async def test_update_and_delete_touch_the_rows_that_are_meant(full: Shop) -> None:
    where = {"column": "status", "operator": "equals", "right": "open"}
    given = await full.node(
        "db_update", table="orders", values={"status": "done"}, where=where, returning=["id"]
    )
    assert sorted(row["id"] for row in given["output"]) == [1, 2]
    assert given["row_count"] == 2
    done = {"column": "status", "operator": "equals", "right": "done"}
    gone = await full.node("db_delete", table="orders", where=done)
    assert (gone["output"], gone["row_count"]) == ([], 2)
    assert await ids(full, None) == [3, 4]
    everything = await full.node("db_delete", table="orders", all=True, returning=["customer"])
    assert everything["row_count"] == 2
    assert {"customer": "Cy"} in everything["output"]


async def test_no_change_without_a_condition(full: Shop) -> None:
    unrestricted: list[dict[str, Any]] = [
        {},
        {"where": []},
        {"where": {"and": []}},
        {"where": {"or": [{"and": []}]}},
        {"where": True},
        {"where": {}},
        {"where": {"column": "id", "operator": "equals"}},
        {"where": {"column": "id", "operator": "sounds_like", "right": 1}},
        {"where": {"column": "id", "operator": ">", "right": 0}, "all": True},
    ]
    for config in unrestricted:
        error = await full.refusal("db_delete", table="orders", **config)
        assert error.code in {"db.no_condition", "db.condition"}, config
        error = await full.refusal("db_update", table="orders", values={"note": "x"}, **config)
        assert error.code in {"db.no_condition", "db.condition"}, config
    assert await ids(full, {"column": "status", "operator": "equals", "right": "open"}) == [1, 2]


HOSTILE = [
    'id"; DROP TABLE orders; --',
    "id' OR '1'='1",
    "id) OR (1=1",
    "1=1 --",
    "*",
    "count(*)",
    "(select note from orders)",
    "id\x00",
    "/* */id",
    "ID ",
    "orders.id",
]


async def test_no_name_is_taken_for_sql(full: Shop) -> None:
    for name in HOSTILE:
        where = {"column": name, "operator": "equals", "right": 1}
        attempts: list[tuple[str, dict[str, Any]]] = [
            ("db_query", {"columns": [name]}),
            ("db_query", {"where": where}),
            ("db_query", {"order": [{"column": name}]}),
            ("db_insert", {"values": {"id": 9, "customer": "x", name: 1}}),
            ("db_insert", {"values": {"id": 9, "customer": "x"}, "returning": [name]}),
            ("db_update", {"values": {name: 1}, "all": True}),
            ("db_update", {"values": {"note": "x"}, "where": where}),
            ("db_update", {"values": {"note": "x"}, "all": True, "returning": [name]}),
            ("db_delete", {"where": where}),
            ("db_delete", {"all": True, "returning": [name]}),
        ]
        for kind, config in attempts:
            error = await full.refusal(kind, table="orders", **config)
            assert error.code in {"db.unknown_column", "db.value"}, (name, kind, error.message)
        error = await full.refusal("db_query", table=name)
        assert error.code in {"db.unknown_table", "db.value"}, (name, error.message)
    assert await ids(full, None) == [1, 2, 3, 4]


async def test_no_value_is_taken_for_sql(full: Shop) -> None:
    texts = ("'; DROP TABLE orders; --", '" OR 1=1', "\\' OR 1=1", "$1 ?1 :a")
    for index, text in enumerate(texts):
        row = {"id": 100 + index, "customer": text, "note": text}
        await full.node("db_insert", table="orders", values=row)
        where = {"column": "note", "operator": "equals", "right": text}
        assert await ids(full, where) == [100 + index]
        where = {"column": "customer", "operator": "contains", "right": text}
        assert await ids(full, where) == [100 + index]
    assert len(await ids(full, None)) == 8


async def test_rows_are_written_together_or_not_at_all(full: Shop) -> None:
    rows = [{"id": 50, "customer": "x"}, {"id": 1, "customer": "taken"}]
    error = await full.refusal("db_insert", table="orders", values=rows)
    assert (error.code, error.kind, error.retryable) == ("db.constraint", "input", False)
    # Of two statements, since their columns differ, the first is undone too.
    rows = [{"id": 51, "customer": "x", "note": "n"}, {"id": 1, "customer": "taken"}]
    assert (await full.refusal("db_insert", table="orders", values=rows)).code == "db.constraint"
    assert await ids(full, None) == [1, 2, 3, 4]


async def test_many_rows_and_rows_of_different_columns(shop: Shop) -> None:
    rows = [{"id": at, "customer": f"c{at}"} for at in range(600)]
    for row in rows[1::2]:
        row["note"] = "odd"
    given = await shop.node("db_insert", table="orders", values=rows, returning=["id"])
    assert [row["id"] for row in given["output"]] == list(range(600))
    assert given["row_count"] == 600
    odd = {"column": "note", "operator": "equals", "right": "odd"}
    assert len(await ids(shop, odd)) == 300
    assert (await shop.node("db_insert", table="orders", values=[]))["row_count"] == 0


async def test_a_source_that_is_read_only(full: Shop) -> None:
    for kind, config in (
        ("db_insert", {"values": {"id": 5, "customer": "x"}}),
        ("db_update", {"values": {"note": "x"}, "all": True}),
        ("db_delete", {"all": True}),
    ):
        error = await full.refusal(kind, full.context(write=False), table="orders", **config)
        assert (error.code, error.retryable) == ("db.read_only", False)
    given = await full.node("db_query", full.context(write=False), table="orders")
    assert given["row_count"] == 4


async def test_tables_that_are_allowed(full: Shop) -> None:
    assert (await full.node("db_query", full.context(tables=["ord*"]), table="orders"))["row_count"]
    error = await full.refusal("db_query", full.context(tables=["bills"]), table="orders")
    assert (error.code, error.details["table"]) == ("db.table_not_allowed", "orders")
    assert "bills" in error.message
    system = "sqlite_master" if full.dialect == "sqlite" else "pg_catalog.pg_class"
    error = await full.refusal("db_query", table=system)
    assert error.code in {"db.table_not_allowed", "db.unknown_table"}


async def test_an_unknown_source_table_and_column(full: Shop) -> None:
    error = await full.refusal("db_query", table="ordres")
    assert (error.code, error.details["table"]) == ("db.unknown_table", "ordres")
    error = await full.refusal("db_query", table="orders", columns=["totl"])
    assert error.code == "db.unknown_column"
    assert "'total'" in error.message
    error = await full.refusal("db_query", source="elsewhere", table="orders")
    assert (error.code, error.details["declared"]) == ("db.unknown_source", ["shop"])


async def test_limits_of_rows_and_bytes(full: Shop) -> None:
    given = await full.node("db_query", full.context(max_rows=3), table="orders")
    assert (given["row_count"], given["truncated"]) == (3, True)
    given = await full.node("db_query", full.context(max_rows=4), table="orders")
    assert (given["row_count"], given["truncated"]) == (4, False)
    given = await full.node("db_query", full.context(max_rows=3), table="orders", limit=9)
    assert (given["row_count"], given["truncated"]) == (3, True)
    long = [{"id": 10 + at, "customer": "x" * 700} for at in range(3)]
    await full.node("db_insert", table="orders", values=long)
    where = {"column": "id", "operator": ">=", "right": 10}
    given = await full.node("db_query", full.context(max_bytes=2000), table="orders", where=where)
    assert (given["row_count"], given["truncated"]) == (2, True)
    # What is changed is changed wholly, however little of it is given back.
    given = await full.node(
        "db_update",
        full.context(max_rows=2),
        table="orders",
        values={"note": "all"},
        all=True,
        returning=["id"],
    )
    assert (given["row_count"], len(given["output"]), given["truncated"]) == (7, 2, True)
    await full.node("db_insert", table="orders", values={"id": 99, "customer": "x" * 3000})
    error = await full.refusal(
        "db_query",
        full.context(max_bytes=1024),
        table="orders",
        where={"column": "id", "operator": "equals", "right": 99},
    )
    assert (error.code, error.kind) == ("db.too_large", "limit")


async def test_an_attempt_that_was_written_is_not_written_again(shop: Shop) -> None:
    row = {"id": 1, "customer": "Ada"}
    ctx = shop.context()
    ctx.node_id, ctx.idempotency_key = "node", "run-1:node:1"
    first = await shop.node("db_insert", ctx, table="orders", values=row, returning=["id"])
    assert first["repeated"] is False
    [stored] = (await shop.node("db_query", table="orders"))["output"]
    assert stored["made_by"] == "run-1:node:1"
    # Delivered again, and as the next attempt when nobody heard of the first.
    for attempt in (1, 2):
        ctx.attempt, ctx.idempotency_key = attempt, f"run-1:node:{attempt}"
        again = await shop.node("db_insert", ctx, table="orders", values=row, returning=["id"])
        assert (again["output"], again["repeated"], again["row_count"]) == ([{"id": 1}], True, 1)
    other = shop.context()
    other.node_id, other.idempotency_key = "other", "run-1:other:1"
    assert (await shop.refusal("db_insert", other, table="orders", values=row)).code == (
        "db.constraint"
    )
    values = {"note": "seen"}
    where = {"column": "customer", "operator": "equals", "right": "Ada"}
    given = await shop.node("db_update", other, table="orders", values=values, where=where)
    assert (given["row_count"], given["repeated"]) == (1, False)
    again = await shop.node("db_update", other, table="orders", values=values, where=where)
    assert (again["row_count"], again["repeated"]) == (1, True)


async def test_values_that_do_not_fit(shop: Shop) -> None:
    error = await shop.refusal("db_insert", table="orders", values={"id": 2**70, "customer": "x"})
    assert error.code == "db.value"
    error = await shop.refusal("db_insert", table="orders", values={"id": "one", "customer": "x"})
    assert error.code in {"db.value", "db.constraint"}
    error = await shop.refusal("db_insert", table="orders", values={"id": 1, "customer": None})
    assert error.code == "db.constraint"
    assert await ids(shop, None) == []


async def test_all_rows_that_were_written_before_are_counted(shop: Shop) -> None:
    rows = [{"id": number, "customer": "x"} for number in range(7)]
    ctx = shop.context(max_rows=3)
    for repeated in (False, True):
        given = await shop.node("db_insert", ctx, table="orders", values=rows)
        assert (given["row_count"], given["repeated"], given["truncated"]) == (7, repeated, False)
