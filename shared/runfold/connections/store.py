"""Where connections are stored: what may be read in plain, what is secret sealed.

connection.<name>     what it is, its secret fields sealed
token.<name>          what an authorization server gave, sealed, and whether somebody is asking
asking.<digest>       a question to a person that is under way, by the digest of its state
"""

from __future__ import annotations

import builtins
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec

from runfold.bus.ports.stores import KeyValue
from runfold.connections.credentials import Credentials, joined, split, type_of
from runfold.connections.sealing import Sealer
from runfold.connections.tokens import Token
from runfold.contracts.json_reader import WIRE, read_json
from runfold.errors import Conflict, NotFound, RunfoldError, Undecodable
from runfold.ids import bus_token, checked_id, id_of_token, is_id

MakeSealer = Callable[[], Sealer]
_in_order = msgspec.json.Encoder(order="deterministic").encode


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connection as it is stored."""

    name: str
    type: str
    shown: dict[str, Any]
    """What may be read."""
    sealed: str
    """What is secret."""
    created_at: float
    updated_at: float
    revision: int = 0
    """The bucket's; not stored."""


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """What has become of asking an authorization server for a person's consent."""

    status: Literal["code", "ready", "failed"]
    """`code`: the person has allowed it, and the token is to be fetched."""
    sealed: str = ""
    """A `Token`, or a `Code`."""
    error: str = ""
    """Why there is no token any more, or yet."""
    expires_at: float | None = None
    busy_until: float = 0.0
    """Somebody is asking the authorization server, until then at most."""
    updated_at: float = 0.0


class Code(msgspec.Struct, frozen=True):
    """What a token is fetched with."""

    code: str
    verifier: str
    redirect_uri: str


class Question(msgspec.Struct, frozen=True):
    """What a person was asked."""

    name: str
    verifier: str
    redirect_uri: str
    asked_at: float
    stored_at: float = 0.0
    """When the connection was stored that it is about: another one is not given the answer."""


