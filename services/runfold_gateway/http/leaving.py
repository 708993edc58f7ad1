"""Clients that go away before they are answered."""

from __future__ import annotations

from runfold_gateway.http.bodies import Req


async def left(request: Req) -> None:
    """Wait until the client closes its connection; the body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
