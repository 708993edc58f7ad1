"""A server behind an address: HTTP for the SDK through the executor's guard.

Requests go where the guard lets them, and no answer is larger than it may be. A request that fails
is answered here with an error status, so that it fails one call and not the session of all others;
why it failed is in its `Exchange`. Imports the SDK: import it lazily.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpcore2
import httpx2
import msgspec
from mcp.client.streamable_http import streamable_http_client

from runfold.contracts.secrecy import masked
from runfold.errors import NodeFailed
from runfold_executor_http.connections import UNAUTHORIZED
from runfold_executor_http.guarded_network import GuardedNetwork
from runfold_executor_http.mcp_client import failures
from runfold_executor_http.mcp_client.authorized import Authorized
from runfold_executor_http.mcp_client.exchange import EXCHANGE, Exchange
from runfold_executor_http.mcp_client.oauth import Tokens, provider_for
from runfold_executor_http.mcp_client.servers import Target

_OK = 200
_REDIRECTS = 300
_ERROR = 400
_BAD_REQUEST = 400
_NOT_FOUND = 404
_BAD_GATEWAY = 502
_OF_HTTP = frozenset((401, 403, 429))
"""Statuses that count more than what is in the body."""
_CONNECTIONS = 512
_TAKEN_WITHIN = 5.0
"""Seconds within which a server takes a notification in."""
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))


class _Message(msgspec.Struct, frozen=True):
    """What a JSON-RPC message is about; its content is skipped."""

    id: int | str | None = None
    method: str = ""
    error: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def asks(self) -> bool:
        """Whether an answer belongs to it."""
        return bool(self.method) and self.id is not None


_read = msgspec.json.Decoder(_Message).decode
_NO_MESSAGE = _Message()


def _message(content: bytes) -> _Message | None:
    """A message as far as it is looked at; None when it is not a single one."""
    try:
        return _read(content)
    except msgspec.DecodeError:
        return None


@asynccontextmanager
async def address(
    target: Target, network: GuardedNetwork, tokens: Tokens, authorized: Authorized | None
) -> AsyncIterator[Any]:
    """The streams of a connection to the server's address; nothing is sent yet.

    Args:
        target: The server.
        network: The guard.
        tokens: Where tokens that are fetched are kept.
        authorized: Gives requests the credentials of a connection.
    """
    declared = target.declared
    # Certificates take a tenth of a second to load.
    secure = declared.url.startswith("https:")
    context = await asyncio.to_thread(httpx2.create_ssl_context) if secure else None
    client = httpx2.AsyncClient(
        transport=_Transport(target, network, context, authorized),
        headers={"user-agent": "runfold", **dict(target.headers), "accept-encoding": "identity"},
        auth=provider_for(target, tokens),
        timeout=httpx2.Timeout(None, connect=declared.connect_timeout),
        trust_env=False,
    )
    # Events are bounded with the answers that they are in.
    streams = streamable_http_client(declared.url, http_client=client, max_sse_event_size=None)
    async with client, streams as both:
        yield both


class _Network(httpcore2.AsyncNetworkBackend):
    """Opens connections to addresses that the guard lets through."""

    def __init__(self, guard: GuardedNetwork) -> None:
        self._guard = guard
        self._sockets = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first allowed address of a host that answers."""
        refused: Exception = httpcore2.ConnectError("no address")
        for one in await self._guard.passed(host, port):
            try:
                return await self._sockets.connect_tcp(
                    str(one), port, timeout, local_address, socket_options
                )
            except httpcore2.ConnectError as error:
                refused = error
        raise refused