class ConnectionStore:
    """Connections in a key-value bucket.

    Args:
        bucket: Where they are.
        sealer: Makes what seals and opens; only asked when something is sealed or opened.
        clock: Unix seconds.
    """

    def __init__(
        self, bucket: KeyValue, sealer: MakeSealer, clock: Callable[[], float] = time.time
    ) -> None:
        self._bucket = bucket
        self._make_sealer = sealer
        self._sealer: Sealer | None = None
        self.clock = clock

    @property
    def sealer(self) -> Sealer:
        """What seals and opens. Raises `ConfigurationError` without a key."""
        if self._sealer is None:
            self._sealer = self._make_sealer()
        return self._sealer

    async def put(self, name: str, credentials: Credentials) -> Stored:
        """Store a connection, over what was there; what it was granted is forgotten.

        Raises:
            ConfigurationError: There is no key.
            InvalidRequest: The name cannot be one.
        """
        checked_id(name, "connection name")
        shown, secret = split(credentials)
        before = await self._read(_key("connection", name), Stored)
        now = self.clock()
        stored = Stored(
            name=name,
            type=type_of(credentials),
            shown=shown,
            sealed=self.sealer.seal(msgspec.json.encode(secret), _place(name, shown)),
            created_at=before[0].created_at if before else now,
            updated_at=now,
        )
        await self._bucket.delete(_key("token", name))
        await self._bucket.put(_key("connection", name), msgspec.json.encode(stored))
        return stored

    async def list(self) -> builtins.list[Stored]:
        """All connections, by name. What cannot be read is left out."""
        found = []
        for body in (await self._bucket.entries("connection.")).values():
            try:
                found.append(read_json(body, Stored, bounds=WIRE))
            except Undecodable:
                continue
        return sorted(found, key=lambda one: one.name)

    async def get(self, name: str) -> Stored:
        """A connection. Raises `NotFound`."""
        found: tuple[Stored, int] | None = None
        if is_id(name):
            found = await self._read(_key("connection", name), Stored)
        if found is None:
            message = f"no connection {name[:80]!r}: `runfold connections list` shows those stored"
            raise NotFound(message, code="connection.not_found")
        return msgspec.structs.replace(found[0], revision=found[1])

    def opened(self, stored: Stored) -> Credentials:
        """The credentials of a connection.

        Raises:
            ConfigurationError: There is no key, or another one.
            Undecodable: It is damaged.
        """
        secret = self.sealer.open(stored.sealed, _place(stored.name, stored.shown))
        try:
            return joined(stored.shown, msgspec.json.decode(secret, type=dict[str, str]))
        except msgspec.ValidationError as error:
            message = f"what is stored of connection {stored.name!r} cannot be read"
            raise Undecodable(message, code="connection.unreadable") from error

    async def delete(self, name: str) -> None:
        """Delete a connection, and what it was granted. Raises `NotFound`."""
        await self.get(name)
        await self._bucket.delete(_key("connection", name))
        await self._bucket.delete(_key("token", name))

    async def grant(self, name: str) -> tuple[Grant, int] | None:
        """What a connection was granted, and the revision; None: nothing yet."""
        found: tuple[Grant, int] | None = await self._read(_key("token", name), Grant)
        return found

    async def write_grant(self, name: str, grant: Grant, revision: int) -> int | None:
        """Write over the revision that was read; None when somebody else was faster."""
        body = msgspec.json.encode(msgspec.structs.replace(grant, updated_at=self.clock()))
        try:
            if revision:
                return await self._bucket.update(_key("token", name), body, revision)
            return await self._bucket.create(_key("token", name), body)
        except Conflict:
            return None

    def sealed(self, name: str, value: Token | Code) -> str:
        """A token, or a code, sealed for one connection."""
        kind = type(value).__name__
        return self.sealer.seal(msgspec.json.encode(value), f"{kind} {name}")

    def token(self, name: str, grant: Grant) -> Token:
        """The token of a grant that is ready."""
        return msgspec.json.decode(self.sealer.open(grant.sealed, f"Token {name}"), type=Token)

    def code(self, name: str, grant: Grant) -> Code:
        """The code of a grant that is not fetched yet."""
        return msgspec.json.decode(self.sealer.open(grant.sealed, f"Code {name}"), type=Code)

    async def ask(self, state: str, question: Question) -> None:
        """Note what a person is asked."""
        place = _asking(state)
        sealed = self.sealer.seal(msgspec.json.encode(question), place)
        await self._bucket.create(place, sealed.encode())

    async def answered(self, state: str) -> Question | None:
        """What a person was asked, once: the note is removed; None when there is none."""
        place = _asking(state)
        found = await self._bucket.get(place)
        if found is None:
            return None
        try:
            # Of two answers to one question only one passes.
            await self._bucket.update(place, b"", found[1])
        except Conflict:
            return None
        await self._bucket.drop(place)
        if not found[0]:
            return None
        return msgspec.json.decode(self.sealer.open(found[0].decode(), place), type=Question)

    async def forget_questions(self, older_than: float) -> None:
        """Remove notes of questions that were not answered."""
        for key, body in (await self._bucket.entries("asking.")).items():
            try:
                question = msgspec.json.decode(self.sealer.open(body.decode(), key), type=Question)
            except (RunfoldError, ValueError):  # of another key, or not ours
                await self._bucket.drop(key)
                continue
            if question.asked_at < older_than:
                await self._bucket.drop(key)

    async def watch_grants(self, on_change: Callable[[str], None]) -> Callable[[], Awaitable[None]]:
        """Call `on_change(name)` when something was granted, or refused, from now on."""

        def changed(key: str, _value: bytes | None) -> None:
            kind, _, token = key.partition(".")
            if kind == "token":
                on_change(id_of_token(token))

        return await self._bucket.watch(changed)

    async def granted(self) -> builtins.list[str]:
        """The connections that something was granted to, or refused."""
        found = await self._bucket.entries("token.")
        return [id_of_token(key.partition(".")[2]) for key in found]

    async def _read(self, key: str, kind: Any) -> Any:
        found = await self._bucket.get(key)
        if found is None:
            return None
        try:
            return read_json(found[0], kind, bounds=WIRE), found[1]
        except Undecodable as error:
            message = f"what is stored under {key!r} cannot be read: {error}"
            raise Undecodable(message, code="connection.unreadable") from error


def _key(kind: str, name: str) -> str:
    return f"{kind}.{bus_token(name)}"


def _place(name: str, shown: dict[str, Any]) -> str:
    """What secrets are bound to: with other hosts, or another server, they do not open."""
    return f"connection {name} {hashlib.sha256(_in_order(shown)).hexdigest()}"


def _asking(state: str) -> str:
    return f"asking.{hashlib.sha256(state.encode()).hexdigest()}"
