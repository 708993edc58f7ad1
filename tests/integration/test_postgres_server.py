"""The PostgreSQL that tests run against: what it promises to those that use it."""

from __future__ import annotations

import asyncpg

from tests.support.postgres import Database


async def test_a_fresh_database_of_a_user_without_privileges(postgres: Database) -> None:
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute("create table note (id int primary key, at vector(3))")
        await connection.execute("insert into note values (1, '[1,2,3]'), (2, '[3,2,1]')")
        nearest = "select id from note order by at <-> '[3,2,2]' limit 1"
        assert await connection.fetchval(nearest) == 2
        assert await connection.fetchval("select usesuper from pg_user where usename = user") is (
            False
        )
    finally:
        await connection.close()


async def test_another_test_s_database_is_empty(postgres: Database) -> None:
    connection = await asyncpg.connect(postgres.admin_url)
    try:
        assert await connection.fetchval("select to_regclass('note')") is None
        assert await connection.fetchval("select usesuper from pg_user where usename = user")
    finally:
        await connection.close()
