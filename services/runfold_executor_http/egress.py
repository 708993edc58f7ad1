"""The one door to the outside: every request of a workflow leaves through here.

A host is resolved once, its addresses are judged (`addresses`), and the connection is made to an
address that passed, so that a second look-up cannot answer otherwise. Redirects are followed one
by one through the same door. The only module that knows httpx and httpcore; what they raise
becomes a failure here. Proxies from the environment are not used: they would do the resolving.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx
import msgspec

from runfold.errors import NodeFailed
from runfold.settings import HTTPSettings
from runfold_executor_http.addresses import Address, Policy, parsed
from runfold_executor_http.decoding import ACCEPTED, decoder_for

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to addresses, as text."""

_REDIRECTS = (301, 302, 303, 307, 308)
_SEE_OTHER = 303
_BECOME_GET = (("POST", 301), ("POST", 302))
"""As browsers do."""
_CARRIED = frozenset(("accept", "accept-encoding", "accept-language", "content-type", "user-agent"))
"""Headers that a redirect to another origin keeps: any other may hold a secret."""
_CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=50)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to make."""

    method: str
    url: str
    params: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    content: bytes | None = None
    timeout: float = 30.0
    """Seconds for everything, redirects included."""
    connect_timeout: float = 10.0
    verify: bool = True
    follow_redirects: bool = True
    max_bytes: int | None = None
    """Below the settings' limit, which always holds."""


class Reply(msgspec.Struct, frozen=True):
    """What came back, whole and decompressed."""

    status: int
    headers: dict[str, str]
    """Names in lower case; repeated ones joined by commas."""
    body: bytes
    url: str
    """Where it came from in the end, without user, password and query."""
    charset: str | None = None


class Egress:
    """Makes requests under the settings' rules; holds the connection pools.

    Args:
        settings: What may be reached, and the limits.
        resolve: Another resolver than the system's.
    """

    def __init__(self, settings: HTTPSettings, resolve: Resolve | None = None) -> None:
        self._settings = settings
        self._policy = Policy(settings)
        self._resolve = resolve or _system_resolve
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def send(self, call: Call) -> Reply:
        """Make a request and read the answer, whatever its status.

        Raises:
            NodeFailed: When there is none; the code says why, see the guide on http nodes.
        """
        shown = shown_url(call.url)
        try:
            async with asyncio.timeout(call.timeout):
                return await self._follow(call)
        except TimeoutError as error:
            message = f"{call.method} {shown} took longer than {call.timeout:g} s"
            raise _failed(message, "http.timeout", shown, kind="timeout", retryable=True) from error
        except (httpx.InvalidURL, UnicodeError, httpcore.LocalProtocolError) as error:
            # The texts of these repeat what they complain about, which may be a secret header.
            message = f"{call.method} {shown} cannot be sent: its URL or a header is malformed"
            raise _failed(message, "http.invalid", shown, kind="input") from error
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _classified(error, call, shown) from error

    async def _follow(self, call: Call) -> Reply:
        client = self._client(verify=call.verify)
        request = self._built(client, call)
        for _ in range(self._settings.max_redirects + 1):
            _check_url(request.url)
            response = await client.send(request, stream=True)
            try:
                moved = response.status_code in _REDIRECTS and "location" in response.headers
                if not (moved and call.follow_redirects):
                    return await self._read(response, call)
                request = _next(request, response)
            finally:
                await response.aclose()
        shown = shown_url(call.url)
        message = (
            f"{call.method} {shown} was redirected more than {self._settings.max_redirects} times"
        )
        raise _failed(message, "http.redirects", shown, kind="output")

    def _client(self, *, verify: bool) -> httpx.AsyncClient:
        if verify not in self._clients:
            no_cookies = http.cookiejar.CookieJar(
                http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
            )
            self._clients[verify] = httpx.AsyncClient(
                transport=_Transport(_Door(self._policy, self._resolve), verify=verify),
                cookies=no_cookies,  # a jar would carry one run's session into another's
                trust_env=False,
                headers={"user-agent": "runfold", "accept-encoding": ACCEPTED},
            )
        return self._clients[verify]

    @staticmethod
    def _built(client: httpx.AsyncClient, call: Call) -> httpx.Request:
        timeout = httpx.Timeout(call.timeout, connect=min(call.connect_timeout, call.timeout))
        url = httpx.URL(call.url)
        if call.params:
            url = url.copy_merge_params(httpx.QueryParams(tuple(call.params)))
        return client.build_request(
            call.method, url, headers=call.headers, content=call.content, timeout=timeout
        )

    async def _read(self, response: httpx.Response, call: Call) -> Reply:
        limit = self._settings.max_response_bytes
        if call.max_bytes is not None:
            limit = min(limit, call.max_bytes)
        decoder = decoder_for(response.headers.get("content-encoding", ""))
        body = bytearray()
        async for received in response.aiter_raw():
            for piece in decoder.feed(received):
                body += piece
                if len(body) > limit:
                    raise _too_large(call, response, limit)
        return Reply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(body),
            url=shown_url(str(response.url)),
            charset=response.charset_encoding,
        )


class _Transport(httpx.AsyncBaseTransport):
    """httpx over a connection pool whose sockets are opened by the guard."""

    def __init__(self, door: _Door, *, verify: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify, trust_env=False),
            max_connections=_CONNECTIONS.max_connections,
            max_keepalive_connections=_CONNECTIONS.max_keepalive_connections,
            keepalive_expiry=_CONNECTIONS.keepalive_expiry,
            network_backend=door,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=url,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()


