"""Bodies of requests on their way in: they come within a time, or the request is given up.

A client that goes away half-way is not an error of the gateway, and one that sends a byte a minute
holds nothing for long. A connection whose request was answered before all of it had come is closed.
"""

from __future__ import annotations

import asyncio

from litestar.exceptions import HTTPException

from runfold_gateway.http.asgi import App, Header, Message, Receive, Scope, Send

AT_HAND = 0.02
"""Seconds to wait for the rest of a body that no route read; then its connection is closed."""
LINGERS = 2.0
"""Seconds for which an answered request is still taken, so that its client can read the answer."""
SLOWEST = 256 * 1024
"""Bytes that are given another second each."""
LINGERS_FOR = 64 * 1024 * 1024
"""Bytes for which it is."""
_CLOSE: Header = (b"connection", b"close")


class TooSlowBody(HTTPException):
    """The body of a request did not come in time."""

    status_code = 408


class ClientWent(HTTPException):
    """The client closed its connection before the body was complete."""

    status_code = 400


class TimedBodies:
    """ASGI middleware that limits how long a request's body may take.

    Args:
        app: What reads the bodies.
        within: Seconds.
    """

    def __init__(self, app: App, within: float) -> None:
        self._app = app
        self._within = within

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Incoming(scope["headers"], receive, self._within)
        closes = False

        async def answer(message: Message) -> None:
            nonlocal closes
            if message["type"] == "http.response.start":
                closes = not await body.finish(AT_HAND)
                if closes:
                    message["headers"] = [*message["headers"], _CLOSE]
            elif closes and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await body.finish(LINGERS)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self._app(scope, body.receive, answer)


class _Incoming:
    """The body of one request."""

    def __init__(self, headers: list[Header], receive: Receive, within: float) -> None:
        names = {name: value for name, value in headers}  # noqa: C416
        self._receive = receive
        self._within = within
        self._deadline = asyncio.get_running_loop().time() + within
        self._expects = names.get(b"expect", b"").lower() == b"100-continue"
        self._done = names.get(b"content-length", b"0") == b"0" and (
            b"transfer-encoding" not in names
        )
        self._gone = False
        self._answered = False

    async def receive(self) -> Message:
        """The next message from the client.

        Raises:
            TooSlowBody: When the time for the body is over.
            ClientWent: When the client left before its body was complete.
        """
        if self._done or self._answered:
            return await self._receive()
        return await self._next()

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            detail = (
                f"the body did not come within {self._within:g} seconds and one more for each "
                f"{SLOWEST} bytes"
            )
            raise TooSlowBody(detail) from None
        self._expects = False
        if not self._answered:
            self._deadline += len(message.get("body", b"")) / SLOWEST
        if message["type"] == "http.disconnect":
            self._gone = True
            raise ClientWent("the connection was closed before the body was complete")
        self._done = not message.get("more_body", False)
        return message

    async def finish(self, within: float) -> bool:
        """Take the rest of a body that no route read; whether that is all of it."""
        left = LINGERS_FOR
        self._answered = True
        self._deadline = asyncio.get_running_loop().time() + within
        while not (self._done or self._gone or self._expects or left <= 0):
            try:
                message = await self._next()
            except (TooSlowBody, ClientWent):
                return False
            left -= len(message.get("body", b""))
        return self._done
