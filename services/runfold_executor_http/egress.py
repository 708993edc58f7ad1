"""Sends every HTTP request of a workflow, and follows redirects one by one.

Connections are opened by `guarded_network`. The only module that knows httpx. Proxies from the
environment are not used, since they would resolve the hosts.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import httpcore
import httpx

from runfold.errors import NodeFailed
from runfold.settings import HTTPSettings
from runfold.values.urls import shown_url, with_params
from runfold_executor_http import failures
from runfold_executor_http.addresses import Policy
from runfold_executor_http.calls import Call
from runfold_executor_http.decoding import ACCEPTED, decoder_for
from runfold_executor_http.guarded_network import GuardedNetwork, Resolve, system_resolve
from runfold_executor_http.replies import Reply, headers_of
from runfold_executor_http.sending import Sending

_REDIRECTS = (301, 302, 303, 307, 308)
_SEE_OTHER = 303
_BECOME_GET = (("POST", 301), ("POST", 302))
"""As browsers do."""
_CARRIED = frozenset(("accept", "accept-encoding", "accept-language", "content-type", "user-agent"))
"""Headers that a redirect to another origin keeps: any other may hold a secret."""
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))
_CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=50)


class Egress:
    """Makes requests under the settings' rules; holds the connection pools.

    Args:
        settings: What may be reached, and the limits.
        resolve: Another resolver than the system's.
    """

    def __init__(self, settings: HTTPSettings, resolve: Resolve | None = None) -> None:
        self._settings = settings
        self._network = GuardedNetwork(Policy(settings), resolve or system_resolve)
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def send(self, call: Call) -> Reply:
        """Make a request and read the answer. A failing status is an answer, too.

        Raises:
            NodeFailed: No answer, or half of one; the code says why.
        """
        shown = shown_url(call.url)
        what = f"{call.method} {shown}"
        try:
            async with asyncio.timeout(call.timeout):
                return await self._follow(call, what)
        except TimeoutError as error:
            message = f"{what} took longer than {call.timeout:g} s"
            raise failures.timed_out(message, shown) from error
        except (httpx.InvalidURL, UnicodeError, httpcore.LocalProtocolError) as error:
            # The texts of these repeat what they complain about, which may be secret.
            message = f"{what} cannot be sent: its URL is malformed"
            raise failures.failed(message, "http.invalid", shown, kind="input") from error
        except failures.RAISED as error:
            raise failures.classified(error, what, shown) from error

    async def _follow(self, call: Call, what: str) -> Reply:
        client = self._client(verify=call.verify)
        request = self._built(client, call)
        cookies: tuple[str, ...] = ()
        for _ in range(self._settings.max_redirects + 1):
            _check_url(request.url)
            response = await client.send(request, stream=True)
            try:
                cookies += headers_of(response.headers.raw)[1]
                moved = response.status_code in _REDIRECTS and "location" in response.headers
                if not (moved and call.follow_redirects):
                    body, broken = await self._read(response, call, what)
                    return Reply(
                        status=response.status_code,
                        headers=headers_of(response.headers.raw)[0],
                        body=body,
                        url=shown_url(str(response.url)),
                        charset=response.charset_encoding or "",
                        cookies=cookies,
                        broken=broken,
                    )
                request = _next(request, response, call)
            finally:
                await response.aclose()
        message = f"{what} was redirected more than {self._settings.max_redirects} times"
        raise failures.failed(message, "http.redirects", shown_url(call.url), kind="output")

    def _client(self, *, verify: bool) -> httpx.AsyncClient:
        if verify not in self._clients:
            no_cookies = http.cookiejar.CookieJar(
                http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
            )
            self._clients[verify] = httpx.AsyncClient(
                transport=_Transport(self._network, verify=verify),
                cookies=no_cookies,  # a jar would carry one run's session into another's
                trust_env=False,
                headers={"user-agent": "runfold", "accept-encoding": ACCEPTED},
            )
        return self._clients[verify]

    @staticmethod
    def _built(client: httpx.AsyncClient, call: Call) -> httpx.Request:
        timeout = httpx.Timeout(call.timeout, connect=min(call.connect_timeout, call.timeout))
        url = httpx.URL(with_params(call.url, call.params))
        headers, content = _framed(call.headers, call.content, call.sending)
        return client.build_request(
            call.method, url, headers=headers, content=content, timeout=timeout
        )

    async def _read(
        self, response: httpx.Response, call: Call, what: str
    ) -> tuple[bytes, NodeFailed | None]:
        """The body, and why it is not whole."""
        limit = self._settings.max_response_bytes
        if call.max_bytes is not None:
            limit = min(limit, call.max_bytes)
        body = bytearray()
        broken = None
        try:
            async for piece in _decoded(response):
                body += piece
                if len(body) > limit:
                    raise failures.too_large(what, shown_url(str(response.url)), limit)
        except NodeFailed as error:
            if error.code != "http.encoding":
                raise
            error.message = f"{what}: {error.message}"
            broken = error
        return bytes(body), broken


class _Transport(httpx.AsyncBaseTransport):
    """httpx over a connection pool whose sockets are opened by the guard."""

    def __init__(self, network: GuardedNetwork, *, verify: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=verify),
            max_connections=_CONNECTIONS.max_connections,
            max_keepalive_connections=_CONNECTIONS.max_keepalive_connections,
            keepalive_expiry=_CONNECTIONS.keepalive_expiry,
            network_backend=network,
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
        if {name.lower() for name, _ in response.headers} >= _FRAMING:
            # What one proxy takes for the end of the answer is its beginning for another.
            await response.aclose()
            message = "it has Content-Length and Transfer-Encoding, which contradict each other"
            raise failures.Malformed(message)
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


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body in pieces, decompressed. Raises `NodeFailed` when that cannot be done to its end."""
    decoder = decoder_for(response.headers.get("content-encoding", ""))
    async for received in response.aiter_raw():
        for piece in decoder.feed(received):
            yield piece
    decoder.end()


def _check_url(url: httpx.URL) -> None:
    if url.scheme not in {"http", "https"} or not url.host:
        shown = shown_url(str(url))
        message = f"{shown!r} is not a URL with http:// or https:// and a host"
        raise failures.failed(message, "http.invalid", shown, kind="input")


def _framed(
    headers: dict[str, str], content: bytes | None, sending: Sending | None
) -> tuple[dict[str, str], bytes | AsyncIterator[bytes] | None]:
    """Headers and body: one that is streamed says how long it is."""
    if sending is None:
        return headers, content
    return {**headers, "content-length": str(sending.size)}, sending.pieces()


def _next(request: httpx.Request, response: httpx.Response, call: Call) -> httpx.Request:
    """The request a redirect asks for, without what the new origin must not see."""
    url = request.url.join(response.headers["location"])
    method, content, sending = request.method, call.content or b"", call.sending
    if request.headers.get("content-length", "0") == "0":
        content, sending = b"", None  # there is none, or an earlier redirect has dropped it
    if (method, response.status_code) in _BECOME_GET or (
        response.status_code == _SEE_OTHER and method != "HEAD"
    ):
        method, content, sending = "GET", b"", None
    same = _origin(url) == _origin(request.url)
    dropped = {"host", "content-length", "transfer-encoding"}
    if not content and sending is None:
        dropped.add("content-type")
    kept = {
        name: value
        for name, value in request.headers.items()
        if name not in dropped and (same or name in _CARRIED)
    }
    headers, body = _framed(kept, content or None, sending)
    return httpx.Request(method, url, headers=headers, content=body, extensions=request.extensions)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    standard = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, url.port or standard
