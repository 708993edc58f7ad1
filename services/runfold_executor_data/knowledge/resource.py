"""What the attempts and the questions about knowledge share, each opened when it is first used.

A service whose nodes touch no knowledge makes no files, and one whose database is away goes on with
what does not need it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from runfold.bus.ports.bus import Bus
from runfold.model_endpoints.clients import Clients, open_clients
from runfold.settings import Settings
from runfold_executor_data.documents.extraction import Extraction, open_extraction
from runfold_executor_data.knowledge.store import KnowledgeStore

if TYPE_CHECKING:
    from runfold_executor_data.knowledge.local_model import LocalModel


class Knowledge:
    """The store, and what is asked beside it.

    Args:
        settings: Where the store is, and models.
        bus: For what other services are asked.
        opened: Closes what was opened.
    """

    def __init__(self, settings: Settings, bus: Bus, opened: AsyncExitStack) -> None:
        self.settings = settings
        self.bus = bus
        self._opened = opened
        self._store: KnowledgeStore | None = None
        self._clients: Clients | None = None
        self._extraction: Extraction | None = None
        self._local_model: LocalModel | None = None
        self._turn = asyncio.Lock()

    async def store(self) -> KnowledgeStore:
        """The store of bases.

        Raises:
            ConfigurationError: `knowledge.unavailable`.
        """
        async with self._turn:
            if self._store is None:
                from runfold_executor_data.knowledge.opening import open_store  # of the extra

                self._store = await open_store(self.settings)
                self._opened.push_async_callback(self._store.close)
            return self._store

    async def clients(self) -> Clients:
        """The clients of model servers."""
        async with self._turn:
            if self._clients is None:
                self._clients = await self._opened.enter_async_context(open_clients(self.settings))
            return self._clients

    def local_model(self) -> LocalModel:
        """The embedding model that needs no server; it loads when it is first asked."""
        if self._local_model is None:
            from runfold_executor_data.knowledge.local_model import LocalModel  # of the extra

            self._local_model = LocalModel()
        return self._local_model

    async def extraction(self) -> Extraction:
        """What reads documents that are not plain text, in processes apart."""
        async with self._turn:
            if self._extraction is None:
                opening = open_extraction(self.settings.documents)
                self._extraction = await self._opened.enter_async_context(opening)
            return self._extraction


@asynccontextmanager
async def open_knowledge(settings: Settings, bus: Bus) -> AsyncIterator[Knowledge]:
    """All of it, until the service has drained."""
    async with AsyncExitStack() as opened:
        yield Knowledge(settings, bus, opened)
