"""The HTTP connection a request came over, for bodies that are the same for many of them.

ASGI wants each connection's own task to hand over each piece of its body. With hundreds of viewers
of one run that is most of the work; here the piece that all of them get is written to each at once.
What this takes for granted of uvicorn is in ADR 22, and tested on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from typing_extensions import override

from runfold_gateway.door.heads import TimedHeads

EXTENSION = "runfold.connection"
"""Of the ASGI scope: the connection that the request came over."""
CHUNKED = "1.1"
"""The HTTP version whose bodies of unknown length come in chunks."""


class Connection(TimedHeads):
    """The server's own, which can also be written to from outside its requests."""

    on_stop: Callable[[], None] | None = None
    """Called when it should not be written to for now: its peer lags, or is gone."""
    writable = True
    lost = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        served = self.app

        async def known(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[EXTENSION] = self
            await served(scope, receive, send)

        self.app = known

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._stop()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self.writable = True

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._stop()
        super().connection_lost(exc)

    def write_chunk(self, chunk: bytes) -> None:
        """Write a chunk of the body that is being sent, as it goes over the wire."""
        self.transport.write(chunk)

    def _stop(self) -> None:
        self.writable = False
        if self.on_stop is not None:
            self.on_stop()


def chunked_connection(scope: Mapping[str, Any]) -> Connection | None:
    """The connection of a request, if its body can be written in chunks."""
    if scope["http_version"] != CHUNKED:
        return None
    found: Connection | None = scope.get("extensions", {}).get(EXTENSION)
    return found
