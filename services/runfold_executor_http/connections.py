"""Connections at work: a request is given the credentials of the connection that its node names."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from runfold.connections.credentials import (
    ApiKey,
    AuthorizationCode,
    Basic,
    Bearer,
    ClientCredentials,
    Credentials,
    OAuth,
    may_go_to,
)
from runfold.connections.store import ConnectionStore, Stored
from runfold.contracts.secrecy import remember
from runfold.errors import ConfigurationError, NodeFailed, NotFound, RunfoldError, Undecodable
from runfold.openapi.security import Scheme, SchemeType, shown
from runfold.values.urls import shown_url, with_params
from runfold_executor_http.calls import Call, checked_headers
from runfold_executor_http.egress import Egress
from runfold_executor_http.grants import Grants
from runfold_executor_http.replies import Reply
from runfold_executor_http.tokens import Tokens

UNAUTHORIZED = 401
"""The status after which a token is renewed, once."""
_SCHEMES: dict[type, tuple[SchemeType, ...]] = {
    ApiKey: ("api_key",),
    Basic: ("basic",),
    Bearer: ("bearer", "oauth2"),
    ClientCredentials: ("oauth2", "bearer"),
    AuthorizationCode: ("oauth2", "bearer"),
}
"""The security schemes that each sort of credentials can be."""


class Use(msgspec.Struct, frozen=True):
    """A connection, and what a document says of the key it stands for."""

    name: str
    schemes: tuple[Scheme, ...] = ()
    """The security schemes of a document of which it is to be one; none: any sort will do."""

    def scheme_for(self, credentials: Credentials) -> Scheme | None:
        """The first scheme that credentials are of."""
        wanted = _SCHEMES[type(credentials)]
        return next((one for one in self.schemes if one.type in wanted), None)


class Opened(msgspec.Struct, frozen=True):
    """A connection that may be sent to a place, with its credentials: never shown."""

    use: Use
    stored: Stored
    credentials: Credentials

    @property
    def name(self) -> str:
        """The connection's."""
        return self.stored.name


class Connections:
    """Gives requests their credentials and sends them.

    Args:
        store: Where connections are.
        egress: The way out, for requests and for tokens.
    """

    def __init__(self, store: ConnectionStore, egress: Egress) -> None:
        self._store = store
        self._egress = egress
        self._tokens = Tokens(egress)
        self.grants = Grants(store, egress)

    async def send(self, call: Call, uses: tuple[Use, ...]) -> Reply:
        """Send a request with the credentials of some connections.

        A token that is refused is renewed once, and the request is sent again once.

        Raises:
            NodeFailed: A connection is not there, may not be sent there, or gives no token; or what
                `Egress.send` raises.
        """
        opened = [await self.opened(use, call.url) for use in uses]
        sent: dict[str, str] = {}
        reply = await self._egress.send(await self.given(call, opened, sent))
        if reply.status != UNAUTHORIZED or not sent:
            return reply
        return await self._egress.send(await self.given(call, opened, sent))

    async def opened(self, use: Use, url: str) -> Opened:
        """A connection as it is now, which may be sent to a URL.

        Raises:
            NodeFailed: It is not there, cannot be read, or may not be sent there.
        """
        name = use.name
        try:
            stored = await self._store.get(name)
            credentials = self._store.opened(stored)
        except (NotFound, Undecodable, ConfigurationError) as error:
            raise unusable(name, error) from error
        if not may_go_to(credentials, url):
            message = (
                f"connection {name!r} may not be sent to {shown_url(url)}: its `hosts` are "
                f"{', '.join(credentials.hosts)}; hosts without a scheme are for https alone"
            )
            details = {"connection": name, "url": shown_url(url)}
            raise NodeFailed(message, code="connection.host", kind="input", details=details)
        own = isinstance(credentials, ApiKey) and credentials.name
        if use.schemes and not own and use.scheme_for(credentials) is None:
            wanted = shown(tuple((one,) for one in use.schemes))
            message = (
                f"connection {name!r} has credentials of type {stored.type}, and the operation "
                f"wants {wanted}"
            )
            details = {"connection": name, "wanted": wanted}
            raise NodeFailed(message, code="connection.unfit", kind="input", details=details)
        return Opened(use, stored, credentials)

    async def given(self, call: Call, opened: Sequence[Opened], sent: dict[str, str]) -> Call:
        """The request with all credentials.

        Args:
            call: The request.
            opened: The credentials.
            sent: Connection → the token that was sent before and refused, and then the one that is
                sent now: another.

        Raises:
            NodeFailed: A connection gives no token, or there is a header of that name already.
        """
        for one in opened:
            stored, credentials = one.stored, one.credentials
            if isinstance(credentials, ClientCredentials | AuthorizationCode):
                token = await self._token(stored, credentials, sent.get(stored.name, ""))
                sent[stored.name] = token
                call = _with_header(call, "authorization", f"Bearer {token}")
            else:
                call = self._put_on(call, one.use, credentials)
        return call

    def _put_on(self, call: Call, use: Use, credentials: ApiKey | Basic | Bearer) -> Call:
        match credentials:
            case ApiKey(value=value):
                remember(value)
                scheme = use.scheme_for(credentials)
                if credentials.name or scheme is None:
                    name = credentials.name or "X-API-Key"
                    return _with_key(call, name, value, credentials.place)
                return _with_key(call, scheme.name, value, scheme.place)
            case Basic(username=username, password=password):
                for secret in (username, password):
                    remember(secret)
                pair = base64.b64encode(f"{username}:{password}".encode()).decode()
                remember(pair)
                return _with_header(call, "authorization", f"Basic {pair}")
            case Bearer(token=token):
                remember(token)
                return _with_header(call, "authorization", f"Bearer {token}")

    async def _token(self, stored: Stored, client: OAuth, refused: str) -> str:
        remember(client.client_secret)
        if isinstance(client, ClientCredentials):
            token = await self._tokens.get(stored, client, refused)
        else:
            token = await self.grants.get(stored, client, refused)
        remember(token)
        return token


def _with_key(call: Call, name: str, value: str, place: str) -> Call:
    match place:
        case "query":
            return msgspec.structs.replace(call, url=with_params(call.url, [(name, value)]))
        case "cookie":
            present = next((one for at, one in call.headers.items() if at.lower() == "cookie"), "")
            cookie = f"{quote(name, safe='')}={quote(value, safe='')}"
            rest = {at: one for at, one in call.headers.items() if at.lower() != "cookie"}
            whole = "; ".join(filter(None, (present, cookie)))
            return msgspec.structs.replace(call, headers={**rest, "cookie": whole})
        case _:
            return _with_header(call, name, value)


def _with_header(call: Call, name: str, value: str) -> Call:
    headers = checked_headers([*call.headers.items(), (name, value)])
    return msgspec.structs.replace(call, headers=headers)


def unusable(name: str, error: RunfoldError) -> NodeFailed:
    """The failure when a connection cannot be read."""
    message = error.message
    if not isinstance(error, NotFound):
        message = f"connection {name!r}: {message}"
    return NodeFailed(message, code=error.code, kind="input", details={"connection": name})
