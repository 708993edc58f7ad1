"""Connections as clients see them: what may be read of them, and how a person allows one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import msgspec

from runfold.connections.credentials import AuthorizationCode, Credentials, read_credentials
from runfold.connections.store import Code, ConnectionStore, Grant, Question, Stored
from runfold.connections.tokens import authorization_url, new_secret
from runfold.errors import ConfigurationError, Conflict, InvalidRequest, Undecodable

ASKED_FOR = 600.0
"""Seconds that a person has to allow a connection."""
FETCHED_WITHIN = 25.0
"""Seconds in which an executor is to have fetched the token."""
CALLBACK = "/api/oauth/callback"
"""Where browsers are sent back to."""


class ConnectionDocument(msgspec.Struct, frozen=True):
    """A connection, without its secrets: these are never read back."""

    name: str
    """What nodes name it by."""
    type: str
    """The sort of credentials."""
    hosts: list[str]
    """Where they may be sent."""
    settings: dict[str, Any]
    """What else is no secret: addresses, client id, scope."""
    status: Literal["ready", "not_authorized", "authorizing", "expired"]
    """Whether it can be used; `not_authorized` and `expired` wait for a person."""
    error: str
    """Why it has expired."""
    expires_at: float | None
    """When the access token in use ends, in Unix seconds; it is renewed before that."""
    created_at: float
    """Unix seconds."""
    updated_at: float
    """Unix seconds."""


class ConnectionList(msgspec.Struct, frozen=True):
    """All connections, by name."""

    items: list[ConnectionDocument]
    """The connections."""


class Authorization(msgspec.Struct, frozen=True):
    """Where a person allows a connection."""

    url: str
    """To be opened in a browser."""
    redirect_uri: str
    """Where it comes back to: the authorization server has to know it."""
    expires_at: float
    """Until when, in Unix seconds."""


class Connections:
    """What is done with stored connections.

    Args:
        store: Where they are.
    """

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    async def list(self) -> ConnectionList:
        """All of them."""
        return ConnectionList([await self._document(one) for one in await self._store.list()])

    async def get(self, name: str) -> ConnectionDocument:
        """One of them. Raises `NotFound`."""
        return await self._document(await self._store.get(name))

    async def put(self, name: str, value: Any) -> ConnectionDocument:
        """Store a connection, over what was there.

        Raises:
            InvalidRequest: It cannot be used; the message shows no value.
            Conflict: There is no key to encrypt it with.
        """
        credentials = read_credentials(value)
        with _keyed():
            return await self._document(await self._store.put(name, credentials))

    async def delete(self, name: str) -> None:
        """Delete a connection. Raises `NotFound`."""
        await self._store.delete(name)

    async def authorize(self, name: str, gateway: str) -> Authorization:
        """Begin to ask a person.

        Args:
            name: The connection.
            gateway: The URL that browsers reach the gateway by.

        Raises:
            NotFound: There is no such connection.
            Conflict: It is not one that a person allows; or there is no key.
        """
        stored = await self._store.get(name)
        with _keyed():
            client = self._store.opened(stored)
            if not isinstance(client, AuthorizationCode):
                message = f"connection {name!r} is of type {stored.type}: no person has to allow it"
                raise Conflict(message, code="connection.not_asked_for")
            now, back = self._store.clock(), gateway.rstrip("/") + CALLBACK
            state, verifier = new_secret(), new_secret()
            await self._store.forget_questions(now - ASKED_FOR)
            await self._store.ask(state, Question(name, verifier, back, now, stored.updated_at))
        return Authorization(
            authorization_url(client, state, verifier, back), back, now + ASKED_FOR
        )

    async def come_back(self, state: str, code: str, error: str) -> str:
        """A browser has come back; returns the connection's name once its token is there.

        Raises:
            InvalidRequest: It was not asked so, or too long ago; or the person, or the server, has
                said no.
            Conflict: No executor has fetched the token in time; or there is no key.
        """
        with _keyed():
            question = await self._store.answered(state) if state else None
        if question is None or question.asked_at < self._store.clock() - ASKED_FOR:
            message = "this was not asked for, or too long ago, or it has been answered: begin anew"
            raise InvalidRequest(message, code="connection.unknown_state")
        if error or not code:
            message = f"connection {question.name!r} was not allowed: {error or 'no code came'}"
            raise InvalidRequest(message[:500], code="connection.refused")
        await self._fetched(question, code)
        return question.name

    async def _fetched(self, question: Question, code: str) -> None:
        """Hand a code to an executor, and wait for what comes of it."""
        name = question.name
        stored = await self._store.get(name)
        if question.stored_at and question.stored_at != stored.updated_at:
            message = f"connection {name!r} was stored anew while the person was asked: begin anew"
            raise InvalidRequest(message, code="connection.unknown_state")
        changed = asyncio.Event()
        stop = await self._store.watch_grants(lambda one: changed.set() if one == name else None)
        try:
            with _keyed():
                sealed = self._store.sealed(
                    name, Code(code, question.verifier, question.redirect_uri)
                )
            found = await self._store.grant(name)
            revision = found[1] if found else 0
            if await self._store.write_grant(name, Grant("code", sealed), revision) is None:
                message = f"connection {name!r} is being renewed or allowed elsewhere: begin anew"
                raise Conflict(message, code="connection.busy")
            async with asyncio.timeout(FETCHED_WITHIN):
                grant = await self._settled(name, changed)
        except TimeoutError as late:
            message = (
                f"no executor has fetched the token of connection {name!r} in time: is an http "
                "executor running, with the same RUNFOLD_CONNECTIONS_KEY?"
            )
            raise Conflict(message, code="connection.busy") from late
        finally:
            await stop()
        if grant.status == "failed":
            message = f"connection {name!r}: the authorization server gives no token: {grant.error}"
            raise InvalidRequest(message, code="connection.refused")

    async def _settled(self, name: str, changed: asyncio.Event) -> Grant:
        while True:
            changed.clear()
            found = await self._store.grant(name)
            if found is not None and found[0].status != "code":
                return found[0]
            await changed.wait()

    async def _document(self, stored: Stored) -> ConnectionDocument:
        status: Literal["ready", "not_authorized", "authorizing", "expired"] = "ready"
        found = None
        if stored.type == str(AuthorizationCode.__struct_config__.tag):
            try:
                found = await self._store.grant(stored.name)
            except Undecodable as error:  # one that cannot be read hides no other
                found = Grant("failed", error=error.message), 0
            states: dict[str, Any] = {"code": "authorizing", "failed": "expired"}
            status = states.get(found[0].status, "ready") if found else "not_authorized"
        settings = {n: v for n, v in stored.shown.items() if n not in ("type", "hosts")}
        return ConnectionDocument(
            name=stored.name,
            type=stored.type,
            hosts=stored.shown.get("hosts", []),
            settings=settings,
            status=status,
            error=found[0].error if found else "",
            expires_at=found[0].expires_at if found else None,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )


@contextmanager
def _keyed() -> Iterator[None]:
    """What the process lacks is told as a conflict: the request is as it should be."""
    try:
        yield
    except ConfigurationError as error:
        raise Conflict(error.message, code=error.code) from error


__all__ = ["Authorization", "ConnectionDocument", "ConnectionList", "Connections", "Credentials"]
