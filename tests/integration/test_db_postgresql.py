"""Data sources on PostgreSQL: types, privileges, lost connections, and what a statement leaves."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Shop, opened
from tests.support.postgres import Database
from tests.support.postgres_proxy import CommitProxy

ITEM = "CREATE TABLE item (id integer PRIMARY KEY, name text, key text)"


@pytest.fixture
async def shop(postgres: Database) -> AsyncIterator[Shop]:
    made = Shop("postgresql", postgres.url, postgres.admin_url)
    async with opened(made, ITEM, "GRANT ALL ON item TO PUBLIC") as made:
        yield made


VALUES: list[tuple[str, Any, Any]] = [
    ("smallint", "7", 7),
    ("bigint", 9223372036854775807, 9223372036854775807),
    ("numeric", 0.1, 0.1),
    ("numeric(20, 4)", "1234567890123456.7891", "1234567890123456.7891"),
    ("numeric", "12345678901234567890", "12345678901234567890"),
    ("numeric", "NaN", "NaN"),
    ("numeric", "Infinity", "Infinity"),
    ("double precision", 0.1, 0.1),
    ("double precision", "NaN", "NaN"),
    ("double precision", "-Infinity", "-Infinity"),
    ("real", 1.5, 1.5),
    ("boolean", "true", True),
    ("boolean", False, False),
    ("text", "näh\n", "näh\n"),
    ("text", 12, "12"),
    ("varchar(5)", "abc", "abc"),
    ("date", "2026-02-28", "2026-02-28"),
    ("date", "infinity", "infinity"),
    ("date", "0044-03-15 BC", "0044-03-15 BC"),
    ("time", "12:34:56.789", "12:34:56.789"),
    ("timestamp", "2026-02-28T12:00:00", "2026-02-28T12:00:00"),
    ("timestamptz", "2026-02-28T12:00:00+02:00", "2026-02-28T10:00:00+00:00"),
    ("timestamptz", "-infinity", "-infinity"),
    ("interval", "1 day 02:03:04", "P1DT2H3M4S"),
    ("uuid", "7F1B1A1E-0000-4000-8000-000000000001", "7f1b1a1e-0000-4000-8000-000000000001"),
    ("jsonb", {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
    ("jsonb", "text", "text"),
    ("json", [1.5, True], [1.5, True]),
    ("integer[]", [1, None, "3"], [1, None, 3]),
    ("text[]", ["a", 'b"{}', ""], ["a", 'b"{}', ""]),
    ("numeric[]", ["1.5", "NaN", 2], [1.5, "NaN", 2]),
    ("date[]", ["2026-01-01"], ["2026-01-01"]),
    ("jsonb[]", [{"a": 1}, [2]], [{"a": 1}, [2]]),
    ("integer[]", [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ("inet", "10.0.0.1", "10.0.0.1"),
    ("mood", "glad", "glad"),
    ("small", 3, 3),
    ("int4range", "[1,5)", "[1,5)"),
    ("daterange", "[2026-01-01,2026-02-01)", "[2026-01-01,2026-02-01)"),
    ("tstzrange", None, None),
    ("vector(2)", "[1,2]", "[1,2]"),
    ("bit(3)", "101", "101"),
    ("money", "$1.50", "$1.50"),
]


async def test_values_keep_their_types(shop: Shop) -> None:
    await shop.admin(
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        "CREATE DOMAIN small AS integer CHECK (value < 10)",
        f"CREATE TABLE kept ({', '.join(f'c{at} {one[0]}' for at, one in enumerate(VALUES))})",
        "GRANT ALL ON kept TO PUBLIC",
    )
    wrong = []
    for at, (type_name, given, expected) in enumerate(VALUES):
        await shop.node("db_insert", table="kept", values={f"c{at}": given})
        read = await shop.node("db_query", table="kept", columns=[f"c{at}"])
        await shop.admin("DELETE FROM kept")
        if read["output"] != [{f"c{at}": expected}]:
            wrong.append((type_name, given, read["output"]))
    assert not wrong


async def test_bytes_are_files(shop: Shop) -> None:
    await shop.admin("CREATE TABLE picture (id int, body bytea)", "GRANT ALL ON picture TO PUBLIC")
    ctx = shop.context()
    file = await ctx.files.write(b"\x89PNG\r\n\x1a\n\x00rest", name="a.png")
    await shop.node("db_insert", ctx, table="picture", values={"id": 1, "body": file})
    ctx.idempotency_key = "x"
    given = await shop.node("db_query", ctx, table="picture")
    stored = given["output"][0]["body"]
    assert (stored["media_type"], stored["$file"]) == ("image/png", file["$file"])
    assert await ctx.files.read(stored) == b"\x89PNG\r\n\x1a\n\x00rest"
    await ctx.files.close()
    error = await shop.refusal("db_insert", table="picture", values={"body": "text"})
    assert error.code == "db.value"


MISFITS: list[tuple[str, Any]] = [
    ("integer", "seven"),
    ("integer", 1.5),
    ("integer", 2**40),
    ("boolean", "maybe"),
    ("date", "2026-02-30"),
    ("text", "nul \x00 inside"),
    ("integer[]", 3),
    ("varchar(2)", "abc"),
    ("numeric(3, 1)", 1000),
    ("bigint", math.inf),
    ("integer[]", [1, math.nan]),
    ("double precision", 10**400),
]


async def test_values_that_do_not_fit(shop: Shop) -> None:
    await shop.admin(
        f"CREATE TABLE narrow ({', '.join(f'c{at} {one[0]}' for at, one in enumerate(MISFITS))})",
        "GRANT ALL ON narrow TO PUBLIC",
    )
    for at, (_, given) in enumerate(MISFITS):
        error = await shop.refusal("db_insert", table="narrow", values={f"c{at}": given})
        assert (error.code, error.kind, error.retryable) == ("db.value", "input", False), at
    assert (await shop.node("db_query", table="narrow"))["row_count"] == 0


async def test_ranges_are_compared(shop: Shop) -> None:
    await shop.admin("CREATE TABLE spans (span numrange)", "GRANT ALL ON spans TO PUBLIC")
    await shop.node("db_insert", table="spans", values={"span": "[1,2.5)"})
    for operator, right in (("equals", "[1,2.5)"), ("in", ["empty", "[1,2.5)"])):
        where = {"column": "span", "operator": operator, "right": right}
        assert (await shop.node("db_query", table="spans", where=where))["row_count"] == 1


async def test_rows_within_rows_count_against_the_limit(shop: Shop) -> None:
    sql = "SELECT part FROM (SELECT 1, repeat('x', 400) FROM generate_series(1, 10)) AS part"
    given = await shop.node("db_sql", shop.context(max_bytes=1024), sql=sql)
    assert (given["row_count"], given["truncated"]) == (2, True)


async def test_a_comment_hides_no_statement(shop: Shop) -> None:
    """A carriage return ends one: what follows is what PostgreSQL runs."""
    ctx = shop.context(tables=["allowed"])
    sql = "--\rDROP TABLE item /*\nSELECT 1*/"
    assert (await shop.refusal("db_sql", ctx, sql=sql, write=True)).code == (
        "db.statement_not_allowed"
    )


async def test_conditions_about_arrays_and_json(shop: Shop) -> None:
    await shop.admin(
        "CREATE TABLE doc (id int, tags text[], data jsonb)",
        """INSERT INTO doc VALUES
           (1, '{a,b}', '{"k": 1}'), (2, '{}', '[1, "x"]'), (3, null, '"s"')""",
        "GRANT ALL ON doc TO PUBLIC",
    )

    async def ids(column: str, operator: str, right: Any = None) -> list[int]:
        where = {"column": column, "operator": operator, "right": right}
        order = [{"column": "id"}]
        given = await shop.node("db_query", table="doc", columns=["id"], where=where, order=order)
        return [row["id"] for row in given["output"]]

    assert await ids("tags", "contains", "a") == [1]
    assert await ids("tags", "not_contains", "a") == [2, 3]
    assert await ids("tags", "all_of", ["a", "b"]) == [1]
    assert await ids("tags", "empty") == [2, 3]
    assert await ids("tags", "length_eq", 2) == [1]
    assert await ids("data", "contains", "k") == [1]
    assert await ids("data", "contains", "x") == [2]
    assert await ids("data", "contains", 1) == [2]
    assert await ids("data", "equals", {"k": 1}) == [1]
    where = {"column": "id", "operator": "contains", "right": 1}
    assert (await shop.refusal("db_query", table="doc", where=where)).code == "db.condition"


async def test_a_superuser_is_refused(shop: Shop) -> None:
    error = await shop.refusal("db_query", shop.context(url=shop.admin_url), table="item")
    assert (error.code, error.kind) == ("db.superuser", "auth")
    ctx = shop.context(url=shop.admin_url, superuser=True)
    assert (await shop.node("db_query", ctx, table="item"))["row_count"] == 0


async def test_privileges_are_the_database_s(shop: Shop) -> None:
    await shop.admin("CREATE TABLE secret (word text)", "INSERT INTO secret VALUES ('hidden')")
    for kind, config in (("db_query", {"table": "secret"}), ("db_sql", {"sql": "TABLE secret"})):
        error = await shop.refusal(kind, **config)
        assert (error.code, error.kind, error.retryable) == ("db.denied", "auth", False)
    for sql in ("SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('/')"):
        assert (await shop.refusal("db_sql", sql=sql)).code == "db.denied"


async def test_a_statement_cannot_lengthen_its_time_or_leave_settings_behind(shop: Shop) -> None:
    ctx = shop.context(statement_timeout=0.3, connections=1)
    sql = "SELECT set_config('statement_timeout', '0', false), pg_sleep(60)"
    assert (await shop.refusal("db_sql", ctx, sql=sql)).code == "db.timeout"
    one = {"connections": 1}
    for setting, value in (
        ("search_path", "pg_temp"),
        ("statement_timeout", "40000"),
        ("timezone", "Asia/Tokyo"),
    ):
        sql = "SELECT set_config(:name, :value, false)"
        await shop.node(
            "db_sql", shop.context(**one), sql=sql, params={"name": setting, "value": value}
        )
        sql = "SELECT current_setting(:name) AS now"
        given = await shop.node("db_sql", shop.context(**one), sql=sql, params={"name": setting})
        assert given["output"][0]["now"] != value
    error = await shop.refusal(
        "db_sql", sql="SELECT set_config('transaction_read_only', 'off', false)"
    )
    assert error.code in {"db.read_only", "db.sql_invalid", "db.failed"}


async def test_a_statement_leaves_no_role_and_no_table_behind(shop: Shop) -> None:
    user = shop.url.partition("//")[2].partition("@")[0]
    await shop.admin(f"CREATE ROLE {user}_other", f"GRANT {user}_other TO {user}")
    try:
        sql = "SELECT set_config('role', :role, false)"
        await shop.node("db_sql", sql=sql, params={"role": f"{user}_other"})
        sql = "SELECT 1 AS one INTO TEMP left_over"
        await shop.node("db_sql", sql=sql, write=True)
        given = await shop.node(
            "db_sql", sql="SELECT current_user AS who, to_regclass('left_over') AS what"
        )
        assert given["output"] == [{"who": user, "what": None}]
    finally:
        await shop.admin(f"DROP ROLE {user}_other")


async def test_what_a_function_reads_counts_as_used(shop: Shop) -> None:
    await shop.admin(
        "CREATE TABLE private (word text)",
        "INSERT INTO private VALUES ('hidden')",
        "GRANT ALL ON private TO PUBLIC",
        "CREATE VIEW seen AS SELECT * FROM private",
        "GRANT ALL ON seen TO PUBLIC",
        "CREATE FUNCTION peek() RETURNS text LANGUAGE sql AS 'SELECT word FROM private'",
        "CREATE FUNCTION glance() RETURNS text LANGUAGE plpgsql AS "
        "'BEGIN RETURN (SELECT word FROM private); END'",
    )
    ctx = shop.context(tables=["item", "seen"])
    for sql in (
        "SELECT peek()",
        "SELECT glance() WHERE 1 = 1",
        "SELECT * FROM seen",
        "SELECT * FROM pg_catalog.pg_roles",
    ):
        assert (await shop.refusal("db_sql", ctx, sql=sql)).code == "db.table_not_allowed", sql
    # A view is a table of its own to a node that names it.
    assert (await shop.node("db_query", ctx, table="seen"))["output"] == [{"word": "hidden"}]


async def test_tables_of_the_system_are_allowed_by_name_alone(shop: Shop) -> None:
    sql = "SELECT relname FROM pg_catalog.pg_class LIMIT 1"
    for read in (sql, "SELECT table_name FROM information_schema.tables LIMIT 1"):
        assert (await shop.refusal("db_sql", sql=read)).code == "db.table_not_allowed"
    given = await shop.node("db_sql", shop.context(tables=["pg_class"]), sql=sql)
    assert given["row_count"] == 1
    sql = "SELECT 'item'::regclass::text AS t, pg_typeof(1)::text AS p, count(*) AS n FROM item"
    assert (await shop.node("db_sql", sql=sql))["output"] == [{"t": "item", "p": "integer", "n": 0}]


async def test_a_name_that_is_allowed_is_not_one_of_another_schema(shop: Shop) -> None:
    await shop.admin(
        "CREATE SCHEMA other",
        "CREATE TABLE other.item (word text)",
        "GRANT ALL ON SCHEMA other TO PUBLIC",
        "GRANT ALL ON other.item TO PUBLIC",
    )
    ctx = shop.context(tables=["item"])
    assert (await shop.node("db_query", ctx, table="item"))["row_count"] == 0
    assert (await shop.node("db_sql", ctx, sql="SELECT * FROM item"))["row_count"] == 0
    code = "db.table_not_allowed"
    assert (await shop.refusal("db_query", ctx, table="other.item")).code == code
    for sql in (
        "SELECT * FROM other.item",
        "SELECT set_config('search_path', 'other', true), (SELECT count(*) FROM other.item)",
    ):
        assert (await shop.refusal("db_sql", ctx, sql=sql)).code == code, sql
    for tables in (["other.item"], ["other.*"], []):
        ctx = shop.context(tables=tables)
        assert (await shop.node("db_query", ctx, table="other.item"))["row_count"] == 0
        assert (await shop.node("db_sql", ctx, sql="SELECT * FROM other.item"))["row_count"] == 0


async def test_a_failure_shows_no_address_and_no_password(shop: Shop) -> None:
    where = "postgresql://ada:{{secrets.PASSWORD}}@127.0.0.1:1/shop"
    shop.secrets["PASSWORD"] = "sesame:open@gate"
    error = await shop.refusal("db_query", shop.context(url=where), table="item")
    assert (error.code, error.retryable) == ("db.unavailable", True)
    for shown in ("127.0.0.1", "sesame", "ada"):
        assert shown not in f"{error.message}{error.details}"
    for url in (shop.url.replace("@/t", "@/none"), shop.url.replace("//t", "//nobody")):
        error = await shop.refusal("db_query", shop.context(url=url), table="item")
        assert error.code in {"db.unavailable", "db.denied"}
        assert error.retryable is False
        assert "/tmp" not in error.message


@pytest.mark.parametrize("password", ["se/cret", "se?cret", "se#cret"])
async def test_an_address_that_cannot_be_read_is_not_repeated(
    password: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(Shop("postgresql", f"postgresql://user:{password}@host/db")) as made:
        error = await made.refusal("db_sql", sql="SELECT 1")
    assert (error.code, error.retryable) == ("db.unavailable", False)
    shown = f"{error} {error.__cause__} {capsys.readouterr()}"
    assert "cret" not in shown
    assert "'se" not in shown


async def test_a_connection_that_is_cut_is_opened_again(shop: Shop) -> None:
    running = asyncio.create_task(shop.refusal("db_sql", sql="SELECT pg_sleep(60)"))
    end = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'
               AND datname = current_database()"""
    while not (await shop.admin(end))[0][0]:
        assert not running.done()
    error = await running
    assert (error.code, error.kind, error.retryable) == ("db.connection_lost", "network", True)
    # One that was cut while it was idle is not noticed by the node that comes next.
    await shop.node("db_query", table="item")
    every = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE application_name = 'runfold' AND datname = current_database()"""
    assert (await shop.admin(every))[0][0] >= 1
    gone = """SELECT count(*) FROM pg_stat_activity
              WHERE application_name = 'runfold' AND datname = current_database()"""
    while (await shop.admin(gone))[0][0]:
        pass
    assert (await shop.node("db_query", table="item"))["row_count"] == 0


async def test_a_lost_commit(shop: Shop) -> None:
    row = {"id": 1, "name": "Ada"}
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        async with CommitProxy(shop.url, Path(directory)) as proxy:
            for keyed in (False, True):
                for cut in ("before", "after"):
                    await shop.admin("DELETE FROM item")
                    limits = {"url": proxy.url, "idempotency_column": "key" if keyed else ""}
                    ctx = shop.context(**limits)
                    proxy.cut = cut
                    error = await shop.refusal("db_insert", ctx, table="item", values=row)
                    assert (error.code, error.kind) == ("db.outcome_unknown", "network")
                    # Only who finds its own key may try again.
                    assert error.retryable is keyed
                    assert (await shop.admin("SELECT count(*) FROM item"))[0][0] == (cut == "after")
                    if keyed:
                        proxy.cut = "never"
                        ctx.attempt, ctx.idempotency_key = 2, f"run-1:{ctx.node_id}:2"
                        given = await shop.node("db_insert", ctx, table="item", values=row)
                        assert (given["row_count"], given["repeated"]) == (1, cut == "after")
                        assert (await shop.admin("SELECT count(*) FROM item"))[0][0] == 1
            proxy.cut = "before"
            error = await shop.refusal("db_query", shop.context(url=proxy.url), table="item")
            assert (error.code, error.retryable) == ("db.connection_lost", True)


async def test_two_attempts_of_one_node_write_once(shop: Shop) -> None:
    limits = {"idempotency_column": "key"}
    ctx = shop.context(**limits)
    values = {"id": 1, "name": "Ada"}
    given = await asyncio.gather(
        *(shop.node("db_insert", ctx, table="item", values=values) for _ in range(5))
    )
    assert sorted(one["repeated"] for one in given) == [False, True, True, True, True]


async def test_nodes_wait_for_a_connection(shop: Shop) -> None:
    limits = {"connections": 1, "statement_timeout": 0.5}
    slow = asyncio.create_task(
        shop.refusal("db_sql", shop.context(**limits), sql="SELECT pg_sleep(60)")
    )
    quick = shop.refusal("db_sql", shop.context(**limits), sql="SELECT pg_sleep(60)")
    assert {(await quick).code, (await slow).code} <= {"db.busy", "db.timeout"}
    assert (await shop.node("db_query", shop.context(**limits), table="item"))["row_count"] == 0


async def test_a_task_that_is_cancelled_twice_cancels_its_statement_too(shop: Shop) -> None:
    sql = "SELECT pg_sleep(20)"
    active = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = '{sql}'"

    async def until(count: int) -> None:
        for _ in range(300):
            if await shop.admin(active) == [(count,)]:
                return
            await asyncio.sleep(0.02)
        raise AssertionError

    running = asyncio.create_task(shop.node("db_sql", sql=sql))
    await until(1)
    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(0)
