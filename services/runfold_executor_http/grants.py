"""Tokens that a person has allowed: kept for all executors, fetched and renewed by one at a time.

An authorization server may give another refresh token each time and take the old one for stolen
when it comes again: so who asks first notes that, and the others wait for what comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from msgspec.structs import replace

from runfold.connections.credentials import AuthorizationCode
from runfold.connections.store import ConnectionStore, Grant, Stored
from runfold.connections.tokens import Refused, Token, for_code, for_refresh
from runfold.contracts.secrecy import remember
from runfold.errors import NodeFailed, NotFound, RunfoldError
from runfold_executor_http.egress import Egress
from runfold_executor_http.token_endpoint import SECONDS, ask_for_token
from runfold_executor_http.tokens import refused_token

BUSY = SECONDS + 10.0
"""Seconds after which one who has asked counts as gone."""
ENDED = frozenset(("invalid_grant", "invalid_token", "unauthorized_client", "access_denied"))
"""Errors after which a refresh token is of no more use."""

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
        self._renewing: set[asyncio.Task[Token]] = set()

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
        end = clock() + BUSY
        while True:
            found = await self._store.grant(name)
            if found is None:
                raise _not_authorized(name)
            grant, revision = found
            if grant.status == "failed":
                raise _expired(name, grant.error)
            if grant.busy_until > clock():
                if clock() >= end:
                    raise _busy(name)
                await self._change(name, revision, min(end, grant.busy_until) - clock())
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
                # Not cut off with the attempt: what the server gives is given once, and is kept.
                work = asyncio.create_task(self._renewed(name, client, token, grant, mine))
                self._renewing.add(work)
                work.add_done_callback(self._renewed_one)
                return await asyncio.shield(work)

    def _renewed_one(self, work: asyncio.Task[Token]) -> None:
        self._renewing.discard(work)
        if not work.cancelled() and (error := work.exception()) is not None:
            log.info("a token was not renewed", reason=str(error))

    async def _renewed(
        self, name: str, client: AuthorizationCode, old: Token, grant: Grant, revision: int
    ) -> Token:
        if not old.refresh_token:
            reason = "the access token has ended, and the server gave no refresh token"
            await self._fail(name, reason, revision)
            raise _expired(name, reason)
        try:
            token = await ask_for_token(
                self._egress, client, for_refresh(old.refresh_token), old.refresh_token
            )
        except Refused as refused:
            if refused.error in ENDED:
                await self._fail(name, str(refused), revision)
                raise _expired(name, str(refused)) from refused
            await self._store.write_grant(name, replace(grant, busy_until=0.0), revision)
            raise refused_token(name, refused) from refused
        except NodeFailed:
            await self._store.write_grant(name, replace(grant, busy_until=0.0), revision)
            raise
        await self._keep(name, token, revision)
        return token

    async def _keep(self, name: str, token: Token, revision: int) -> None:
        ready = Grant("ready", self._store.sealed(name, token), expires_at=token.expires_at)
        if await self._store.write_grant(name, ready, revision) is None:
            log.warning("a token was written by somebody else meanwhile", connection=name)

    async def _fail(self, name: str, reason: str, revision: int) -> None:
        await self._store.write_grant(name, Grant("failed", error=reason), revision)

    # --- codes ----------------------------------------------------------------------------------

    @asynccontextmanager
    async def fetching(self) -> AsyncIterator[None]:
        """Fetch tokens for codes that browsers have brought, for as long as it is entered."""
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
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await stop()

    async def _fetch(self, waiting: asyncio.Queue[str]) -> None:
        for name in await self._store.granted():
            waiting.put_nowait(name)
        while True:
            name = await waiting.get()
            try:
                await self._fetch_one(name)
            except RunfoldError as error:
                log.warning("no token for a code", connection=name, reason=error.message)
            except Exception:
                # The shell around what others have stored: the next code is fetched all the same.
                log.exception("no token for a code", connection=name)

    async def _fetch_one(self, name: str) -> None:
        found = await self._store.grant(name)
        if found is None or found[0].status != "code" or found[0].busy_until > self._store.clock():
            return
        grant, revision = found
        claimed = replace(grant, busy_until=self._store.clock() + BUSY)
        mine = await self._store.write_grant(name, claimed, revision)
        if mine is None:
            return
        try:
            client = self._store.opened(await self._store.get(name))
            code = self._store.code(name, grant)
            if not isinstance(client, AuthorizationCode):
                return
            form = for_code(code.code, code.verifier, code.redirect_uri)
            token = await ask_for_token(self._egress, client, form)
        except Refused as refused:
            await self._fail(name, str(refused), mine)
        except (NodeFailed, NotFound) as error:
            await self._fail(name, error.message, mine)
        else:
            await self._keep(name, token, mine)

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
