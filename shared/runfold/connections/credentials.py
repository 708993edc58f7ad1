"""The credentials that a connection can have, and which of their fields are secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from runfold.errors import InvalidRequest
from runfold.graph.kinds.http_request import header_problems

Text = Annotated[str, msgspec.Meta(max_length=16_384)]
ClientAuth = Literal["client_secret_basic", "client_secret_post"]

_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?|\[[0-9a-f:]+\](:\d{1,5})?")
_PORTS = {"https": 443, "http": 80}
ANY = "*"


class _Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hosts: list[str]
    """Where they may be sent, by https: `api.example.com`, `*.example.com`, or `*` for any host. A
    host with its scheme before it, and a port, may be one of plain HTTP."""


class ApiKey(_Credentials, frozen=True, kw_only=True, tag="api_key"):
    """A key in a header, in the query or in a cookie."""

    value: Text
    """The key."""
    name: str = ""
    """Of the header, query parameter or cookie; empty: as an OpenAPI document says, else
    `X-API-Key`."""
    place: Literal["header", "query", "cookie"] = msgspec.field(default="header", name="in")
    """Where it is sent."""


class Basic(_Credentials, frozen=True, kw_only=True, tag="basic"):
    """User and password."""

    username: Text
    """The user."""
    password: Text = ""
    """The password."""


class Bearer(_Credentials, frozen=True, kw_only=True, tag="bearer"):
    """`Authorization: Bearer …`."""

    token: Text
    """The token."""


class ClientCredentials(_Credentials, frozen=True, kw_only=True, tag="oauth2_client_credentials"):
    """OAuth2: this program is itself the one who is allowed."""

    token_url: str
    """The authorization server's token endpoint."""
    client_id: Text
    """The client."""
    client_secret: Text
    """Its secret."""
    scope: str = ""
    """Scopes, with spaces between; empty: the server's default."""
    audience: str = ""
    """Sent as `audience`, which some servers want."""
    resource: str = ""
    """Sent as `resource` (RFC 8707), which those of MCP servers want: the URL of that server."""
    client_auth: ClientAuth = "client_secret_basic"
    """How the client says who it is at the token endpoint."""


class AuthorizationCode(_Credentials, frozen=True, kw_only=True, tag="oauth2_authorization_code"):
    """OAuth2: a person has allowed it in a browser; renewed with the refresh token."""

    authorization_url: str
    """The authorization server's page where the person is asked."""
    token_url: str
    """Its token endpoint."""
    client_id: Text
    """The client."""
    client_secret: Text = ""
    """Its secret; empty for a public client."""
    scope: str = ""
    """Scopes, with spaces between."""
    audience: str = ""
    """Sent as `audience`, which some servers want."""
    resource: str = ""
    """Sent as `resource` (RFC 8707), which those of MCP servers want: the URL of that server."""
    client_auth: ClientAuth = "client_secret_basic"
    """How the client says who it is at the token endpoint."""
    authorization_params: dict[str, str] = {}
    """Further parameters of the page, such as `access_type: offline`."""


Credentials = ApiKey | Basic | Bearer | ClientCredentials | AuthorizationCode
OAuth = ClientCredentials | AuthorizationCode

SECRET = {
    ApiKey: ("value",),
    Basic: ("username", "password"),
    Bearer: ("token",),
    ClientCredentials: ("client_secret",),
    AuthorizationCode: ("client_secret",),
}
"""Fields that are never read back."""
_MAY_BE_EMPTY: dict[type, tuple[str, ...]] = {
    Basic: ("password",),
    AuthorizationCode: ("client_secret",),
}


def read_credentials(value: Any) -> Credentials:
    """Credentials as a client sends them.

    Raises:
        InvalidRequest: `connection.invalid`; the message shows no value.
    """
    try:
        found: Credentials = msgspec.convert(value, Credentials)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None  # the cause may have values in it
    for problem in _problems(found):
        raise _invalid(problem)
    return found


def type_of(credentials: Credentials) -> str:
    """What a client calls this sort of credentials."""
    return str(credentials.__struct_config__.tag)


def split(credentials: Credentials) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be read, and what is secret."""
    everything = msgspec.to_builtins(credentials)
    secret = SECRET[type(credentials)]
    shown = {name: value for name, value in everything.items() if name not in secret}
    return shown, {name: everything[name] for name in secret}


def joined(shown: dict[str, Any], secret: dict[str, str]) -> Credentials:
    """The credentials that were split. Raises `msgspec.ValidationError` when they do not fit."""
    found: Credentials = msgspec.convert({**shown, **secret}, Credentials)
    return found


def may_go_to(credentials: Credentials, url: str) -> bool:
    """Whether credentials may be sent to a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return False
    host = (parts.hostname or "").lower().rstrip(".")
    return any(_matches(entry, parts.scheme, host, port) for entry in credentials.hosts)


def _matches(entry: str, scheme: str, host: str, port: int | None) -> bool:
    wanted, mark, rest = entry.lower().rpartition("://")
    if scheme != (wanted if mark else "https") or not host:
        return False
    if rest == ANY:
        return True
    parts = urlsplit(f"//{rest}")
    name, own = parts.hostname or "", parts.port
    if port != (own or _PORTS.get(scheme)):
        return False
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def _problems(one: Credentials) -> Iterator[str]:
    yield from _host_problems(one.hosts)
    for name in SECRET[type(one)]:
        value = getattr(one, name)
        if not value and name not in _MAY_BE_EMPTY.get(type(one), ()):
            yield f"`{name}` is empty"
        if value != value.strip() or any(one < " " or one == "\x7f" for one in value):
            yield f"`{name}` has white space around it, or a control character inside"
    match one:
        case ApiKey(name=name) if name:
            yield from (f"`name`: {why}" for why in header_problems([name]))
            if one.place == "header" and not one.value.isascii():
                yield "`value` has characters outside ASCII, which no header has"
        case Basic(username=username) if ":" in username:
            yield "`username` has a colon, after which the password begins"
        case Bearer(token=token) if not token.isascii():
            yield "`token` has characters outside ASCII"
        case ClientCredentials():
            yield from _url_problems(one.token_url, "token_url")
        case AuthorizationCode():
            yield from _url_problems(one.token_url, "token_url")
            yield from _url_problems(one.authorization_url, "authorization_url")
        case _:
            pass


def _host_problems(hosts: list[str]) -> Iterator[str]:
    if not hosts:
        yield "`hosts` names where the credentials may be sent: at least one"
    for entry in hosts:
        scheme, mark, rest = entry.lower().rpartition("://")
        if (mark and scheme not in _PORTS) or not (rest == ANY or _HOST.fullmatch(rest)):
            yield f"`hosts`: {entry[:100]!r} is not a host, '*.suffix' or origin without a path"


def _url_problems(url: str, field: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in _PORTS and bool(parts.hostname)
        fits = fits and not parts.username and not parts.fragment
    except ValueError:
        fits = False
    if not fits:
        yield f"`{field}` is not a URL with https:// and a host"


def _invalid(reason: str) -> InvalidRequest:
    return InvalidRequest(f"the connection cannot be stored: {reason}", code="connection.invalid")
