"""Connections to PostgreSQL, and transactions on them.

A transaction is read-only unless it is to write, and has the source's time: the server keeps it,
and so does this side, in case the server does not answer. A cancelled task cancels its statement.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog

from runfold_executor_data.databases.failures import (
    connection_lost,
    failed,
    outcome_unknown,
    timed_out,
    unavailable,
)
from runfold_executor_data.databases.places import Places
from runfold_executor_data.databases.postgres import PostgresSession
from runfold_executor_data.databases.postgres_errors import LOST, refused, translated
from runfold_executor_data.databases.postgres_values import AS_TEXT, Load, Store
from runfold_executor_data.databases.sources import Target

_IDLE = 300.0
"""Seconds after which a connection that is not used is closed."""
_LONGER = 0.5
"""Seconds that the server is given to keep the time itself, before this side does."""
_TO_CLOSE = 5.0
_UNREADABLE = "its url cannot be read: what is special in its parts is percent-encoded, / as %2F"
_SESSION = {
    "application_name": "runfold",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "iso_8601",
    "standard_conforming_strings": "on",
    "client_encoding": "UTF8",
}

log = structlog.get_logger("databases")


class PostgresPool:
    """The connections to one source.

    Args:
        target: The source.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._places = Places(target)
        self._idle: list[tuple[float, asyncpg.Connection[Any]]] = []
        self._closed = False

    @asynccontextmanager
    async def begin(
        self, *, write: bool, seconds: float, store: Store, load: Load
    ) -> AsyncIterator[PostgresSession]:
        """A transaction, kept at the end of the block and undone when it fails.

        Args:
            write: Whether it may change anything.
            seconds: What it may take, the wait for a connection included.
            store: Keeps bytes of results.
            load: Reads files for parameters.

        Raises:
            NodeFailed: `db.…`.
        """
        source = self.target.name
        end = asyncio.get_running_loop().time() + seconds
        async with self._places.taken(seconds):
            connection = await self._connected()
            left = max(0.01, end - asyncio.get_running_loop().time())
            limit = asyncio.timeout(left + _LONGER)
            session = PostgresSession(connection, self.target, store, load)
            try:
                with translated(source, seconds):
                    async with limit, self._transaction(connection, session, left, write=write):
                        yield session
            except TimeoutError as error:
                if limit.expired():
                    raise timed_out(source, seconds) from error
                raise
            finally:
                await self._give_back(connection)

    @asynccontextmanager
    async def _transaction(
        self,
        connection: asyncpg.Connection[Any],
        session: PostgresSession,
        left: float,
        *,
        write: bool,
    ) -> AsyncIterator[None]:
        transaction = connection.transaction(readonly=not write)
        await transaction.start()
        try:
            milliseconds = max(1, int(left * 1000))
            await connection.execute(
                f"SET LOCAL statement_timeout = {milliseconds}; "
                f"SET LOCAL lock_timeout = {milliseconds}; "
                f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds + 10_000}"
            )
            yield
        except BaseException:
            undoing = asyncio.ensure_future(_undone(connection, transaction))
            try:
                await asyncio.shield(undoing)
            except asyncio.CancelledError:
                # Cancelled once more: the server is still to hear that its statement is.
                await asyncio.wait([undoing], timeout=_TO_CLOSE)
            raise
        await self._keep(transaction, session, write=write)

    async def _keep(self, transaction: Any, session: PostgresSession, *, write: bool) -> None:
        """Commit; a task that is cancelled meanwhile waits for what comes of it."""
        committing = asyncio.ensure_future(transaction.commit())
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await asyncio.wait([committing], timeout=_TO_CLOSE)
            raise
        except LOST as error:
            log.warning("connection lost", source=self.target.name, reason=str(error))
            if not write:
                raise connection_lost(self.target.name) from error
            key_stored = session.key_stored
            raise outcome_unknown(self.target.name, key_stored=key_stored) from error

    async def _connected(self) -> asyncpg.Connection[Any]:
        oldest = asyncio.get_running_loop().time() - _IDLE
        while self._idle:
            since, connection = self._idle.pop()
            if not connection.is_closed() and since > oldest:
                return connection
            connection.terminate()
        declared = self.target.declared
        try:
            async with asyncio.timeout(declared.connect_timeout):
                connection = await asyncpg.connect(
                    self.target.address, statement_cache_size=0, server_settings=_SESSION
                )
        except (asyncpg.PostgresError, *LOST, TimeoutError) as error:
            raise refused(self.target.name, error) from error
        except ValueError:
            # Without the reason: it repeats parts of the address, and so of its password.
            raise unavailable(self.target.name, _UNREADABLE, retryable=False) from None
        try:
            self._check_user(connection)
            for name in AS_TEXT:
                await connection.set_type_codec(
                    name, schema="pg_catalog", encoder=str, decoder=str, format="text"
                )
        except (asyncpg.PostgresError, *LOST) as error:
            connection.terminate()
            raise refused(self.target.name, error) from error
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _check_user(self, connection: asyncpg.Connection[Any]) -> None:
        is_superuser = getattr(connection.get_settings(), "is_superuser", "on")
        if is_superuser == "on" and not self.target.declared.superuser:
            message = (
                "its user is a superuser, who may read and write files of the server's machine: "
                "the operator gives it another user, or allows that with `superuser`"
            )
            raise failed(self.target.name, "superuser", message, kind="auth")

    async def _give_back(self, connection: asyncpg.Connection[Any]) -> None:
        if self._closed or connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
            return
        try:
            async with asyncio.timeout(_TO_CLOSE):
                # What a statement has left behind: settings, its role, locks, temporary tables.
                await connection.execute("DISCARD ALL")
        except (asyncpg.PostgresError, *LOST, TimeoutError) as error:
            log.info("connection closed", source=self.target.name, reason=str(error))
            connection.terminate()
            return
        except BaseException:
            connection.terminate()
            raise
        self._idle.append((asyncio.get_running_loop().time(), connection))

    async def aclose(self) -> None:
        """Close what is not in use; the rest is closed when it is given back."""
        self._closed = True
        while self._idle:
            _, connection = self._idle.pop()
            try:
                await connection.close(timeout=_TO_CLOSE)
            except (asyncpg.PostgresError, *LOST, TimeoutError) as error:
                log.info("connection closed", source=self.target.name, reason=str(error))
                connection.terminate()


async def _undone(connection: asyncpg.Connection[Any], transaction: Any) -> None:
    """Roll back, and let go of a connection that does not."""
    try:
        async with asyncio.timeout(_TO_CLOSE):
            await transaction.rollback()
    except (asyncpg.PostgresError, *LOST, TimeoutError) as error:
        log.info("not rolled back", reason=str(error))
        connection.terminate()