class _Body(httpx.AsyncByteStream):
    """A response's bytes as they come from the pool."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._response.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


class _Unreachable(httpcore.ConnectError):
    """No connection at all; any other `ConnectError` comes from the TLS handshake."""


class _Door(httpcore.AsyncNetworkBackend):
    """Opens connections, only to addresses that the policy lets through."""

    def __init__(self, policy: Policy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._passed(host, port)
        refused = _Unreachable("no address")
        for address in addresses:
            try:
                return await self._sockets.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                refused = _Unreachable(str(error))
        raise refused

    async def _passed(self, host: str, port: int) -> list[Address]:
        """The addresses of a host that may be connected to, in the resolver's order."""
        found = [one for text in await self._looked_up(host, port) if (one := parsed(text))]
        if self._policy.trusts(host):
            return found
        verdicts = {address: self._policy.judge(address) for address in found}
        passed = [address for address, verdict in verdicts.items() if verdict.allowed]
        if not passed and verdicts:
            address, verdict = next(iter(verdicts.items()))
            raise _blocked(host, address, verdict.why)
        return passed

    async def _looked_up(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (socket.gaierror, UnicodeError) as error:
            later = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise _no_address(host, retryable=later) from error
        if not found:
            raise _no_address(host, retryable=False)
        return found


async def _system_resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def shown_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, query and fragment."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return url.partition("?")[0].rpartition("@")[2]
    port = f":{parts.port}" if parts.port is not None else ""
    host = f"[{parts.host}]" if ":" in parts.host else parts.host
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _check_url(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"} or not url.host:
        shown = shown_url(str(url))
        message = f"{shown!r} is not a URL with http:// or https:// and a host"
        raise _failed(message, "http.invalid", shown, kind="input")


def _next(request: httpx.Request, response: httpx.Response) -> httpx.Request:
    """The request a redirect asks for, without what the new origin must not see."""
    url = request.url.join(response.headers["location"])
    method, content = request.method, request.content
    if (method, response.status_code) in _BECOME_GET or (
        response.status_code == _SEE_OTHER and method != "HEAD"
    ):
        method, content = "GET", b""
    same = _origin(url) == _origin(request.url)
    dropped = {"host", "content-length", "transfer-encoding"}
    if not content:
        dropped.add("content-type")
    headers = [
        (name, value)
        for name, value in request.headers.items()
        if name not in dropped and (same or name in _CARRIED)
    ]
    return httpx.Request(
        method, url, headers=headers, content=content or None, extensions=request.extensions
    )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    standard = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, url.port or standard


def _classified(error: Exception, call: Call, shown: str) -> NodeFailed:
    """The failure that an exception of httpcore stands for."""
    what = f"{call.method} {shown}"
    match error:
        case httpcore.ConnectTimeout():
            message = f"{what}: no connection within {min(call.connect_timeout, call.timeout):g} s"
            return _failed(message, "http.timeout", shown, kind="timeout", retryable=True)
        case httpcore.TimeoutException():
            message = f"{what} took longer than {call.timeout:g} s"
            return _failed(message, "http.timeout", shown, kind="timeout", retryable=True)
        case _Unreachable():
            message = f"{what}: connection refused or host unreachable; check that it is up"
            return _failed(message, "http.connect", shown, kind="network", retryable=True)
        case httpcore.ConnectError():
            return _no_tls(error, what, shown)
        case _:
            message = f"{what}: the connection broke before the answer was complete"
            return _failed(message, "http.broken_off", shown, kind="network", retryable=True)


def _no_tls(error: httpcore.ConnectError, what: str, shown: str) -> NodeFailed:
    cause = error.__context__  # not its cause: the pool raises it again "from None"
    reason = "the server closed the connection; does it speak https?"
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = cause.verify_message
    elif isinstance(cause, ssl.SSLError):
        reason = cause.reason or "no reason given"
    message = f"{what}: the TLS handshake failed: {reason}"
    retryable = not isinstance(cause, ssl.SSLError)
    return _failed(message, "http.tls", shown, kind="network", retryable=retryable)


def _blocked(host: str, address: Address, why: str) -> NodeFailed:
    loopback = " (or RUNFOLD_HTTP__ALLOW_LOOPBACK=1)" if why == "loopback" else ""
    message = (
        f"{host} has the address {address}, which is {why} and closed to workflows: to open it, "
        f'add it to RUNFOLD_HTTP__ALLOW_HOSTS=["{host}"]{loopback} of the http executor'
    )
    details = {"host": host, "address": str(address), "why": why}
    return NodeFailed(message, code="http.blocked", kind="input", details=details)


def _no_address(host: str, *, retryable: bool) -> NodeFailed:
    message = f"host {host!r} has no address: check the URL's spelling and the DNS"
    return NodeFailed(
        message, code="http.dns", kind="network", retryable=retryable, details={"host": host}
    )


def _too_large(call: Call, response: httpx.Response, limit: int) -> NodeFailed:
    shown = shown_url(str(response.url))
    message = (
        f"the response of {call.method} {shown} is larger than {limit} bytes; "
        "the limit is RUNFOLD_HTTP__MAX_RESPONSE_BYTES"
    )
    details = {"url": shown, "limit": limit, "status": response.status_code}
    return NodeFailed(message, code="http.too_large", kind="limit", details=details)


def _failed(
    message: str, code: str, shown: str, *, kind: Any, retryable: bool = False
) -> NodeFailed:
    return NodeFailed(message, code=code, kind=kind, retryable=retryable, details={"url": shown})
