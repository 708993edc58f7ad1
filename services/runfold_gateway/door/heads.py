"""Heads of requests come within a time, too: the server itself only limits idle connections.

Built on uvicorn's protocol class, since nothing above it sees a request before its head is whole.
"""

from __future__ import annotations

import asyncio

from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol

from runfold_gateway.problems import problem_bytes

NOT_HTTP = "this is not a request of HTTP/1.1: its first line, a header or its framing is wrong"
HEAD_WITHIN = 15.0
"""Seconds from the connection, or from the answer before, until the head of a request is whole."""


class TimedHeads(H11Protocol):
    """Uvicorn's HTTP connection, which closes when no head of a request comes."""

    _deadline: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answering():
            self._forget_head()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        # What came meanwhile may be the next request already.
        if not self._is_answering():
            self._expect_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    @override
    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP with a problem, as everything else that is refused."""
        if not self._is_answering():
            media_type, body = problem_bytes(400, "http.400", NOT_HTTP)
            head = (
                b"HTTP/1.1 400 Bad Request\r\ncontent-type: %b\r\ncontent-length: %d\r\n"
                b"x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head % (media_type, len(body)) + body)
        # While another request is answered, this would stand in the middle of its answer.
        self.transport.close()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_WITHIN, self._close)

    def _forget_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        self._deadline = None
        if not self._is_answering():
            self.transport.close()
