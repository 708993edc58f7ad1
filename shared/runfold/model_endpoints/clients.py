"""Keeps one openai client for each endpoint, so that connections are used again.

openai takes most of a second to import: `open_clients` does it off the event loop.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runfold.model_endpoints.refusals import Refusals
from runfold.settings import Settings

if TYPE_CHECKING:
    import openai

    from runfold.model_endpoints.providers import Endpoint


class Clients:
    """The clients of one service."""

    def __init__(self) -> None:
        self._by_endpoint: dict[tuple[str, str], openai.AsyncOpenAI] = {}
        self.refusals = Refusals()
        """What endpoints refused."""

    def get(self, endpoint: Endpoint) -> openai.AsyncOpenAI:
        """The client for an endpoint, made on first use. It never retries: the engine does."""
        key = (endpoint.base_url, endpoint.api_key)
        client = self._by_endpoint.get(key)
        if client is None:
            client = self._by_endpoint[key] = _new(endpoint)
        return client

    async def aclose(self) -> None:
        """Close all connections."""
        clients = list(self._by_endpoint.values())
        self._by_endpoint.clear()
        for client in clients:
            await client.close()


@asynccontextmanager
async def open_clients(_settings: Settings) -> AsyncIterator[Clients]:
    """The clients, with openai imported in a thread."""
    await asyncio.to_thread(importlib.import_module, "runfold.model_endpoints.posting")
    clients = Clients()
    try:
        yield clients
    finally:
        await clients.aclose()


def _new(endpoint: Endpoint) -> openai.AsyncOpenAI:
    import openai

    from runfold.model_endpoints.transport import TIMEOUT, http_client

    return openai.AsyncOpenAI(
        api_key=endpoint.api_key,
        base_url=endpoint.base_url,
        max_retries=0,
        timeout=TIMEOUT,
        http_client=http_client(endpoint.base_url),
    )
