"""The clients of model servers that the kinds of this service share."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runfold.model_endpoints import clients
from runfold.settings import Settings

Clients = clients.Clients


@asynccontextmanager
async def open_clients(settings: Settings) -> AsyncIterator[Clients]:
    """The clients, with what is slow to import imported in a thread."""
    async with clients.open_clients(settings) as opened:
        await asyncio.to_thread(importlib.import_module, "runfold_executor_llm.chat")
        yield opened
