"""Tokens that a person has allowed: kept for all executors, fetched and renewed by one at a time.

An authorization server may give another refresh token each time and take the old one for stolen
when it comes again: so who asks first notes that, and the others wait for what comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from msgspec.structs import replace

from runfold.background import end
from runfold.connections.credentials import AuthorizationCode
from runfold.connections.store import Code, ConnectionStore, Grant, Stored
from runfold.connections.tokens import Refused, Token, for_code, for_refresh
from runfold.contracts.secrecy import remember
from runfold.errors import BusUnavailable, NodeFailed, RunfoldError
from runfold_executor_http.egress import Egress
from runfold_executor_http.token_endpoint import SECONDS, ask_for_token
from runfold_executor_http.tokens import refused_token

BUSY = SECONDS + 10.0
"""Seconds after which one who has asked counts as gone."""
KEPT_FOR = 300.0
"""Seconds for which a token is held that the bucket does not take."""
KEPT_AGAIN = 0.5
"""Seconds until it is tried again."""
ENDED_WITHIN = 10.0
"""Seconds that a process which ends waits for an answer with a token."""
ENDED = frozenset(("invalid_grant", "invalid_token", "unauthorized_client", "access_denied"))
"""Errors after which a refresh token is of no more use."""

T = TypeVar("T")

log = structlog.get_logger("connections")


class Grants:
    """Tokens by authorization code.

    Args:
        store: Where they are kept.
        egress: The way out.
    """

    def __init__(self, store: ConnectionStore, egress: Egress) -> None:
        self._store = store
        self._egress = egress
        self._locks: dict[str, asyncio.Lock] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._asking: set[asyncio.Task[Any]] = set()

    async def get(self, stored: Stored, client: AuthorizationCode, refused: str = "") -> str:
        """An access token that has not ended.

        Args:
            stored: The connection.
            client: Its credentials.
            refused: A token that the service did not take: another one is wanted.

        Raises:
            NodeFailed: `connection.not_authorized`: no person has allowed it yet;
                `connection.expired`: the refresh token is of no more use; `connection.refused`,
                `connection.busy`: it could not be renewed now.
        """
        async with self._locks.setdefault(stored.name, asyncio.Lock()):
            return (await self._fresh(stored, client, refused)).access_token

    async def _fresh(self, stored: Stored, client: AuthorizationCode, refused: str) -> Token:
        name, clock = stored.name, self._store.clock
        until = clock() + BUSY
        while True:
            found = await self._store.grant(name)
            if found is None:
                raise _not_authorized(name)
            grant, revision = found
            if grant.status == "failed":
                raise _expired(name, grant.error)
            if grant.busy_until > clock():
                if clock() >= until:
                    raise _busy(name)
                await self._change(name, revision, min(until, grant.busy_until) - clock())
                continue
            if grant.status == "code":
                await self._fetch_one(name)
                continue
            token = self._store.token(name, grant)
            for secret in (token.access_token, token.refresh_token):
                remember(secret)
            if token.is_fresh(clock()) and token.access_token != refused:
                return token
            claimed = replace(grant, busy_until=clock() + BUSY)
            mine = await self._store.write_grant(name, claimed, revision)
            if mine is not None:
                return await self._to_its_end(self._renewed(name, client, token, grant, mine))

    async def _to_its_end(self, asking: Coroutine[Any, Any, T]) -> T:
        """Ask, and keep what comes of it, though the attempt that waits for it is cut off.

        What the server gives, it gives once.
        """
        work = asyncio.create_task(asking, name="connections ask")
        self._asking.add(work)
        work.add_done_callback(self._asked_one)
        return await asyncio.shield(work)

    def _asked_one(self, work: asyncio.Task[Any]) -> None:
        self._asking.discard(work)
        if not work.cancelled() and (error := work.exception()) is not None:
            log.info("a token was not given", reason=str(error))

    async def _renewed(
        self, name: str, client: AuthorizationCode, old: Token, grant: Grant, revision: int
    ) -> Token:
        if not old.refresh_token:
            reason = "the access token has ended, and the server gave no refresh token"
            await self._fail(name, grant, reason, revision)
            raise _expired(name, reason)
        try:
            token = await ask_for_token(
                self._egress, client, for_refresh(old.refresh_token), old.refresh_token
            )
        except Refused as refused:
            if refused.error in ENDED:
                reason = str(refused)
                if grant.busy_until:
                    reason += "; an executor ended while it renewed the token before"
                await self._fail(name, grant, reason, revision)
                raise _expired(name, reason) from refused
            await self._store.write_grant(name, replace(grant, busy_until=0.0), revision)
            raise refused_token(name, refused) from refused
        except NodeFailed:
            await self._store.write_grant(name, replace(grant, busy_until=0.0), revision)
            raise
        await self._keep(name, token, grant, revision)
        return token

    async def _keep(self, name: str, token: Token, before: Grant, revision: int) -> None:
        """Write a token over what it came of; the bucket may be away for a while.

        Raises:
            BusUnavailable: It is away for too long.
        """
        ready = Grant("ready", self._store.sealed(name, token), expires_at=token.expires_at)
        until = asyncio.get_running_loop().time() + KEPT_FOR
        while True:
            try:
                if await self._store.write_grant(name, ready, revision) is not None:
                    return
                found = await self._store.grant(name)
            except BusUnavailable:
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(KEPT_AGAIN)
                continue
            if found is None or found[0].sealed != before.sealed:
                # Ours, whose ack was lost; or the connection is another one meanwhile.
                if found is None or found[0].sealed != ready.sealed:
                    log.warning("a token is of no more use", connection=name)
                return
            # Another took this one for gone: what it holds, or was refused, is older than this.
            revision = found[1]

    async def _fail(self, name: str, before: Grant, reason: str, revision: int) -> None:
        failed = replace(before, status="failed", error=reason, busy_until=0.0)
        await self._store.write_grant(name, failed, revision)

    # --- codes ----------------------------------------------------------------------------------

    @asynccontextmanager
    async def fetching(self) -> AsyncIterator[None]:
        """Fetch tokens for codes that browsers have brought, for as long as it is entered.

        At the end it waits for tokens that were asked for.
        """
        waiting: asyncio.Queue[str] = asyncio.Queue()

        def heard(name: str) -> None:
            waiting.put_nowait(name)
            if (changed := self._changed.get(name)) is not None:
                changed.set()

        stop = await self._store.watch_grants(heard)
        task = asyncio.create_task(self._fetch(waiting), name="connections fetch")
        try:
            yield
        finally:
            await end(task)
            await self.finish()
            await stop()

    async def finish(self) -> None:
        """Wait for tokens that were asked for: what a server gives, it gives once."""
        if self._asking:
            await asyncio.wait(self._asking, timeout=ENDED_WITHIN)
        await end(*self._asking)

    async def _fetch(self, waiting: asyncio.Queue[str]) -> None:
        loop = asyncio.get_running_loop()
        for name in await self._store.granted():
            waiting.put_nowait(name)
        while True:
            name = await waiting.get()
            try:
                if (seconds := await self._fetch_one(name)) > 0:
                    # The one who has it may be gone by then.
                    loop.call_later(seconds, waiting.put_nowait, name)
            except RunfoldError as error:
                log.warning("no token for a code", connection=name, reason=error.message)
            except Exception:
                # The shell around what others have stored: the next code is fetched all the same.
                log.exception("no token for a code", connection=name)

    async def _fetch_one(self, name: str) -> float:
        """Fetch a token for a code, if there is one.

        Returns:
            Seconds after which to look again, since somebody else is fetching it; 0: need not.
        """
        found = await self._store.grant(name)
        if found is None or found[0].status != "code":
            return 0.0
        grant, revision = found
        if (busy := grant.busy_until - self._store.clock()) > 0:
            return busy
        # Read before it is claimed: who cannot leaves it to the others.
        client = self._store.opened(await self._store.get(name))
        code = self._store.code(name, grant)
        if not isinstance(client, AuthorizationCode):
            return 0.0
        claimed = replace(grant, busy_until=self._store.clock() + BUSY)
        mine = await self._store.write_grant(name, claimed, revision)
        if mine is not None:
            await self._to_its_end(self._fetched(name, client, code, grant, mine))
        return 0.0

    async def _fetched(
        self, name: str, client: AuthorizationCode, code: Code, grant: Grant, revision: int
    ) -> None:
        form = for_code(code.code, code.verifier, code.redirect_uri)
        try:
            token = await ask_for_token(self._egress, client, form)
        except Refused as refused:
            await self._fail(name, grant, str(refused), revision)
        except NodeFailed as error:
            await self._fail(name, grant, error.message, revision)
        else:
            await self._keep(name, token, grant, revision)

    async def _change(self, name: str, revision: int, seconds: float) -> None:
        """Wait until a grant is written again, or time is up."""
        changed = self._changed.setdefault(name, asyncio.Event())
        changed.clear()
        found = await self._store.grant(name)
        if found is None or found[1] != revision:
            return
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await changed.wait()
        except TimeoutError:
            return


def _not_authorized(name: str) -> NodeFailed:
    message = (
        f"connection {name!r} is not authorized yet: `runfold connections authorize {name}` says "
        "where a person allows it"
    )
    return _permanent(message, "connection.not_authorized", name)


def _expired(name: str, reason: str) -> NodeFailed:
    message = (
        f"connection {name!r} is no longer authorized ({reason}): a person has to allow it again, "
        f"`runfold connections authorize {name}` says where"
    )
    return _permanent(message, "connection.expired", name)


def _permanent(message: str, code: str, name: str) -> NodeFailed:
    return NodeFailed(message, code=code, kind="auth", details={"connection": name})


def _busy(name: str) -> NodeFailed:
    message = f"connection {name!r} is being renewed by another executor, which does not finish"
    details = {"connection": name}
    return NodeFailed(message, code="connection.busy", kind="auth", retryable=True, details=details)