class _Transport(httpx2.AsyncBaseTransport):
    """httpx2 over connections that the guard opens; what goes wrong becomes a response."""

    def __init__(
        self,
        target: Target,
        network: GuardedNetwork,
        context: ssl.SSLContext | None,
        authorized: Authorized | None,
    ) -> None:
        self._authorized = authorized
        self._server = target.name
        self._most = target.most
        self._within = target.declared.connect_timeout
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=50,
            keepalive_expiry=5.0,
            network_backend=_Network(network),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        exchange = EXCHANGE.get() or Exchange(self._server)
        resumes = "last-event-id" in request.headers
        try:
            response = await self._authorized_answer(request, exchange)
        except NodeFailed as error:
            exchange.fail(error, sent=False)
        except (httpcore2.TimeoutException, httpcore2.NetworkError) as error:
            failure, sent = self._unreachable(error)
            if resumes:
                exchange.unreachable(failure)
            exchange.fail(failure, sent=sent)
        except httpcore2.ProtocolError as error:
            broken = str(error).startswith(("Server disconnected", "peer "))
            reason = "the connection broke" if broken else "its answer breaks the rules of HTTP"
            exchange.fail(failures.unavailable(self._server, reason), sent=True)
        else:
            if response.status_code < _REDIRECTS:
                exchange.answered()
                if resumes:
                    exchange.resumed()
            return response
        return httpx2.Response(_BAD_GATEWAY)

    async def _authorized_answer(
        self, request: httpx2.Request, exchange: Exchange
    ) -> httpx2.Response:
        """What is answered to a request with the connection's credentials.

        A token that is refused is renewed once, and the request is sent again once: who refuses it
        has not begun with it.
        """
        if self._authorized is None:
            return await self._answer(request, exchange)
        sent: dict[str, str] = {}
        response = await self._answer(await self._authorized.given(request, sent), exchange)
        if response.status_code != UNAUTHORIZED or not sent:
            return response
        return await self._answer(await self._authorized.given(request, sent), exchange)

    async def _answer(self, request: httpx2.Request, exchange: Exchange) -> httpx2.Response:
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        extensions = dict(request.extensions)
        sent = (_message(request.content) if request.method == "POST" else None) or _NO_MESSAGE
        if sent.method.startswith("notifications/"):
            # The SDK sends nothing else meanwhile, and a server that hangs must not stop it.
            extensions["timeout"] = {**extensions.get("timeout", {}), "read": _TAKEN_WITHIN}
        received = await self._pool.handle_async_request(
            httpcore2.Request(
                method=request.method,
                url=url,
                headers=request.headers.raw,
                content=request.stream,
                extensions=extensions,
            )
        )
        if refused := _refused(received.headers):
            await received.aclose()
            exchange.fail(failures.protocol(self._server, refused), sent=True)
            return httpx2.Response(_BAD_GATEWAY)
        kind = httpx2.Headers(received.headers).get("content-type", "").lower()
        if kind.startswith("text/event-stream") and received.status < _ERROR:
            body = _Body(received, exchange, self._most, answers=request.method == "POST")
            return httpx2.Response(received.status, headers=received.headers, stream=body)
        is_json = received.status == _OK and kind.startswith("application/json")
        if sent.asks and received.status < _REDIRECTS and not is_json:
            await received.aclose()
            reason = f"it answers a request with HTTP {received.status} and {kind[:80]!r}"
            exchange.fail(failures.protocol(self._server, reason), sent=True)
            return httpx2.Response(_BAD_GATEWAY)
        return await self._whole(request, received, exchange, sent)

    async def _whole(
        self,
        request: httpx2.Request,
        received: httpcore2.Response,
        exchange: Exchange,
        sent: _Message,
    ) -> httpx2.Response:
        """A response with its body read, and what a failing status says noted."""
        content = bytearray()
        try:
            async for piece in received.aiter_stream():
                content += piece
                if len(content) > self._most:
                    failure = failures.too_large(self._server, self._most, "it answered with")
                    exchange.fail(failure, sent=True)
                    return httpx2.Response(_BAD_GATEWAY)
        finally:
            await received.aclose()
        headers = [pair for pair in received.headers if pair[0].lower() not in _FRAMING]
        response = httpx2.Response(received.status, headers=headers, content=bytes(content))
        if request.method == "POST" and received.status >= _REDIRECTS:
            self._note(request, response, exchange)
        elif sent.asks and _is_other(sent, response.content):
            # Nothing else will come, and the SDK would wait for it.
            said = masked(response.text)
            reason = f"it answers another request than the one that it was sent: {said}"
            exchange.fail(failures.protocol(self._server, reason[: failures.SHOWN]), sent=True)
            return httpx2.Response(_BAD_GATEWAY)
        return response

    def _note(self, request: httpx2.Request, response: httpx2.Response, exchange: Exchange) -> None:
        """Note what a failing status says, unless its body says it in JSON-RPC."""
        status = response.status_code
        if "mcp-session-id" in request.headers and (
            status == _NOT_FOUND or (status == _BAD_REQUEST and _names_session(response.content))
        ):
            exchange.session_is_gone = True
        kind = response.headers.get("content-type", "").lower()
        speaks = kind.startswith("application/json") and b'"jsonrpc"' in response.content
        if status in _OF_HTTP or not speaks:
            after = response.headers.get("retry-after", "")
            seconds = float(after) if after.isdecimal() else None
            name = self._authorized.name if self._authorized else ""
            exchange.fail(failures.status(self._server, status, seconds, name), sent=True)

    def _unreachable(self, error: Exception) -> tuple[NodeFailed, bool]:
        """The failure that an exception stands for, and whether the request was sent."""
        cause = error.__context__
        match error:
            case httpcore2.ConnectTimeout():
                reason = f"no connection within {self._within:g} s"
            case httpcore2.ConnectError() if isinstance(cause, ssl.SSLCertVerificationError):
                reason = f"the TLS handshake failed: {cause.verify_message}"
            case httpcore2.ConnectError() if isinstance(cause, ssl.SSLError):
                reason = f"the TLS handshake failed: {cause.reason}"
            case httpcore2.ConnectError():
                reason = "connection refused or host unreachable; check that it is up"
            case _:
                return failures.unavailable(self._server, "the connection broke"), True
        return failures.unavailable(self._server, reason), False

    async def aclose(self) -> None:
        await self._pool.aclose()


