"""Connections to PostgreSQL, transactions, and what goes wrong with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import asyncpg

from runfold.errors import ConfigurationError
from runfold_executor_data.knowledge.postgres.schema import TABLES

LEAST_VERSION = (0, 8)
"""Of pgvector: the first that goes on looking when a filter leaves too few."""
STATEMENT = 60.0
"""Seconds of one statement."""
CONNECT = 10.0
CLOSE = 10.0
TRIES = 4
"""Of a transaction that met another one."""
LOCK = 7_246_330_118
"""Of making the tables: two processes that begin at once would both make them."""

Connection = Any
"""An `asyncpg.Connection`, or one of a pool."""
Result = TypeVar("Result")


class Connections:
    """A pool of connections.

    Args:
        url: Of the database; not shown anywhere.
        most: Connections at a time.
    """

    def __init__(self, url: str, most: int) -> None:
        self._url = url
        self._most = most
        self._pool: Any = None

    async def open(self) -> None:
        """Connect, and make the tables.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        with _guarded():
            first = await _connected(self._url)
            try:
                await _prepare(first)
            finally:
                await first.close()
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._most,
                timeout=CONNECT,
                command_timeout=STATEMENT,
                init=_with_vectors,
                reset=_keep,
                # The best plan of a search depends on its filter.
                server_settings={"jit": "off", "plan_cache_mode": "force_custom_plan"},
            )

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            try:
                async with asyncio.timeout(CLOSE):
                    await self._pool.close()
            except TimeoutError:
                self._pool.terminate()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A transaction that sees one state of the database throughout.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        with _guarded():
            async with self._transaction(isolation="repeatable_read", readonly=True) as db:
                yield db

    async def write(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        """Do work whose changes are kept together, or not at all when it raises.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        for _ in range(TRIES - 1):
            try:
                return await self._written(work)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                continue
        with _guarded():
            return await self._written(work)

    async def _written(self, work: Callable[[Connection], Awaitable[Result]]) -> Result:
        with _guarded(but=(asyncpg.DeadlockDetectedError, asyncpg.SerializationError)):
            async with self._transaction() as db:
                return await work(db)

    @asynccontextmanager
    async def _transaction(self, **options: Any) -> AsyncIterator[Connection]:
        async with self._pool.acquire(timeout=STATEMENT) as db:
            try:
                async with db.transaction(**options):
                    yield db
            except asyncpg.InternalClientError:
                # The server closed it just when it was asked: of no more use to anybody.
                db.terminate()
                raise


async def _connected(url: str) -> Connection:
    """A connection to a database.

    Raises:
        ConfigurationError: `knowledge.unavailable`, when the URL cannot be read.
    """
    try:
        return await asyncpg.connect(url, timeout=CONNECT)
    except ValueError:  # says a part of the URL, which may be of the password
        message = (
            "RUNFOLD_KNOWLEDGE__URL cannot be read: it is postgresql://user:password@host/name, "
            "with '/', ':', '@', '?', '#' and '%' of a password written as %2F, %3A, …"
        )
        raise ConfigurationError(message, code="knowledge.unavailable") from None


class TableGone(Exception):
    """A table is not there: its base was removed."""


_LOST = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


@contextmanager
def _guarded(but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Say what went wrong as an error of ours; a connection's address is never in it."""
    try:
        yield
    except but:
        raise
    except asyncpg.UndefinedTableError as error:
        raise TableGone from error
    except _LOST as error:
        said = str(error).partition("\n")[0] if isinstance(error, asyncpg.PostgresError) else ""
        message = f"cannot use the knowledge database: {said or type(error).__name__}"
        code = "knowledge.unavailable"
        raise ConfigurationError(message, code=code, kind="server", retryable=True) from error


async def _prepare(db: Connection) -> None:
    """Make what is missing.

    Raises:
        ConfigurationError: `knowledge.unavailable`, when pgvector is missing or too old.
    """
    version = await db.fetchval("select extversion from pg_extension where extname = 'vector'")
    if version is None:
        try:
            await db.execute("create extension if not exists vector")
        except asyncpg.PostgresError as error:
            message = (
                "the knowledge database has no pgvector: install it, and let a superuser run "
                "'create extension vector' in the database"
            )
            raise ConfigurationError(message, code="knowledge.unavailable") from error
        sql = "select extversion from pg_extension where extname = 'vector'"
        version = await db.fetchval(sql)
    if tuple(map(int, version.split(".")[:2])) < LEAST_VERSION:
        message = (
            f"the knowledge database has pgvector {version}, and 0.8 is the least: install a newer "
            "one, and run 'alter extension vector update'"
        )
        raise ConfigurationError(message, code="knowledge.unavailable")
    async with db.transaction():
        await db.execute("select pg_advisory_xact_lock($1)", LOCK)
        await db.execute(TABLES)


async def _keep(db: Connection) -> None:
    """Leave a connection as it is, since all that is set is set for one transaction."""
    if db.is_in_transaction():  # its end was cut off
        await db.reset()


async def _with_vectors(db: Connection) -> None:
    """Let a connection take vectors as bytes; whether they are of this form, pgvector checks."""
    schema = await db.fetchval(
        "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace "
        "where e.extname = 'vector'"
    )
    await db.set_type_codec("vector", schema=schema, encoder=bytes, decoder=bytes, format="binary")