class _TooLarge(Exception):
    """An answer over the limit."""


class _Body(httpx2.AsyncByteStream):
    """The bytes of an answer in events: so many and no more. Says when they break off."""

    def __init__(
        self, response: httpcore2.Response, exchange: Exchange, most: int, *, answers: bool
    ) -> None:
        self._response = response
        self._exchange = exchange
        self._most = most
        self._answers = answers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for piece in self._response.aiter_stream():
                size += len(piece)
                self._check(size)
                yield piece
        except (httpcore2.ProtocolError, httpcore2.NetworkError):
            if self._answers:
                self._exchange.broke_off()
            raise

    def _check(self, size: int) -> None:
        if size > self._most:
            server = self._exchange.server
            self._exchange.unreachable(failures.too_large(server, self._most, "it answered with"))
            raise _TooLarge

    async def aclose(self) -> None:
        await self._response.aclose()


def _is_other(sent: _Message, content: bytes) -> bool:
    """Whether an answer is to another request; a number may come back as text."""
    answer = _message(content)
    return answer is not None and str(answer.id) != str(sent.id)


def _names_session(content: bytes) -> bool:
    """Whether an answer to no request in particular is about the session.

    Servers made with the TypeScript SDK's examples say so of one that they do not know.
    """
    message = _message(content)
    return message is not None and message.id is None and b"session" in bytes(message.error).lower()


def _refused(headers: list[tuple[bytes, bytes]]) -> str:
    """Why a response is not read, by its headers; empty when it is."""
    names = {name.lower(): value for name, value in headers}
    if names.keys() >= _FRAMING:
        return "its answer has Content-Length and Transfer-Encoding, which contradict each other"
    if names.get(b"content-encoding", b"identity").lower() not in {b"", b"identity"}:
        return "its answer is compressed, although that was not offered"
    return ""
